"""What came and went in ``random``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from minpython.engine.patch import Patch


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


def random_randrange_int(patch: Patch, module: ModuleType) -> None:
    """A trick to make a name local."""
    from minpython.engine.adapters import ignore

    patch.replace(module.Random, "randrange", ignore("_int"))
    patch.replace(module, "randrange", ignore("_int"))


def random_sample_set(patch: Patch, module: ModuleType) -> None:
    """A set is turned into a tuple first, as it was."""

    def make(original: Any) -> Any:
        def sample(*args: Any, **kwargs: Any) -> Any:
            from collections.abc import Set as AbstractSet

            given = list(args)
            for at, value in enumerate(given):
                if isinstance(value, AbstractSet):
                    given[at] = tuple(value)
            if isinstance(kwargs.get("population"), AbstractSet):
                kwargs["population"] = tuple(kwargs["population"])
            return original(*given, **kwargs)

        return sample

    patch.replace(module.Random, "sample", make)
    patch.replace(module, "sample", make)


def random_seed_types(patch: Patch, module: ModuleType) -> None:
    """Other objects are seeded with their hash."""

    def make(original: Any) -> Any:
        def seed(*args: Any, **kwargs: Any) -> Any:
            given = list(args)
            known = (type(None), int, float, str, bytes, bytearray, module.Random)
            for at, value in enumerate(given[:2]):
                if not isinstance(value, known):
                    given[at] = hash(value)
            if "a" in kwargs and not isinstance(kwargs["a"], known):
                kwargs["a"] = hash(kwargs["a"])
            return original(*given, **kwargs)

        return seed

    patch.replace(module.Random, "seed", make)
    patch.replace(module, "seed", make)


def random_randrange_float(patch: Patch, module: ModuleType) -> None:
    """Floats that are whole numbers."""

    def whole(value: Any) -> Any:
        if isinstance(value, float):
            if value != int(value):
                raise ValueError("non-integer arg for randrange()")
            return int(value)
        return value

    def make(original: Any) -> Any:
        def randrange(*args: Any, **kwargs: Any) -> Any:
            return original(*map(whole, args), **{key: whole(kwargs[key]) for key in kwargs})

        return randrange

    patch.replace(module.Random, "randrange", make)
    patch.replace(module, "randrange", make)
