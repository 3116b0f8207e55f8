"""A run: the plan's jobs through an executor, each attempt in the journal, products in an index.

The folder of a rebuild holds `plan.json`, `journal.sqlite`, `logs/`, `index/` (or `repo/`) and
`status.html`. A run in it goes on from what the journal and the depot have: no finished build is
repeated, since a build's content key finds its product.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError
from elpython.core.report import SILENT
from elpython.core.store import Store, disk_errors, key_of, write_atomic
from elpython.mass_rebuild import learn, triage
from elpython.mass_rebuild.depot import StoreDepot
from elpython.mass_rebuild.journal import Attempt, RebuildJournal
from elpython.mass_rebuild.keys import content_key
from elpython.mass_rebuild.model import (
    Artifact,
    BuildJob,
    BuildOutcome,
    BuildTask,
    Limits,
    Package,
    RebuildPlan,
)
from elpython.mass_rebuild.plain import to_plain
from elpython.mass_rebuild.plan import graph_of_jobs, jobs_of, problem_outcome
from elpython.mass_rebuild.scheduler import Scheduler, drive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.mass_rebuild.scheduler import Executor

__all__ = ["RunOptions", "Tally", "content_key", "run_plan"]

_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """How a plan is run.

    Attributes:
        folder: the rebuild's folder.
        contain: `auto`, `bubblewrap` or `none`.
        stack: `main`, or `control` for the control build.
        depot: what workers reach the depot by; the store's folder when empty.
        reporter: told how it goes on.
        refresh: called after each job, to write the status page; may skip.
        again: what failed before is tried again, even if the reason lies in the package.
    """

    folder: Path
    store: Store = field(default_factory=Store.default)
    contain: str = "auto"
    stack: str = "main"
    depot: dict[str, str] = field(default_factory=dict)
    reporter: Reporter = SILENT
    refresh: Callable[[], None] = lambda: None
    again: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What a run came to; the counts are of packages of the plan, checks apart."""

    built: int
    reused: int
    failed: int
    blocked: int
    checked: int
    check_failed: int
    seconds: float


@dataclass(slots=True)
class _Run:
    """A run under way."""

    plan: RebuildPlan
    options: RunOptions
    journal: RebuildJournal
    jobs: list[BuildJob]
    scheduler: Scheduler
    packages: dict[str, Package]
    depot: StoreDepot
    numbers: dict[str, int]
    products: dict[str, tuple[Artifact, ...]] = field(default_factory=dict)
    extra: dict[str, tuple[str, ...]] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    failed_before: dict[str, Attempt] = field(default_factory=dict)
    givers: dict[str, str] = field(default_factory=dict)
    known_requirements: dict[str, set[str]] = field(default_factory=dict)

    def count(self, what: str) -> None:
        """Add one."""
        self.counts[what] = self.counts.get(what, 0) + 1


def run_plan(
    plan: RebuildPlan, executor: Executor[BuildTask, BuildOutcome], options: RunOptions
) -> Tally:
    """Run a plan to its end.

    Args:
        plan: what is built.
        options: where and how.
        executor: where builds are done; the caller opens and closes it.

    Raises:
        RunningError: another run holds the folder.
        DiskFullError, JournalError: the journal cannot be written.
    """
    started = time.monotonic()
    folder = options.folder
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    jobs = jobs_of(plan)
    with RebuildJournal.open(folder / "journal.sqlite", create=True) as journal:
        journal.close_open_attempts()
        state = _Run(
            plan=plan,
            options=options,
            journal=journal,
            jobs=jobs,
            scheduler=Scheduler(graph_of_jobs(jobs)),
            packages=plan.by_key(),
            depot=StoreDepot(options.store),
            givers=learn.givers(plan.packages),
            numbers={job.key: number for number, job in enumerate(jobs)},
            failed_before={} if options.again else _lasting_failures(journal, options.stack),
        )
        journal.note(f"{options.stack}.started", time.time())
        drive(
            state.scheduler,
            executor,
            lambda number: _start(state, number),
            lambda number, outcome: _settle(state, number, outcome),
        )
        journal.note(f"{options.stack}.ended", time.time())
        write_atomic(
            folder / f"products-{options.stack}.json",
            _json(
                {key: [to_plain(item) for item in value] for key, value in state.products.items()}
            ),
        )
    options.refresh()
    count = state.counts.get
    failed = count("failed", 0)
    built = count("built", 0) + count("reused", 0)
    return Tally(
        built=built,
        reused=count("reused", 0),
        failed=failed,
        blocked=len(plan.packages) - built - failed,
        checked=count("checked", 0),
        check_failed=count("check failed", 0),
        seconds=round(time.monotonic() - started, 3),
    )


def _json(value: object) -> bytes:
    import json

    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def _inputs(state: _Run, job: BuildJob) -> tuple[Artifact, ...]:
    found: dict[str, Artifact] = {}
    for key in (*job.needs, *state.extra.get(job.key, ())):
        for item in state.products.get(key, ()):
            found[item.filename] = item
    return tuple(found[name] for name in sorted(found))


def _start(state: _Run, number: int) -> BuildTask | None:
    """Return a job's task, or settle it here: prebuilt, impossible, or built before."""
    job = state.jobs[number]
    package = state.packages[job.package]
    inputs = _inputs(state, job)
    key = content_key(state.plan, package, inputs, state.options.contain)
    if job.kind == "check":
        key = key_of(["check", key])
    attempt = state.journal.begin(
        stack=state.options.stack, job=job.key, kind=job.kind, content_key=key
    )
    state.attempts[number] = attempt
    known = _known(state, job, package, key)
    if known is not None:
        _settle(state, number, known)
        return None
    before = state.failed_before.get(job.key)
    if before is not None and before.content_key == key:
        _fail_as_before(state, number, before)
        return None
    return BuildTask(
        key=job.key,
        kind=job.kind,
        backend=state.plan.backend,
        name=package.name,
        version=package.version,
        content_key=key,
        interpreter=state.plan.interpreter,
        depot=state.options.depot or {"store": str(state.options.store.root)},
        source=package.source,
        inputs=inputs,
        limits=_limits(state.plan.limits, package),
        options=_task_options(state.plan, package) | _known_requirements(state, job),
        contain=state.options.contain,
        macros=state.plan.macros,
        bootstrap=package.bootstrap,
    )


def _lasting_failures(journal: RebuildJournal, stack: str) -> dict[str, Attempt]:
    """Return the jobs whose last attempt failed for a reason that lies in the package."""
    return {
        job: attempt
        for job, attempt in journal.last(stack).items()
        if attempt.failure in triage.lasting()
    }


def _fail_as_before(state: _Run, number: int, before: Attempt) -> None:
    """Settle a job with the failure that it had with the same inputs."""
    job = state.jobs[number]
    outcome = BuildOutcome(
        key=job.key,
        status=before.status,
        reason=before.reason,
        worker="run",
        exit_code=before.exit_code,
        contained=before.contained,
    )
    state.journal.end(
        state.attempts[number],
        outcome,
        failure=before.failure,
        cause=before.cause,
        log=before.log,
    )
    _give_up(state, number)


def _give_up(state: _Run, number: int) -> None:
    state.count("failed" if state.jobs[number].kind == "build" else "check failed")
    state.scheduler.fail(number)


def _known_requirements(state: _Run, job: BuildJob) -> dict[str, object]:
    """Return the generated requirements of a spec file that are known from an attempt before."""
    known = state.known_requirements.get(job.key)
    return {} if known is None else {"known_requirements": sorted(known)}


def _task_options(plan: RebuildPlan, package: Package) -> dict[str, object]:
    found = dict(package.options)
    if any(item.rule == "drop test" and item.package == package.key for item in plan.breaks):
        # Its tests need what is not there yet: built without them, as the cycle's rule says.
        stated = found.get("without")
        found["without"] = [*(stated if isinstance(stated, list) else []), "tests", "check"]
    if package.modules:
        found["imports"] = list(package.modules)
    return found


def _limits(limits: Limits, package: Package) -> Limits:
    own = {
        name: value
        for name, value in package.options.items()
        if name in {"seconds", "memory_mb"} and isinstance(value, (int, float))
    }
    return replace(limits, **own)  # type: ignore[arg-type]


def _known(state: _Run, job: BuildJob, package: Package, key: str) -> BuildOutcome | None:
    """Return the outcome of what needs no build."""
    now = time.time()
    base = BuildOutcome(key=job.key, status="failed", worker="run", started=now)
    if job.kind == "check":
        passed = state.journal.has_passed(state.options.stack, job.key, key)
        return replace(base, status="built", reason="reused") if passed else None
    if package.problem:
        return replace(problem_outcome(package), worker="run", started=now)
    takes_wheel = package.prebuilt or (package.bootstrap and state.plan.backend == "wheel")
    if takes_wheel:
        if package.wheel is None:
            return replace(base, reason="source", log="the index has no wheel that suits")
        try:
            state.depot.get(package.wheel)
        except ElpythonError as error:
            return replace(base, reason="source", log=str(error))
        return replace(base, status="built", products=(package.wheel,), reason="prebuilt")
    products = state.depot.record(key)
    if products is not None:
        return replace(base, status="built", products=products, reason="reused")
    return None


def _settle(state: _Run, number: int, outcome: BuildOutcome) -> None:
    """Write an outcome down and move the scheduler on."""
    job = state.jobs[number]
    waits = outcome.status == "needs" and _wait_for_more(state, number, outcome)
    verdict = triage.Verdict() if waits else triage.classify(outcome, state.plan)
    state.journal.end(
        state.attempts[number],
        outcome,
        failure=verdict.failure,
        cause=verdict.cause,
        log=_keep_log(state, number, outcome),
    )
    state.tries[job.key] = state.tries.get(job.key, 0) + 1
    if outcome.status == "built":
        if job.kind == "build":
            state.products[job.key] = outcome.products
            state.count("reused" if outcome.reason == "reused" else "built")
        else:
            state.count("checked")
        state.scheduler.succeed(number)
    elif waits or _learn_from_failure(state, number, verdict):
        pass
    elif (outcome.status == "lost" or verdict.retry) and state.tries[job.key] < _ATTEMPTS:
        state.scheduler.again(number)
    else:
        _give_up(state, number)
    total = len(state.jobs)
    state.options.reporter.progress("jobs done", total - state.scheduler.unfinished, total)
    state.options.refresh()


def _wait_for_more(state: _Run, number: int, outcome: BuildOutcome) -> bool:
    """Let a job wait for what it asked for, when the plan has it."""
    job = state.jobs[number]
    if state.plan.backend == "rpm":
        known = state.known_requirements.setdefault(job.key, set())
        if set(outcome.wants) <= known:
            return False
        known.update(outcome.wants)
        return _wait(state, number, learn.given(outcome.wants, state.givers, job.package), new=True)
    wanted = learn.wanted_wheels(state.plan, state.packages, outcome.wants)
    return bool(wanted) and _wait(state, number, wanted)


def _learn_from_failure(state: _Run, number: int, verdict: triage.Verdict) -> bool:
    """Let a job that failed for something that the plan builds wait for that, and try again."""
    job = state.jobs[number]
    if job.kind != "build" or verdict.failure != "missing build requirement" or not verdict.name:
        return False
    wanted = learn.missing_from_plan(state.plan, state.packages, state.givers, verdict.name)
    return job.package not in wanted and bool(wanted) and _wait(state, number, wanted)


def _wait(state: _Run, number: int, wanted: list[str], *, new: bool = False) -> bool:
    """Add edges to a running job; with `new`, try again also when there is nothing to wait for."""
    job = state.jobs[number]
    before = state.extra.get(job.key, ())
    more = [key for key in wanted if key not in {*before, *job.needs}]
    if not more:
        if new:
            state.scheduler.again(number)
        return new
    state.extra[job.key] = tuple(dict.fromkeys((*before, *more)))
    return state.scheduler.wait_for(number, [state.numbers[key] for key in more])


def _keep_log(state: _Run, number: int, outcome: BuildOutcome) -> str:
    if not outcome.log or outcome.reason == "reused":
        return ""
    name = f"{state.attempts[number]:06d}-{_plain_name(state.jobs[number].key)}.log"
    path = state.options.folder / "logs" / name
    with disk_errors(path):
        path.write_text(outcome.log, "utf-8")
    return f"logs/{name}"


def _plain_name(key: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in key)
