"""Makespan of the mass rebuild against its lower bound, and against fromager on the same set.

    python bench/rebuild.py simulate                 # 5,000 and 100,000 packages, 8 to 512 workers
    python bench/rebuild.py dask --tasks 10000       # Dask itself: no-op tasks on this machine
    python bench/rebuild.py real FOLDER              # a rebuild that was run: makespan and bound
    python bench/rebuild.py killed FOLDER --kills 6  # kill a planned one, resume; what is repeated
    python bench/rebuild.py fromager --fromager PATH --python 3.12 [-r FILE]

The last one builds one pinned set with fromager and with `elpython mass-rebuild`, one after the
other in one call, each from an empty cache of products: in order, and with two builds at once; and
compares what ours took with the lower bound.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.mass_rebuild.graph import graph_of, ranks
from elpython.mass_rebuild.journal import RebuildJournal
from elpython.mass_rebuild.plan import jobs_of, load
from elpython.mass_rebuild.report import make_report
from elpython.mass_rebuild.simulate import Shape, simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SET = ("markupsafe==3.0.2", "jinja2==3.1.6", "pluggy==1.7.0", "idna==3.10", "six==1.17.0",
       "psutil==7.0.0")  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One command's wall time."""

    tool: str
    what: str
    seconds: float
    good: bool


def show(rows: Sequence[dict[str, Any]]) -> None:
    """Print rows as a Markdown table."""
    if not rows:
        return
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + " --- |" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(str(value) for value in row.values()) + " |")


def run_simulations() -> None:
    """Simulate both sizes for 8 to 512 workers, with exact and with wrong estimates."""
    rows = []
    for packages in (5_000, 100_000):
        for noise in (0.0, 0.5):
            for workers in (8, 32, 128, 512):
                found = simulate(Shape(packages=packages, noise=noise), workers, prefetch=2)
                rows.append(
                    {
                        "packages": packages,
                        "workers": workers,
                        "noise": noise,
                        "makespan s": found.makespan,
                        "bound s": found.bound,
                        "ratio": found.ratio,
                        "ms a package": found.milliseconds,
                    }
                )
    show(rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"\npeak memory of all simulations together: {peak} MiB")


def nothing(task: dict[str, Any]) -> dict[str, Any]:
    """Do a task that does nothing."""
    return {"key": task["key"], "status": "built"}


def run_dask(tasks: int, workers: int) -> None:
    """Measure Dask with tasks that do nothing, driven by our scheduler."""
    from elpython.mass_rebuild.dask import connected
    from elpython.mass_rebuild.graph import Graph
    from elpython.mass_rebuild.model import BuildOutcome, BuildTask, Interpreter
    from elpython.mass_rebuild.scheduler import Scheduler, drive
    from elpython.mass_rebuild.simulate import synthetic

    graph, _, _ = synthetic(Shape(packages=tasks))
    python = Interpreter(path="", version="3", soabi="", prefix="")

    def start(number: int) -> BuildTask:
        return BuildTask(
            key=f"p{number}", kind="build", backend="wheel", name="p", version="1",
            content_key="", interpreter=python, depot={},
        )  # fmt: skip

    with connected(workers=workers) as executor:
        executor.work = nothing
        scheduler = Scheduler(Graph(graph.names, graph.needs, graph.seconds))

        def settle(number: int, outcome: BuildOutcome) -> None:
            del outcome
            scheduler.succeed(number)

        started = time.perf_counter()
        drive(scheduler, executor, start, settle)
        spent = time.perf_counter() - started
    # Dask's scheduler lives in this process, its workers in children that have ended by now.
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(item.ru_utime + item.ru_stime for item in used)
    print(f"{tasks} no-op tasks on {workers} Dask workers: {spent:.1f} s, "
          f"{1000 * spent / tasks:.2f} ms a task; {1000 * seconds / tasks:.2f} ms of CPU a task "
          "of all processes together")  # fmt: skip


def at_once(spans: Sequence[tuple[float, float]]) -> int:
    """Return how many spans of time lay over each other at most; very short ones do not count."""
    ends = [(span[0], 1) for span in spans if span[1] - span[0] > 0.1]
    ends += [(span[1], -1) for span in spans if span[1] - span[0] > 0.1]
    most = now = 0
    for _, step in sorted(ends):
        now += step
        most = max(most, now)
    return most


def bound_of(folder: Path) -> dict[str, Any]:
    """Compare a rebuild's makespan with max(critical path, work / slots) of its real durations.

    Pauses of a run that was stopped and resumed are no makespan; what a stop cost is.
    """
    jobs = jobs_of(load(folder / "plan.json"))
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        attempts = [item for item in journal.attempts("main") if item.ended]
    spent = {item.job: item.seconds for item in attempts if item.status == "built"}
    work = sum(item.seconds for item in attempts)
    slots = at_once([(item.started, item.started + item.seconds) for item in attempts])
    graph = graph_of({job.key: job.needs for job in jobs}, {job.key: 0.0 for job in jobs} | spent)
    longest = max(ranks(graph))
    makespan = make_report(folder).seconds
    bound = max(longest, work / max(1, slots))
    return {
        "run": folder.name,
        "jobs": len(jobs),
        "slots": slots,
        "makespan s": round(makespan, 1),
        "critical path s": round(longest, 1),
        "work / slots s": round(work / max(1, slots), 1),
        "ratio": round(makespan / bound, 3),
    }


def built(folder: Path) -> dict[str, int]:
    """Return how often each job of a rebuild was really built to its end."""
    with contextlib.closing(sqlite3.connect(folder / "journal.sqlite")) as journal:
        rows = journal.execute(
            "select job, count(*) from attempt where status = 'built' and reason != 'reused'"
            " group by stack, job"
        ).fetchall()
    return {str(job): int(count) for job, count in rows}


def run_killed(
    folder: Path, kills: int, between: tuple[float, float], chance: random.Random
) -> int:
    """Kill a rebuild at random moments and resume it; return 1 when a finished job is done again.

    The whole process group gets SIGKILL, as a power cut would do it: nothing can tidy up.
    """
    rows = []
    for life in range(1, kills + 2):
        words = ["mass-rebuild", "run", str(folder), "--slots", "2"]
        argv = [sys.executable, "-m", "elpython", *words]
        started = time.perf_counter()
        with subprocess.Popen(
            argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            try:
                process.wait(chance.uniform(*between) if life <= kills else None)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        counts = built(folder)
        rows.append({
            "life": life,
            "seconds": round(time.perf_counter() - started, 1),
            "ended by": "SIGKILL" if process.returncode < 0 else f"exit code {process.returncode}",
            "jobs built": len(counts),
            "built twice": sum(count > 1 for count in counts.values()),
        })  # fmt: skip
        if process.returncode >= 0:
            break
    show(rows)
    return int(any(row["built twice"] for row in rows))


def timed(tool: str, what: str, argv: Sequence[str], **how: Any) -> Measured:  # noqa: ANN401
    """Run a command and measure it; its output goes to standard error when it fails."""
    started = time.perf_counter()
    done = subprocess.run(argv, capture_output=True, text=True, check=False, **how)
    seconds = round(time.perf_counter() - started, 1)
    if done.returncode:
        end = f"{done.stdout[-500:]}{done.stderr[-2000:]}"
        print(f"{tool} {what}: exit code {done.returncode}\n{end}", file=sys.stderr)
    return Measured(tool=tool, what=what, seconds=seconds, good=done.returncode == 0)


def fromager_runs(program: Path, wanted: Sequence[str], folder: Path) -> list[Measured]:
    """Build the set with fromager: everything from nothing, then its two build-only ways."""
    (folder / "set.txt").write_text("\n".join(wanted) + "\n", "utf-8")
    env = os.environ | {
        "PATH": f"{program.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    }
    base = [str(program), "-c", "set.txt"]
    steps: list[tuple[str, list[str]]] = [
        ("plan and build, in order", [*base, "bootstrap", "-r", "set.txt"]),
        ("build, in order", [*base, "build-sequence", "--force", "work-dir/build-order.json"]),
        ("build, two at once", [*base, "-j", "2", "build-parallel", "--force",
                                "work-dir/graph.json"]),
    ]  # fmt: skip
    return [timed("fromager", what, argv, cwd=folder, env=env) for what, argv in steps]


def our_runs(python: str, wanted: Sequence[str], folder: Path) -> list[Measured]:
    """Build the set with ours: everything from nothing, builds alone, two at once."""
    found = []
    elpython = [sys.executable, "-m", "elpython", "mass-rebuild"]
    (folder / "set.txt").write_text("\n".join(wanted) + "\n", "utf-8")

    def step(what: str, store: str, *words: str) -> Measured:
        env = os.environ | {"ELPYTHON_STORE": str(folder / store)}
        return timed("elpython mass-rebuild", what, [*elpython, *words], cwd=folder, env=env)

    plan = step("plan", "one", "plan", "one", "--python", python, "--no-checks", "-r", "set.txt")
    build = step("build, in order", "one", "run", "one", "--slots", "1")
    found.append(
        Measured(
            tool=plan.tool,
            what="plan and build, in order",
            seconds=round(plan.seconds + build.seconds, 1),
            good=plan.good and build.good,
        )
    )
    found.append(build)
    step("plan", "two", "plan", "two", "--python", python, "--no-checks", "-r", "set.txt")
    found.append(step("build, two at once", "two", "run", "two", "--slots", "2"))
    return found


def run_fromager(program: Path, python: str, wanted: Sequence[str]) -> None:
    """Compare the two."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        runs: list[Measured] = []
        parts: list[tuple[str, Callable[[Path], list[Measured]]]] = [
            ("fromager", lambda path: fromager_runs(program, wanted, path)),
            ("ours", lambda path: our_runs(python, wanted, path)),
        ]
        for part, measure in parts:
            (folder / part).mkdir()
            runs += measure(folder / part)
        show([asdict(item) for item in runs])
        print("\nour builds against their lower bound:\n")
        show([bound_of(folder / "ours" / run) for run in ("one", "two")])


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    modes = parser.add_subparsers(dest="mode", required=True)
    modes.add_parser("simulate")
    dask = modes.add_parser("dask")
    dask.add_argument("--tasks", type=int, default=10_000)
    dask.add_argument("--workers", type=int, default=2)
    real = modes.add_parser("real")
    real.add_argument("folder", type=Path)
    killed = modes.add_parser("killed")
    killed.add_argument("folder", type=Path)
    killed.add_argument("--kills", type=int, default=6)
    killed.add_argument("--between", type=float, nargs=2, default=(15.0, 90.0))
    killed.add_argument("--seed", type=int, default=1)
    versus = modes.add_parser("fromager")
    versus.add_argument("--fromager", type=Path, required=True)
    versus.add_argument("--python", required=True)
    versus.add_argument("-r", "--requirements", type=Path)
    given = parser.parse_args()
    if given.mode == "simulate":
        run_simulations()
    elif given.mode == "dask":
        run_dask(given.tasks, given.workers)
    elif given.mode == "real":
        show([bound_of(given.folder)])
    elif given.mode == "killed":
        chance = random.Random(given.seed)  # noqa: S311 - moments, not secrets
        sys.exit(run_killed(given.folder, given.kills, tuple(given.between), chance))
    else:
        lines = given.requirements.read_text("utf-8").split() if given.requirements else SET
        run_fromager(given.fromager.absolute(), given.python, lines)


if __name__ == "__main__":
    main()
