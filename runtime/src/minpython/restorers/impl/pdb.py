"""A method of ``pdb.Pdb`` that went."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def exec_rc_lines(self: Any) -> None:
    """Run the lines of the ``.pdbrc`` files, as the first prompt does."""
    lines, self.rcLines = [line.strip() for line in self.rcLines], []
    for at, line in enumerate(lines):
        if line and not line.startswith("#") and self.onecmd(line):
            self.rcLines += reversed(lines[at + 1 :])
            return
