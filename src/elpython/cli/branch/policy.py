"""`elpython branch policy`: what a branch may take, checked and explained."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from elpython.cli.render import Progress, json_option, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.policy.check import Scope
    from elpython.policy.explain import Explanation
    from elpython.policy.model import PolicyFinding

__all__ = ["policy"]


@click.group("policy")
def policy() -> None:
    """Hold the rules of what a branch may take."""


@policy.command("check")
@click.option("--base", metavar="REV", default="", help="Only what differs from this revision.")
@click.option("--content", is_flag=True, help="Look into every commit of the prepared trees too.")
@click.option("--remarks", is_flag=True, help="Print each remark, not their number alone.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="As if it were this day.")
@json_option
def check_(
    base: str, content: bool, remarks: bool, today: dt.datetime | None, as_json: bool
) -> int:
    """Check every change against every rule; with --base, those that a pull request touches.

    Exit code 1 when there are findings; remarks alone are none.
    """
    from elpython.define.folder import branches_folder
    from elpython.policy.check import check, look_around
    from elpython.policy.model import FINDING

    folder = branches_folder()
    branches = _branches(folder)
    day = (today or dt.datetime.now(tz=dt.UTC)).date()
    scope = look_around(folder, branches, today=day, base=base)
    if content:
        scope = _with_content(scope, folder, branches)
    told = check(scope)
    findings = [item for item in told if item.level == FINDING]
    others = [item for item in told if item.level != FINDING]
    if as_json:
        print_json(
            {
                "base": base,
                "checked": _count(scope, branches),
                "findings": findings,
                "remarks": others,
            }
        )
    else:
        _print(findings, others if remarks else [])
        if not remarks:
            for text, number in _summary(others).items():
                click.echo(f"{number} change(s): {text}")
        changes = _count(scope, branches)
        click.echo(
            f"{changes} change(s), {len(findings)} finding(s), {len(others)} remark(s)"
            + ("" if remarks or not others else "; --remarks prints them")
        )
    return 1 if findings else 0


def _count(scope: Scope, branches: Sequence[Branch]) -> int:
    folders = {
        f"{'core' if change.core else branch.name}/{change.id}"
        for branch in branches
        for change in branch.series
    }
    return len(folders if scope.folders is None else folders & scope.folders)


def _with_content(scope: Scope, folder: Path, branches: Sequence[Branch]) -> Scope:
    from elpython.core.store import Store
    from elpython.policy.content import lines_of_tree
    from elpython.prepare.tree import TreeRequest, prepare

    lines = dict(scope.world.lines)
    with Progress() as bar:
        for branch in branches:
            request = TreeRequest(branches=folder, branch=branch)
            tree = prepare(Store.default(), request, reporter=bar.reporter)
            lines |= lines_of_tree(branch, tree)
    return replace(scope, world=replace(scope.world, lines=lines, whole=True))


def _summary(remarks: Sequence[PolicyFinding]) -> Counter[str]:
    """Count remarks that say the same; those with a reason of their own count by their rule."""
    return Counter(
        f"{item.rule}: reason given" if "; reason given: " in item.message else item.message
        for item in remarks
    )


def _print(findings: Sequence[PolicyFinding], remarks: Sequence[PolicyFinding]) -> None:
    rows = [
        [item.level, item.rule, item.branch, item.change, item.message, item.remedy]
        for item in [*findings, *remarks]
    ]
    if rows:
        print_table(["", "rule", "branch", "change", "what", "how to mend it"], rows)


@policy.command("explain")
@click.argument("what", default="")
@json_option
def explain_(what: str, as_json: bool) -> None:
    """Explain a rule, an obstacle ("new opcode"), or why something is refused; or everything.

    A refusal is named by its id, "PEP 634", its issue or CVE; what is printed says which of the
    three admissible ways is left.
    """
    from elpython.define.folder import branches_folder
    from elpython.define.refused import read_refusals
    from elpython.policy.check import RULES
    from elpython.policy.explain import explain
    from elpython.policy.settings import read_policy

    folder = branches_folder()
    refusals = {branch.name: read_refusals(branch.folder) for branch in _branches(folder)}
    found = explain(read_policy(folder, RULES), refusals, what)
    if as_json:
        print_json(found)
    else:
        _print_explanation(found)


def _print_explanation(found: Explanation) -> None:
    # Of everything, the refusals are only named: each is long.
    for item in () if found.rules else found.refused:
        refusal = item.refusal
        click.echo(f"{refusal.id}: refused for {item.branch}: {refusal.title}")
        click.echo(f"  needs: {refusal.needs}\n  reason: {refusal.reason}\n")
    if found.rules:
        rows = [
            [rule.id, ", ".join(rule.kinds), "yes" if rule.excusable else "no", rule.says]
            for rule in found.rules
        ]
        print_table(["rule", "kinds of change", "reason possible", "says"], rows)
    for obstacle in found.obstacles:
        click.echo(f"\n{obstacle.needs}: {obstacle.says}" if found.rules else obstacle.says)
        ways = [
            [number, way.way, "open" if way.open else "closed", way.how]
            for number, way in enumerate(obstacle.ways, 1)
        ]
        print_table(["", "way", "", "how"], ways)
    if found.rules and found.refused:
        branches: dict[str, list[str]] = {}
        for item in found.refused:
            branches.setdefault(item.branch, []).append(item.refusal.id)
        click.echo("\nRefused; elpython branch policy explain NAME gives the reason:")
        for branch, names in branches.items():
            line = f"{branch}: {', '.join(names)}"
            click.echo(textwrap.fill(line, 98, subsequent_indent="  ", break_on_hyphens=False))


def _branches(folder: Path) -> list[Branch]:
    from elpython.core.errors import BadBranchError
    from elpython.define.branch import load_all

    found, problems = load_all(folder)
    if problems:
        raise BadBranchError(
            f"{len(problems)} problem(s) in the branches",
            details=tuple(problems),
            todo="mend them and run elpython branch lint",
        )
    return found
