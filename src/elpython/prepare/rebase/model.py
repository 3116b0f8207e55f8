"""What a rebase is asked for, and what it says of each change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.prepare.carry import Hunk
    from elpython.upstream import Source

__all__ = [
    "APPLIES",
    "CONFLICTS",
    "DROPPED",
    "FUZZ",
    "IN_BASE",
    "RESOLUTIONS",
    "RESOLVED",
    "STATES",
    "Conflict",
    "Placed",
    "Rebase",
    "Sorting",
]

IN_BASE, APPLIES, FUZZ = "in the base", "applies", "applies with fuzz"
RESOLVED, DROPPED, CONFLICTS = "resolved", "dropped", "conflicts"
# In a branch's folder: base -> what was resolved by hand for it.
RESOLUTIONS = "rebase"
STATES = (IN_BASE, APPLIES, FUZZ, RESOLVED, DROPPED, CONFLICTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebase:
    """What to move where.

    Attributes:
        branches: the `branches` folder.
        branch: the branch as it is.
        base: the new base, `3.13.15`.
        sources: where the new base's source is available, in order.
        resolved: folder of what was resolved by hand, before what the branch has of it (`known`);
            conflicts are left there. None: they are not.
        tests: change -> what its own tests show on the bare new base, `passes`, `fails` and so on,
            or empty where it has none; None: nobody runs them.
        history: a git clone of CPython that tells which commits touched a file; None: NEWS does.
        chosen: the changes to place; None: the whole series.
        name: the branch that they are placed on, for a new one; empty: the same branch.
    """

    branches: Path
    branch: Branch
    base: str
    sources: tuple[Source, ...]
    resolved: Path | None = None
    tests: Callable[[Change], str] | None = None
    history: Path | None = None
    chosen: tuple[str, ...] | None = None
    name: str = ""

    @property
    def known(self) -> Path:
        """Folder of what was resolved by hand for this base, beside the branch's changes."""
        return self.branches / self.branch.name / RESOLUTIONS / self.base


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """A place that needs a hand, and what upstream did there.

    Attributes:
        hunk: the place.
        touched: releases and issues (or commits) that may have touched it, a line each.
    """

    hunk: Hunk
    touched: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """One change on the new base.

    Attributes:
        change: its id.
        kind: its kind.
        state: one of `STATES`.
        because: what decided.
        remark: what a reader should look at; empty for nothing.
        conflicts: the places (`conflicts` alone).
        patch: its code for the new base; None where what it has applies as it is.
        base_has: how it is known that the base has the fix, of a change which stays for its toggle
            alone; empty for all others.
    """

    change: str
    kind: str
    state: str
    because: str
    remark: str = ""
    conflicts: tuple[Conflict, ...] = ()
    patch: bytes | None = None
    base_has: str = ""

    @property
    def kept(self) -> bool:
        """Whether the new branch carries it."""
        return self.state in {APPLIES, FUZZ, RESOLVED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorting:
    """All changes of a branch on the new base, in the order of its series."""

    placed: tuple[Placed, ...]

    def counts(self) -> dict[str, int]:
        """Return how many changes each state has."""
        found = Counter(item.state for item in self.placed)
        return {state: found[state] for state in STATES}

    def of(self, *states: str) -> Iterable[Placed]:
        """Return the changes of some states."""
        return [item for item in self.placed if item.state in states]
