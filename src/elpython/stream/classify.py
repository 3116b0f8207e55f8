"""Alpha or beta: markers, measurement, excuses and the release manager's word put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.stream.marks import Break
    from elpython.stream.measured import Measured, Measurement

__all__ = ["Classification", "Mismatch", "Override", "classify"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """The release manager's decision: `alpha`, `beta` or, after the freeze, `accept`; and why."""

    label: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mismatch:
    """Markers and measurement disagree.

    Attributes:
        kind: `measured but unmarked` or `marked but not measured`.
        symbol, file, line: what and where; from the measurement, or the marked NEWS entry.
        what: the change in a line.
    """

    kind: str
    symbol: str
    file: str
    line: int
    what: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Classification:
    """The answer for what lies between the last pre-release and a revision.

    Attributes:
        verdict: `alpha`, `beta` or `unknown`; after the freeze `kept`, `broken` or `unknown`, and
            `accept` where the release manager took a break.
        reasons: every reason on record, each with where it comes from.
        tier: the evidence: `headers`, `DWARF`, `symbols only` or `markers only`.
        marked: the breaks that markers tell of.
        measured: every measured change, excused ones and additions too.
        mismatches: where the two disagree.
        override: the release manager's word, when there is one.
        disagreements: where the header probe and abidiff differ, when both were asked.
        not_looked_at: what no tool could look at.
    """

    verdict: str
    reasons: tuple[str, ...]
    tier: str
    marked: tuple[Break, ...]
    measured: tuple[Measured, ...]
    mismatches: tuple[Mismatch, ...]
    override: Override | None = None
    disagreements: tuple[str, ...] = ()
    not_looked_at: tuple[str, ...] = ()

    @property
    def magic(self) -> str:
        """What happened to the magic number of pyc files; empty when nothing is known to have."""
        return next((change.what for change in self.measured if change.kind == "magic"), "")


def classify(
    marked: Sequence[Break],
    measurement: Measurement | None,
    *,
    override: Override | None = None,
    markers_only: bool = False,
    disagreements: Sequence[str] = (),
    frozen: bool = False,
) -> Classification:
    """Decide: (measured - excused) or markers or the release manager's override.

    Args:
        marked: the breaks that stand in the commits since the last pre-release.
        measurement: the comparison of the two builds; None when there is none.
        override: the release manager's decision.
        markers_only: take the markers' word for a beta without a measurement.
        disagreements: where two tools differ.
        frozen: whether the last release was a candidate or a final one.

    An incomplete measurement never makes a beta: without a break it gives `unknown`.
    """
    changes = measurement.changes if measurement else ()
    breaks = [change for change in changes if change.breaks]
    reasons = [f"marked: {item.summary} ({item.commit[:12] or 'staged'})" for item in marked]
    reasons += [f"measured ({item.tier}): {item.symbol}: {item.what}" for item in breaks]
    excused = [change for change in changes if change.excuse]
    reasons += [f"excused: {item.symbol}: {item.excuse}" for item in excused]
    undecided = measurement.undecided if measurement else []
    reasons += [f"perhaps ({item.tier}): {item.symbol}: {item.what}" for item in undecided]
    verdict = "alpha" if marked or breaks else "beta"
    if verdict == "beta":
        verdict, more = _without_breaks(measurement, markers_only=markers_only)
        reasons += more
    if frozen:
        verdict = _after_freeze(verdict, measurement, reasons)
    if override is not None:
        reasons.append(f"decided by the release manager: {override.label}: {override.reason}")
        if override.label != verdict:
            reasons.append(f"without that decision the verdict is {verdict}")
        verdict = override.label
    return Classification(
        verdict=verdict,
        reasons=tuple(reasons),
        tier=measurement.tier if measurement else "markers only",
        marked=tuple(marked),
        measured=tuple(changes),
        mismatches=tuple(_mismatches(marked, breaks, measurement)),
        override=override,
        disagreements=tuple(disagreements),
        not_looked_at=measurement.notes if measurement else ("structs, signatures and constants",),
    )


def _after_freeze(verdict: str, measurement: Measurement | None, reasons: list[str]) -> str:
    """Return whether the freeze holds; a changed magic number breaks it too."""
    if measurement is not None and measurement.magic:
        reasons.append(f"the magic number of pyc files {measurement.magic}")
        return "broken"
    return {"alpha": "broken", "beta": "kept"}.get(verdict, verdict)


def _without_breaks(
    measurement: Measurement | None, *, markers_only: bool
) -> tuple[str, list[str]]:
    if measurement is None:
        if markers_only:
            return "beta", ["no marker; not measured, the markers alone were asked for"]
        return "unknown", ["no marker, and nothing was measured"]
    if not measurement.known:
        return "unknown", [*measurement.notes, "a beta needs a complete measurement"]
    if measurement.undecided:
        names = ", ".join(item.symbol for item in measurement.undecided[:6])
        reason = (
            f"whether modules survive depends on what they do with {names}: look at the changes, "
            "then mark them, or decide with --override"
        )
        return "unknown", [reason]
    return "beta", ["no marker, and no change measured that counts"]


def _mismatches(
    marked: Sequence[Break], breaks: Sequence[Measured], measurement: Measurement | None
) -> list[Mismatch]:
    if measurement is None:
        return []
    told = " ".join(text for item in marked for text in (item.summary, *item.entries))
    words = set(re.findall(r"\w+", told))
    found = [
        Mismatch(kind="measured but unmarked", symbol=change.symbol, file=change.file,
                 line=change.line, what=change.what)
        for change in breaks
        if not words & {change.symbol, *_parts(change)}
    ]  # fmt: skip
    seen = {name for change in breaks for name in (change.symbol, *change.reach, *_parts(change))}
    for item in marked:
        names = {
            word
            for text in (item.summary, *item.entries)
            for word in re.findall(r"\b_?Py\w+|\b(?:ob|tp|nb|sq|mp|am|m)_\w+", text)
        }
        if breaks and (not names or names & seen):
            continue
        found.append(
            Mismatch(
                kind="marked but not measured",
                symbol=", ".join(sorted(names)),
                file=item.paths[0] if item.paths else "",
                line=1 if item.paths else 0,
                what=item.summary,
            )
        )
    return found


def _parts(change: Measured) -> set[str]:
    """Names of fields and tags in a change's description; empty when it names none."""
    if change.kind not in {"type", "tail"}:
        return set()
    tagged = re.findall(r"\b(?:struct|enum|union) (\w+)|[ *](\w+)', at offset", change.what)
    fields = re.findall(r"\bfield ([\w.]+)|new: ([\w., ]+)", change.what)
    texts = [text for pair in (*tagged, *fields) for text in pair]
    return {word for text in texts for word in re.findall(r"\w+", text)}
