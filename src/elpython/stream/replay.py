"""How PEP 605 would have labelled real pre-releases, told from Misc/NEWS alone.

What NEWS does not tell is not seen: the answer is what its authors wrote down, by rules that are
data (`replay_rules.toml`), each label with the entries that decided it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from elpython.stream.markers import NEWS_MARKER
from elpython.stream.release import Release
from elpython.stream.tables import read_toml

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from elpython.stream.news import NewsRelease, StreamNewsEntry

__all__ = ["Decision", "Reading", "Replayed", "plain", "read_entry", "replay", "replay_rules"]

EFFECTS = ("break", "excused", "none")
_ROLE = re.compile(r":[a-z]+(?::[a-z]+)*:`[!~]?([^`]*)`|``([^`]*)``|`([^`]*)`")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplayRule:
    """One row of `replay_rules.toml`."""

    id: str
    effect: str
    kind: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    reason: str
    sections: tuple[str, ...] = ("C API",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a rule says of an entry: effect, kind (`struct`, `signature`, `removed`), rule, why."""

    effect: str
    kind: str
    rule: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """An entry that counted, with its reading and its line in the file."""

    entry: StreamNewsEntry
    reading: Reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """One real pre-release and the label that PEP 605 would have given it.

    Attributes:
        release, date: the real one.
        label: what it would have been called, `3.9.0a4`.
        decided: the entries that make it an alpha.
        excused: breaks that a beta may hold.
    """

    release: Release
    date: dt.date | None
    label: Release
    decided: tuple[Decision, ...]
    excused: tuple[Decision, ...]


@cache
def replay_rules() -> tuple[ReplayRule, ...]:
    """Read the rules that come with the package."""
    root = read_toml("replay_rules.toml")
    rows = []
    for row in root.tables("rule"):
        rows.append(
            ReplayRule(
                id=row.text("id"),
                effect=row.choice("effect", EFFECTS),
                kind=row.choice("kind", ("", "struct", "signature", "removed"), ""),
                pattern=row.pattern("pattern"),
                unless=row.pattern("unless") if row.has("unless") else None,
                reason=row.text("reason"),
                sections=row.texts("sections", ("C API",)),
            )
        )
        row.done()
    root.end()
    return tuple(rows)


def plain(text: str) -> str:
    """Return an entry on one line without reST roles and backticks."""
    return " ".join(_ROLE.sub(lambda found: found[1] or found[2] or found[3] or "", text).split())


def read_entry(entry: StreamNewsEntry) -> Reading:
    """Read one entry by its marker, else by the rules."""
    if entry.text.startswith(NEWS_MARKER):
        return Reading(effect="break", kind="", rule="marker", reason="marked")
    text = plain(entry.text)
    for row in replay_rules():
        if entry.section not in row.sections:
            continue
        if row.pattern.search(text) and not (row.unless and row.unless.search(text)):
            return Reading(effect=row.effect, kind=row.kind, rule=row.id, reason=row.reason)
    return Reading(effect="none", kind="", rule="", reason="")


def replay(news: Iterable[NewsRelease], series: Sequence[tuple[int, int]] = ()) -> list[Replayed]:
    """Label every pre-release of some series as PEP 605 would have.

    Args:
        news: releases of one or more merged NEWS files; a release that stands in several is
            taken once.
        series: which; all when empty.
    """
    known: dict[Release, NewsRelease] = {}
    for item in news:
        if item.release.micro == 0 and item.release.level != "final":
            known.setdefault(item.release, item)
    wanted = set(series) or {release.series for release in known}
    found = []
    for one in sorted(wanted):
        own = [item for release, item in known.items() if release.series == one]
        found += _series(sorted(own, key=_really))
    return found


def _really(item: NewsRelease) -> tuple[int, int]:
    """Upstream's order: all alphas, all betas, then candidates."""
    release = item.release
    return ("alpha", "beta", "candidate").index(release.level), release.serial


def _series(releases: list[NewsRelease]) -> list[Replayed]:
    found = []
    serial = 0
    for item in releases:
        decisions = [Decision(entry=entry, reading=read_entry(entry)) for entry in item.entries]
        broke = tuple(one for one in decisions if one.reading.effect == "break")
        excused = tuple(one for one in decisions if one.reading.effect == "excused")
        label = item.release
        if item.release.is_pre_freeze:
            serial += 1
            first = item.release.level == "alpha" and item.release.serial == 1
            level = "alpha" if broke or first else "beta"
            label = Release(series=item.release.series, level=level, serial=serial)
        found.append(
            Replayed(release=item.release, date=item.date, label=label, decided=broke,
                     excused=excused)
        )  # fmt: skip
    return found
