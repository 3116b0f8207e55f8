"""What ``uuid`` had."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from minpython.engine.patch import Patch


def uuid_generate_time(patch: Patch, module: ModuleType) -> None:
    """The private name that programs put ``None`` into, to have times of their own in UUIDs."""
    patch.lazy(module, "_uuid_generate_time", lambda: None)
