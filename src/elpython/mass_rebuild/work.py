"""A rebuild from its folder to its report: what the commands and other parts of us call."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from elpython.core.process import stop_on_terminate
from elpython.core.report import SILENT
from elpython.core.store import Store
from elpython.mass_rebuild import interpreters
from elpython.mass_rebuild.control import control_plan, failed_packages
from elpython.mass_rebuild.crew import Crew
from elpython.mass_rebuild.dask import DaskExecutor, connected
from elpython.mass_rebuild.depot import StoreDepot
from elpython.mass_rebuild.index import write_index, write_repository
from elpython.mass_rebuild.journal import RebuildJournal, lock_folder
from elpython.mass_rebuild.plan import load, save
from elpython.mass_rebuild.pool import Pool, memory_mb
from elpython.mass_rebuild.report import RebuildReport, make_report
from elpython.mass_rebuild.run import RunOptions, Tally, run_plan
from elpython.mass_rebuild.serve import depot_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.mass_rebuild.model import RebuildPlan
    from elpython.mass_rebuild.scheduler import Executor
    from elpython.mass_rebuild.tls import Tls

__all__ = ["Result", "WorkOptions", "products", "report", "run", "write_products"]

_PAGE_EVERY = 5.0
_MEMORY_SHARE = 0.9


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkOptions:
    """How a plan is run.

    Attributes:
        slots: builds at once in the process pool.
        workers: start this many Dask workers here instead.
        scheduler: take the workers of this Dask scheduler instead.
        depot_host: the address under which workers elsewhere reach this machine.
        tls: secures the connections of workers, to the scheduler and to the depot.
        control: the old interpreter for the control build, by path or version; empty for none.
        contain: `auto`, `bubblewrap` or `none`.
        page: whether the status page is written while it runs.
        again: what failed before is tried again, even if the reason lies in the package.
        watch: called about once a second with the executor.
    """

    slots: int = 1
    workers: int = 0
    scheduler: str = ""
    depot_host: str = "127.0.0.1"
    tls: Tls | None = None
    control: str = ""
    contain: str = "auto"
    page: bool = True
    again: bool = True
    store: Store = field(default_factory=Store.default)
    reporter: Reporter = SILENT
    watch: Callable[[object], None] = lambda _executor: None


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a run came to."""

    folder: str
    tally: Tally
    control: Tally | None
    products: str


@contextlib.contextmanager
def _executor(how: WorkOptions, options: RunOptions) -> Iterator[tuple[Executor, RunOptions]]:  # type: ignore[type-arg]
    """Open the slots, and the depot's server when workers may be elsewhere."""
    if how.workers or how.scheduler:
        depot = StoreDepot(how.store)
        memory = int(memory_mb() * _MEMORY_SHARE / how.workers) if how.workers else 0
        with (
            depot_server(depot, how.depot_host, tls=how.tls) as where,
            connected(
                scheduler=how.scheduler, workers=how.workers, memory_mb=memory, tls=how.tls
            ) as executor,
            _watched(executor, how, options),
        ):
            yield executor, replace(options, depot=where)
    else:
        with (
            Pool(how.slots, memory=int(memory_mb() * _MEMORY_SHARE)) as pool,
            _watched(pool, how, options),
        ):
            yield pool, options


@contextlib.contextmanager
def _watched(
    executor: Pool | DaskExecutor, how: WorkOptions, options: RunOptions
) -> Iterator[None]:
    """Look after the workers, and refresh the status page, while work is awaited."""
    with RebuildJournal.open(options.folder / "journal.sqlite", create=True) as journal:
        crew = Crew(journal)

        def tick() -> None:
            crew.look(executor)
            options.refresh()
            how.watch(executor)

        executor.tick = tick
        yield


def run(folder: Path, how: WorkOptions) -> Result:
    """Run the plan in a folder, or go on with it; then the control build; then the products.

    Raises:
        BadInputError: there is no plan.
        RunningError: another run is at work there.
        SchedulerError: Dask cannot be reached, or all its workers are gone.
    """
    plan = load(folder / "plan.json")
    with lock_folder(folder), stop_on_terminate():
        options = RunOptions(
            folder=folder,
            store=how.store,
            contain=how.contain,
            again=how.again,
            reporter=how.reporter,
            refresh=_page_writer(folder, enabled=how.page),
        )
        control_tally = None
        try:
            with _executor(how, options) as (executor, ready):
                tally = run_plan(plan, executor, ready)
                if how.control:
                    control_tally = _control(folder, plan, executor, ready, how)
        finally:
            if (folder / "journal.sqlite").is_file():
                _write_page(folder, running=False)
        where = write_products(folder, plan, how.store)
    return Result(folder=str(folder), tally=tally, control=control_tally, products=str(where))


def _control(
    folder: Path,
    plan: RebuildPlan,
    executor: Executor,  # type: ignore[type-arg]
    options: RunOptions,
    how: WorkOptions,
) -> Tally | None:
    failed = failed_packages(folder)
    old = interpreters.ask(interpreters.find(how.control))
    second = control_plan(plan, failed, old)
    if second is None:
        return None
    save(second, folder / "control.json")
    return run_plan(second, executor, replace(options, stack="control"))


def _page_writer(folder: Path, *, enabled: bool) -> Callable[[], None]:
    """Return a function that writes the status page, but not more often than every few seconds."""
    last = [0.0]

    def refresh() -> None:
        if enabled and time.monotonic() - last[0] > _PAGE_EVERY:
            _write_page(folder, running=True)
            last[0] = time.monotonic()

    return refresh


def _write_page(folder: Path, *, running: bool) -> None:
    from elpython.mass_rebuild.page import write_page

    write_page(folder, running=running)


def products(folder: Path, stack: str = "main") -> list[Path]:
    """Return the built files of a rebuild, in its index or repository."""
    plan = load(folder / "plan.json")
    inside = folder / ("index/files" if plan.backend == "wheel" else "repo/Packages")
    del stack
    return sorted(path for path in inside.glob("*") if path.suffix in {".whl", ".rpm"})


def write_products(folder: Path, plan: RebuildPlan, store: Store) -> Path:
    """Write the index (wheels) or the repository (RPMs) of what is built so far."""
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        last = journal.last("main")
    kept = [
        item
        for attempt in last.values()
        if attempt.status == "built" and attempt.kind == "build"
        for item in attempt.products
    ]
    if plan.backend == "wheel":
        return write_index(folder / "index", kept, StoreDepot(store))
    return write_repository(folder / "repo", kept, StoreDepot(store))


def report(folder: Path) -> RebuildReport:
    """Return the report of a rebuild, also while it runs."""
    return make_report(folder)
