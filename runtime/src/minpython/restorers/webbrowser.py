"""What came and went in ``webbrowser``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def webbrowser_update_tryorder(patch: Patch, module: ModuleType) -> None:
    """1 put the browser last, -1 first."""

    def make(original: Any) -> Any:
        def register(
            name: str,
            klass: Any,
            instance: Any = None,
            update_tryorder: int = 1,
            *,
            preferred: bool = False,
        ) -> None:
            original(name, klass, instance, preferred=preferred or update_tryorder < 0)

        return register

    patch.replace(module, "register", make)


def webbrowser_macos(patch: Patch, module: ModuleType) -> None:
    """On macOS, where the browser is asked by a script."""
    if not hasattr(module, "MacOSXOSAScript"):
        return

    def get(self: Any) -> Any:
        """The browser's name; the old name of ``name``."""
        return self.name

    def put(self: Any, value: Any) -> None:
        self.name = value

    def made() -> type:
        class MacOSX(module.MacOSXOSAScript):  # type: ignore[misc, name-defined]
            """A browser on macOS, by its name."""

        MacOSX.__module__ = "webbrowser"
        MacOSX.__qualname__ = "MacOSX"
        return MacOSX

    patch.lazy(module, "MacOSX", made)
    patch.attribute(module.MacOSXOSAScript, "_name", property(get, put))
