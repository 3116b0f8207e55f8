"""Names that ``typing`` had."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


TypingMeta = type("TypingMeta", (type,), {"__module__": "typing", "__doc__": "A metaclass."})
GenericMeta = type("GenericMeta", (type,), {"__module__": "typing", "__doc__": "A metaclass."})
CallableMeta = type("CallableMeta", (type,), {"__module__": "typing", "__doc__": "A metaclass."})
TupleMeta = type("TupleMeta", (type,), {"__module__": "typing", "__doc__": "A metaclass."})


def no_type_check_decorator(decorator: Callable[..., Any]) -> Callable[..., Any]:
    """Return the decorator, whose results type checkers are to leave alone."""
    import functools
    import typing

    @functools.wraps(decorator)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return typing.no_type_check(decorator(*args, **kwargs))

    return wrapped
