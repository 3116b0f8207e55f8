"""What came and went in ``fractions``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def fractions_normalize(patch: Patch, module: ModuleType) -> None:
    """Without it, the numbers are taken as they are."""

    def make(original: Any) -> Any:
        def new(
            cls: Any, numerator: Any = 0, denominator: Any = None, *, _normalize: bool = True
        ) -> Any:
            made = original(cls, numerator, denominator)
            if not _normalize and type(numerator) is int is type(denominator):
                made._numerator, made._denominator = numerator, denominator
            return made

        return new

    patch.replace(module.Fraction, "__new__", make)


def fractions_gcd(patch: Patch, module: ModuleType) -> None:
    """Its sign was that of the second number."""

    def gcd(a: Any, b: Any) -> Any:
        """Return the greatest common divisor, with the sign of ``b``, or of ``a`` when b is 0."""
        while b:
            a, b = b, a % b
        return a

    patch.attribute(module, "gcd", gcd)
