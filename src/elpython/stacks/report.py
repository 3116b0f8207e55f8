"""What a mass rebuild reports, as far as a transition has to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.store import file_digest
from elpython.core.strict_json import load_json
from elpython.stacks.errors import BadStateError
from elpython.stacks.state import Evidence

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_report"]


def read_report(path: Path) -> Evidence:
    """Read the numbers out of what `elpython mass-rebuild report --json` printed.

    Packages that fail on the old stack as well are no fault of the new one: they are not counted.

    Args:
        path: the JSON file; of it `packages`, `share` (0 to 1) and `broken_before` are read.

    Raises:
        BadStateError: it is no such report.
    """
    try:
        data = load_json(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadStateError(f"cannot be read as a report: {error}", str(path)) from error
    numbers = data if isinstance(data, dict) else {}
    total, share = numbers.get("packages"), numbers.get("share")
    before = numbers.get("broken_before", 0)
    if not (isinstance(total, int) and isinstance(share, (int, float)) and isinstance(before, int)):
        raise BadStateError(
            "is no report of a rebuild: it has no numbers `packages` and `share`",
            str(path),
            "elpython mass-rebuild report FOLDER --json > report.json",
        )
    return Evidence(built=round(share * total), total=total - before, report=file_digest(path))
