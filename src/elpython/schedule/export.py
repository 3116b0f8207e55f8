"""A timeline written down: JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import errno
import io
from itertools import groupby
from typing import TYPE_CHECKING, Any

from elpython.core.devices import refuse_device
from elpython.core.errors import StoreError, UsageError
from elpython.core.store import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from elpython.core.errors import ElpythonError
    from elpython.schedule.expand import Release
    from elpython.schedule.timeline import Timeline

__all__ = [
    "by_month",
    "csv_text",
    "markdown_months",
    "markdown_table",
    "plain",
    "read_text",
    "save",
]

COLUMNS = ("date", "version", "series", "phase", "label", "serial", "note")


def plain(timeline: Timeline) -> dict[str, Any]:
    """Return a timeline as a value of plain types, for JSON."""
    return {
        "model": timeline.model.name,
        "title": timeline.model.title,
        "source": timeline.model.source,
        "from": timeline.start,
        "to": timeline.end,
        "releases": [
            {"id": release.key, **{name: getattr(release, name) for name in COLUMNS}}
            for release in timeline.releases
        ],
        "series": [
            {
                "series": one.name,
                "final": one.final,
                "end_of_life": one.end_of_life,
                "phases": [
                    {"phase": span.phase, "kind": span.kind, "start": span.start, "end": span.end}
                    for span in one.spans
                ],
            }
            for one in timeline.series
        ],
    }


def csv_text(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV (RFC 4180, with line feeds)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headers)
    writer.writerows(rows)
    return out.getvalue()


def markdown_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as a Markdown table."""
    lines = [_row(headers), _row(["---"] * len(headers)), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def by_month(releases: Sequence[Release]) -> list[tuple[str, list[Release]]]:
    """Group releases by their month, `2021-09`; in a month the newer series stands first."""
    found = []
    for month, group in groupby(releases, lambda release: release.date.isoformat()[:7]):
        members = list(group)
        found.append((month, members))
    return found


def markdown_months(timeline: Timeline) -> str:
    """Return a timeline as PEP 605 writes one: a line a month, with what each release brings."""
    lines = []
    for month, releases in by_month(timeline.releases):
        told = [f"{one.version} ({one.note})" if one.note else one.version for one in releases]
        lines.append(f"* {month}: {', '.join(told)}")
    return "\n".join(lines) + "\n"


def save(path: Path, data: bytes) -> None:
    """Write a file in one step; a pipe or a device that is named instead is written to.

    Raises:
        UsageError: the place cannot be written to.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.write(data)
        else:
            write_atomic(path, data)
    except StoreError as error:
        raise UsageError(error.what, str(path), "name another place") from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise UsageError(f"cannot be written: {error.strerror}", str(path)) from error


def read_text(path: Path, error: type[ElpythonError]) -> str:
    """Read a file of the user's; what cannot be read is told with the given error."""
    try:
        return refuse_device(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        raise error(f"cannot be read: {reason}", str(path)) from reason
