"""Hold all rules against all changes; everything that is found, at once."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError
from elpython.core.reason import reason_problem
from elpython.core.suggest import hint
from elpython.core.toml import load_toml
from elpython.define.followups import followup_problems, read_followups
from elpython.define.recorded import read_records
from elpython.define.refused import read_refusals
from elpython.define.toggles import read_toggles
from elpython.define.vulnerability_read import read_record
from elpython.policy import people, proof_rules, rules
from elpython.policy.content import lines_of_patches
from elpython.policy.history import (
    changed_folders,
    fork_point,
    is_shallow,
    read_commits,
    removed_folders,
    repository_of,
    units_of,
)
from elpython.policy.model import FINDING, REMARK, PolicyFinding, Said, Subject, World
from elpython.policy.settings import read_people, read_policy
from elpython.prepare.series import read_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Record

__all__ = ["RULES", "Scope", "check", "look_around"]

RULES: dict[str, Callable[[Subject], Iterator[Said]]] = {
    "upstream-first": rules.upstream_first,
    "upstream-issue": rules.upstream_issue,
    "newer-branches": rules.newer_branches,
    "no-loss": rules.no_loss,
    "same-layout": rules.same_layout,
    "real-checks": rules.real_checks,
    "security-first": rules.security_first,
    "behaviour-toggle": rules.behaviour_toggle,
    "not-refused": rules.not_refused,
    "lts-scope": rules.lts_scope,
    "kept-fixes": rules.kept_fixes,
    "kept-lines": proof_rules.kept_lines,
    "shown": proof_rules.shown,
    "follow-ups": rules.follow_ups,
    "approvals": people.approvals,
    "cla": people.agreements,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What a run looks at.

    Attributes:
        world: everything that the rules may look at.
        folders: the changes (`3.11/x`); None for all.
    """

    world: World
    folders: frozenset[str] | None = None


def look_around(
    folder: Path, branches: Sequence[Branch], *, today: dt.date, base: str = ""
) -> Scope:
    """Gather what the rules look at: data files, history, and what a pull request touches.

    Args:
        folder: the `branches` folder.
        branches: all of them, oldest first.
        today: the day for which is asked what is maintained.
        base: a revision; then only what differs from where the present state left it is looked at.

    Raises:
        BadPolicyError: `policy.toml` or `maintainers.toml` has problems.
        BadBranchError: a `refused.toml` has problems.
        NoHistoryError: no git repository, or no such revision.
    """
    problems: list[str] = []
    refusals = {branch.name: read_refusals(branch.folder, problems) for branch in branches}
    followups = read_followups(folder, problems)
    record = read_record(folder, problems)
    if not problems:
        # Its days are for `branch lint`: a policy may be asked as of an earlier one.
        problems += followup_problems(followups, branches, record, today=dt.date.max)
    if problems:
        raise BadBranchError(f"{len(problems)} problem(s) in the data", details=tuple(problems))
    root = repository_of(folder).resolve()
    prefix = folder.resolve().relative_to(root).as_posix() + "/"
    folders: frozenset[str] | None = None
    gone: tuple[tuple[str, str], ...] = ()
    span = "HEAD"
    if base:
        start = fork_point(root, base)
        span = f"{start}..HEAD"
        folders = _asked_for(branches, *changed_folders(root, start, prefix))
        gone = tuple(_gone_fixes(removed_folders(root, start, prefix)))
    names = [branch.name for branch in branches]
    world = World(
        branches=tuple(branches),
        policy=read_policy(folder, RULES),
        people=read_people(folder),
        today=today,
        toggles={item.name: item for item in read_toggles(folder, names)},
        refusals=refusals,
        units=units_of(read_commits(root, span), prefix, together=bool(base)),
        lines=lines_of_patches(branches),
        gone=gone,
        followups=followups,
        shown={branch.name: _shown(branch, record) for branch in branches},
        shallow=is_shallow(root),
    )
    return Scope(world=world, folders=folders)


def _shown(branch: Branch, record: Record) -> frozenset[str]:
    """Return the changes that evidence for their present content, or the record, vouches for."""
    locked = read_lock(branch)
    proven = {
        item.change
        for item in read_records(branch).values()
        if item.proven
        and item.ran > 0
        # Only a branch that was never locked has no content to compare with.
        and (not locked or item.patch_id == locked.get(item.change))
    }
    # The record names tests of the repository too, and says why something has none; upstream's
    # tests that it names are shown by evidence alone.
    vouched = {
        change
        for change, items in record.fixed_by(branch.name).items()
        for standing in (item.standing(branch.name) for item in items)
        if standing.untested or any("::" in test for test in standing.tests)
    }
    return frozenset(proven | vouched)


def _asked_for(
    branches: Sequence[Branch], folders: set[str], files: set[str]
) -> frozenset[str] | None:
    """Return the changes that a pull request has to answer for; None: all of them."""
    if files & {"policy.toml", "toggles.toml"}:
        return None
    found = set(folders)
    shared = {folder.partition("/")[2] for folder in folders if folder.startswith("fixes/")}
    for branch in branches:
        found |= {f"{branch.name}/{change.id}" for change in branch.series if change.id in shared}
        if {f"{branch.name}/branch.toml", f"{branch.name}/refused.toml"} & files:
            found |= {f"{branch.name}/{change.id}" for change in branch.series if not change.core}
    return frozenset(found)


def _gone_fixes(removed: list[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    for folder, own, shared in removed:
        try:
            kind = (load_toml(shared) | load_toml(own)).get("kind")
        except tomllib.TOMLDecodeError:
            continue
        if kind == "security":
            branch, _, change = folder.partition("/")
            yield branch, change


def _subjects(scope: Scope) -> Iterator[Subject]:
    seen: set[str] = set()
    for branch in scope.world.branches:
        for change in branch.series:
            subject = Subject(change=change, branch=branch, world=scope.world)
            wanted = scope.folders is None or subject.folder in scope.folders
            if wanted and subject.folder not in seen:
                seen.add(subject.folder)
                yield subject


def _told(subject: Subject, rule: str, said: Said) -> PolicyFinding:
    """Turn what a rule says into a finding; a recorded reason makes it a remark."""
    reason = subject.change.notes.get(rule, "")
    level, message, remedy = said.level, said.message, said.remedy
    empty = reason_problem(reason) if reason else None
    if empty and subject.world.policy.rules[rule].excusable:
        message = f"{message}; [notes]: {empty}"
    elif reason and subject.world.policy.rules[rule].excusable:
        level, message, remedy = REMARK, f"{message}; reason given: {reason}", "none needed"
    elif reason:
        remedy = f"{remedy}; this rule takes no reason in [notes]"
    return PolicyFinding(
        rule=rule,
        branch=subject.place,
        change=subject.change.id,
        message=message,
        remedy=remedy,
        level=level,
    )


def _of_change(subject: Subject) -> Iterator[PolicyFinding]:
    change, known = subject.change, subject.world.policy.rules
    spoken: set[str] = set()
    for name, rule in RULES.items():
        if change.kind in known[name].kinds:
            for said in rule(subject):
                spoken.add(name)
                yield _told(subject, name, said)
    for name in change.notes:
        if name not in RULES:
            said = Said(f"gives a reason for {name!r}, which is no rule", hint(name, RULES))
        elif name not in spoken:
            said = Said(f"gives a reason for {name!r}, which it keeps", "take it out", REMARK)
        else:
            continue
        yield _told(subject, "notes", said)


def _unused(scope: Scope) -> Iterator[PolicyFinding]:
    """Yield what the policy names harmless and no change needs: it would let a later one through.

    Of files that can be said only where the code of all changes was looked at (`--content`).
    """
    subjects = (
        Subject(change=change, branch=branch, world=scope.world)
        for branch in scope.world.branches
        for change in branch.series
    )
    used = {name for subject in subjects for name in rules.harmless_used(subject)}
    for name in scope.world.policy.harmless:
        if name not in used and (scope.world.whole or ":" in name):
            yield PolicyFinding(
                rule="same-layout",
                branch="",
                change="",
                message=f"branches/policy.toml names {name} harmless, and no change needs that",
                remedy="take it out of [[harmless]]",
                level=FINDING,
            )


def check(scope: Scope) -> list[PolicyFinding]:
    """Hold every rule against every change that is asked for.

    Returns:
        Findings and remarks, by branch, change and rule.
    """
    found = [item for subject in _subjects(scope) for item in _of_change(subject)]
    found += [
        PolicyFinding(
            rule="kept-fixes",
            branch=branch,
            change=change,
            message="a security fix that the branch had is gone",
            remedy="bring it back; a better fix for the same CVE goes into the same folder",
            level=FINDING,
        )
        for branch, change in scope.world.gone
    ]
    found += _unused(scope)
    if scope.world.shallow:
        found.append(
            PolicyFinding(
                rule="approvals",
                branch="",
                change="",
                message="the clone is shallow: who approved older changes cannot be read",
                remedy="git fetch --unshallow",
                level=REMARK if scope.world.people.bootstrap else FINDING,
            )
        )
    return found
