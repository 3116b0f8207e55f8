"""What came and went in ``pathlib``."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch

SUPPORTS_SYMLINKS = hasattr(os, "symlink")


def _class_getitem(cls: type, _item: object) -> type:
    """Return the class: ``PurePath[str]`` is ``PurePath``."""
    return cls


CLASS_GETITEM = classmethod(_class_getitem)  # type: ignore[var-annotated]


def enter(self: Any) -> Any:
    """Return the path: a ``with`` statement has no effect on it."""
    return self


def leave(self: Any, *_details: object) -> None:
    """Do nothing."""


def link_to(self: Any, target: Any) -> None:
    """Make ``target`` a hard link to this path: the other way round than ``hardlink_to``."""
    os.link(self, target)


def is_reserved(self: Any) -> bool:
    """Return whether Windows reserves the name; never on other systems."""
    test = getattr(os.path, "isreserved", None)
    return bool(test and test(self))


def _joined(make_other: Any) -> Any:
    def make(original: Any) -> Any:
        def wrapper(self: Any, other: Any, *parts: Any, **kwargs: Any) -> Any:
            if parts:
                other = make_other(self)(other, *parts)
            return original(self, other, **kwargs)

        return wrapper

    return make


def pathlib_relative_to_parts(patch: Patch, module: ModuleType) -> None:
    """The other path in several parts."""
    for name in ("relative_to", "is_relative_to"):
        patch.replace(module.PurePath, name, _joined(type))


def pathlib_keywords(patch: Patch, module: ModuleType) -> None:
    """Keyword arguments were taken and forgotten."""

    def make(original: Any) -> Any:
        def wrapper(cls: Any, *args: Any, **_kwargs: Any) -> Any:
            return original(cls, *args)

        return wrapper

    def init(original: Any) -> Any:
        def wrapper(self: Any, *args: Any, **_kwargs: Any) -> None:
            original(self, *args)

        return wrapper

    patch.replace(module.Path, "__new__", make)
    if "__init__" in vars(module.Path):
        patch.replace(module.Path, "__init__", init)
