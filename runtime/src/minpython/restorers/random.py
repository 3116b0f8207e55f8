"""What came and went in ``random``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from minpython.patch import Patch


def random_shuffle_random(patch: Patch, module: ModuleType) -> None:
    """On the class and on the module, whose function is a bound method of the class."""
    patch.replace(module.Random, "shuffle", _method)
    patch.replace(module, "shuffle", _function)


def _shuffle(x: Any, random: Callable[[], float]) -> None:
    for last in range(len(x) - 1, 0, -1):
        other = int(random() * (last + 1))
        x[last], x[other] = x[other], x[last]


def _function(original: Callable[..., None]) -> Callable[..., None]:
    def shuffle(x: Any, random: Callable[[], float] | None = None) -> None:
        if random is None:
            original(x)
        else:
            _shuffle(x, random)

    return shuffle


def _method(original: Callable[..., None]) -> Callable[..., None]:
    def shuffle(self: Any, x: Any, random: Callable[[], float] | None = None) -> None:
        if random is None:
            original(self, x)
        else:
            _shuffle(x, random)

    return shuffle
