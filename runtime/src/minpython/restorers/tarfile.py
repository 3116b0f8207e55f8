"""What came and went in ``tarfile``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def tarfile_add_exclude(patch: Patch, module: ModuleType) -> None:
    """A filter that drops what the function names."""

    def make(original: Any) -> Any:
        def add(
            self: Any,
            name: Any,
            arcname: Any = None,
            recursive: bool = True,
            exclude: Any = None,
            *,
            filter: Any = None,  # noqa: A002
        ) -> None:
            if exclude is None:
                original(self, name, arcname, recursive, filter=filter)
            elif not exclude(name):
                _add_some(original, self, (name, arcname, recursive), exclude, filter)

        return add

    patch.replace(module.TarFile, "add", make)


def _add_some(original: Any, archive: Any, what: Any, exclude: Any, keep: Any) -> None:
    import os

    name, arcname, recursive = what
    original(archive, name, arcname, recursive=False, filter=keep)
    if recursive and os.path.isdir(name) and not os.path.islink(name):
        for entry in sorted(os.listdir(name)):
            inner = os.path.join(name if arcname is None else arcname, entry)
            archive.add(os.path.join(name, entry), inner, recursive, exclude, filter=keep)
