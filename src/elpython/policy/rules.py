"""The rules that look at a change's data: each says what is wrong, nothing when it is kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.version import Version

from elpython.core.suggest import hint
from elpython.define.code import IndexCode
from elpython.policy.floor import is_beside
from elpython.policy.model import REMARK, Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.define.branch import Branch
    from elpython.define.change import Change
    from elpython.policy.model import Subject

__all__ = [
    "behaviour_toggle",
    "follow_ups",
    "harmless_used",
    "is_gone_under_o",
    "kept_fixes",
    "lts_scope",
    "newer_branches",
    "no_loss",
    "not_refused",
    "real_checks",
    "same_layout",
    "security_first",
    "upstream_first",
    "upstream_issue",
]

# Promises of the contract whose declaration means another layout, tag or binary form.
_BINDING = ("layout", "pyc", "extensions", "abi", "stable-abi")


def upstream_first(subject: Subject) -> Iterator[Said]:
    """CPython had it first, or a proposal for it was judged suitable."""
    change, proposals = subject.change, subject.world.policy.proposals
    proposal = proposals.get(change.proposal)
    if change.first_in or (proposal and proposal.judged <= subject.world.today):
        return
    if proposal:
        yield Said(
            f"the proposal {change.proposal!r} is judged on {proposal.judged}, "
            f"later than {subject.world.today}",
            "set judged in branches/policy.toml to the day on which it was judged",
        )
        return
    if change.proposal:
        yield Said(
            f"the proposal {change.proposal!r} was not judged suitable",
            f"add it to [[proposal]] in branches/policy.toml with day and reason; "
            f"{hint(change.proposal, proposals)}",
        )
    else:
        yield Said(
            "does not say in which CPython it appeared first",
            "set first-in in [upstream], or proposal for what CPython does not have yet",
        )


def upstream_issue(subject: Subject) -> Iterator[Said]:
    """It names the issue, PEP or proposal that it comes from."""
    change = subject.change
    if not (change.issues or change.pep or change.proposal):
        yield Said("names no upstream issue", 'set issues = ["gh-..."] (or peps) in [upstream]')


def _maintained_after(subject: Subject) -> list[Branch]:
    branches, today = subject.world.branches, subject.world.today
    newer = branches[branches.index(subject.branch) + 1 :]
    return [branch for branch in newer if branch.el_end >= today]


def _base_has(branch: Branch, first_in: str) -> bool:
    """Whether the release that first had something proves that a base has it.

    A feature release hands on to all later ones; a micro release only within its own series.
    """
    if not first_in:
        return False
    first, base = Version(first_in), Version(branch.base)
    return first <= base and (first.micro == 0 or first.release[:2] == base.release[:2])


def _carries(branch: Branch, change: Change) -> bool:
    wanted = {*change.cves, *change.issues}
    fixes = [other for other in branch.series if other.kind in {"security", "bugfix"}]
    if change.proposal and any(other.id == change.id for other in fixes):
        return True  # a fix of our own: its file of facts is shared
    return any(wanted & {*other.cves, *other.issues} for other in fixes)


def newer_branches(subject: Subject) -> Iterator[Said]:
    """Every newer branch that is maintained has the fix, by a change or by its base."""
    change = subject.change
    if change.core:
        return
    for branch in _maintained_after(subject):
        if not _base_has(branch, change.first_in) and not _carries(branch, change):
            yield Said(
                f"nothing shows that {branch.name} has this fix: no change of it names the same "
                f"issue, and {change.first_in or 'no release'} does not prove it of its base",
                f"bring the fix into {branch.name}, or say in [notes] since when its base has it",
            )


def no_loss(subject: Subject) -> Iterator[Said]:
    """Who moves to a newer branch finds the feature there."""
    change = subject.change
    if change.core or not change.provides:
        return
    for branch in _maintained_after(subject):
        has = {name for other in branch.series for name in other.provides}
        first = {name: change.first_in_of.get(name, change.first_in) for name in change.provides}
        lost = [name for name in first if name not in has and not _base_has(branch, first[name])]
        if lost:
            yield Said(
                f"who moves to {branch.name} loses {', '.join(lost)}",
                f"bring it into {branch.name} too, or say in [notes] why not",
                REMARK,
            )


_WHEEL = re.compile(r"([+-])stdlib/ensurepip/_bundled/([\w.]+)-([0-9][\w.]*)-[^/]+\.whl")


def _newer_wheel(name: str, change: Change) -> bool:
    """Return whether a wheel goes that ensurepip gets a newer one of: its name has the version.

    Only of code from the package index: what it declares was held against its files.
    """
    gone = _WHEEL.fullmatch(name)
    if gone is None or gone[1] != "-" or not isinstance(change.code, IndexCode):
        return False
    others = (_WHEEL.fullmatch(item.partition(":")[2]) for item in change.declares)
    return any(
        other and (other[1], other[2]) == ("+", gone[2]) and Version(other[3]) > Version(gone[3])
        for other in others
    )


def harmless_used(subject: Subject) -> Iterator[str]:
    """Yield the entries of `[[harmless]]` that a change needs."""
    policy = subject.world.policy
    yield from (item for item in subject.change.declares if item in policy.harmless)
    for path, line in subject.lines.added:
        if path in policy.harmless and any(one.catches(path, line) for one in policy.forbidden):
            yield path


def same_layout(subject: Subject) -> Iterator[Said]:
    """Neither what it declares nor what its code adds alters layout, tags or binary form."""
    for declared in subject.change.declares:
        promise, _, name = declared.partition(":")
        # What is added beside the base's own files and symbols binds nobody; a struct grows.
        free = is_beside(declared) or declared in subject.world.policy.harmless
        if promise in _BINDING and not free and not _newer_wheel(name, subject.change):
            yield Said(
                f"declares {declared}: no change may alter that",
                "elpython branch policy explain shows the ways that are left",
            )
    told: set[tuple[str, str]] = set()
    # What is taken out, or put elsewhere, binds as much as what is new.
    for path, line in (*subject.lines.added, *subject.lines.removed):
        if path in subject.world.policy.harmless:
            continue
        for item in subject.world.policy.forbidden:
            if (path, item.needs) not in told and item.catches(path, line):
                told.add((path, item.needs))
                yield Said(
                    f"{path}: {item.needs}: {line.strip()}",
                    f"elpython branch policy explain {item.needs!r} shows the ways that are left",
                )


# What begins with `if not __debug__:` runs under -O alone: it is how such a check is made up for.
_ASSERTS = re.compile(
    r"\s*assert\b|(?!\s*(el)?if not __debug__:)[^#\"']*(\b__debug__\b|\bflags\.optimize\b)"
)


def is_gone_under_o(path: str, line: str) -> bool:
    """Return whether a line that a change adds is a check that `python -O` leaves out.

    Args:
        path: in the tree; only Python files of the library count, tests do not.
        line: without the sign of the diff.
    """
    tested = path.startswith("Lib/test/") or "/test/" in path or "/tests/" in path
    library = path.startswith("Lib/") and path.endswith(".py") and not tested
    return library and _ASSERTS.match(line) is not None


def real_checks(subject: Subject) -> Iterator[Said]:
    """What a security fix checks is checked under `-O` as well (gh-150726)."""
    for path, line in subject.lines.added:
        if is_gone_under_o(path, line):
            yield Said(
                f"{path}: {line.strip()}: not there under -O",
                "raise an error instead, or tell in [notes] why nothing hangs on it",
            )


def security_first(subject: Subject) -> Iterator[Said]:
    """No feature stands before it in the series (core changes aside, which every branch has)."""
    change = subject.change
    before = subject.branch.series[: subject.branch.series.index(change)]
    features = [other.id for other in before if other.kind == "feature" and not other.core]
    if features and not change.core:
        yield Said(
            f"stands behind the feature {features[0]} in the series",
            f"move it before {features[0]} in branches/{subject.branch.name}/branch.toml",
        )


def behaviour_toggle(subject: Subject) -> Iterator[Said]:
    """What alters behaviour has a toggle; the toggles that it names are known."""
    change, known = subject.change, subject.world.toggles
    for name in change.toggles:
        if name not in known:
            yield Said(
                f"names the toggle {name!r}, which is not in branches/toggles.toml",
                hint(name, known) or "add it there",
            )
    used = {name for other in subject.branch.series for name in other.toggles}
    altered = [item for item in change.declares if item.startswith("behaviour:")]
    # A distribution's fix has its toggle in a change of its own: they share the CVE.
    switched = any({*change.cves} & {*known[name].cves} for name in used if name in known)
    if altered and not change.toggles and not switched:
        yield Said(
            f"alters behaviour ({altered[0]}) without a toggle",
            "add a toggle to branches/toggles.toml and name it in toggles = [...]",
        )
    for toggle in known.values():
        both = [name for name in change.cves if name in toggle.cves]
        if both and toggle.default(subject.branch.name) == toggle.legacy:
            yield Said(
                f"fixes {both[0]}, but the toggle {toggle.name!r} is {toggle.legacy!r} by default "
                f"on {subject.branch.name}: nobody who did not ask has the fix",
                "make it new in branches/toggles.toml, or record the vulnerability as refused",
            )
        if both and toggle.name not in used:
            yield Said(
                f"fixes {both[0]}, for which there is the toggle {toggle.name!r}, but no change of "
                f"{subject.branch.name} has it",
                f"bring the toggle into {subject.branch.name}",
            )


def not_refused(subject: Subject) -> Iterator[Said]:
    """The branch's refused.toml does not name it."""
    change = subject.change
    for refusal in subject.world.refusals.get(subject.branch.name, ()):
        same = {*change.issues, *change.cves} & {*refusal.issues, *refusal.cves}
        if refusal.id == change.id or same:
            yield Said(
                f"is refused as {refusal.id!r}: {refusal.reason}",
                f"take it out of the series, or the entry out of "
                f"branches/{subject.branch.name}/refused.toml",
            )


def lts_scope(subject: Subject) -> Iterator[Said]:
    """Past upstream's end of life: only kinds that the policy names."""
    change, branch, policy = subject.change, subject.branch, subject.world.policy
    if change.core or subject.world.today <= branch.upstream_end:
        return
    since = change.since or branch.first
    exempt = [
        item
        for item in policy.exemptions
        if item.branch == branch.name and change.kind in item.kinds and since <= item.until
    ]
    if change.kind not in policy.late_kinds and not exempt:
        yield Said(
            f"is a {change.kind} for {branch.name}, which upstream ended on {branch.upstream_end}",
            f"such a branch takes {', '.join(policy.late_kinds)} "
            "([after-upstream-end] in branches/policy.toml)",
        )


def follow_ups(subject: Subject) -> Iterator[Said]:
    """Somebody has decided each later fix that upstream made to it."""
    change = subject.change
    for item in subject.world.followups.open(subject.branch.name, change.id):
        yield Said(
            f"upstream came back to it in {item.release}: {item.issue} ({item.how}): {item.text}",
            "take it, or give the state and reason in branches/followups.toml",
        )


def kept_fixes(subject: Subject) -> Iterator[Said]:
    """Nothing to say of a change that is there; what is gone is told of its branch."""
    del subject
    yield from ()
