"""Slots on many machines: Dask `distributed` gets only what is ready, in order of rank.

A worker that dies costs the builds that it held: Dask gives them to another one; a task that
killed several workers comes back as `lost`. Dask's scheduler keeps nothing over a restart: then
all that it held comes back as `lost`, and the run gives it out again.
"""

from __future__ import annotations

import contextlib
import os
import queue
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

from elpython.core.errors import MissingProgramError
from elpython.mass_rebuild.errors import SchedulerError
from elpython.mass_rebuild.model import BuildOutcome, BuildTask
from elpython.mass_rebuild.perform import perform_plain
from elpython.mass_rebuild.plain import from_plain, to_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elpython.mass_rebuild.tls import Tls

__all__ = ["DaskExecutor", "connected"]

_PATIENCE = 120.0
_STEP = 0.5
_ASK_EVERY = 32  # submissions between two looks at who is there


def perform_on_worker(task: dict[str, Any]) -> dict[str, Any]:
    """Do a task on a Dask worker, which reaches the depot with its own TLS files."""
    from distributed import get_worker

    security = get_worker().security
    if security.tls_ca_file:
        files = {
            "ca": security.tls_ca_file,
            "cert": security.tls_worker_cert,
            "key": security.tls_worker_key,
        }
        task = task | {"depot": task["depot"] | files}
    return perform_plain(task)


@dataclass(slots=True)
class DaskExecutor:
    """An executor over a Dask client.

    Attributes:
        client: a connected `distributed.Client`.
        tick: called about once a second while work is awaited.
        work: what a worker runs on a task's plain form; another one in measurements.
        patience: seconds without any worker after which the run gives up.
        cluster: the workers that were started here, None when they are somebody else's.
        wanted: how many workers were started here.
    """

    client: Any
    tick: Callable[[], None] = lambda: None
    work: Callable[[dict[str, Any]], dict[str, Any]] = perform_on_worker
    patience: float = _PATIENCE
    cluster: Any = None
    wanted: int = 0
    _done: queue.Queue[Any] = field(default_factory=queue.Queue)
    _held: dict[str, tuple[int, BuildTask, Any]] = field(default_factory=dict)
    _turn: int = 0
    _slots: int = 0
    _submitted: int = 0
    _offered: set[str] | None = None

    @property
    def depth(self) -> int:
        """Hold twice what can run at once, so that a worker never waits for us."""
        if self._turn % _ASK_EVERY == 0 or not self._slots:
            self._slots = sum(self.client.nthreads().values())
        self._turn += 1
        return max(2, 2 * self._slots)

    def present(self) -> dict[str, tuple[str, ...]] | None:
        """Return each worker that the scheduler sees, with the keys of the jobs that it holds."""
        try:
            there = self.client.nthreads()
            holds = self.client.processing()
        except (OSError, ValueError, RuntimeError, TimeoutError):
            return None
        self._slots = sum(there.values())
        keys = {key: task.key for key, (_, task, _) in self._held.items()}
        return {
            str(address): tuple(keys.get(str(key), str(key)) for key in holds.get(address, ()))
            for address in there
        }

    def replace(self, count: int) -> bool:
        """Start workers here until there are so many; those of another scheduler are not ours."""
        if self.cluster is None:
            return False
        self.cluster.scale(count)
        return True

    def worker_pids(self) -> dict[str, int]:
        """Return the process id of each worker, by its address."""
        answers = self.client.run(_own_pid, workers=list(self._workers()), on_error="ignore")
        return {str(address): int(pid) for address, pid in answers.items()}

    def _workers(self) -> dict[str, dict[str, Any]]:
        """Return what Dask knows of each worker; nothing while its scheduler is away."""
        found: dict[str, dict[str, Any]] = self.client.scheduler_info(n_workers=-1).get(
            "workers", {}
        )
        return found

    def _resources(self, task: BuildTask) -> dict[str, float]:
        """Return what a task claims of those resources that workers say they have."""
        if self._submitted % _ASK_EVERY == 0 or self._offered is None:
            # A question to the scheduler: not for every task, once there are workers.
            info = self._workers().values()
            offered = {name for worker in info for name in worker.get("resources", {})}
            self._offered = offered if info else None
        self._submitted += 1
        wanted: dict[str, float] = {"memory_mb": task.limits.memory_mb}
        if task.options.get("exclusive"):
            wanted["exclusive"] = 1
        arch = task.options.get("arch")
        if isinstance(arch, str):
            wanted[arch] = 1
        return {name: value for name, value in wanted.items() if name in (self._offered or ())}

    def submit(self, number: int, work: BuildTask, priority: float) -> None:
        """Give a task to Dask.

        Raises:
            SchedulerError: its scheduler is gone and did not come back.
        """
        self._await_scheduler()
        self._turn += 1
        key = f"{work.key}-{self._turn}"
        future = self.client.submit(
            self.work,
            to_plain(work),
            key=key,
            priority=priority,
            resources=self._resources(work) or None,
            pure=False,
            retries=0,
        )
        self._held[key] = (number, work, future)
        future.add_done_callback(self._done.put)

    def _await_scheduler(self) -> None:
        """Wait until a scheduler that was lost is there again; Dask itself tries for a while."""
        waited = 0.0
        while self.client.status != "running":
            if self.client.status == "closed" or waited > self.patience:
                self._give_up()
            self.tick()
            time.sleep(_STEP)
            waited += _STEP

    def wait(self) -> list[tuple[int, BuildOutcome]]:
        """Wait until a task ended.

        Raises:
            SchedulerError: no worker came for as long as our patience lasts.
        """
        idle = 0.0
        while True:
            self.tick()
            try:
                future = self._done.get(timeout=1.0)
            except queue.Empty:
                idle = self._idle(idle)
                if self.client.status == "closed":
                    self._give_up()
                continue
            futures = [future]
            with contextlib.suppress(queue.Empty):
                while True:
                    futures.append(self._done.get_nowait())
            found = [self._result(future) for future in futures]
            if any(found):
                return [item for item in found if item is not None]

    def _idle(self, idle: float) -> float:
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            if self.client.nthreads():
                return 0.0
        if idle > self.patience:
            raise SchedulerError(
                f"there has been no worker for {idle:.0f} s",
                where=str(self.client.scheduler.address if self.client.scheduler else ""),
                todo="start workers, then: elpython mass-rebuild resume",
            )
        return idle + 1.0

    def _result(self, future: Any) -> tuple[int, BuildOutcome] | None:  # noqa: ANN401 - a Dask future
        held = self._held.pop(future.key, None)
        if held is None:
            return None
        number, task, _ = held
        if future.status == "finished":
            return number, from_plain(BuildOutcome, future.result())
        error = None
        if future.status == "error":
            error = future.exception()
        return number, BuildOutcome(
            key=task.key,
            status="lost",
            reason="lost",
            log=f"Dask lost it: {error or future.status}",
        )

    def _give_up(self) -> NoReturn:
        raise SchedulerError(
            "the Dask scheduler is gone",
            todo="start it again, then: elpython mass-rebuild resume (finished builds are kept)",
        )


def _own_pid() -> int:
    return os.getpid()


@contextlib.contextmanager
def connected(
    *, scheduler: str = "", workers: int = 0, memory_mb: int = 0, tls: Tls | None = None
) -> Iterator[DaskExecutor]:
    """Yield an executor on a Dask scheduler, or on workers started here.

    Args:
        scheduler: address, `tcp://host:8786`; empty starts scheduler and workers here.
        workers: how many worker processes to start, one build each.
        memory_mb: what each started worker offers as its `memory_mb` resource; 0 for no bound.
        tls: what connections are secured with; None leaves them open.

    Raises:
        MissingProgramError: distributed is not installed.
        SchedulerError: the scheduler cannot be reached.
    """
    try:
        import dask
        import distributed
    except ImportError as error:
        raise MissingProgramError(
            "Dask distributed is not installed", todo="install it: pip install 'elpython[scale]'"
        ) from error
    settings = {
        "distributed.scheduler.allowed-failures": 2,
        "distributed.worker.daemon": False,
        "distributed.admin.large-graph-warning-threshold": "1GB",
        "distributed.scheduler.worker-saturation": 1.0,
    }
    with dask.config.set(settings), contextlib.ExitStack() as stack:
        security = tls.security() if tls else None
        address: Any = scheduler
        cluster = None
        if not scheduler:
            address = cluster = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=True,
                    security=security,
                    protocol="tls://" if tls else None,
                    dashboard_address="127.0.0.1:0",
                    memory_limit=0,
                    resources={"memory_mb": memory_mb} if memory_mb else None,
                )
            )
        try:
            client = stack.enter_context(
                distributed.Client(address, timeout="20s", security=security)
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise SchedulerError(
                f"the Dask scheduler cannot be reached: {error}",
                where=scheduler,
                todo="is it running? start it: dask scheduler",
            ) from error
        yield DaskExecutor(client, cluster=cluster, wanted=workers)
