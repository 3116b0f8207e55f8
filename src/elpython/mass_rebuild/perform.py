"""Do one task: fetch, build in a sandbox, push. What every worker runs, wherever it is."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.core.errors import DiskFullError, ElpythonError
from elpython.core.store import remove_tree
from elpython.mass_rebuild import build_wheel
from elpython.mass_rebuild.contain import sandbox_for
from elpython.mass_rebuild.depot import open_depot
from elpython.mass_rebuild.errors import BadSourceError
from elpython.mass_rebuild.model import BuildOutcome, BuildTask
from elpython.mass_rebuild.plain import from_plain, to_plain
from elpython.mass_rebuild.resolve import find_uv

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.mass_rebuild.contain import Sandbox
    from elpython.mass_rebuild.depot import Depot

__all__ = ["perform", "perform_plain", "worker_name"]

_LOG_HALF = 500_000


def worker_name() -> str:
    """Return this process a name: host and process id."""
    return f"{socket.gethostname()}:{os.getpid()}"


def perform_plain(task: dict[str, Any]) -> dict[str, Any]:
    """Do a task given as plain data and return its outcome as plain data (for Dask)."""
    found: dict[str, Any] = to_plain(perform(from_plain(BuildTask, task)))
    return found


def perform(task: BuildTask, stopped: Callable[[], bool] | None = None) -> BuildOutcome:
    """Do a task to its end. Whatever the package does wrong is an outcome, never an exception.

    Args:
        task: what to do.
        stopped: asked now and then; when it says yes, the build is stopped.
    """
    started = time.time()
    base = BuildOutcome(key=task.key, status="failed", worker=worker_name(), started=started)
    try:
        outcome = _perform(task, base, stopped)
    except (DiskFullError, OSError) as error:
        outcome = replace(base, reason="disk" if _is_full(error) else "system", log=str(error))
    except BadSourceError as error:
        outcome = replace(base, reason="source", log=str(error))
    except ElpythonError as error:
        outcome = replace(base, reason="system", log=str(error))
    return replace(outcome, seconds=round(time.time() - started, 3))


def _is_full(error: BaseException) -> bool:
    import errno

    return isinstance(error, DiskFullError) or (
        isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    )


def _perform(
    task: BuildTask, base: BuildOutcome, stopped: Callable[[], bool] | None
) -> BuildOutcome:
    depot = open_depot(task.depot)
    if task.kind == "build" and (products := depot.record(task.content_key)) is not None:
        return replace(base, status="built", products=products, reason="reused")
    folder = Path(tempfile.mkdtemp(prefix="elpython-build-"))
    try:
        box = sandbox_for(
            folder / "box",
            contain=task.contain,
            limits=task.limits,
            network=bool(task.options.get("network")),
            readable=_readable(task),
            env=_strings(task.options.get("env")),
        )
        try:
            return _in_box(task, box, depot, base, stopped)
        except BadSourceError as error:
            text = f"{read_log(box.log)}\n{error}".lstrip()
            return replace(base, reason="source", log=text, contained=box.name)
    finally:
        remove_tree(folder)


def _in_box(
    task: BuildTask,
    box: Sandbox,
    depot: Depot,
    base: BuildOutcome,
    stopped: Callable[[], bool] | None,
) -> BuildOutcome:
    products: list[Path] = []
    if task.backend == "rpm":
        from elpython.mass_rebuild import build_rpm

        ended, products, wants = build_rpm.build(task, box, depot, stopped)
    else:
        work = build_wheel.check if task.kind == "check" else build_wheel.build
        ended, wheel, wants = work(task, box, depot, stopped)
        products = [wheel] if wheel is not None else []
    done = replace(
        base,
        reason=ended.reason,
        exit_code=ended.exit_code,
        peak_mb=ended.peak_mb,
        log=read_log(box.log),
        contained=box.name,
        wants=wants,
    )
    if ended.reason:
        return replace(done, status="lost" if ended.reason == "lost" else "failed")
    if wants:
        return replace(done, status="needs")
    kept = tuple(depot.put(path) for path in products)
    if task.kind == "build":
        depot.keep(task.content_key, kept)
    return replace(done, status="built", products=kept)


def _readable(task: BuildTask) -> list[Path]:
    from elpython.mass_rebuild.build_rpm import readable_of_macros

    stated = task.options.get("readable")
    names = [str(item) for item in stated] if isinstance(stated, list) else []
    own = Path(task.interpreter.path)
    return [
        Path(find_uv()),
        Path(task.interpreter.prefix),
        own.resolve().parent.parent,
        *([own.parent.parent] if own.parent.name == "bin" else []),
        *(readable_of_macros(task.macros, task.interpreter) if task.macros else []),
        *(Path(name).expanduser() for name in names),
    ]


def _strings(value: object) -> dict[str, str]:
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}


def read_log(path: Path) -> str:
    """Return a log; of a very long one the beginning and the end."""
    if not path.is_file():
        return ""
    data = path.read_bytes()
    if len(data) > 2 * _LOG_HALF:
        cut = len(data) - 2 * _LOG_HALF
        middle = f"\n... {cut} bytes left out ...\n".encode()
        data = data[:_LOG_HALF] + middle + data[-_LOG_HALF:]
    return data.decode("utf-8", "backslashreplace")
