"""Time of one wheel build by each frontend: `build`, `uv build`, and our own two hook calls.

    python bench/frontends.py six-1.17.0.tar.gz [--runs 5]

Each run makes a fresh environment, puts setuptools and wheel into it, and builds the sdist; files
come from the frontends' warm caches. `build` is measured when it is installed beside this Python.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.process import clean_env
from elpython.core.store import Store
from elpython.mass_rebuild import interpreters
from elpython.mass_rebuild.depot import StoreDepot
from elpython.mass_rebuild.model import BuildOutcome, BuildTask
from elpython.mass_rebuild.perform import perform
from elpython.mass_rebuild.resolve import find_uv

if TYPE_CHECKING:
    from collections.abc import Callable


def seconds_of(argv: list[str]) -> float:
    """Run a command and return its wall time."""
    started = time.perf_counter()
    subprocess.run(argv, check=True, capture_output=True, env=clean_env())
    return time.perf_counter() - started


def ours(archive: Path, inputs: list[Path], folder: Path, contain: str) -> float:
    """Build with our worker's code and return its wall time."""
    depot = StoreDepot(Store(folder / "store"))
    name, _, version = archive.name.removesuffix(".tar.gz").rpartition("-")
    task = BuildTask(
        key=name, kind="build", backend="wheel", name=name, version=version,
        content_key=f"{time.time_ns():032x}", interpreter=interpreters.ask(Path(sys.executable)),
        depot={"store": str(depot.store.root)}, source=depot.put(archive),
        inputs=tuple(depot.put(path) for path in inputs), contain=contain,
    )  # fmt: skip
    started = time.perf_counter()
    outcome: BuildOutcome = perform(task)
    if outcome.status != "built":
        raise SystemExit(f"{outcome.status}: {outcome.reason}\n{outcome.log}")
    return time.perf_counter() - started


def main() -> None:
    """Measure and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sdist", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    archive: Path = given.sdist.absolute()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheels = folder / "wheels"
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(wheels)]
        subprocess.run([*pip, "setuptools", "wheel", "packaging"], check=True, capture_output=True)
        inputs = sorted(wheels.glob("*.whl"))
        out = str(folder / "out")
        subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)
        unpacked = folder / archive.name.removesuffix(".tar.gz")
        ways: dict[str, Callable[[], float]] = {
            "uv build": lambda: seconds_of(
                [find_uv(), "build", "--wheel", "-q", "-o", out, "--python", sys.executable,
                 str(archive)]
            ),
            "build": lambda: seconds_of(
                [sys.executable, "-m", "build", "--wheel", "-o", out, str(unpacked)]
            ),
            "ours, bubblewrap": lambda: ours(archive, inputs, folder, "auto"),
            "ours, limits only": lambda: ours(archive, inputs, folder, "none"),
        }  # fmt: skip
        print("| frontend | median s of", given.runs, "|\n| --- | --- |")
        for way, measure in ways.items():
            try:
                measure()
            except subprocess.CalledProcessError:
                print(f"| {way} | not installed |")
                continue
            found = statistics.median(measure() for _ in range(given.runs))
            print(f"| {way} | {found:.2f} |", flush=True)


if __name__ == "__main__":
    main()
