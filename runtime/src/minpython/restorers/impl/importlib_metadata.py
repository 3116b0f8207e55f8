"""The shims that ``importlib.metadata`` had on its way to a new interface."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class DeprecatedList(list):  # type: ignore[type-arg]
    """A list, which the entry points of a distribution were."""

    __slots__ = ()


class DeprecatedTuple:
    """Makes a class readable by index, in the order of its ``_key``."""

    def __getitem__(self, item: Any) -> Any:
        """Return one of the fields."""
        return self._key()[item]

    def _key(self) -> tuple[Any, ...]:
        return ()
