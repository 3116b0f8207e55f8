"""Makers of wrappers that take old parameters, for `Patch.replace`.

Each returns a function that takes the original and returns its wrapper.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    Maker = Callable[[Callable[..., Any]], Callable[..., Any]]


def ignore(*names: str) -> Maker:
    """Take the keyword arguments ``names`` and do nothing with them."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            for name in names:
                kwargs.pop(name, None)
            return original(*args, **kwargs)

        return wrapper

    return make


def rename(**names: str) -> Maker:
    """Take keyword arguments by their old names: ``rename(old="new")``."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            for old, new in names.items():
                if old in kwargs and new not in kwargs:
                    kwargs[new] = kwargs.pop(old)
            return original(*args, **kwargs)

        return wrapper

    return make


def positional(after: int, *names: str) -> Maker:
    """Take arguments that are keyword-only now by position, ``names`` after the first ``after``.

    A method's ``self`` counts.
    """

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            rest = args[after:]
            if rest and len(rest) <= len(names) and not kwargs.keys() & set(names[: len(rest)]):
                kwargs.update(zip(names, rest))
                args = args[:after]
            return original(*args, **kwargs)

        return wrapper

    return make


def keywords(*names: str) -> Maker:
    """Take positional-only parameters by keyword: ``names`` are all of them, in order."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            given = list(args)
            for name in names[len(given) :]:
                if name not in kwargs:
                    break
                given.append(kwargs.pop(name))
            return original(*given, **kwargs)

        return wrapper

    return make


def named(name: str, parameters: tuple[str, ...], function: Callable[..., Any]) -> Any:
    """Return a function that takes just these positional parameters, for whoever asks it."""
    arguments = ", ".join(parameters)
    space: dict[str, Any] = {"function": function}
    exec(f"def {name}({arguments}): return function({arguments})", space)  # noqa: S102
    return space[name]
