"""The standard library's type stubs as EL Python has it."""

import os

__all__ = ["typeshed"]


def typeshed() -> str:
    """Return the folder for mypy's `custom_typeshed_dir` and pyright's `typeshedPath`."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "typeshed")
