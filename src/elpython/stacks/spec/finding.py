"""One place of a spec file that does not follow the plan."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SpecFinding"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecFinding:
    """One place that does not follow the plan.

    Attributes:
        rule: the lint rule's name.
        line: line number, from 1.
        message: what is wrong and what would be right.
    """

    rule: str
    line: int
    message: str
