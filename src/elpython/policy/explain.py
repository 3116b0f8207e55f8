"""Explain a rule, an obstacle, or why something is refused and what is left to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import UnknownNameError
from elpython.core.suggest import hint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elpython.define.refused import Refusal
    from elpython.policy.model import Obstacle, Policy, Rule

__all__ = ["Explanation", "Refused", "explain"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A refusal and the branch that it is of."""

    branch: str
    refusal: Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """What there is to say.

    Attributes:
        rules: rules asked for.
        refused: refusals asked for.
        obstacles: what stands in the way, each with the three ways.
    """

    rules: tuple[Rule, ...] = ()
    refused: tuple[Refused, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()


def explain(
    policy: Policy, refusals: Mapping[str, tuple[Refusal, ...]], what: str = ""
) -> Explanation:
    """Explain one thing, or everything.

    Args:
        policy: the rules' data.
        refusals: branch -> what it refuses.
        what: a rule, an obstacle (`new opcode`), a refusal's id, `PEP 634`, an issue or a CVE;
            empty for all of them.

    Raises:
        UnknownNameError: nothing has that name, with a near-miss hint.
    """
    everything = tuple(
        Refused(branch=branch, refusal=refusal)
        for branch, items in refusals.items()
        for refusal in items
    )
    if not what:
        return Explanation(
            rules=tuple(policy.rules.values()),
            refused=everything,
            obstacles=tuple(policy.obstacles.values()),
        )
    if what in policy.rules:
        return Explanation(rules=(policy.rules[what],))
    if what in policy.obstacles:
        return Explanation(obstacles=(policy.obstacles[what],))
    found = tuple(item for item in everything if what in _names(item.refusal))
    if not found:
        known = {name for item in everything for name in _names(item.refusal)}
        raise UnknownNameError(
            f"there is no rule, obstacle or refusal {what!r}",
            todo=hint(
                what,
                {*policy.rules, *policy.obstacles, *known},
                listed_by="`elpython branch policy explain`, without a name,",
            ),
        )
    needs = dict.fromkeys(item.refusal.needs for item in found)
    return Explanation(
        refused=found,
        obstacles=tuple(policy.obstacles[need] for need in needs),
    )


def _names(refusal: Refusal) -> tuple[str, ...]:
    peps = [f"PEP {pep}" for pep in refusal.peps]
    return (refusal.id, *refusal.issues, *refusal.cves, *peps)
