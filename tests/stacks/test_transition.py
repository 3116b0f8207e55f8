"""A whole transition from 3.11 to 3.13, with real wheels and real RPM packages.

Open the other stack, convert the spec files, rebuild on two workers of which one is killed in the
middle, report, announce, switch, rebuild the application, retire, close.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from elpython.core.store import Store
from elpython.mass_rebuild import interpreters, options, plan, specs, wheels, work
from elpython.mass_rebuild.journal import RebuildJournal
from elpython.mass_rebuild.resolve import IndexOptions
from stack_samples import lay_out, write_sdist

if TYPE_CHECKING:
    from collections.abc import Callable

    from stack_samples import Machine

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]

SAMPLES = ("python-evenodd", "python-fastadd", "python-greetings", "python-mainlib", "noteclock")


class Transition:
    """The folders of one transition, and the commands that are run in them."""

    def __init__(self, root: Path, machine: Machine) -> None:
        self.root = root
        self.machine = machine
        self.store = Store(root / "store")
        (root / "state").mkdir()

    def run(self, *words: object, code: int = 0) -> str:
        """Run `elpython` where stacks.toml lies, and return what it printed."""
        argv = [sys.executable, "-m", "elpython", *map(str, words)]
        env = {**os.environ, "ELPYTHON_STORE": str(self.store.root)}
        done = subprocess.run(
            argv, cwd=self.root / "state", env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def stack(self, *words: object, code: int = 0) -> str:
        return self.run("stack", *words, code=code)

    def rebuild_packages(self, name: str, watch: Callable[[object], None]) -> Path:
        """Rebuild the spec files with the state's macros, on two Dask workers."""
        macros = self.stack("macros", "--fedora-names")
        folder = self.root / name
        made = specs.plan_specs(
            specs.SpecSet(
                folder=self.root / "specs",
                interpreter=interpreters.ask(Path(self.machine.new.interpreter)),
                macros=macros,
                options=options.Options(),
                store=self.store,
            )
        )
        folder.mkdir()
        plan.save(made, folder / "plan.json")
        work.run(folder, work.WorkOptions(workers=2, store=self.store, watch=watch))
        return folder

    def rebuild_wheels(self) -> Path:
        """Rebuild two sdists, one of which needs the other, as wheels for 3.13."""
        write_sdist(self.root / "sdists", "spam")
        write_sdist(self.root / "sdists", "eggs", requires="spam")
        folder = self.root / "wheels"
        made = wheels.plan_wheels(
            wheels.WheelSet(
                requirements=("eggs",),
                interpreter=interpreters.ask(Path(self.machine.new.interpreter)),
                index=IndexOptions(find_links=(str(self.root / "sdists"),), offline=True),
                store=self.store,
            )
        )
        folder.mkdir()
        plan.save(made, folder / "plan.json")
        work.run(folder, work.WorkOptions(workers=2, store=self.store))
        return folder

    def report(self, folder: Path) -> Path:
        path = folder / "report.json"
        path.write_text(self.run("mass-rebuild", "report", folder, "--json"))
        return path


class Killer:
    """Kills one worker, once, when something is built and something else is under way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.killed = 0

    def __call__(self, executor: object) -> None:
        if not self.killed and {"built", "running"} <= {status for _, status in done(self.folder)}:
            pids = executor.worker_pids()  # type: ignore[attr-defined]
            self.killed = min(pids.values())
            os.kill(self.killed, signal.SIGKILL)


def done(folder: Path) -> list[tuple[str, str]]:
    """Return what the journal has: each attempt's job and how it ended."""
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        return [(item.job, item.status) for item in journal.attempts()]


def built(folder: Path) -> dict[str, Path]:
    """Return the binary packages of a rebuild by the part of their name before the version."""
    found = [path for path in (folder / "repo").rglob("*.rpm") if ".src." not in path.name]
    return {path.name.rsplit("-", 2)[0]: path for path in found}


def test_the_whole_transition(
    tmp_path: Path, machine: Machine, python311: Path, python313: Path
) -> None:
    here = Transition(tmp_path, machine)
    # The old world: one stack, laid under a prefix.
    here.stack("init", "3.11", "--interpreter", machine.old.interpreter, "--project", "Example")
    here.stack("install", tmp_path / "prefix", python311)
    here.stack("announce")

    # Open: the other stack comes, in the state and on the machine.
    here.stack("open", "3.13", "--interpreter", machine.new.interpreter)
    here.stack("install", tmp_path / "prefix", python313)
    assert "is recorded" in here.stack("switch", code=81)

    # Convert.
    found = [lay_out(sample, tmp_path / "specs" / sample) for sample in SAMPLES]
    here.stack("convert", "--in-place", *found)
    here.stack("lint", *found)

    # Rebuild on two workers; one is killed in the middle, and only what it built is built again.
    killer = Killer(tmp_path / "first")
    first = here.rebuild_packages("first", killer)
    assert killer.killed
    finished = [job for job, status in done(first) if status == "built"]
    assert sorted(set(finished)) == sorted(finished)
    packages = built(first)
    assert set(packages) == {
        f"python{stack}-{name}"
        for stack in ("311", "313")
        for name in ("evenodd", "fastadd", "greetings", "mainlib")
    } | {"noteclock"}
    made = here.rebuild_wheels()

    # Report: both rebuilds are whole.
    told = here.stack("rebuild", "--report", here.report(first))
    assert "5 of 5 packages are built" in told
    assert json.loads(here.report(made).read_text())["share"] == 1

    # Announce, then switch: macros and prefix together.
    assert "not announced yet" in here.stack("switch", code=81)
    assert here.stack("announce").count("Example: ") == 2
    assert machine.run(tmp_path / "prefix" / "bin" / "python3", "-V").startswith("Python 3.11")
    here.stack("switch", "--prefix", tmp_path / "prefix")
    assert machine.run(tmp_path / "prefix" / "bin" / "python3", "-V").startswith("Python 3.13")
    assert "%python3_pkgversion 313\n" in here.stack("macros")

    # The wheels of the rebuild go into the stacks, and run on both.
    index = next(path.parent for path in (made / "index").rglob("eggs-*.whl"))
    for wheel in (made / "index").rglob("*.whl"):
        (tmp_path / "house").mkdir(exist_ok=True)
        (tmp_path / "house" / wheel.name).write_bytes(wheel.read_bytes())
    assert index
    house = tmp_path / "house"
    here.stack("install", tmp_path / "prefix", "--wheels", house, "--package", "eggs")
    bindir = tmp_path / "prefix" / "bin"
    assert machine.run(bindir / "eggs") == "eggs on 3.13"
    assert machine.run(bindir / "eggs-3.11") == "eggs on 3.11"

    # The application was built for the old default: the old stack cannot go yet.
    here.stack("announce")
    assert "noteclock still needs Python 3.11" in here.stack(
        "retire", "--rpms", first / "repo", code=81
    )
    second = here.rebuild_packages("second", lambda _executor: None)
    here.stack("retire", "--rpms", second / "repo", "--prefix", tmp_path / "prefix")
    here.stack("announce")
    here.stack("close")
    assert "with_python3_other 1" not in here.stack("macros")
    assert "retired" in here.stack("show")
