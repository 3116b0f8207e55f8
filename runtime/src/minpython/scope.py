"""Who sees a restored behaviour: the whole program, or the code of some packages and files."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

# Code of the import system and of this distribution asks on behalf of whoever called it.
_GO_BETWEEN = frozenset(
    {
        "importlib",
        "importlib._bootstrap",
        "importlib._bootstrap_external",
        "_frozen_importlib",
        "_frozen_importlib_external",
        "importlib.util",
    },
)
_OWN = __name__.rpartition(".")[0]


def asker(depth: int = 1) -> FrameType | None:
    """Return the frame of the code that asks, past the import system and this distribution.

    Args:
        depth: how many frames above the caller to start at.
    """
    try:
        frame: FrameType | None = sys._getframe(depth + 1)
    except ValueError:
        return None
    while frame is not None:
        name = frame.f_globals.get("__name__")
        if name not in _GO_BETWEEN and not (
            isinstance(name, str) and name.partition(".")[0] == _OWN
        ):
            return frame
        frame = frame.f_back
    return None


class Scope:
    """The code that sees one behaviour; widened in place by later requests, narrowed by undo."""

    __slots__ = ("everyone", "files", "packages")

    def __init__(
        self,
        *,
        everyone: bool = False,
        packages: frozenset[str] = frozenset(),
        files: frozenset[str] = frozenset(),
    ) -> None:
        self.everyone = everyone
        self.packages = packages
        self.files = files

    def __bool__(self) -> bool:
        """Tell whether any code sees the behaviour."""
        return self.everyone or bool(self.packages) or bool(self.files)

    def __eq__(self, other: object) -> bool:
        """Compare what both hold now."""
        return isinstance(other, Scope) and self.state() == other.state()

    __hash__ = None  # type: ignore[assignment]

    def state(self) -> tuple[bool, frozenset[str], frozenset[str]]:
        """Return everything it holds, for `become` and comparison."""
        return (self.everyone, self.packages, self.files)

    def become(self, state: tuple[bool, frozenset[str], frozenset[str]]) -> None:
        """Take over what `state` of another scope, or of an earlier time, returned."""
        self.everyone, self.packages, self.files = state

    def has(self, frame: FrameType | None) -> bool:
        """Tell whether the code that runs in ``frame`` sees the behaviour."""
        if self.everyone:
            return True
        if frame is None:
            return False
        if self.files and frame.f_code.co_filename in self.files:
            return True
        name = frame.f_globals.get("__name__")
        return isinstance(name, str) and self.has_module(name)

    def has_module(self, name: str) -> bool:
        """Tell whether the module called ``name`` belongs to one of the packages."""
        if self.everyone:
            return True
        if not self.packages:
            return False
        while name:
            if name in self.packages:
                return True
            name = name.rpartition(".")[0]
        return False
