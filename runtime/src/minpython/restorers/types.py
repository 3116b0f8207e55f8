"""What came and went in ``types``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def types_codetype_arguments(patch: Patch, module: ModuleType) -> None:
    """In the slot for construction; each code object is made by ``replace`` from another."""

    def restore() -> None:
        from minpython.restorers.impl import code as _code
        from minpython.restorers.impl import slots as _slots

        _slots.slot(patch, module.CodeType, "__new__", staticmethod(_code.new))

    patch.at_first_read(module, "CodeType", restore)


types_codetype_posonlyargcount = types_codetype_arguments


def types_codetype_replace_lnotab(patch: Patch, module: ModuleType) -> None:
    """The old line table is rewritten in the running Python's way."""

    def make(original: Any) -> Any:
        def replace(self: Any, **kwargs: Any) -> Any:
            if "co_lnotab" in kwargs:
                from minpython.restorers.impl import code as _code

                patch.used()
                lnotab = kwargs.pop("co_lnotab")
                first = kwargs.get("co_firstlineno", self.co_firstlineno)
                size = len(kwargs.get("co_code", self.co_code))
                kwargs["co_linetable"] = _code.line_table(lnotab, size, first)
            return original(self, **kwargs)

        return replace

    patch.at_first_read(
        module,
        "CodeType",
        lambda: patch.replace(module.CodeType, "replace", make, counts=False),
    )
