"""Watch the workers of a run: who is there, what each does, who was lost and who came.

An executor tells who is there; this compares with what was there before, writes down each change as
an event of the journal, and asks for replacements where the executor can start some.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from elpython.mass_rebuild.journal import RebuildJournal

__all__ = ["Crew", "Member", "Workers"]

_LOOK_EVERY = 2.0
_REPLACE_AFTER = 15.0


class Workers(Protocol):
    """An executor that can tell who works for it."""

    @property
    def wanted(self) -> int:
        """How many workers there should be; 0 when that is not ours to say."""

    def present(self) -> Mapping[str, tuple[str, ...]] | None:
        """Return each worker with the keys of what it holds; None when it can't be asked now."""

    def replace(self, count: int) -> bool:
        """Start workers until there are so many; False when somebody else has to."""


@dataclass(kw_only=True, slots=True)
class Member:
    """A worker as last seen.

    Attributes:
        holds: keys of the jobs that it had.
        since: since when it holds them, seconds since the epoch.
        lost: when it was missed first; 0 while it is there.
    """

    holds: tuple[str, ...] = ()
    since: float = 0.0
    lost: float = 0.0


@dataclass(slots=True)
class Crew:
    """The workers of a run over its time.

    Attributes:
        journal: gets the events and the present state.
        clock: gives seconds since the epoch.
        most: the most workers that were there at once; fewer later is told.
    """

    journal: RebuildJournal
    clock: Callable[[], float] = time.time
    members: dict[str, Member] = field(default_factory=dict)
    most: int = 0
    _looked: float = 0.0
    _short_since: float = 0.0

    def look(self, executor: Workers) -> None:
        """Look who is there; does nothing when it looked just now."""
        now = self.clock()
        if now - self._looked < _LOOK_EVERY:
            return
        self._looked = now
        present = executor.present()
        if present is None:
            return
        # Losses first: between two looks a worker can be lost and its replacement be there already.
        for name, member in self.members.items():
            if name not in present and not member.lost:
                member.lost = now
                held = f" with {', '.join(member.holds)}" if member.holds else ""
                self.journal.event("lost", name, f"worker lost{held}: it is given out again")
        for name, holds in present.items():
            self._seen(name, tuple(holds), now)
        there = len(present)
        self.most = max(self.most, there, executor.wanted)
        self._replace(executor, there, now)
        self.journal.note("workers", self.told(there))

    def _seen(self, name: str, holds: tuple[str, ...], now: float) -> None:
        member = self.members.get(name)
        if member is None or member.lost:
            self.members[name] = Member(holds=holds, since=now)
            self.journal.event("came", name, "worker is there")
        elif member.holds != holds:
            member.holds, member.since = holds, now

    def _replace(self, executor: Workers, there: int, now: float) -> None:
        if there >= self.most:
            if self._short_since:
                self.journal.event("whole", "", f"all {self.most} workers are there again")
            self._short_since = 0.0
            return
        if not self._short_since:
            self._short_since = now
        elif now - self._short_since > _REPLACE_AFTER:
            self._short_since = now
            if executor.replace(self.most):
                self.journal.event("replace", "", f"starting workers: {there} of {self.most} left")
            else:
                self.journal.event(
                    "short", "", f"{there} of {self.most} workers: start more at the scheduler"
                )

    def told(self, there: int) -> dict[str, object]:
        """Return the present state as data for the status page."""
        return {
            "there": there,
            "most": self.most,
            "members": [
                {
                    "name": name,
                    "holds": list(member.holds),
                    "since": member.since,
                    "lost": member.lost,
                }
                for name, member in sorted(self.members.items())
            ],
        }
