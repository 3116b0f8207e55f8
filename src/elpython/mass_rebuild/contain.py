"""Keep a build in: a sandbox where there is one, limits everywhere.

With bubblewrap a build sees the system's programs read-only, the interpreter, its own folder at
`/build`, and nothing else: no network, no home, no other process. Everywhere a watchdog stops
what takes too long, too much memory, too much disk or too many processes. What stays open is told
in `docs/explanation/rebuild.md`.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError
from elpython.core.machine import way_out
from elpython.core.process import clean_env, kill_group, run, spawn
from elpython.mass_rebuild.errors import ContainmentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elpython.mass_rebuild.model import Limits

__all__ = ["Ended", "Sandbox", "bubblewrap_works", "kept_in_by", "sandbox_for"]

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ssl", "pki", "passwd",
        "group", "nsswitch.conf", "rpm", "ca-certificates", "localtime")  # fmt: skip
_NETWORK_ETC = ("resolv.conf", "hosts")
_EPOCH = "1577836800"  # 2020-01-01: the same for every build, so that equal inputs give equal zips
_POLL = 0.2
_DISK_EVERY = 5
_MB = 1024 * 1024
_TMP_MB = 1024  # of memory, for /tmp and /dev/shm


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """How a contained program ended.

    Attributes:
        reason: empty for exit code 0, else `exit`, `timeout`, `memory`, `disk` or `processes`.
        peak_mb: the most memory that its processes held together, in MiB.
    """

    reason: str
    exit_code: int
    seconds: float
    peak_mb: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sandbox:
    """One build's folder and how programs are run in it.

    Attributes:
        root: the folder outside.
        inner: the same folder as the build sees it.
        readable: further folders and files that the build may read.
        network: whether it may reach the network.
        tool: path of bubblewrap; empty for limits only.
        writable: further folders that it may write, at the same path inside; they count as disk.
        placed: files that stand at another path inside: outside, inside.
    """

    root: Path
    inner: Path
    readable: tuple[Path, ...]
    network: bool
    limits: Limits
    tool: str
    log: Path
    extra_env: Mapping[str, str]
    writable: tuple[Path, ...] = ()
    placed: tuple[tuple[Path, Path], ...] = ()

    @property
    def name(self) -> str:
        """Return what keeps the build in, for the report."""
        return "bubblewrap" if self.tool else "limits only"

    def inside(self, path: Path) -> str:
        """Return a path below the root as the build sees it."""
        return str(self.inner / path.relative_to(self.root))

    def environment(self) -> dict[str, str]:
        """Return the build's environment: nothing of the caller's but what was stated."""
        inner = self.inner
        found = {
            "PATH": f"{inner}/env/bin:/usr/local/bin:/usr/bin:/bin",
            "HOME": f"{inner}/home",
            "TMPDIR": f"{inner}/tmp",  # noqa: S108 - the build's own
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONHASHSEED": "0",
            "PYTHONNOUSERSITE": "1",
            "PIP_NO_INDEX": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_OFFLINE": "1",
            "SOURCE_DATE_EPOCH": _EPOCH,
        }
        if not self.tool and not self.network:
            # Without a network namespace this stops only the well-behaved; the docs say so.
            closed = "http://127.0.0.1:9"
            found |= {"http_proxy": closed, "https_proxy": closed, "ALL_PROXY": closed}
        return found | dict(self.extra_env)

    def command(self, argv: Sequence[str], cwd: str) -> list[str]:
        """Return the whole command line: limits, sandbox, program."""
        limits = [
            "prlimit", "--core=0", "--nofile=8192", f"--fsize={self.limits.disk_mb * _MB}",
        ]  # fmt: skip
        limits = limits if shutil.which("prlimit") else []
        if not self.tool:
            return [*limits, *argv]
        return [*limits, self.tool, *_bubblewrap_options(self, cwd), "--", *argv]

    def run(
        self, argv: Sequence[str], *, cwd: str = "", stopped: Callable[[], bool] | None = None
    ) -> Ended:
        """Run a program in here to its end, or stop it at a limit."""
        cwd = cwd or str(self.inner)
        env = self.environment()
        started = time.monotonic()
        with self.log.open("ab") as sink:
            child = spawn(
                self.command(argv, cwd),
                cwd=None if self.tool else Path(cwd),
                env=env,
                stdout=sink,
                stderr=sink,
            )
            try:
                reason, peak = _watch(self, child.pid, child.poll, started, stopped)
            finally:
                # Also after a good end: what the build left running must not outlive it.
                kill_group(child)
        code = child.returncode
        if not reason and code != 0:
            reason = "exit"
        seconds = time.monotonic() - started
        return Ended(reason=reason, exit_code=code, seconds=seconds, peak_mb=peak // _MB)


def _bubblewrap_options(box: Sandbox, cwd: str) -> list[str]:
    options = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    if box.network:
        options.append("--share-net")
    if os.geteuid() == 0:
        options += ["--cap-drop", "ALL"]
    options += ["--uid", "1000", "--gid", "1000", "--hostname", "build"]
    for name, value in box.environment().items():
        options += ["--setenv", name, value]
    options += ["--tmpfs", "/", "--dir", "/etc"]
    for system in _SYSTEM:
        if Path(system).is_symlink():
            options += ["--symlink", str(Path(system).readlink()), system]
        elif Path(system).is_dir():
            options += ["--ro-bind", system, system]
    for name in (*_ETC, *(_NETWORK_ETC if box.network else ())):
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    room = str(min(box.limits.disk_mb, _TMP_MB) * _MB)
    options += ["--proc", "/proc", "--dev", "/dev"]
    for folder in ("/tmp", "/dev/shm"):  # noqa: S108 - the sandbox's own
        options += ["--size", room, "--tmpfs", folder]
    options += _stated_paths(box)
    options += ["--bind", str(box.root), str(box.inner), "--remount-ro", "/", "--chdir", cwd]
    return options


def _stated_paths(box: Sandbox) -> list[str]:
    options: list[str] = []
    for path in box.readable:
        if path not in {Path("/"), Path("/usr")} and not str(path).startswith("/usr/"):
            options += ["--ro-bind", str(path), str(path)]
    for path in box.writable:
        options += ["--bind", str(path), str(path)]
    for outside, inside in box.placed:
        options += ["--ro-bind", str(outside), str(inside)]
    return options


def _watch(
    box: Sandbox,
    pid: int,
    poll: Callable[[], int | None],
    started: float,
    stopped: Callable[[], bool] | None,
) -> tuple[str, int]:
    """Wait for a program; give why it has to be stopped (empty when it ended) and peak bytes."""
    peak, turn, limits, pause = 0, 0, box.limits, 0.01
    while poll() is None:
        time.sleep(pause)
        pause = min(_POLL, pause * 1.5)
        count, held = _family(pid)
        peak = max(peak, held)
        turn += 1
        if time.monotonic() - started > limits.seconds:
            return "timeout", peak
        if held > limits.memory_mb * _MB:
            return "memory", peak
        if count > limits.processes:
            return "processes", peak
        if turn % _DISK_EVERY == 0 and _disk_size(box) > limits.disk_mb * _MB:
            return "disk", peak
        if stopped is not None and stopped():
            return "lost", peak
    return "", peak


def _family(pid: int) -> tuple[int, int]:
    """Return how many processes descend from one, itself included, and their memory in bytes."""
    parents: dict[int, int] = {}
    pages: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            text = Path(entry.path, "stat").read_text("utf-8", "replace")
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        parents[int(entry.name)] = int(fields[1])
        pages[int(entry.name)] = int(fields[21])
    members, grown = {pid}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in members} - members
        members |= more
        grown = bool(more)
    size = os.sysconf("SC_PAGE_SIZE")
    return len(members), sum(pages.get(member, 0) for member in members) * size


def _disk_size(box: Sandbox) -> int:
    """Return the bytes on disk below all that a build may write."""
    total, todo = 0, [str(path) for path in (box.root, *box.writable)]
    while todo:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        todo.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return total


@cache
def bubblewrap_works() -> str:
    """Return bubblewrap's path when it can make a sandbox on this machine, else an empty string."""
    tool = shutil.which("bwrap")
    if tool is None:
        return ""
    probe = [tool, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc",
             "--", "true"]  # fmt: skip
    try:
        works = run(probe, env=clean_env(), timeout=20, check=False).returncode == 0
    except ElpythonError:
        return ""
    return tool if works else ""


def kept_in_by(contain: str) -> str:
    """Return what keeps a program in: `bubblewrap` or `limits only`."""
    return "bubblewrap" if contain != "none" and bubblewrap_works() else "limits only"


def sandbox_for(
    root: Path,
    *,
    contain: str,
    limits: Limits,
    network: bool = False,
    readable: Sequence[Path] = (),
    env: Mapping[str, str] | None = None,
) -> Sandbox:
    """Lay out a build's folder and return the sandbox around it.

    Args:
        root: an empty or absent folder.
        contain: `auto` (bubblewrap where it works), `bubblewrap` (else an error) or `none`.
        limits: what stops a program in it.
        network: whether it may reach the network.
        readable: further folders and files that it may read.
        env: further environment variables.

    Raises:
        ContainmentError: bubblewrap was demanded and does not work here.
    """
    tool = "" if contain == "none" else bubblewrap_works()
    if contain == "bubblewrap" and not tool:
        raise ContainmentError(
            "this machine cannot contain builds with bubblewrap",
            todo=f"{way_out('bwrap')}; and allow user namespaces, or take --contain auto",
        )
    for name in ("home", "tmp", "out"):
        (root / name).mkdir(parents=True, exist_ok=True)
    return Sandbox(
        root=root,
        inner=Path("/build") if tool else root,
        readable=tuple(dict.fromkeys(path for path in readable if path.exists())),
        network=network,
        limits=limits,
        tool=tool,
        log=root / "log.txt",
        extra_env=dict(env or {}),
    )
