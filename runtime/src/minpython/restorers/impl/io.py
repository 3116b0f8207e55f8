"""A class of ``io`` and ``_pyio``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _wrapper(place: str) -> type:
    def new(cls: type, *args: Any, **kwargs: Any) -> Any:
        import importlib

        return importlib.import_module(place).open(*args, **kwargs)

    doc = "``open`` as a class: calling it opens a file, and it never binds to an instance."
    return type("OpenWrapper", (), {"__new__": new, "__doc__": doc, "__module__": place})


OPEN_WRAPPER = _wrapper("io")
PURE_OPEN_WRAPPER = _wrapper("_pyio")
