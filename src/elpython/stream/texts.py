"""Announcements and the What's New section: Markdown from templates, and the same as plain text."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.stream.freeze import new_features
from elpython.stream.replay import plain

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    import jinja2

    from elpython.stream.ledger import Ledger
    from elpython.stream.news import StreamNewsEntry
    from elpython.stream.release import Release

__all__ = ["Announcement", "Coming", "announce", "as_text", "change_lines", "kind_of", "whats_new"]

_HIGHLIGHTS = ("Security", "C API")
_AT_MOST = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Coming:
    """What comes next: each None or empty when unknown."""

    release: Release | None = None
    date: dt.date | None = None
    freeze: dt.date | None = None
    final: dt.date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    """What an announcement is made of.

    Attributes:
        product: `Python`, `EL Python`.
        release: the release.
        previous: the one before it in the stream; None for the first.
        breaks: breaking changes, a line each.
        additions: additions to the ABI, a line each.
        tier: the evidence behind the label, as the ledger has it; empty when nothing tells it.
        broken_since_rc1: candidates after the first that broke the freeze.
        decisions: what the release manager decided against the evidence, a line each.
        requires: the metadata line for rebuilt projects.
        entries: the release's NEWS entries.
        coming: the next release and the final one.
    """

    product: str
    release: Release
    previous: Release | None = None
    breaks: tuple[str, ...] = ()
    additions: tuple[str, ...] = ()
    tier: str = ""
    broken_since_rc1: tuple[Release, ...] = ()
    decisions: tuple[str, ...] = ()
    requires: str = ""
    entries: tuple[StreamNewsEntry, ...] = ()
    coming: Coming = Coming()


def kind_of(release: Release, previous: Release | None) -> str:
    """Return which text a release gets.

    Returns:
        `first`, `alpha`, `beta`, `candidate`, `further candidate` (rc2 and later), `final`, or
        `maintenance` (.1 and later).
    """
    if release.level == "candidate" and release.serial > 1:
        return "further candidate"
    if release.level == "final" and release.micro:
        return "maintenance"
    if release.is_pre_freeze and previous is None:
        return "first"
    return release.level


def announce(what: Announcement) -> str:
    """Write an announcement as Markdown."""
    release = what.release
    sections: dict[str, int] = {}
    for entry in what.entries:
        sections[entry.section] = sections.get(entry.section, 0) + 1
    text = _environment().get_template("announcement.md.j2").render(
        product=what.product,
        release=release,
        series=release.series_name,
        number=release.serial,
        previous=what.previous,
        kind=kind_of(release, what.previous),
        breaks=what.breaks,
        additions=what.additions,
        requires=what.requires,
        measured=what.tier in {"headers", "DWARF"},
        tier=what.tier,
        rebuilt_at=what.broken_since_rc1[-1] if what.broken_since_rc1 else None,
        decisions=what.decisions,
        features=_features(what.entries),
        docs=f"https://docs.python.org/{release.series_name}/whatsnew/{release.series_name}.html",
        anchor=f"porting-to-python-{release.series_name.replace('.', '-')}",
        sections=sorted(sections.items(), key=lambda pair: (-pair[1], pair[0])),
        highlights=_highlights(what.entries),
        next_release=what.coming.release,
        next_date=what.coming.date,
        final_date=what.coming.final,
    )  # fmt: skip
    return _tidy(text)


def whats_new(product: str, series: str, ledger: Ledger | None, coming: Coming) -> str:
    """Write the What's New section of a series as Markdown."""
    breaks = [
        (record.release, lines)
        for record in (ledger.standing[1:] if ledger else ())
        if (lines := [_line(change.symbol, change.what) for change in record.changes
                      if change.kind == "break"])
    ]  # fmt: skip
    text = _environment().get_template("whatsnew.md.j2").render(
        product=product,
        series=series,
        short=series.replace(".", ""),
        breaks=breaks,
        freeze_date=coming.freeze,
        final_date=coming.final,
    )  # fmt: skip
    return _tidy(text)


def _line(symbol: str, what: str) -> str:
    text = what.removeprefix("(CPython ABI break)").strip()
    return plain(text if not symbol or symbol in text else f"{symbol}: {text}")


def change_lines(ledger: Ledger, release: Release, kind: str) -> tuple[str, ...]:
    """Return the lines that a ledger has of a release, for `break` or `addition`."""
    return tuple(
        _line(change.symbol, change.what)
        for record in ledger.standing
        if record.release == release
        for change in record.changes
        if change.kind == kind
    )


def _features(entries: Iterable[StreamNewsEntry]) -> list[str]:
    """Return the new features that NEWS entries tell of, by their first sentences."""
    lines = [
        _first(entry)
        for entry in entries
        if new_features([(entry.section, plain(entry.text))])
    ]  # fmt: skip
    more = len(lines) - _AT_MOST
    return lines[:_AT_MOST] + ([f"and {more} more"] if more > 0 else [])


def _highlights(entries: Iterable[StreamNewsEntry]) -> list[tuple[str, list[str]]]:
    found = []
    entries = list(entries)
    for section in _HIGHLIGHTS:
        lines = [_first(entry) for entry in entries if entry.section == section]
        more = len(lines) - _AT_MOST
        lines = lines[:_AT_MOST] + ([f"and {more} more"] if more > 0 else [])
        if lines:
            found.append((section, lines))
    return found


def _first(entry: StreamNewsEntry) -> str:
    """Return an entry's first sentence with its issue."""
    sentence = re.split(r"(?<=[.!?])\s", plain(entry.text.split("\n\n")[0]), maxsplit=1)[0]
    return f"{entry.issue}: {sentence}" if entry.issue else sentence


def _environment() -> jinja2.Environment:
    """Templates of texts, not of pages: nothing is escaped in Markdown."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("elpython.stream", "templates"),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _tidy(text: str) -> str:
    """Leave one empty line at most, and none at the ends."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def as_text(markdown: str, *, width: int = 72) -> str:
    """Return Markdown as plain text: headings underlined, marks taken out, lines wrapped.

    Args:
        markdown: what `announce` or `whats_new` wrote.
        width: columns.
    """
    blocks = []
    for block in re.split(r"\n\n+", markdown.strip()):
        for part in _parts(block):
            heading = re.match(r"(#+) (.*)", part)
            if heading:
                title = _unmark(heading[2])
                blocks.append(f"{title}\n{('=' if len(heading[1]) == 1 else '-') * len(title)}")
            elif part.startswith("    "):
                blocks.append(part)
            else:
                blocks.append(_wrap(part, width))
    return "\n\n".join(blocks) + "\n"


def _parts(block: str) -> Sequence[str]:
    first, _, rest = block.partition("\n")
    return [first, rest] if first.startswith("#") and rest else [block]


def _wrap(block: str, width: int) -> str:
    items = re.split(r"\n(?=- )", block)
    return "\n".join(
        textwrap.fill(
            " ".join(_unmark(item).split()),
            width,
            subsequent_indent="  " if item.startswith("- ") else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for item in items
    )


def _unmark(text: str) -> str:
    return re.sub(r"\*\*(.+?)\*\*|`([^`]+)`", lambda found: found[1] or found[2], text,
                  flags=re.DOTALL)  # fmt: skip
