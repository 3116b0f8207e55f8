"""Tasks that end a release: the archive proven as a stranger would, and the tag."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from elpython.core.process import clean_env, run
from elpython.core.store import file_digest
from elpython.prepare.git import git_env
from elpython.release.errors import RefusedReleaseError
from elpython.release.manifest import MANIFEST
from elpython.release.model import TaskOutcome
from elpython.release.proof import prove_archive
from elpython.release.tasks.define import git
from elpython.release.trust import Trust, read_signers
from elpython.release.verify import verify as verify_release

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.release.checks import Check, Received
    from elpython.release.model import ReleaseJob

__all__ = ["tag", "verify"]

Prove = Callable[..., "Check"]


def verify(job: ReleaseJob, prove: Prove = prove_archive) -> TaskOutcome:
    """Verify the release from its files alone; unpack, build and test its archive.

    Args:
        job: the release.
        prove: builds and tests the archive.
    """

    def build(received: Received) -> Check:
        return prove(job.store, received, jobs=job.plan.jobs, reporter=job.reporter)

    # An unsigned rehearsal and a key without a list of signers were spoken of when it was signed.
    signers = job.plan.signers if job.result("sign")["signed"] else None
    trust = Trust(
        signers=read_signers(signers) if signers else None,
        unverified=signers is None,
        branches=job.plan.branches,
    )
    found = verify_release(job.folder, trust, further=(("build", build),))
    wrong = [f"{check.name}: {problem}" for check in found.checks for problem in check.problems]
    if wrong:
        raise RefusedReleaseError(
            "the release does not stand up to its own verification",
            where=str(job.folder),
            details=tuple(wrong[:20]),
            todo="find out what changed its files, or what the archive lacks",
        )
    notes = {check.name: check.note for check in found.checks}
    return TaskOutcome(result={"checks": notes})


def tag(job: ReleaseJob) -> TaskOutcome:
    """Tag the commit of the branches' repository; signed with the release's key where there is one.

    A tag that is there already stands on this commit: the first task saw to that.
    """
    plan = job.plan
    commit = job.result("repository")["commit"]
    if plan.rehearsal or not commit:
        return TaskOutcome(result={"tag": None}, remarks=("no tag is made",))
    if git(plan.branches, "tag", "--list", plan.name).strip():
        return TaskOutcome(result={"tag": plan.name})
    message = f"EL Python {plan.version}\n\nManifest: sha256 {file_digest(job.folder / MANIFEST)}\n"
    words: list[str | Path] = ["git", "-C", plan.branches]
    how = "-a"
    if plan.key is not None:
        words += ["-c", "gpg.format=ssh", "-c", f"user.signingkey={plan.key.absolute()}"]
        how = "-s"
    fixed = git_env(job.result("tree")["date"])
    who = {key: fixed[key] for key in fixed if key.startswith(("GIT_AUTHOR", "GIT_COMMITTER"))}
    env = clean_env(who)
    run([*words, "tag", how, "-F", "-", plan.name, commit], env=env, input_text=message)
    return TaskOutcome(result={"tag": plan.name})
