"""What came and went in ``pydoc``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def pydoc_html_colours(patch: Patch, module: ModuleType) -> None:
    """Style sheets have the colours now."""
    owner = module.HTMLDoc

    def heading(original: Any) -> Any:
        def wrapper(self: Any, title: str, *args: Any, **kwargs: Any) -> str:
            extras = kwargs.get(
                "extras", args[2] if len(args) > 2 else args[0] if len(args) == 1 else ""
            )
            return original(self, title, extras)  # type: ignore[no-any-return]

        return wrapper

    def section(original: Any) -> Any:
        def wrapper(self: Any, title: str, *args: Any, **kwargs: Any) -> str:
            given = list(args)
            for name in ("fgcol", "bgcol"):
                kwargs.pop(name, None)
            if len(given) > 1 and all(str(value).startswith("#") for value in given[:2]):
                given = ["section", *given[2:]]
            elif not given:
                given = ["section"]
            return original(self, title, *given, **kwargs)  # type: ignore[no-any-return]

        return wrapper

    def multicolumn(original: Any) -> Any:
        def wrapper(self: Any, list: Any, format: Any, cols: int = 4) -> str:  # noqa: A002
            return original(self, list, format)  # type: ignore[no-any-return]

        return wrapper

    patch.replace(owner, "heading", heading)
    patch.replace(owner, "section", section)
    patch.replace(owner, "multicolumn", multicolumn)


def pydoc_docother_positional(patch: Patch, module: ModuleType) -> None:
    """Both were positional, and swapped at some time."""
    from minpython.engine.adapters import positional

    patch.replace(module.TextDoc, "docother", positional(5, "maxlen", "doc"))
