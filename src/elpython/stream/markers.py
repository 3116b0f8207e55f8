"""The two markers of an ABI break, and what was nearly one.

Source: PEP 605, "An explicit commit and NEWS file convention to mark ABI breaking changes".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "COMMIT_MARKER",
    "NEWS_MARKER",
    "CommitMark",
    "commit_mark",
    "news_mark",
    "reverted_summary",
]

COMMIT_MARKER = "(ABI break)"
NEWS_MARKER = "(CPython ABI break)"

# What a backport tool writes before a summary: `[3.13] `, also twice for a backport of a backport.
_PICKED = re.compile(r"(?:\[\d+\.\d+\]\s*)+")
# `gh-1234: ` and `bpo-1234: ` come before the summary proper in CPython's habit.
_NEAR = re.compile(
    r"[\[({<]?\s*(?:c?python\s+)?abi[\s_-]*(?:break(?:s|ing|age)?|broken)(?:\s+change)?\s*[\])}>]?",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"[\[({<]\s*(?:c?python\s+)?abi[\s_-]*(?:break(?:s|ing|age)?|broken)(?:\s+change)?\s*[\])}>]",
    re.IGNORECASE,
)
_REVERT = re.compile(r'(?:Revert|Reapply)\s+"(?P<inner>.*)"?\s*', re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitMark:
    """What a summary says.

    Attributes:
        marked: the marker stands at its place.
        near: what stands there instead or elsewhere; empty when there is nothing like it.
        problem: why `near` does not count; empty without one.
    """

    marked: bool
    near: str = ""
    problem: str = ""


def commit_mark(summary: str) -> CommitMark:
    """Look for the marker at the start of a commit's summary, behind a cherry-pick prefix."""
    return _mark(_PICKED.sub("", summary, count=1) if _PICKED.match(summary) else summary,
                 COMMIT_MARKER, "the summary")  # fmt: skip


def news_mark(text: str) -> CommitMark:
    """Look for the marker at the start of a NEWS entry's text."""
    return _mark(text.lstrip(), NEWS_MARKER, "the NEWS entry")


def _mark(text: str, marker: str, place: str) -> CommitMark:
    if text.startswith(marker):
        return CommitMark(marked=True)
    if _REVERT.match(text):
        return CommitMark(marked=False)
    found = _BRACKETED.search(text)
    if found is None:
        found = _NEAR.match(text)
    if found is None:
        return CommitMark(marked=False)
    near = found[0].strip()
    return CommitMark(marked=False, near=near, problem=_problem(near, found.start(), marker, place))


def _problem(near: str, start: int, marker: str, place: str) -> str:
    reasons = []
    if near != marker:
        other = NEWS_MARKER if marker == COMMIT_MARKER else COMMIT_MARKER
        if near == other:
            reasons.append(f"it is the marker of the other place; here it is {marker!r}")
        elif near.lower() == marker.lower():
            reasons.append(f"wrong case: {marker!r}")
        else:
            reasons.append(f"it is written {marker!r}")
    if start:
        reasons.append(f"it must be the first thing in {place}")
    return ", and ".join(reasons)


def reverted_summary(summary: str) -> str:
    """Return the summary that a `Revert "..."` names; empty when it is no revert."""
    bare = _PICKED.sub("", summary, count=1) if _PICKED.match(summary) else summary
    bare = bare.removeprefix(COMMIT_MARKER).lstrip()
    found = re.fullmatch(r'Revert\s+"(.*)"(?:\s*\(#\d+\))?', bare, re.IGNORECASE)
    return found[1] if found else ""
