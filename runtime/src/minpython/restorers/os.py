"""What came and went in ``os``."""

from __future__ import annotations

import errno

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

    from minpython.engine.patch import Patch


def os_errno(patch: Patch, module: ModuleType) -> None:
    """An import of the module's own that was never meant as an interface."""
    patch.lazy(module, "errno", lambda: errno)
