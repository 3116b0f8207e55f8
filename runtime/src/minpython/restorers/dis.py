"""What changed in ``dis``."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch

_SHIFTS = {"LOAD_GLOBAL": 1}
if sys.version_info >= (3, 12):
    _SHIFTS.update(LOAD_ATTR=1, COMPARE_OP=4)
if sys.version_info >= (3, 13):
    _SHIFTS.update(COMPARE_OP=5)


def dis_name_arguments(patch: Patch, module: ModuleType) -> None:
    """The flags in the lowest bits are taken off."""

    def make(original: Any) -> Any:
        def get_instructions(*args: Any, **kwargs: Any) -> Iterator[Any]:
            for instruction in original(*args, **kwargs):
                shift = _SHIFTS.get(instruction.opname)
                if shift and instruction.arg is not None:
                    yield instruction._replace(arg=instruction.arg >> shift)
                else:
                    yield instruction

        return get_instructions

    patch.replace(module, "get_instructions", make)
