"""What a mass rebuild reports, as far as a transition has to know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from elpython.stacks.errors import BadStateError
from elpython.stacks.state import Evidence
from elpython.store import file_digest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_report"]


def read_report(path: Path) -> Evidence:
    """Read the numbers out of what `elpython rebuild report --json` printed.

    Packages that fail on the old stack as well are no fault of the new one: they are not counted.

    Args:
        path: the JSON file; it has to have `built` and `total`, and may have `broken_before`.

    Raises:
        BadStateError: it is no such report.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadStateError(f"cannot be read as a report: {error}", str(path)) from error
    numbers = data if isinstance(data, dict) else {}
    built, total = numbers.get("built"), numbers.get("total")
    before = numbers.get("broken_before", 0)
    before = len(before) if isinstance(before, list) else before
    if not (isinstance(built, int) and isinstance(total, int) and isinstance(before, int)):
        raise BadStateError(
            "is no report of a rebuild: it needs the numbers `built` and `total`",
            str(path),
            "elpython rebuild report --json > report.json",
        )
    return Evidence(built=built, total=total - before, report=file_digest(path))
