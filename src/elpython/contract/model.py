"""The words of the contract: difference, findings, outcome, verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

__all__ = [
    "ContractReport",
    "Difference",
    "Judged",
    "Kind",
    "PromiseFindings",
    "PromiseOutcome",
    "State",
    "Verdict",
]

# So many skipped promises are named in a headline; of more the number is told.
_NAMED = 4


class Verdict(StrEnum):
    """A promise's outcome."""

    KEPT = "kept"
    BROKEN = "broken"
    DECLARED = "declared"
    NOT_CHECKED = "not checked"


class Kind(StrEnum):
    """How the candidate differs; the sign is what a declaration writes before the name."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNMATCHED = "unmatched"

    @property
    def sign(self) -> str:
        """The character before the name in a declaration."""
        return {"added": "+", "removed": "-"}.get(self.value, "")


class State(StrEnum):
    """What a difference means after the declarations were read."""

    BROKEN = "broken"
    DECLARED = "declared"
    LISTED = "listed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing in which the candidate is not like its base.

    Attributes:
        kind: added, removed or changed.
        key: the thing's name, as a declaration names it (`itertools.batched`).
        what: one line for people.
        old: the base's side; empty for what was added.
        new: the candidate's side; empty for what was removed.
        harmless: True for an addition that takes nothing from what users built; it is listed, and
            breaks a promise only where every addition has to be declared.
        breaks: whom it breaks, where the promise tells: `callers`, `subclasses`, `pickles`,
            `extensions`, `introspection`; empty otherwise.
    """

    kind: Kind
    key: str
    what: str = ""
    old: str = ""
    new: str = ""
    harmless: bool = False
    breaks: str = ""

    @property
    def declaration(self) -> str:
        """The name with its sign: what stands after `promise:` in a declaration."""
        return self.kind.sign + self.key


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseFindings:
    """What a promise's module found.

    Attributes:
        checked: how many things were compared.
        differences: all that differ.
        gaps: what could not be looked at, each with its reason; any gap means `not checked`.
        notes: remarks that change no verdict.
        partial: True when only a sample was looked at, so that a declaration without a match says
            nothing.
    """

    checked: int = 0
    differences: tuple[Difference, ...] = ()
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    partial: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the findings as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PromiseFindings:
        """Read back what `to_json` gave."""
        return cls(
            checked=data["checked"],
            differences=tuple(
                Difference(**{**item, "kind": Kind(item["kind"])}) for item in data["differences"]
            ),
            gaps=tuple(data["gaps"]),
            notes=tuple(data["notes"]),
            partial=data["partial"],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A difference and what it means.

    Attributes:
        difference: the difference.
        state: broken, declared or listed.
        declared_by: the change whose declaration covers it.
        caused_by: the change that brought it, where the series was bisected.
    """

    difference: Difference
    state: State
    declared_by: str = ""
    caused_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PromiseOutcome:
    """A promise's verdict with all that led to it.

    Attributes:
        promise: its name.
        verdict: kept, broken, declared or not checked.
        judged: every difference, judged.
        checked: how many things were compared.
        gaps: what could not be looked at, with reasons.
        notes: remarks.
        seconds: wall time of the look; that of the first look when it came from the store.
        remembered: True when the findings came from the store.
        partial: True when only a part was looked at: a sample, or what a reference file holds.
    """

    promise: str
    verdict: Verdict
    judged: tuple[Judged, ...]
    checked: int
    gaps: tuple[str, ...]
    notes: tuple[str, ...]
    seconds: float
    remembered: bool
    partial: bool = False

    def count(self, state: State) -> int:
        """Return how many differences are in a state."""
        return sum(item.state is state for item in self.judged)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContractReport:
    """The whole contract.

    Attributes:
        base: what the base is, for people.
        candidate: what the candidate is.
        outcomes: one a promise, in the contract's order.
        seconds: wall time of this run.
        skipped: promises that nobody asked for.
    """

    base: str
    candidate: str
    outcomes: tuple[PromiseOutcome, ...]
    seconds: float
    skipped: tuple[str, ...] = ()

    @property
    def broken(self) -> bool:
        """Whether any promise is broken."""
        return any(outcome.verdict is Verdict.BROKEN for outcome in self.outcomes)

    @property
    def not_checked(self) -> dict[str, str]:
        """What this report says nothing about: promise to the reason."""
        found = dict.fromkeys(self.skipped, "skipped")
        for outcome in self.outcomes:
            if outcome.gaps:
                found[outcome.promise] = "; ".join(outcome.gaps)
        return found

    @property
    def headline(self) -> str:
        """The whole answer in one sentence, with all that was not looked at."""
        broken = [
            f"{outcome.promise} ({outcome.count(State.BROKEN)})"
            for outcome in self.outcomes
            if outcome.verdict is Verdict.BROKEN
        ]
        text = "The contract is not broken"
        if broken:
            text = f"The contract is broken: {', '.join(broken)}"
        missing = self.not_checked
        told = [name for name, why in missing.items() if why != "skipped"]
        skipped = [f"{name} (skipped)" for name in missing if name not in told]
        many = len(skipped) > _NAMED
        told += [f"{len(skipped)} promises that were skipped"] if many else skipped
        if told:
            text += f"; not checked: {', '.join(told)}"
        parts = [outcome.promise for outcome in self.outcomes if outcome.partial]
        if parts:
            text += f"; checked in part: {', '.join(parts)}"
        return f"{text}."
