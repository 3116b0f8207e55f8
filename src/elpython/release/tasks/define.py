"""Tasks that look at what is to be released: repository, policy, tree, series."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import BadVersionError
from elpython.core.process import clean_env, run
from elpython.core.version import ElVersion
from elpython.policy.model import FINDING
from elpython.prepare.series import export_series, moved_changes, parse_lock, read_lock
from elpython.release.errors import RefusedReleaseError
from elpython.release.model import TaskOutcome
from elpython.release.out_of_turn import beyond_security, security_version
from elpython.release.replay import replay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.define.branch import Branch
    from elpython.policy.model import PolicyFinding
    from elpython.release.model import ReleaseJob, ReleasePlan

__all__ = ["policy", "repository", "series", "tree"]

_MOST = 20


def git(folder: Path, *words: str | Path, check: bool = True) -> str:
    """Run git in a maintainers' repository; an empty answer where it fails and need not succeed."""
    argv: list[str | Path] = ["git", "-C", folder, *words]
    # Their own configuration counts here: which files they ignore, which folders they trust.
    done = run(argv, env=clean_env({"GIT_OPTIONAL_LOCKS": "0"}), check=check)
    return done.stdout if done.returncode == 0 else ""


def repository(job: ReleaseJob) -> TaskOutcome:
    """Refuse to release what is not committed, or a version that is behind one already out."""
    plan = job.plan
    top = git(plan.branches, "rev-parse", "--show-toplevel", check=False).strip()
    remarks: tuple[str, ...] = ()
    if not top:
        remarks += job.refuse(
            RefusedReleaseError(
                "lies in no git repository: nobody could tell later what was released",
                where=str(plan.branches),
                todo="release from a clone of the branches' repository, or say --rehearse",
            )
        )
    commit = git(plan.branches, "rev-parse", "HEAD", check=False).strip() if top else ""
    dirty = git(plan.branches, "status", "--porcelain", check=False).splitlines() if top else []
    if dirty:
        remarks += job.refuse(
            RefusedReleaseError(
                f"{len(dirty)} file(s) are not committed",
                where=top,
                details=tuple(dirty[:_MOST]),
                todo="commit or remove them, then run the same command again",
            )
        )
    remarks += _going_back(job, Path(top) if top else None, commit)
    if job.plan.security:
        remarks += _out_of_turn(job, Path(top) if top else None)
    return TaskOutcome(result={"commit": commit, "clean": bool(top) and not dirty}, remarks=remarks)


def _released(plan: ReleasePlan, top: Path | None) -> dict[ElVersion, str]:
    """Return the releases of a branch that are known: by tag, and by folder beside the new one."""
    names: dict[str, str] = {}
    if top is not None:
        for line in git(top, "tag", "--list", "elpython-*", check=False).splitlines():
            names[line] = f"the tag {line}"
    if plan.to.is_dir():
        for path in plan.to.iterdir():
            if path.is_dir() and path.name.startswith("elpython-"):
                names.setdefault(path.name, f"the folder {path}")
    found = {}
    for name, where in names.items():
        try:
            version = ElVersion.parse(name.removeprefix("elpython-"))
        except BadVersionError:
            continue
        if version.series == plan.branch.name:
            found[version] = where
    return found


def _going_back(job: ReleaseJob, top: Path | None, commit: str) -> tuple[str, ...]:
    plan = job.plan
    own = plan.branch.version
    known = _released(plan, top)
    newest = max(known, default=None)
    if newest is not None and newest > own:
        return job.refuse(
            RefusedReleaseError(
                f"{own} would go back: {newest} is out already ({known[newest]})",
                where=f"branches/{plan.branch.name}/branch.toml: el",
                todo="elpython versions next tells the next release",
            )
        )
    if top is None or not known.get(own, "").startswith("the tag"):
        return ()
    tagged = git(top, "rev-parse", f"{plan.name}^{{commit}}", check=False).strip()
    if tagged == commit:
        return ()
    return job.refuse(
        RefusedReleaseError(
            f"the tag {plan.name} is there already, on another commit ({tagged[:12]})",
            where=str(top),
            todo="a release is never made a second time with other content: raise `el` in "
            f"branches/{plan.branch.name}/branch.toml",
        )
    )


def _out_of_turn(job: ReleaseJob, top: Path | None) -> tuple[str, ...]:
    """Refuse a security release with another number, or with more than security in it."""
    plan, branch = job.plan, job.plan.branch
    known = _released(plan, top)
    last = max((version for version in known if version != branch.version), default=None)
    wanted = security_version(last.calver if last else None, branch.first)
    where = f"branches/{branch.name}/branch.toml: el"
    if branch.el != wanted:
        told = f"the security release after {last or 'none'} is {wanted}, not {branch.el}"
        return job.refuse(RefusedReleaseError(told, where=where, todo=f'set el = "{wanted}"'))
    if last is None:
        return ()
    lock = f"elpython-{last}:./{branch.name}/{branch.lock.name}"
    before = parse_lock(git(plan.branches, "show", lock, check=False))
    if not before:
        told = f"nobody knows what {last} was made of: it has no tag, or no lock file in it"
        return job.refuse(RefusedReleaseError(told, where=where, todo="fetch the tags"))
    problems = beyond_security(branch, before, read_lock(branch))
    if not problems:
        return ()
    return job.refuse(
        RefusedReleaseError(
            f"{len(problems)} difference(s) to {last} are no matter of security",
            where=f"branch {branch.name}",
            details=tuple(problems[:_MOST]),
            todo="leave them for the next regular release",
        )
    )


def policy(job: ReleaseJob) -> TaskOutcome:
    """Refuse what the branch policy refuses; a change that nobody approved, among others."""
    told = _concerning(job.plan.branch, job.parts.policy(job.plan))
    lines = tuple(_line(item) for item in told if item.level == FINDING)
    said = Counter(item.message for item in told if item.level != FINDING)
    remarks = tuple(f"{count} change(s): {text}" for text, count in sorted(said.items()))
    if not lines:
        return TaskOutcome(result={"findings": 0}, remarks=remarks)
    remarks += job.refuse(
        RefusedReleaseError(
            f"{len(lines)} finding(s)",
            where=f"policy of branch {job.plan.branch.name}",
            details=lines[:_MOST],
            todo="elpython branch policy check tells each with its remedy",
        )
    )
    return TaskOutcome(result={"findings": len(lines)}, remarks=remarks)


def _concerning(branch: Branch, found: Sequence[PolicyFinding]) -> list[PolicyFinding]:
    """Return what concerns one branch: its own changes, and the core changes that it carries."""
    carried = {change.id for change in branch.series} | {""}
    return [
        item
        for item in found
        if item.branch == branch.name or (item.branch == "core" and item.change in carried)
    ]


def _line(item: PolicyFinding) -> str:
    return ": ".join(filter(None, [item.change, item.rule, item.message]))


def tree(job: ReleaseJob) -> TaskOutcome:
    """Prepare the tree; refuse one whose changes are no longer what the lock file records."""
    made = job.tree()
    moved = moved_changes(job.plan.branch, made)
    remarks: tuple[str, ...] = ()
    if moved:
        remarks = job.refuse(
            RefusedReleaseError(
                f"{len(moved)} change(s) are not what was locked",
                where=f"branch {job.plan.branch.name}",
                details=tuple(moved[:_MOST]),
                todo=f"look at them, then: elpython branch lock {job.plan.branch.name}",
            )
        )
    show = ["show", "-s", "--format=%ct %T", made.head]
    epoch, identity = git(made.folder, *show).split()
    result = {
        "base_commit": made.base_commit,
        "head": made.head,
        "id": identity,
        "epoch": int(epoch),
        "date": dt.datetime.fromtimestamp(int(epoch), tz=dt.UTC).date().isoformat(),
        "variant": made.variant,
        "commits": {item.change: [item.commit, item.patch_id] for item in made.commits},
    }
    return TaskOutcome(result=result, remarks=remarks)


def series(job: ReleaseJob) -> TaskOutcome:
    """Write the changes as patches, and apply them anew to the base, one after the other.

    After each the tree must be, object for object, that of the change's commit: the patches that
    are published are the release.
    """
    made = job.tree()
    with tempfile.TemporaryDirectory(prefix="elpython-series-") as folder:
        exported = Path(folder) / "patches"
        paths = export_series(made, job.plan.branch, exported)
        by_change = {_change_of(path): path for path in paths}
        replay(made, by_change, job.reporter)
        names = [job.put(f"patches/{path.name}", path.read_bytes()) for path in paths]
        listed = job.put("patches/series", (exported / "series").read_bytes())
    patches = {change: f"patches/{path.name}" for change, path in by_change.items()}
    return TaskOutcome(result={"patches": patches}, files=(*names, listed))


def _change_of(path: Path) -> str:
    match = re.search(rb"^EL-Change: (\S+)$", path.read_bytes(), re.MULTILINE)
    if match is None:
        raise RefusedReleaseError("names no change", where=path.name)
    return match[1].decode()
