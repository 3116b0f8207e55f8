"""Tasks that prove a release good: build, tests, contract, vulnerabilities."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from elpython.build.build import build as run_build
from elpython.build.request import BuildRequest, profile_named
from elpython.contract.model import State, Verdict
from elpython.contract.report import as_data
from elpython.define.vulnerability import AFFECTED, FIXED, REFUSED, UNKNOWN
from elpython.interpreter.facts import facts_of
from elpython.interpreter.identity import identity_table
from elpython.prepare.tree import TreeRequest, prepare
from elpython.release.bundled import bundled
from elpython.release.bundled_vex import bundled_statements
from elpython.release.errors import RefusedReleaseError
from elpython.release.model import TaskOutcome
from elpython.release.suite import run_suite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.build.build import Build
    from elpython.contract.environment.model import Decision
    from elpython.contract.model import PromiseOutcome as Promised
    from elpython.core.version import ElVersion
    from elpython.interpreter.facts import Interpreter
    from elpython.release.model import ReleaseJob

__all__ = ["build", "check_identity", "contract", "cve", "needs", "tests"]

_MOST = 20


def made_build(job: ReleaseJob, *, bare: bool = False) -> Build:
    """Return the build that a release is tested on, or that of the bare base."""
    plan = job.plan
    request = TreeRequest(branches=plan.branches, branch=plan.branch, length=0 if bare else None)
    tree = prepare(job.store, request, reporter=job.reporter)
    asked = BuildRequest(
        tree=tree,
        settings=plan.branch.build,
        profile=profile_named(plan.profile),
        jobs=plan.jobs,
    )
    return run_build(job.store, asked, reporter=job.reporter)


def check_identity(facts: Interpreter, version: ElVersion, variant: str) -> dict[str, Any]:
    """Return what a manifest tells of an interpreter.

    Raises:
        RefusedReleaseError: it does not say of itself what the release says.
    """
    wrong = [row for row in identity_table(facts, version, variant) if not row.good]
    if wrong:
        raise RefusedReleaseError(
            "the interpreter is not what is released",
            where=str(facts.path),
            details=tuple(f"{row.what}: {row.found!r}, not {row.expected!r}" for row in wrong),
            todo="look at the core change 'variant' of the branch",
        )
    values = facts.sysconfig["vars"]
    return {
        "version_info": list(facts.version_info),
        "hexversion": facts.hexversion,
        "implementation_version": list(facts.implementation["version"]),
        "implementation_hexversion": facts.implementation["hexversion"],
        "cache_tag": facts.implementation["cache_tag"],
        "magic": facts.magic,
        "abiflags": facts.abiflags,
        "soabi": values.get("SOABI"),
        "ext_suffix": values.get("EXT_SUFFIX"),
        "platform": facts.sysconfig["platform"],
    }


def build(job: ReleaseJob) -> TaskOutcome:
    """Build with the release's profile; ask the result what it is."""
    made = made_build(job)
    facts = check_identity(facts_of(made.python), job.plan.branch.version, made.variant)
    result = {
        "key": made.key,
        "profile": made.profile,
        "compiler": made.compiler,
        "objects": made.objects,
        "modules": made.modules,
        "files": made.files,
        "identity": facts,
    }
    return TaskOutcome(result=result)


def tests(job: ReleaseJob) -> TaskOutcome:
    """Run the tests that the changes brought; with another profile than `quick`, all of upstream's.

    A module that fails on the bare base too says nothing about the branch: it is a remark.
    """
    name = job.plan.branch.name
    found = job.parts.change_tests(job)
    if found.failed:
        raise RefusedReleaseError(
            f"the tests of {len(found.failed)} change(s) fail: {', '.join(found.failed)}",
            where=f"branch {name}",
            todo=f"elpython fix test {name} {' '.join(found.failed[:5])}",
        )
    own = {
        "changes": len(found.evidence),
        "ran": sum(item.branch.ran for item in found.evidence),
        "without": list(found.without),
    }
    if job.plan.profile == "quick":
        return TaskOutcome(result={"own": own, "suite": None})
    outcome = run_suite(
        job.store,
        made_build(job),
        base=lambda: made_build(job, bare=True),
        jobs=job.plan.jobs,
        reporter=job.reporter,
    )
    if outcome.broken:
        raise RefusedReleaseError(
            f"{len(outcome.broken)} module(s) of upstream's tests fail: "
            f"{', '.join(outcome.broken)}",
            where=f"branch {name}",
            details=(
                *(f"{module}: {why}" for module, why in outcome.reasons.items()),
                *outcome.text[-_MOST:],
            ),
            todo=f"each ran twice, the second time alone; the whole log is {outcome.log}. When the "
            "machine was the reason: elpython release make --resume",
        )
    remarks = tuple(f"{module}: fails on the bare base too" for module in outcome.base_fails)
    suite = {"modules": outcome.modules, "base_fails": list(outcome.base_fails)}
    return TaskOutcome(result={"own": own, "suite": suite}, remarks=remarks)


# The promises whose differences can be told to reach a package that uses them.
_NEEDED = ("layout", "abi", "headers", "stable-abi", "api", "roll-back", "warnings")


def contract(job: ReleaseJob) -> TaskOutcome:
    """Refuse a branch that breaks a promise to its base; keep the whole report."""
    name = job.plan.branch.name
    report = job.parts.contract(job)
    text = json.dumps(as_data(report), indent=1, ensure_ascii=False)
    file = job.put("contract.json", f"{text}\n")
    broken = [item for item in report.outcomes if item.verdict is Verdict.BROKEN]
    remarks: tuple[str, ...] = ()
    if broken:
        remarks = job.refuse(
            RefusedReleaseError(
                f"the contract is broken: {', '.join(item.promise for item in broken)}",
                where=f"branch {name}",
                details=tuple(_broken_lines(broken))[:_MOST],
                todo=f"elpython contract check --base {name}@base --candidate {name} --blame",
            )
        )
    gaps = tuple(
        f"contract: {item.promise}: not checked: {gap}"
        for item in report.outcomes
        if item.verdict is Verdict.NOT_CHECKED
        for gap in item.gaps[:1]
    )
    promises = [
        {"promise": item.promise, "verdict": item.verdict.value, "checked": item.checked}
        for item in report.outcomes
    ]
    result = {"broken": report.broken, "promises": promises, "report": file}
    return TaskOutcome(result=result, files=(file,), remarks=remarks + gaps)


def needs(job: ReleaseJob) -> TaskOutcome:
    """Refuse a branch that breaks a package whose needs are kept in `branches/needs`.

    A package is broken by what it uses and the branch does not have any more, declared or not, and
    by what differs without a declaration. Declared changes that reach packages are counted.
    """
    name, folder = job.plan.branch.name, job.plan.branches / "needs"
    if not (folder / "index.json").is_file():
        return TaskOutcome(
            result={"packages": 0, "reached": 0},
            remarks=("needs: none are kept: elpython contract gather writes them",),
        )
    # The task before has looked at these: their findings come from the store.
    report = job.parts.needs(job, folder, _NEEDED)
    used = [item for item in report.decisions if item.users]
    broken = [
        item
        for item in used
        if item.state == "broken" or item.difference.declaration.startswith("-")
    ]
    remarks: tuple[str, ...] = ()
    if broken:
        packages = sorted({user for item in broken for user in item.users})
        remarks = job.refuse(
            RefusedReleaseError(
                f"{len(packages)} of the most used packages break: {', '.join(packages[:_MOST])}",
                where=f"branch {name}",
                details=tuple(_needed_line(item) for item in broken[:_MOST]),
                todo=f"elpython contract check --base {name}@base --candidate {name} --needs "
                "branches/needs; what they use has to stay",
            )
        )
    reached = {user for item in used for user in item.users}
    return TaskOutcome(
        result={"packages": report.packages, "reached": len(reached)}, remarks=remarks
    )


def _needed_line(item: Decision) -> str:
    users = ", ".join(item.users[:5])
    more = f" and {len(item.users) - 5} more" if len(item.users) > 5 else ""
    what = f"{item.promise}:{item.difference.declaration}: {item.difference.what}"
    return f"{what}: used by {users}{more}"


def _broken_lines(broken: Sequence[Promised]) -> list[str]:
    return [
        f"{item.promise}:{found.difference.declaration}: {found.difference.what}"
        for item in broken
        for found in item.judged
        if found.state is State.BROKEN
    ]


def cve(job: ReleaseJob) -> TaskOutcome:
    """Return what the release does about each known vulnerability.

    Refused are one that nobody has decided, and a record that nobody has checked for a week.
    """
    plan = job.plan
    remarks: tuple[str, ...] = ()
    known = job.parts.vulnerabilities(plan)
    if known.problems:
        # Not for a try-out either: the documents that go with it would say what nothing shows.
        raise RefusedReleaseError(
            f"the record says {len(known.problems)} thing(s) that nothing shows",
            where="branches/vulnerabilities",
            details=known.problems[:_MOST],
            todo="correct them; elpython branch lint lists them too",
        )
    if known.too_old and not plan.accept_age:
        remarks += job.refuse(
            RefusedReleaseError(
                f"the vulnerability record {known.too_old}",
                where="branches/vulnerabilities",
                todo="or release with --accept-age REASON, which goes into the manifest",
            )
        )
    elif known.too_old:
        remarks += (f"the record {known.too_old}; accepted: {plan.accept_age}",)
    bad = [item for item in known.findings if item.state == UNKNOWN]
    if bad:
        remarks += job.refuse(
            RefusedReleaseError(
                f"{len(bad)} vulnerability(ies) are undecided",
                where=f"branch {plan.branch.name}",
                details=tuple(f"{item.id}: {item.because}" for item in bad[:_MOST]),
                todo="bring in the fix, or decide in branches/vulnerabilities",
            )
        )
    file = _document(job, known.document)
    result = {
        "checked": known.checked,
        "accept_age": plan.accept_age,
        "counts": dict(Counter(item.state for item in known.findings)),
        "fixed": [
            {"cve": item.id, "change": item.change}
            for item in known.findings
            if item.state == FIXED
        ],
        "open": [
            {"cve": item.id, "state": item.state, "reason": item.because}
            for item in known.findings
            if item.state in {AFFECTED, REFUSED, UNKNOWN}
        ],
        "vex": file,
    }
    return TaskOutcome(result=result, files=(file,), remarks=remarks)


def _document(job: ReleaseJob, known: dict[str, Any]) -> str:
    """Write the OpenVEX document, with what it says of bundled parts; return its file's name."""
    # The record tells the time of asking; a release made twice must be the same twice.
    when = dt.datetime.fromtimestamp(job.result("tree")["epoch"], tz=dt.UTC)
    folder = job.tree().folder
    document = known | {
        "timestamp": when.isoformat(timespec="seconds"),
        "statements": [
            *known["statements"],
            *bundled_statements(folder, bundled(folder), job.plan.version),
        ],
    }
    return job.put(f"{job.plan.name}.openvex.json", json.dumps(document, indent=1) + "\n")
