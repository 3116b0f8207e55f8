"""The values of a release: the plan, tasks and what they give."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from elpython.core.report import SILENT
from elpython.core.store import disk_errors, write_atomic
from elpython.prepare.tree import Tree, TreeRequest, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from elpython.contract.environment.check import EnvironmentReport
    from elpython.contract.model import ContractReport
    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.define.branch import Branch
    from elpython.define.toggles import Toggle
    from elpython.policy.model import PolicyFinding
    from elpython.release.errors import RefusedReleaseError
    from elpython.security.change_tests import ChangeTests
    from elpython.security.status import Status

__all__ = ["Known", "Parts", "ReleaseJob", "ReleasePlan", "ReleaseTask", "TaskOutcome"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleasePlan:
    """What is to be released.

    Attributes:
        branches: the `branches` folder.
        branch: the branch.
        to: folder that gets `elpython-<version>/`.
        profile: profile of the build that is tested.
        key: SSH key that signs; None leaves the release unsigned.
        signers: file of allowed signers (`ssh-keygen`, ALLOWED SIGNERS); None when nobody is named.
        sigstore: whether sigstore signs too, where the network allows.
        osv: folder of OSV advisories that are held against the vulnerability record too.
        accept_age: the reason for which an old record serves; empty: it stops the release.
        security: whether it is a security release out of turn.
        rehearsal: whether what would refuse a release is only remarked; no tag is made.
        bootstrap: whether the project still has too few maintainers for its own rules.
        jobs: programs at once; 0 for the number of cores.
    """

    branches: Path
    branch: Branch
    to: Path
    profile: str = "release"
    key: Path | None = None
    signers: Path | None = None
    sigstore: bool = False
    osv: Path | None = None
    accept_age: str = ""
    security: bool = False
    rehearsal: bool = False
    bootstrap: bool = False
    jobs: int = 0

    @property
    def version(self) -> str:
        """The EL version."""
        return str(self.branch.version)

    @property
    def name(self) -> str:
        """Name of the release's folder, of the archive's one folder, and of the tag."""
        return f"elpython-{self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the vulnerability record says of a branch.

    Attributes:
        checked: the day on which it was last held against the feeds, as ISO text.
        too_old: why that is too long ago; empty when it is not.
        problems: what it says and nothing shows.
        findings: the state of every vulnerability.
        document: the same as an OpenVEX document; empty where there are problems.
    """

    checked: str
    too_old: str
    problems: tuple[str, ...]
    findings: tuple[Status, ...]
    document: dict[str, Any]


class Parts(Protocol):
    """What the tasks of a release ask of the other parts: their own results, typed.

    Tests hand in a stand-in: a compiler and half an hour of contract say nothing about tasks and
    checkpoints.
    """

    def policy(self, plan: ReleasePlan) -> Sequence[PolicyFinding]:
        """Return every finding and remark of the branch policy, those of other branches too."""

    def toggles(self, plan: ReleasePlan) -> tuple[Sequence[Toggle], Sequence[str]]:
        """Return the table of toggles, and in what it does not agree with the branch."""

    def change_tests(self, job: ReleaseJob) -> ChangeTests:
        """Run the tests that the changes brought, on the branch alone."""

    def contract(self, job: ReleaseJob) -> ContractReport:
        """Hold the branch against its bare base; the profile `quick` takes a sample."""

    def needs(self, job: ReleaseJob, folder: Path, promises: Sequence[str]) -> EnvironmentReport:
        """Return which of the packages whose needs a folder keeps are reached by what differs."""

    def vulnerabilities(self, plan: ReleasePlan) -> Known:
        """Return what the record, and advisories held against it, say of the branch."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskOutcome:
    """What a task gave.

    Attributes:
        result: JSON-able facts, for later tasks and the manifest.
        files: names of the files that it wrote, below the release's folder.
        remarks: what a reader of the release should know.
    """

    result: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseJob:
    """A release under way, as its tasks see it.

    Attributes:
        plan: what is to be released.
        store: where heavy products come from.
        parts: what the other parts answer.
        folder: holds the files that are going to be published.
        key: hash of the plan.
        done: task -> what it gave.
        reporter: told how it goes on.
    """

    plan: ReleasePlan
    store: Store
    parts: Parts
    folder: Path
    key: str = ""
    done: dict[str, TaskOutcome] = field(default_factory=dict)
    reporter: Reporter = SILENT

    def result(self, task: str) -> Mapping[str, Any]:
        """Return what an earlier task found."""
        return self.done[task].result

    def tree(self) -> Tree:
        """Return the branch's prepared tree."""
        request = TreeRequest(branches=self.plan.branches, branch=self.plan.branch)
        return prepare(self.store, request, reporter=self.reporter)

    def put(self, name: str, data: bytes | str) -> str:
        """Write a file of the release whole or not at all; return its name."""
        write_atomic(self.folder / name, data.encode() if isinstance(data, str) else data)
        return name

    def put_copy(self, name: str, source: Path) -> str:
        """Copy a file into the release whole or not at all; return its name."""
        target = self.folder / name
        temporary = target.with_name(f".{target.name}.tmp")
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(source, temporary)
                temporary.replace(target)
            finally:
                temporary.unlink(missing_ok=True)
        return name

    def refuse(self, error: RefusedReleaseError, *, bootstrap: bool = False) -> tuple[str, ...]:
        """Stop the release, or give the reason as a remark where the plan lets it pass.

        Args:
            error: why nothing may be released.
            bootstrap: whether a project that is being founded may release all the same.
        """
        if not (self.plan.rehearsal or (bootstrap and self.plan.bootstrap)):
            raise error
        return (": ".join(filter(None, [error.where, error.what, *error.details])),)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseTask:
    """One step of a release.

    Attributes:
        name: how it is called on the command line.
        says: what it does, one line.
        run: does it.
        always: whether it is cheap and asks the outer world, so that no checkpoint stands for it.
    """

    name: str
    says: str
    run: Callable[[ReleaseJob], TaskOutcome]
    always: bool = False
