"""EL Python: define, build, prove, release and publish a long-lived CPython variant."""

__version__ = "27.1.0.dev0"
