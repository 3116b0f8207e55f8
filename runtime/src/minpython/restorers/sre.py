"""What came and went in ``sre``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def sre_parse_parameters(patch: Patch, module: ModuleType) -> None:
    """What is the state now was called the pattern."""
    from minpython.engine.adapters import rename

    patch.replace(module.SubPattern, "__init__", rename(pattern="state"))
    patch.replace(module, "parse", rename(pattern="state"))


def sre_parse_template_state(patch: Patch, module: ModuleType) -> None:
    """The pattern was called the state for a while."""
    from minpython.engine.adapters import rename

    patch.replace(module, "parse_template", rename(state="pattern"))


def sre_parse_template_pattern(patch: Patch, module: ModuleType) -> None:
    """What is the state was called the pattern before."""
    import sys

    from minpython.engine.adapters import rename

    if sys.version_info < (3, 12):
        patch.replace(module, "parse_template", rename(pattern="state"))


def sre_parse_checkgroupname(patch: Patch, module: ModuleType) -> None:
    """A third argument."""

    def make(original: Any) -> Any:
        def checkgroupname(self: Any, name: Any, offset: Any, nested: Any = None) -> Any:
            return original(self, name, offset)

        return checkgroupname

    patch.replace(module.Tokenizer, "checkgroupname", make)
