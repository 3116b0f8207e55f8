"""pyperformance's benchmarks as files: which there are, what each needs, and one run of one."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 900.0
_PACKAGES = ("pyperformance", "pyperf")


class LeftOutError(Exception):
    """A benchmark that an interpreter could not run; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Benchmark:
    """One row of pyperformance's manifest.

    Attributes:
        name: as in the manifest.
        script: what is run.
        options: the row's own options.
        requirements: what it imports, as pip's requirements; empty for most.
    """

    name: str
    script: Path
    options: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()


@dataclass(slots=True)
class Suite:
    """The benchmarks and the folders that each interpreter imports from.

    Attributes:
        folder: everything is below it.
        benchmarks: all rows of the manifest, by name.
        prepared: folders that were filled, or why they could not be, by interpreter and benchmark.
    """

    folder: Path
    benchmarks: dict[str, Benchmark]
    prepared: dict[tuple[str, tuple[str, ...]], Path | LeftOutError] = field(default_factory=dict)

    def path_for(self, python: str, benchmark: Benchmark) -> str:
        """Return PYTHONPATH for a benchmark: what it needs is installed once per interpreter.

        Raises:
            LeftOutError: pip could not install it.
        """
        common = str(self.folder / "packages")
        if not benchmark.requirements:
            return common
        key = (python, benchmark.requirements)
        if key not in self.prepared:
            try:
                self.prepared[key] = self._install(python, benchmark)
            except LeftOutError as error:
                self.prepared[key] = error
        place = self.prepared[key]
        if isinstance(place, LeftOutError):
            raise place
        return f"{place}{os.pathsep}{common}"

    def _install(self, python: str, benchmark: Benchmark) -> Path:
        to = self.folder / f"needs-{len(self.prepared)}"
        # The interpreter's own pip may be missing (Debian): ours installs for it.
        words = [sys.executable, "-m", "pip", "--python", python, "install", "-q"]
        words += ["--no-warn-script-location", "--target", str(to), *benchmark.requirements]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LeftOutError(f"pip: {(done.stderr.strip().splitlines() or ['no answer'])[-1]}")
        return to


def load_suite(folder: Path) -> Suite:
    """Install pyperformance below a folder, pure Python only, and read its manifest."""
    packages = folder / "packages"
    words = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(packages)]
    subprocess.run([*words, *_PACKAGES], check=True)
    root = packages / "pyperformance" / "data-files" / "benchmarks"
    rows = (root / "MANIFEST").read_text("utf-8").partition("[group ")[0].splitlines()
    found = {}
    for row in rows:
        words = row.split()
        if len(words) == 2 and words[1].startswith("<local"):
            found[words[0]] = _read(root, words[0], words[1])
    return Suite(folder, found)


def _read(root: Path, name: str, meta: str) -> Benchmark:
    """Read a row's own table: `<local>` has a folder of its own, `<local:BASE>` another's."""
    base = meta.strip("<>").partition(":")[2] or name
    folder = root / f"bm_{base}"
    table: dict[str, Any] = {}
    for path in (folder / "pyproject.toml", folder / f"bm_{name}.toml"):
        if path.is_file():
            table |= tomllib.loads(path.read_text("utf-8")).get("tool", {}).get("pyperformance", {})
    needs = folder / "requirements.txt"
    lines = needs.read_text("utf-8").splitlines() if needs.is_file() else []
    return Benchmark(
        name=name,
        script=folder / table.get("runscript", "run_benchmark.py"),
        options=tuple(table.get("extra_opts", ())),
        requirements=tuple(
            line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Timed:
    """What one process said.

    Attributes:
        best: seconds of the best value, by benchmark: some scripts hold several.
        cpu: CPU seconds of the process and its children, start-up and warm-up included.
        loops: how many loops a value took.
    """

    best: dict[str, float]
    cpu: float
    loops: int


def time_once(suite: Suite, python: str, benchmark: Benchmark, loops: int | None) -> Timed:
    """Run one benchmark in one process.

    Args:
        suite: where it is.
        python: the interpreter.
        benchmark: what is run.
        loops: loops of a value; None lets pyperf find them.

    Raises:
        LeftOutError: it failed, hangs, or needs what cannot be installed.
    """
    out = suite.folder / "out.json"
    out.unlink(missing_ok=True)
    words = [python, str(benchmark.script), "-q", "-p", "1", "-n", "3", "-w", "1", "-o", str(out)]
    words += ["--inherit-environ", "PYTHONPATH", *(["-l", str(loops)] if loops else [])]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run([*words, *benchmark.options], suite.path_for(python, benchmark))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    data = json.loads(out.read_text("utf-8"))
    best, taken = {}, 1
    for number, item in enumerate(data["benchmarks"]):
        meta = {**data.get("metadata", {}), **item.get("metadata", {})}
        values = [value for run in item["runs"] for value in run.get("values", [])]
        for run in item["runs"]:
            taken = run.get("metadata", {}).get("loops", meta.get("loops", taken))
        best[str(meta.get("name", f"{benchmark.name}-{number}"))] = min(values)
    used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return Timed(best=best, cpu=used, loops=int(taken))


def count_once(suite: Suite, python: str, benchmark: Benchmark, loops: int) -> int:
    """Return the instructions of one process that runs some loops, start-up included.

    Raises:
        LeftOutError: as for `time_once`; also what takes too long under callgrind.
    """
    out = suite.folder / "callgrind.out"
    out.unlink(missing_ok=True)
    words = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", python]
    words += [str(benchmark.script), "--worker", "-n", "1", "-w", "0", "-l", str(loops)]
    _run([*words, *benchmark.options], suite.path_for(python, benchmark), {"PYTHONHASHSEED": "0"})
    totals = next(line for line in out.read_text("utf-8").splitlines() if line[:7] == "totals:")
    return int(totals.split()[1])


def _run(words: list[str], path: str, more: dict[str, str] | None = None) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env |= {"PYTHONPATH": path, **(more or {})}
    try:
        done = subprocess.run(
            words, env=env, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired as error:
        raise LeftOutError(f"no end after {PATIENCE:.0f} s") from error
    except OSError as error:
        raise LeftOutError(f"{words[0]}: {error.strerror}") from error
    if done.returncode:
        raise LeftOutError((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
