"""A report for a tracker of each package that failed to build from source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.core.store import write_atomic
from elpython.mass_rebuild.report import make_report
from elpython.mass_rebuild.triage import excerpt

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.mass_rebuild.report import RebuildReport, Row

__all__ = ["ticket", "write_tickets"]

_VERDICTS = {
    "both": "It fails on the old Python too: it was broken before.",
    "new only": "It builds on the old Python: the new one broke it.",
    "not checked": "It was not tried on the old Python.",
}
_LINES = 40


def ticket(report: RebuildReport, row: Row, log: str, address: str) -> str:
    """Return the text: a title line, a blank line, the body.

    Args:
        report: of the whole rebuild.
        row: the package.
        log: its log.
        address: where the whole log can be read; empty when nowhere.
    """
    cause = next((item for item in report.causes if row.key in item.packages), None)
    others = [key for key in (cause.packages if cause else ()) if key != row.key]
    waiting = [item.key for item in report.rows if row.key in item.blocked_by]
    lines = [
        f"{row.name}: fails to build from source for Python {report.python}: {row.failure}",
        "",
        f'{row.name} {row.version} fails in the mass rebuild "{report.title}".',
        "",
        f"Class: {row.failure}",
        f"Cause: {row.cause}",
        _VERDICTS.get(row.verdict, _VERDICTS["not checked"]),
        f"Waits for it: {', '.join(waiting) or 'nothing'}",
    ]
    if others:
        lines.append(f"The same cause: {', '.join(others)}")
    if address:
        lines.append(f"Whole log: {address}")
    shown = excerpt(log, lines=_LINES)
    lines += ["", "The end of its log:" if shown else "There is no log.", ""]
    lines += [f"    {line}".rstrip() for line in shown.splitlines()]
    return "\n".join(lines).rstrip() + "\n"


def write_tickets(folder: Path, target: Path, logs: str = "") -> tuple[Path, ...]:
    """Write one file a failed package and return their paths.

    Raises:
        JournalError: there is no rebuild in the folder.
    """
    report = make_report(folder)
    written = []
    for row in report.rows:
        if row.state not in {"failed", "check failed"}:
            continue
        path = folder / row.log if row.log else None
        log = path.read_text("utf-8", "replace") if path and path.is_file() else ""
        name = row.log.rpartition("/")[2]
        address = f"{logs.rstrip('/')}/{name}" if logs and name else ""
        file = target / (re.sub(r"[^A-Za-z0-9._-]+", "-", row.key) + ".txt")
        write_atomic(file, ticket(report, row, log, address).encode())
        written.append(file)
    return tuple(written)
