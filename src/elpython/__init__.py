"""EL Python: define, build, prove, release and publish a long-lived CPython variant."""

from elpython.core import toolchain

__all__ = ["__version__"]

__version__ = toolchain.VERSION
