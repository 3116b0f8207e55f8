"""What a look at upstream reads: NEWS of several series, and what the changes touch."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from packaging.version import Version

from elpython.core.errors import UsageError
from elpython.core.process import run
from elpython.security.follow import Touched, Upstream, module_of
from elpython.upstream.feeds.rules import digest_of
from elpython.upstream.news import parse_news

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elpython.prepare.tree import Tree
    from elpython.upstream.news import NewsEntry

__all__ = ["digests", "release_dates", "touched_by", "upstream_of"]

_HEADING = re.compile(
    r"^What's New in Python (\S+)(?: (alpha|beta|release candidate|final) ?(\d*))?\??$",
    re.MULTILINE,
)
_DATE = re.compile(r"^\*Release date: (\d{4}-\d\d-\d\d)\*$", re.MULTILINE)
_STAGES = {"alpha": "a", "beta": "b", "release candidate": "rc", "final": "", "": ""}
_DEFINES = re.compile(r"^\s*(?:async +)?(?:def|class) +(\w+)|^(?:[\w*]+ +)*\**(\w+)\(")
_SHORTEST = 4
# Names that stand in every module say nothing.
_COMMON = frozenset({"__init__", "__new__", "main", "test", "run", "open", "read", "write", "get",
                     "set", "close", "if", "for", "while", "switch", "return"})  # fmt: skip


def release_dates(text: str) -> dict[str, dt.date]:
    """Return release -> day, as a merged NEWS tells them."""
    found = {}
    headings = list(_HEADING.finditer(text))
    ends = [match.start() for match in headings[1:]] + [len(text)]
    for match, end in zip(headings, ends, strict=True):
        day = _DATE.search(text, match.end(), min(end, match.end() + 400))
        if day:
            release = (
                f"{match[1]}{_STAGES[match[2] or '']}{match[3] if match[2] != 'final' else ''}"
            )
            found[release] = dt.date.fromisoformat(day[1])
    return found


def upstream_of(texts: Iterable[tuple[str, str]]) -> tuple[Upstream, list[str]]:
    """Return what several NEWS tell together, and what was read, a line each.

    Args:
        texts: place and text of each.

    Raises:
        UsageError: one has no entries.
    """
    dates: dict[str, dt.date] = {}
    first: dict[tuple[str, str], NewsEntry] = {}
    looked = []
    for place, text in texts:
        entries = parse_news(text)
        if not entries:
            raise UsageError("its NEWS has no entries", where=place)
        dates |= release_dates(text)
        looked.append(f"{entries[0].release} {place}")
        for entry in entries:
            key = (entry.issue, digest_of(entry.text))
            known = first.get(key)
            if known is None or _earlier(entry.release, known.release, dates):
                first[key] = entry
    return Upstream(entries=tuple(first.values()), dates=dates), looked


def _earlier(one: str, other: str, dates: dict[str, dt.date]) -> bool:
    if one in dates and other in dates:
        return dates[one] < dates[other]
    return Version(one) < Version(other)


def digests(text: str) -> frozenset[str]:
    """Return the digests of all entries of a NEWS."""
    return frozenset(digest_of(entry.text) for entry in parse_news(text))


def touched_by(tree: Tree) -> dict[str, list[Touched]]:
    """Return change -> the functions and classes of named modules that its code touches.

    Args:
        tree: the prepared tree.
    """
    found: dict[str, list[Touched]] = {}
    git = ["git", "-C", str(tree.folder)]
    for item in tree.commits:
        diff = run(
            [*git, "diff-tree", "-r", "-p", "--no-commit-id", "--no-renames", item.commit, "--",
             "Lib", "Modules"],
            errors="surrogateescape",
        ).stdout  # fmt: skip
        names: dict[Touched, None] = {}
        for part in re.split(r"(?m)^diff --git ", diff)[1:]:
            path = part.partition(" b/")[2].partition("\n")[0]
            module = module_of(path)
            if module:
                names |= dict.fromkeys(_touched_in(part, module))
        found[item.change] = list(names)
    return found


def _touched_in(part: str, module: str) -> Iterable[Touched]:
    """Yield the functions that changed lines of a file's diff lie in."""
    inside = ""
    for line in part.splitlines():
        if line.startswith("@@"):
            inside = _function(line.partition(" @@ ")[2])
        elif line.startswith((" ", "+", "-")) and not line.startswith(("+++", "---")):
            inside = _function(line[1:]) or inside
            if inside and line[0] != " ":
                yield Touched(module=module, name=inside)


def _function(line: str) -> str:
    """Return the function that a line begins; empty where it begins none, or one of any module."""
    match = _DEFINES.match(line)
    word = (match[1] or match[2]) if match else ""
    # A class is named in whatever is done to any of its methods.
    good = len(word) > _SHORTEST and word[0].islower() and word not in _COMMON
    return word if good else ""
