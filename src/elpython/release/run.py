"""Run a release's tasks, with a checkpoint after each; publish by one rename."""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import UnknownNameError
from elpython.core.report import SILENT
from elpython.core.store import disk_errors, file_digest, key_of, remove_tree, write_atomic
from elpython.core.suggest import hint
from elpython.core.toolchain import VERSION
from elpython.release import journal
from elpython.release.errors import (
    BadManifestError,
    NotReleasedError,
    RefusedReleaseError,
    ReleaseBusyError,
)
from elpython.release.manifest import MANIFEST, load
from elpython.release.model import ReleaseJob, ReleasePlan, TaskOutcome
from elpython.release.sign import fingerprint
from elpython.release.tasks import TASKS
from elpython.release.verify import check_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.release.model import Parts, ReleaseTask

__all__ = ["ReleaseOptions", "ReleaseStep", "Released", "plan_key", "release", "steps"]

_PLAN = "plan.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseStep:
    """A task and how it stands.

    Attributes:
        task: its name.
        says: what it does.
        state: `done`, `kept` (from a checkpoint) or `to do`.
        seconds: wall time of this run.
        remarks: what it remarked.
    """

    task: str
    says: str
    state: str
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Released:
    """A release that is out.

    Attributes:
        folder: holds its files.
        version: the EL version.
        fresh: whether this run made it.
        steps: its tasks.
    """

    folder: Path
    version: str
    fresh: bool
    steps: tuple[ReleaseStep, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseOptions:
    """How a release is to be run.

    Attributes:
        first: redo this task and all behind it; empty for none.
        resume: refuse to begin anew.
        tasks: what to do, in order.
        on_step: told a step before it runs (`to do`) and when it is over.
        reporter: told how it goes on.
    """

    first: str = ""
    resume: bool = False
    tasks: Sequence[ReleaseTask] = TASKS
    on_step: Callable[[ReleaseStep], None] = lambda _step: None
    reporter: Reporter = SILENT

    def check(self) -> None:
        """Refuse a task that there is none of.

        Raises:
            UnknownNameError: with a near-miss hint.
        """
        names = [task.name for task in self.tasks]
        if self.first and self.first not in names:
            raise UnknownNameError(
                f"there is no task {self.first!r}", where="--from", todo=hint(self.first, names)
            )


def plan_key(plan: ReleasePlan) -> str:
    """Return the hash of what a release is asked to be; what the tasks find is not part of it."""
    return key_of(
        {
            "toolchain": VERSION,
            "version": plan.version,
            "profile": plan.profile,
            "rehearsal": plan.rehearsal,
            "bootstrap": plan.bootstrap,
            "key": None if plan.key is None else fingerprint(plan.key),
            "signers": None if plan.signers is None else file_digest(plan.signers),
            "sigstore": plan.sigstore,
            "osv": None if plan.osv is None else _folder_digest(plan.osv),
            "accept_age": plan.accept_age,
            "security": plan.security,
        }
    )


def _folder_digest(folder: Path) -> list[list[str]]:
    return [[path.name, file_digest(path)] for path in sorted(folder.glob("*.json"))]


@contextlib.contextmanager
def _alone(plan: ReleasePlan) -> Iterator[None]:
    from filelock import FileLock, Timeout

    with disk_errors(plan.to):
        plan.to.mkdir(parents=True, exist_ok=True)
    lock = FileLock(plan.to / f".{plan.name}.lock", timeout=0)
    try:
        with disk_errors(plan.to):
            lock.acquire()
    except Timeout as error:
        raise ReleaseBusyError(
            f"another run is at work on {plan.name}",
            where=str(plan.to),
            todo="wait for it, or release to another folder",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _work(plan: ReleasePlan) -> Path:
    return plan.to / f".making-{plan.name}"


def steps(plan: ReleasePlan, how: ReleaseOptions) -> list[ReleaseStep]:
    """Say for each task whether a checkpoint stands for it; nothing is run or written."""
    how.check()
    work, key = _work(plan), plan_key(plan)
    found: list[ReleaseStep] = []
    kept = True
    for task in how.tasks:
        kept = kept and task.name != how.first
        if task.always:
            found.append(ReleaseStep(task=task.name, says=task.says, state="to do"))
            continue
        kept = kept and journal.read(work / "tasks", task.name, work / "files", key) is not None
        found.append(ReleaseStep(task=task.name, says=task.says, state="kept" if kept else "to do"))
    return found


def _published(plan: ReleasePlan, key: str, job: ReleaseJob, how: ReleaseOptions) -> bool:
    """Return whether this very release is out already.

    Raises:
        RefusedReleaseError: another one of the same version is.
    """
    folder = plan.to / plan.name
    if not folder.exists():
        return False
    same = False
    with contextlib.suppress(BadManifestError):
        manifest = load(folder / MANIFEST)
        same = manifest.data.get("plan") == key and not check_files(folder, manifest)
        same = same and manifest.data["tree"]["head"] == job.tree().head
    if same and not how.first:
        return True
    raise RefusedReleaseError(
        f"{plan.name} is released already" + ("" if same else ", with other content"),
        where=str(folder),
        todo="a release is never made a second time: raise `el` in "
        f"branches/{plan.branch.name}/branch.toml, or release to another folder",
    )


def _begin(plan: ReleasePlan, how: ReleaseOptions, key: str) -> Path:
    """Return the folder that a release is made in; what another plan left there is forgotten."""
    work = _work(plan)
    if how.resume and not (work / _PLAN).is_file():
        raise NotReleasedError(
            f"no unfinished release of {plan.version} lies there",
            where=str(plan.to),
            todo="leave out --resume to begin one",
        )
    with disk_errors(work):
        for name in ("tasks", "files"):
            (work / name).mkdir(parents=True, exist_ok=True)
    write_atomic(work / _PLAN, json.dumps({"version": plan.version, "key": key}).encode())
    return work


def release(plan: ReleasePlan, store: Store, parts: Parts, how: ReleaseOptions) -> Released:
    """Make a release; a run that was stopped goes on after the last task that was finished.

    Args:
        plan: what is to be released.
        store: where heavy products come from.
        parts: what the other parts answer.
        how: which tasks, from where on.

    Raises:
        RefusedReleaseError: a task found something; nothing is published, what is done is kept.
        ReleaseBusyError: another run is at work on it.
        NotReleasedError: `--resume`, and nothing is unfinished.
    """
    how.check()
    with _alone(plan):
        key = plan_key(plan)
        work = _work(plan)
        job = ReleaseJob(
            plan=plan, store=store, parts=parts, folder=work / "files", key=key,
            reporter=how.reporter,
        )  # fmt: skip
        target = plan.to / plan.name
        if _published(plan, key, job, how):
            remove_tree(work)
            return Released(folder=target, version=plan.version, fresh=False, steps=())
        _begin(plan, how, key)
        done = _run_tasks(job, work, how, key)
        journal.sweep(job.folder, _files(job.done.values()))
        with disk_errors(target):
            job.folder.rename(target)
        remove_tree(work)
        return Released(folder=target, version=plan.version, fresh=True, steps=tuple(done))


def _run_tasks(job: ReleaseJob, work: Path, how: ReleaseOptions, key: str) -> list[ReleaseStep]:
    place = work / "tasks"
    names = [task.name for task in how.tasks]
    known = {task: journal.read(place, task, job.folder, key) for task in names}
    kept = [item for item in known.values() if item is not None]
    journal.sweep(job.folder, _files(kept))
    valid = True
    done: list[ReleaseStep] = []
    for number, task in enumerate(how.tasks):
        before = known[task.name]
        redo = task.name == how.first or (before is None and not task.always)
        if valid and before is not None and not task.always and not redo:
            job.done[task.name] = before
            step = ReleaseStep(task=task.name, says=task.says, state="kept", remarks=before.remarks)
            how.on_step(step)
            done.append(step)
            continue
        if valid and redo:
            valid = _forget(job, place, names[number:])
        how.on_step(ReleaseStep(task=task.name, says=task.says, state="to do"))
        started = time.monotonic()
        outcome = task.run(job)
        job.done[task.name] = outcome
        if valid and not (before is not None and _same(before, outcome)):
            # What the outer world says has changed: nothing behind it counts any more.
            valid = _forget(job, place, names[number + 1 :])
        journal.write(place, task.name, outcome, job.folder, key)
        step = ReleaseStep(
            task=task.name,
            says=task.says,
            state="done",
            seconds=time.monotonic() - started,
            remarks=outcome.remarks,
        )
        how.on_step(step)
        done.append(step)
    return done


def _files(outcomes: Iterable[TaskOutcome]) -> set[str]:
    return {name for outcome in outcomes for name in outcome.files}


def _forget(job: ReleaseJob, place: Path, tasks: Sequence[str]) -> bool:
    """Drop checkpoints of tasks, and every file that no task before them wrote; give False."""
    journal.drop(place, tasks)
    journal.sweep(job.folder, _files(job.done.values()))
    return False


def _same(before: TaskOutcome, after: TaskOutcome) -> bool:
    def plain(outcome: TaskOutcome) -> object:
        return json.loads(json.dumps([outcome.result, outcome.remarks]))

    return bool(plain(before) == plain(after))
