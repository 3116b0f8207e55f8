"""What the policy's checks take and give."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from elpython.core.errors import ElpythonError
from elpython.define.followups import FollowUps

if TYPE_CHECKING:
    import datetime as dt
    import re
    from collections.abc import Mapping

    from elpython.core.version import CalVer
    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.define.refused import Refusal
    from elpython.define.toggles import Toggle

__all__ = [
    "FINDING",
    "REMARK",
    "BadPolicyError",
    "Exemption",
    "Forbidden",
    "Lines",
    "NoHistoryError",
    "Obstacle",
    "Participant",
    "People",
    "Policy",
    "PolicyFinding",
    "ProposedChange",
    "Rule",
    "Said",
    "Subject",
    "Unit",
    "Way",
    "World",
]

FINDING, REMARK = "finding", "remark"


class BadPolicyError(ElpythonError):
    """A `policy.toml` or `maintainers.toml` with problems."""

    exit_code = 100


class NoHistoryError(ElpythonError):
    """No git history to read approvals from, or a revision that it does not have."""

    exit_code = 101


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule as `policy.toml` tells it.

    Attributes:
        id: its name.
        kinds: kinds of change that it is for.
        excusable: whether a change may leave it with a reason in its `[notes]`.
        says: the rule, one sentence.
    """

    id: str
    kinds: tuple[str, ...]
    excusable: bool
    says: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedChange:
    """A draft PEP or feature request that was judged suitable, when and why."""

    name: str
    judged: dt.date
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemption:
    """Kinds that one branch takes past upstream's end of life, up to an EL release."""

    branch: str
    kinds: tuple[str, ...]
    until: CalVer
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Forbidden:
    """What no patch may touch.

    Attributes:
        files: glob patterns of paths in the tree.
        line: what an added line has.
        needs: what it would mean, `new opcode`.
    """

    files: tuple[str, ...]
    line: re.Pattern[str]
    needs: str

    def catches(self, path: str, line: str) -> bool:
        """Return whether an added line of a file is forbidden."""
        return self.line.search(line) is not None and any(_fits(path, one) for one in self.files)


def _fits(path: str, pattern: str) -> bool:
    """Match a path folder by folder: `Include/*.h` is not `Include/internal/x.h`."""
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatch.fnmatchcase, parts, patterns))


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """One of the three admissible ways, whether it is open, and what it takes."""

    way: str
    open: bool
    how: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Obstacle:
    """Something that no branch takes, and the ways that are left."""

    needs: str
    says: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """`branches/policy.toml`.

    Attributes:
        needed: how many approvals a change needs.
        from_others: how many of them come from another organisation than the author's.
        rules: rule id -> rule.
        proposals: name -> proposal.
        late_kinds: kinds that a branch takes past upstream's end of life.
        exemptions: further kinds for single branches.
        forbidden: what no patch may touch.
        obstacles: what no branch takes.
        harmless: declaration or file of the tree -> why nothing that was built sees the change.
    """

    needed: int
    from_others: int
    rules: Mapping[str, Rule]
    proposals: Mapping[str, ProposedChange]
    late_kinds: tuple[str, ...]
    exemptions: tuple[Exemption, ...]
    forbidden: tuple[Forbidden, ...]
    obstacles: Mapping[str, Obstacle]
    harmless: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Participant:
    """Somebody who takes part: addresses, organisation, right to approve, agreement's day."""

    name: str
    emails: tuple[str, ...]
    organisation: str
    approves: bool
    cla: dt.date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """`branches/maintainers.toml`: whether the project is being set up, and who takes part."""

    bootstrap: bool
    participants: tuple[Participant, ...] = ()

    def of(self, email: str) -> Participant | None:
        """Return who an address belongs to."""
        wanted = email.casefold()
        return next(
            (who for who in self.participants if wanted in map(str.casefold, who.emails)), None
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """What was accepted as one, as far as it touches one change.

    Attributes:
        commit: the main line's commit, or the pull request's last.
        authors: addresses of who wrote the commits that touch the change.
        day: of the newest of these commits.
        approvals: addresses in `Approved-by` of the whole unit.
        agreements: addresses in `CLA` of the whole unit.
    """

    commit: str
    authors: tuple[str, ...]
    day: dt.date
    approvals: tuple[str, ...]
    agreements: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """What a change does to lines: path in the tree and content, in the order of its diff."""

    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Everything that a check may look at.

    Attributes:
        branches: all branches, oldest first.
        policy: the rules' data.
        people: who takes part.
        today: the day for which is asked what is maintained.
        toggles: the toggles by name.
        refusals: branch -> what it refuses.
        units: folder of a change, `3.11/x` -> the units of history that brought it.
        lines: folder of a change -> what it adds and removes, of what is known of its code.
        whole: whether `lines` has the code of every change, wherever it comes from.
        shown: branch -> the changes that recorded evidence, or the vulnerability record, vouches
            for.
        gone: security changes that a branch had at the base of a pull request: branch, change.
        shallow: whether the history is cut off.
        followups: what upstream did later to what branches have taken.
    """

    branches: tuple[Branch, ...]
    policy: Policy
    people: People
    today: dt.date
    toggles: Mapping[str, Toggle] = field(default_factory=dict)
    refusals: Mapping[str, tuple[Refusal, ...]] = field(default_factory=dict)
    units: Mapping[str, tuple[Unit, ...]] = field(default_factory=dict)
    lines: Mapping[str, Lines] = field(default_factory=dict)
    whole: bool = False
    shown: Mapping[str, frozenset[str]] = field(default_factory=dict)
    gone: tuple[tuple[str, str], ...] = ()
    shallow: bool = False
    followups: FollowUps = field(default_factory=lambda: FollowUps(checked=None))


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A change where it stands: in its branch, in the world."""

    change: Change
    branch: Branch
    world: World

    @property
    def place(self) -> str:
        """The name of the folder that the change's folder stands in, `3.11` or `core`."""
        return "core" if self.change.core else self.branch.name

    @property
    def folder(self) -> str:
        """What the change is called below `branches`, `3.11/CVE-2024-6232`."""
        return f"{self.place}/{self.change.id}"

    @property
    def lines(self) -> Lines:
        """What its code does, as far as that is known."""
        return self.world.lines.get(self.folder, Lines())

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units of history that brought the change: its files, and the facts that it shares."""
        own = self.world.units.get(self.folder, ())
        seen = {unit.commit for unit in own}
        shared = () if self.change.core else self.world.units.get(f"fixes/{self.change.id}", ())
        return (*own, *(unit for unit in shared if unit.commit not in seen))


class Said(NamedTuple):
    """What one rule says of one change: what is wrong, how to mend it, how grave it is."""

    message: str
    remedy: str
    level: str = FINDING


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyFinding:
    """A finding or remark, told.

    Attributes:
        rule: id of the rule.
        branch: `3.11`, or `core` for what every branch carries.
        change: id of the change; empty for the branch itself.
        message: what is wrong.
        remedy: how to mend it.
        level: `finding` or `remark`.
    """

    rule: str
    branch: str
    change: str
    message: str
    remedy: str
    level: str
