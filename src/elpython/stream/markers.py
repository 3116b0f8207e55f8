"""The two markers of an ABI break, and what was nearly one.

Source: PEP 605, "An explicit commit and NEWS file convention to mark ABI breaking changes".
"""

from __future__ import annotations

import re
import unicodedata
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
# Letters of other scripts that look like those of the markers (Unicode's confusables, UTS 39).
_ALIKE = str.maketrans(
    "\u0391\u0410\u0392\u0412\u0399\u0406\u04c0\u0421\u03f9\u03a1\u0420\u03a5\u0423\u03a4\u0422\u041d\u039d"
    "\u0430\u0431\u03b1\u0435\u043e\u03bf\u0440\u03c1\u0443\u0442\u0456\u0433\u043a\u03ba\u0455",
    "AABBIIICCPPYYTTHNabaeooppytirkks",
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
    # People read the folded text; a program that looks for the marker does not.
    folded = _folded(text)
    found = _BRACKETED.search(folded) or _NEAR.match(folded)
    if found is None:
        return CommitMark(marked=False)
    near = found[0].strip()
    if near not in text:
        what = f"it only looks like {marker!r}: it has characters of other scripts, or unseen ones"
        return CommitMark(marked=False, near=near, problem=what)
    return CommitMark(marked=False, near=near, problem=_problem(near, found.start(), marker, place))


def _folded(text: str) -> str:
    """Return a text as it is read: compatibility forms, lookalikes and unseen characters folded."""
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    return seen.translate(_ALIKE)


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
