"""Functions of ``turtle``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def method(self: Any, angle: float) -> None:
    """Turn the shape to an angle, whatever its tilt was."""
    self.tiltangle(angle)


def function(angle: float) -> None:
    """Turn the shape of the default turtle to an angle, whatever its tilt was."""
    import turtle

    turtle.tiltangle(angle)
