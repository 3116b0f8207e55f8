"""What keeps a project's needs from being told."""

from __future__ import annotations

from elpython.core.errors import ElpythonError

__all__ = ["BadProjectError", "BadRegistryError", "BadWheelError"]


class BadProjectError(ElpythonError):
    """A path without Python sources, or project metadata that cannot be read."""

    exit_code = 104


class BadWheelError(ElpythonError):
    """A wheel that cannot be read, or that is not what its own record says."""

    exit_code = 105


class BadRegistryError(ElpythonError):
    """Features that make no sense, or a name that no branch provides."""

    exit_code = 106
