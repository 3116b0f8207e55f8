"""Print what was fixed and what is left: as text, as JSON."""

from __future__ import annotations

from typing import Any

from minpython.scan import output
from minpython.scan.remedy import Remedies, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from minpython.scan.files import Scanned
    from minpython.scan.finding import Finding, Window
    from minpython.scan.fix_command import Outcome


def as_text(scanned: Scanned, outcome: Outcome, remedies: Remedies, *, wrote: bool) -> str:
    """Return a line for each fix, one for each finding that is left, and a summary."""
    did = "fixed" if wrote else "can be fixed"
    lines = []
    for finding in outcome.done:
        row = remedies.of(finding.fact).behaviour
        lines.append(
            f"{_place(finding)}: {finding.fact.name}: {did}" + (f" ({row})" if row else "")
        )
    for finding, reason in outcome.left:
        instead = remedies.of(finding.fact).instead
        hint = f"; instead: {instead}" if instead else ""
        lines.append(f"{_place(finding)}: {finding.fact.name}: not fixed: {reason}{hint}")
    lines += [f"{failure.path}: not {did}: {failure.reason}" for failure in scanned.failures]
    files = len({finding.path for finding in outcome.done})
    lines.append(
        f"{scanned.files} files: {len(outcome.done)} uses {did} in {files} files, "
        f"{len(outcome.left)} left for a person"
    )
    return "\n".join(lines) + "\n"


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.line}:{finding.column}"


def as_data(
    scanned: Scanned, outcome: Outcome, remedies: Remedies, window: Window, *, wrote: bool
) -> dict[str, Any]:
    """Return what ``--json`` prints: as without a fix, with what is left as the findings."""
    reasons = dict(outcome.left)
    scanned.findings = list(reasons)
    data = output.as_data(scanned, remedies, window)
    for row, reason in zip(data["findings"], reasons.values()):
        row["not_fixed"] = reason
    data["written"] = wrote
    data["fixed"] = [
        {
            "path": finding.path,
            "line": finding.line,
            "column": finding.column,
            "text": finding.text,
            "rule": rule(finding.fact),
            "restored_by": remedies.of(finding.fact).behaviour,
        }
        for finding in outcome.done
    ]
    data["difference"] = outcome.difference
    return data


def show(text: str, stream: TextIO) -> None:
    """Print a text; what the stream has no letters for is written as escapes."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
