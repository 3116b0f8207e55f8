"""Read `branches/policy.toml`, `branches/maintainers.toml` and what is needed of the toggles."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from elpython.core.errors import BadVersionError
from elpython.core.reason import reason_problem
from elpython.core.suggest import hint
from elpython.core.toml import Reader, read_toml
from elpython.core.version import CalVer
from elpython.define.change import KINDS
from elpython.define.refused import NEEDS
from elpython.policy.floor import forbidden_problems, harmless_problem, rule_problems
from elpython.policy.model import (
    BadPolicyError,
    Exemption,
    Forbidden,
    Obstacle,
    Participant,
    People,
    Policy,
    ProposedChange,
    Rule,
    Way,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["WAYS", "read_people", "read_policy"]

WAYS = ("no tag change", "alternate implementation", "EL-only tag")

_EMAIL = r"[^@\s]+@[^@\s]+"


def _kinds(table: Reader) -> tuple[str, ...]:
    kinds = table.words("kinds")
    for kind in kinds:
        if kind not in KINDS:
            table.problem("kinds", f"{kind!r} is not known; {hint(kind, KINDS)}")
    return kinds


def _release(table: Reader, key: str) -> CalVer:
    text = table.text(key)
    try:
        return CalVer.parse(text)
    except BadVersionError as error:
        if text:
            table.problem(key, error.what)
        return CalVer(year=0, month=1, micro=0)


def _pattern(table: Reader, key: str) -> re.Pattern[str]:
    try:
        return re.compile(table.text(key))
    except re.error as error:
        table.problem(key, f"is no regular expression: {error}")
        return re.compile("(?!)")


def _read_rules(reader: Reader, known: Collection[str]) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for table in reader.tables("rule", need=True):
        rule = Rule(
            id=table.choice("id", known),
            kinds=_kinds(table),
            excusable=table.flag("excusable"),
            says=table.text("says"),
        )
        if rule.id in rules:
            table.problem("id", f"{rule.id!r} is there twice")
        table.done()
        rules[rule.id] = rule
    missing = [name for name in known if name not in rules]
    if missing:
        reader.problem("rule", f"does not have {', '.join(missing)}")
    return rules


def _read_exemptions(reader: Reader) -> tuple[Exemption, ...]:
    found = []
    for table in reader.tables("exception"):
        exemption = Exemption(
            branch=table.text("branch", pattern=r"3\.\d+", like="3.9"),
            kinds=_kinds(table),
            until=_release(table, "until"),
            reason=table.checked("reason", reason_problem, None),
        )
        table.done()
        found.append(exemption)
    return tuple(found)


def _read_forbidden(reader: Reader) -> tuple[Forbidden, ...]:
    found = []
    for table in reader.tables("forbidden"):
        item = Forbidden(
            files=table.words("files"), line=_pattern(table, "line"), needs=table.text("needs")
        )
        table.done()
        found.append(item)
    return tuple(found)


def _read_obstacles(reader: Reader) -> dict[str, Obstacle]:
    found: dict[str, Obstacle] = {}
    for table in reader.tables("obstacle"):
        ways = []
        for row in table.tables("ways", need=True):
            way = Way(way=row.choice("way", WAYS), open=row.flag("open"), how=row.text("how"))
            row.done()
            ways.append(way)
        if tuple(way.way for way in ways) != WAYS:
            table.problem("ways", f"must be these, in this order: {', '.join(WAYS)}")
        obstacle = Obstacle(
            needs=table.choice("needs", NEEDS), says=table.text("says"), ways=tuple(ways)
        )
        table.done()
        found[obstacle.needs] = obstacle
    missing = [name for name in NEEDS if name not in found]
    if missing:
        reader.problem("obstacle", f"does not have {', '.join(missing)}")
    return found


def _raise(problems: list[str], name: str) -> None:
    if problems:
        raise BadPolicyError(
            f"{len(problems)} problem(s)", where=name, details=tuple(problems), todo="mend them"
        )


def read_policy(folder: Path, rules: Collection[str]) -> Policy:
    """Read `policy.toml`.

    Args:
        folder: the `branches` folder.
        rules: the names of the rules that there are; each must be told, and no other.

    Raises:
        BadPolicyError: every problem, with its key.
    """
    name = "branches/policy.toml"
    problems: list[str] = []
    reader = Reader(read_toml(folder / "policy.toml", problems, name=name), problems, file=name)
    _raise(problems, name)
    approvals = reader.table("approvals", need=True)
    late = reader.table("after-upstream-end", need=True)
    proposals = {}
    for table in reader.tables("proposal"):
        proposal = ProposedChange(
            name=table.text("name"),
            judged=table.date("judged"),
            reason=table.checked("reason", reason_problem, None),
        )
        table.done()
        proposals[proposal.name] = proposal
    harmless = {}
    for table in reader.tables("harmless"):
        what = table.checked("what", harmless_problem, None)
        if what in harmless:
            table.problem("what", f"{what!r} is there twice")
        harmless[what] = table.checked("reason", reason_problem, None)
        table.done()
    policy = Policy(
        needed=approvals.number("needed", least=2),
        from_others=approvals.number("from-other-organisations", least=1),
        rules=_read_rules(reader, rules),
        proposals=proposals,
        late_kinds=_kinds(late),
        exemptions=_read_exemptions(late),
        forbidden=_read_forbidden(reader),
        obstacles=_read_obstacles(reader),
        harmless=harmless,
    )
    for part in (approvals, late, reader):
        part.done()
    for line in rule_problems(policy.rules):
        reader.problem("rule", line)
    for line in forbidden_problems(policy.forbidden):
        reader.problem("forbidden", line)
    _raise(problems, name)
    return policy


def read_people(folder: Path) -> People:
    """Read `maintainers.toml`.

    Args:
        folder: the `branches` folder.

    Raises:
        BadPolicyError: every problem, with its key.
    """
    name = "branches/maintainers.toml"
    problems: list[str] = []
    reader = Reader(
        read_toml(folder / "maintainers.toml", problems, name=name), problems, file=name
    )
    found: list[Participant] = []
    seen: set[str] = set()
    for table in reader.tables("participant"):
        signed = table.date("cla", dt.date.min)
        who = Participant(
            name=table.text("name"),
            emails=table.words("emails", pattern=_EMAIL, like="ada@example.org"),
            organisation=table.text("organisation"),
            approves=table.flag("approves", default=True),
            cla=None if signed == dt.date.min else signed,
        )
        if not who.emails:
            table.problem("emails", "is missing (a participant is known by address)")
        for email in map(str.casefold, who.emails):
            if email in seen:
                table.problem("emails", f"{email} belongs to two participants")
            seen.add(email)
        table.done()
        found.append(who)
    people = People(bootstrap=reader.flag("bootstrap"), participants=tuple(found))
    reader.done()
    _raise(problems, name)
    return people
