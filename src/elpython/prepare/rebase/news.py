"""What upstream's own records say of a change or a place between two releases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from packaging.version import Version

from elpython.core.errors import ElpythonError
from elpython.core.process import run

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from elpython.define.change import Change
    from elpython.prepare.carry import Hunk
    from elpython.upstream.news import NewsEntry

__all__ = ["Between", "between"]

_SHOWN, _WIDTH = 5, 100
_CVE = re.compile(r"(?:CVE[- ]|:cve:`)(\d{4}-\d{4,})")
# Words that stand in hundreds of entries say nothing of a place.
_COMMON = frozenset({"init", "main", "test", "object", "base", "core", "support", "utils", "run"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Between:
    """What happened between two releases of one series.

    Attributes:
        old: the earlier release.
        new: the later release.
        entries: the entries of NEWS that came between them, newest first.
        history: a git clone of CPython with both tags; None where there is none.
    """

    old: str
    new: str
    entries: tuple[NewsEntry, ...]
    history: Path | None = None

    def names(self, change: Change) -> str:
        """Return which release brought what a change does; empty where none says so.

        Entries name issues and CVEs; what the change itself says of its first release counts too.
        A feature's issue comes back with each fix to it, which proves nothing.
        """
        if change.first_in and self._spans(change.first_in):
            return f"{change.first_in} has it first"
        if change.kind not in {"security", "bugfix"}:
            return ""
        for entry in reversed(self.entries):
            if entry.issue and entry.issue in change.issues:
                return f"NEWS of {entry.release} names {entry.issue}"
            cves = {f"CVE-{number}" for number in _CVE.findall(entry.text)} & set(change.cves)
            if cves:
                return f"NEWS of {entry.release} names {min(cves)}"
        return ""

    def _spans(self, release: str) -> bool:
        found = Version(release)
        return Version(self.old) < found <= Version(self.new)

    def touched(self, hunk: Hunk) -> tuple[str, ...]:
        """Return what upstream did to a place between the releases, a line each, newest first."""
        if self.history is not None:
            lines = self._commits(hunk.file)
            if lines:
                return lines
        words = {word for word in (_module(hunk.file), hunk.inside.strip("_")) if len(word) > 2}
        words -= _COMMON
        shapes = [re.compile(rf"\b_*{re.escape(word)}_*\b") for word in words]
        told = [(sum(bool(shape.search(entry.text)) for shape in shapes), entry)
                for entry in self.entries]  # fmt: skip
        # Who speaks of both, the file and the function, comes first; then the newest.
        told.sort(key=lambda pair: -pair[0])
        found = [
            f"{entry.release} {entry.issue}: {entry.text}"[:_WIDTH]
            for number, entry in told
            if number
        ]
        return tuple(found[:_SHOWN])

    def _commits(self, file: str) -> tuple[str, ...]:
        span = f"v{self.old}..v{self.new}"
        words = ["git", "-C", str(self.history), "log", "--format=%h %s", f"-{_SHOWN}", span]
        try:
            text = run([*words, "--", file], timeout=120).stdout
        except ElpythonError:
            # A clone without these tags: NEWS still says something.
            return ()
        return tuple(line[:_WIDTH] for line in text.splitlines())


def _module(file: str) -> str:
    """Return the name by which NEWS would speak of a file."""
    path = PurePosixPath(file)
    stem = path.parent.name if path.stem == "__init__" else path.stem
    parts = path.parts
    if parts[:1] == ("Lib",) and len(parts) > 2 and parts[1] != "test":
        stem = parts[1]
    return re.sub(r"^_+|^test_|module$|object$", "", stem)


def between(
    old: str, new: str, entries: Iterable[NewsEntry], *, history: Path | None = None
) -> Between:
    """Return what a newer release's NEWS says that an older one of its series lacks.

    Args:
        old: `3.13.5`.
        new: `3.13.15`.
        entries: the newer release's, whole.
        history: a git clone of CPython.
    """
    low, high = Version(old), Version(new)
    kept: Sequence[NewsEntry] = [entry for entry in entries if low < Version(entry.release) <= high]
    return Between(old=old, new=new, entries=tuple(kept), history=history)
