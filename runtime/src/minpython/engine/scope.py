"""Who sees a restored behaviour: the whole program, or the code of some packages and files."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    Version = tuple[int, int, int]
    State = tuple[bool, frozenset[str], bool]

NOBODY: "State" = (False, frozenset(), False)
EVERYONE: "State" = (True, frozenset(), False)
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
_OWN = __name__.partition(".")[0]
_NEVER = (9999, 0, 0)

# The version that each file asks for itself, by its path; shared by all scopes.
files: "dict[str, Version]" = {}


def asker(depth: int = 1) -> "FrameType | None":
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
    """The code that sees one behaviour; widened in place by later requests, narrowed by undo.

    Attributes:
        everyone: the whole program sees it.
        packages: the packages and modules whose code sees it.
        by_file: files that ask for themselves see it, when they ask for less than `changed_in`.
        changed_in: the version that the behaviour changed in.
    """

    __slots__ = ("by_file", "changed_in", "everyone", "packages")

    def __init__(
        self,
        *,
        everyone: bool = False,
        packages: "frozenset[str]" = frozenset(),
        by_file: bool = False,
        changed_in: "Version" = (0, 0, 0),
    ) -> None:
        self.everyone = everyone
        self.packages = packages
        self.by_file = by_file
        self.changed_in = changed_in

    def __bool__(self) -> bool:
        """Return whether any code sees the behaviour."""
        return self.everyone or bool(self.packages) or self.by_file

    def become(self, state: "State") -> None:
        """Take over whether everyone, which packages, and whether single files see it."""
        self.everyone, self.packages, self.by_file = state

    def has(self, frame: "FrameType | None") -> bool:
        """Return whether the code that runs in ``frame`` sees the behaviour."""
        if self.everyone:
            return True
        if frame is None:
            return False
        if self.by_file and files.get(frame.f_code.co_filename, _NEVER) < self.changed_in:
            return True
        name = frame.f_globals.get("__name__")
        return isinstance(name, str) and self.has_module(name)

    def has_module(self, name: str) -> bool:
        """Return whether the module called ``name`` belongs to one of the packages."""
        if self.everyone:
            return True
        if not self.packages:
            return False
        while name:
            if name in self.packages:
                return True
            name = name.rpartition(".")[0]
        return False
