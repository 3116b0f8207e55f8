"""What a check found, as values: rule, level, message, place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from elpython.stream.tables import read_toml

__all__ = ["LEVELS", "Rule", "StreamFinding", "finding", "rule_table", "worst"]

LEVELS = ("error", "warning", "note")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule of the check: its id, level, one-line title, and what to do when it is broken."""

    id: str
    level: str
    title: str
    help: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamFinding:
    """One thing found.

    Attributes:
        rule: the rule's id.
        level: `error`, `warning` or `note`.
        message: what is wrong, one sentence.
        path: file in the repository; empty when it is about a commit alone.
        line: line in the file, from 1; 0 when there is none.
        commit: full hash; empty when it is about the range.
        summary: that commit's summary.
        symbol: C symbol or struct it is about; empty when there is none.
    """

    rule: str
    level: str
    message: str
    path: str = ""
    line: int = 0
    commit: str = ""
    summary: str = ""
    symbol: str = ""


@cache
def rule_table() -> dict[str, Rule]:
    """Read the rules that come with the package, by id."""
    root = read_toml("check_rules.toml")
    made = {}
    for row in root.tables("rule"):
        rule = Rule(
            id=row.text("id"),
            level=row.choice("level", LEVELS),
            title=row.text("title"),
            help=row.text("help"),
        )
        row.done()
        made[rule.id] = rule
    root.end()
    return made


def finding(
    rule: str, message: str, *, path: str = "", line: int = 0, symbol: str = ""
) -> StreamFinding:
    """Make a finding at the rule's own level."""
    level = rule_table()[rule].level
    return StreamFinding(
        rule=rule, level=level, message=message, path=path, line=line, symbol=symbol
    )


def worst(found: list[StreamFinding]) -> str:
    """Return the worst level among findings; empty when there are none."""
    present = {item.level for item in found}
    return next((level for level in LEVELS if level in present), "")
