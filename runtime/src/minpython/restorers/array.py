"""What came and went in ``array``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from types import ModuleType

    from minpython.engine.patch import Patch


def array_tostring(patch: Patch, module: ModuleType) -> None:
    """The names from when bytes were strings."""
    patch.attribute(module.array, "tostring", _tostring)
    patch.attribute(module.array, "fromstring", _fromstring)


def _tostring(self: array[int]) -> bytes:
    """Return the items as the machine stores them; the old name of ``tobytes``."""
    return self.tobytes()


def _fromstring(self: array[int], buffer: bytes | str, /) -> None:
    """Append items from their machine form; the old name of ``frombytes``, which takes no str."""
    self.frombytes(buffer.encode() if isinstance(buffer, str) else buffer)
