"""What a release asks of the other parts, asked for real and in this process."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

from elpython.release.model import Known

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.contract.check import Rules
    from elpython.contract.environment.check import EnvironmentReport
    from elpython.contract.model import ContractReport
    from elpython.contract.resolve import Named
    from elpython.contract.subject import Run
    from elpython.define.toggles import Toggle
    from elpython.policy.model import PolicyFinding
    from elpython.release.model import ReleaseJob, ReleasePlan
    from elpython.security.change_tests import ChangeTests

__all__ = ["OwnParts"]


class OwnParts:
    """The parts themselves, in this process."""

    def policy(self, plan: ReleasePlan) -> Sequence[PolicyFinding]:
        """Look at all branches: what is shared concerns each.

        Raises:
            BadBranchError: a branch of the folder has problems.
            BadPolicyError: so have `policy.toml` or `maintainers.toml`.
        """
        from elpython.core.errors import BadBranchError
        from elpython.define.branch import load_all
        from elpython.policy.check import check, look_around

        branches, problems = load_all(plan.branches)
        if problems:
            raise BadBranchError(
                f"{len(problems)} problem(s) in the branches",
                details=tuple(problems),
                todo="fix them and run elpython branch lint",
            )
        return check(look_around(plan.branches, branches, today=_now().date()))

    def toggles(self, plan: ReleasePlan) -> tuple[Sequence[Toggle], Sequence[str]]:
        """Read `branches/toggles.toml`.

        Raises:
            BadBranchError: it has problems.
        """
        from elpython.define.branch import branch_names
        from elpython.define.toggles import mismatches, read_toggles

        table = read_toggles(plan.branches, branch_names(plan.branches))
        return table, mismatches(table, plan.branch)

    def change_tests(self, job: ReleaseJob) -> ChangeTests:
        """Build the branch with the profile `quick` where it is not there yet, and run them."""
        from elpython.security.change_tests import Wish, run_change_tests

        wish = Wish(branches=job.plan.branches, branch=job.plan.branch)
        return run_change_tests(job.store, wish, reporter=job.reporter)

    def contract(self, job: ReleaseJob) -> ContractReport:
        """Hold the branch against its base, promise by promise."""
        from elpython.contract.check import check
        from elpython.contract.promises import PROMISES
        from elpython.contract.subject import Pair

        sides = _sides(job)
        # Half an hour of upstream's tests and measured times are for releases that go out.
        quick = job.plan.profile == "quick"
        chosen = [name for name in PROMISES if not (quick and name == "speed")]
        pair = Pair(base=sides[0].subject, candidate=sides[1].subject)
        return check(pair, _run(job, sample=quick), _rules(sides), chosen)

    def needs(self, job: ReleaseJob, folder: Path, promises: Sequence[str]) -> EnvironmentReport:
        """Decide what differs by the needs of a folder; what was looked at comes from the store."""
        from elpython.contract.environment.check import Asked, check_environment
        from elpython.contract.environment.model import read_all_needs
        from elpython.contract.subject import Pair

        sides = _sides(job)
        asked = Asked(needs=tuple(read_all_needs(folder)), promises=tuple(promises))
        pair = Pair(base=sides[0].subject, candidate=sides[1].subject)
        return check_environment(pair, _run(job, sample=False), _rules(sides), asked)

    def vulnerabilities(self, plan: ReleasePlan) -> Known:
        """Read the record; hold the folder of advisories against it, where one is named.

        Raises:
            BadBranchError: the record has problems.
            UsageError: the folder of advisories holds none, or one that cannot be read.
        """
        from elpython.define.vulnerability_read import read_record
        from elpython.security.proof import branch_problems
        from elpython.security.status import age_problem, read_folder, status
        from elpython.security.vex import openvex

        record = read_record(plan.branches)
        now = _now()
        problems = branch_problems(record, plan.branch, plan.branches, today=now.date())
        findings, _left = status(plan.branch, record, read_folder(plan.osv) if plan.osv else ())
        when = now.isoformat(timespec="seconds")
        return Known(
            checked=str(record.checked),
            too_old=age_problem(record, now.date()),
            problems=tuple(problems),
            findings=tuple(findings),
            document={} if problems else openvex(plan.branch, record, when=when),
        )


def _now() -> dt.datetime:
    return dt.datetime.now(tz=dt.UTC)


def _sides(job: ReleaseJob) -> list[Named]:
    from elpython.contract.resolve import resolve

    names = {"base": f"{job.plan.branch.name}@base", "candidate": job.plan.branch.name}
    return [
        resolve(
            name,
            role=role,
            store=job.store,
            branches=job.plan.branches,
            reporter=job.reporter,
        )
        for role, name in names.items()
    ]


def _rules(sides: Sequence[Named]) -> Rules:
    from elpython.contract.check import Rules
    from elpython.contract.declarations import parse_all

    return Rules(declarations=parse_all([*sides[1].declares]), declare_additions=True)


def _run(job: ReleaseJob, *, sample: bool) -> Run:
    from elpython.contract.subject import Run

    jobs = job.plan.jobs or len(os.sched_getaffinity(0))
    return Run(store=job.store, jobs=jobs, sample=sample, reporter=job.reporter)
