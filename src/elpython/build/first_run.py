"""Look at a machine before anything is installed; install what lacks, where that is allowed.

A program of its own: any Python from 3.6, the standard library, and `core/machine.py` next to it.
The Makefile runs it with `-I -B`, so that it reads nothing of the user's and leaves no file behind.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, List, Optional, Sequence

if TYPE_CHECKING:
    from elpython.core import machine
else:
    _FILE = Path(__file__).parents[1] / "core" / "machine.py"
    _SPEC = importlib.util.spec_from_file_location("machine", str(_FILE))
    machine = importlib.util.module_from_spec(_SPEC)
    _SPEC.loader.exec_module(machine)

__all__ = ["main", "old_python"]

# What `make fresh` measures on Debian 12 and 13 (docs/measurements/first-run.md), rounded up.
_ENVIRONMENT_MB = 450
_STORE_MB = 1050
_BUILD_MINUTES = 7


def _missing(checks: Sequence["machine.Check"]) -> List["machine.Check"]:
    return [item for item in checks if not item.met]


def _described(checks: Sequence["machine.Check"], host: "machine.System") -> str:
    names = []
    for item in checks:
        package = machine.package_for(item.need, host)
        names.append(f"{item.need.what} ({package})" if package else item.need.what)
    return "; ".join(names)


def _packages(checks: Sequence["machine.Check"], host: "machine.System") -> List[str]:
    return [name for name in (machine.package_for(item.need, host) for item in checks) if name]


def _may_install(host: "machine.System") -> bool:
    if os.environ.get("ELPYTHON_NO_INSTALL", "") not in {"", "0"}:
        return False
    manager = machine.table()["managers"].get(host.manager)
    if manager is None or shutil.which(manager["program"]) is None:
        return False
    if not machine.as_root(host):
        return True
    if shutil.which("sudo") is None:
        return False
    asked = subprocess.run(
        ["sudo", "-n", "true"], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return asked.returncode == 0


def _install(checks: Sequence["machine.Check"], host: "machine.System", *, quiet: bool) -> None:
    """Install what is missing; a failure is told by the check that follows."""
    manager = machine.table()["managers"][host.manager]
    line = machine.install_line(_packages(checks, host), host, whole=True)
    _say(f"missing: {_described(checks, host)}")
    _say(f"installing: {line}  (ELPYTHON_NO_INSTALL=1 forbids it)")
    sudo = machine.as_root(host).split()
    settings = [f"{key}={value}" for key, value in manager["env"].items()]
    for step in line.split(" && "):
        words = step.split()[len(sudo) :]
        command = [*sudo, "env", *settings, *words]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if quiet else sys.stderr,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode and quiet:
            sys.stderr.write(done.stdout.decode("utf-8", "replace"))
    machine.forget()


def _say(line: str) -> None:
    sys.stderr.write(f"elpython: {line}\n")
    sys.stderr.flush()


def old_python(host: "machine.System") -> List[str]:
    """Return what to do on a system whose Python is too old, as lines."""
    ways = machine.table()["old_python"]
    line = ways.get(f"{host.id}:{host.version}") or ways.get(
        f"{host.id}:{host.version.split('.', 1)[0]}", ""
    )
    lines = ["the toolchain needs Python %d.%d or later; " % machine.OLDEST + host.title + " has "]
    lines[0] += "%d.%d as %s" % (*sys.version_info[:2], sys.executable)
    if line:
        return [*lines, f"install a newer one beside it: {machine.as_root(host)}{line}"]
    return [
        *lines,
        "it has no package of a newer one: upgrade it, or run: uv python install 3.13",
        "then: make demo PYTHON=/path/to/python3.13",
    ]


def _free_mb(path: Path) -> int:
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(str(path)).free // 1_000_000


def _store() -> Path:
    named = os.environ.get("ELPYTHON_STORE")
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(named) if named else Path(cache) / "elpython"


def _disk(checkout: Path, purpose: str, *, quiet: bool) -> List[str]:
    """Return what is wrong with the disk; tell what the first run takes."""
    new = (
        []
        if (checkout / ".venv" / "bin" / ".installed").exists()
        else [(checkout, _ENVIRONMENT_MB)]
    )
    builds = _store() / "builds"
    if purpose != "run" and not (builds.is_dir() and any(builds.iterdir())):
        new.append((_store(), _STORE_MB))
        if not quiet:
            cores = os.cpu_count() or 1
            _say(
                "the first run downloads 150 MB, takes %.1f GB of disk and %d minutes of compiling"
                " (about %d on %d cores); a second run has nothing to do"
                % (sum(size for _, size in new) / 1000, _BUILD_MINUTES,
                   max(2, round(_BUILD_MINUTES / cores)), cores)
            )  # fmt: skip
    wanted = sum(size for _, size in new)
    return [
        f"{place}: {_free_mb(place)} MB are free, the first run needs {wanted} MB"
        for place, _ in new
        if _free_mb(place) < wanted
    ][:1]


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Check, install where that is allowed, and return 0 when the purpose can go on."""
    parser = argparse.ArgumentParser(description="Check this machine for EL Python's toolchain.")
    parser.add_argument("--for", dest="purpose", choices=machine.PURPOSES, default="build")
    parser.add_argument("--check", action="store_true", help="Only tell; install nothing.")
    parser.add_argument("--quiet", action="store_true", help="Tell only what is wrong.")
    wish = parser.parse_args(argv)
    host = machine.system()
    if sys.version_info < machine.OLDEST:
        for line in old_python(host):
            _say(line)
        return 1
    checks = machine.check(wish.purpose, host)
    missing = [item for item in _missing(checks) if _packages([item], host)]
    if missing and not wish.check and _may_install(host):
        _install(missing, host, quiet=wish.quiet)
        checks = machine.check(wish.purpose, host)
    missing = _missing(checks)
    stopping = [item for item in missing if item.need.required]
    if missing:
        _tell_missing(stopping or missing, missing, host, stopping=bool(stopping))
    problems = _disk(Path.cwd(), wish.purpose, quiet=wish.quiet) if not stopping else []
    for line in problems:
        _say(line)
    return 1 if stopping or problems else 0


def _tell_missing(
    told: Sequence["machine.Check"],
    missing: Sequence["machine.Check"],
    host: "machine.System",
    *,
    stopping: bool,
) -> None:
    head = "missing" if stopping else "goes on without"
    _say(f"{head}: {_described(told, host)}")
    line = machine.install_line(_packages(missing, host), host, whole=True)
    if line:
        _say(f"run: {line}")
    else:
        _say(f"{host.title}: no package manager that is known; install them, then run this again")


if __name__ == "__main__":
    sys.exit(main())
