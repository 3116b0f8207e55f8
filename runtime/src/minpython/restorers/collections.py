"""What came and went in ``collections``."""

from __future__ import annotations

import collections.abc

from minpython.engine.scope import asker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def collections_abc_aliases(patch: Patch, module: ModuleType) -> None:
    """The ABCs that were there when the aliases went."""
    patch.aliases(
        module,
        collections.abc,
        "Awaitable Coroutine AsyncIterable AsyncIterator AsyncGenerator Hashable Iterable Iterator "
        "Generator Reversible Sized Container Callable Collection Set MutableSet Mapping "
        "MutableMapping MappingView KeysView ItemsView ValuesView Sequence MutableSequence "
        "ByteString",
    )


def collections_namedtuple_verbose(patch: Patch, module: ModuleType) -> None:
    """The parameter, and the source that it printed."""

    def make(original: Any) -> Any:
        def namedtuple(
            typename: str,
            field_names: Any,
            *,
            verbose: bool = False,
            rename: bool = False,
            module: Any = None,
            **kwargs: Any,
        ) -> Any:
            if module is None:
                frame = asker(0)
                module = "__main__" if frame is None else frame.f_globals.get("__name__")
            made = original(typename, field_names, rename=rename, module=module, **kwargs)
            if verbose:
                patch.used()
                print(_source(made))  # noqa: T201
            if not hasattr(made, "_source"):
                made._source = _source(made)
            return made

        return namedtuple

    patch.replace(module, "namedtuple", make, counts=False)


def _source(made: Any) -> str:
    """Return the source of a class that acts as the named tuple does."""
    fields = made._fields
    names = ", ".join(fields)
    lines = [
        "from builtins import property as _property, tuple as _tuple",
        "from operator import itemgetter as _itemgetter",
        "",
        f"class {made.__name__}(tuple):",
        f"    {made.__name__ + '(' + names + ')'!r}",
        "",
        "    __slots__ = ()",
        f"    _fields = {fields!r}",
        "",
        f"    def __new__(_cls{', ' if names else ''}{names}):",
        f"        return _tuple.__new__(_cls, ({names}{',' if len(fields) == 1 else ''}))",
        "",
        *(f"    {name} = _property(_itemgetter({at}))" for at, name in enumerate(fields)),
    ]
    return "\n".join(lines) + "\n"
