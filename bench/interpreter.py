"""Compare interpreters on a selection of pyperformance, interleaved.

    python -m bench.interpreter A B [C ...] [--rounds N] [--only NAME,NAME] [--instructions]

A is the reference. Every round runs each benchmark on every interpreter in turn, so that whatever
else the machine does meets all of them; a benchmark's figure for one round is its best value. What
is printed is the ratio of times to A's: the median over the rounds, with the quartiles as spread.

`--instructions` counts instead of timing: what valgrind's callgrind counts for two loops, less what
it counts for one. These figures do not depend on what else the machine does; a benchmark that
needs an hour so is left to the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SELECTION = (
    "chaos", "crypto_pyaes", "deepcopy", "deltablue", "fannkuch", "float", "go", "hexiom",
    "json_dumps", "json_loads", "logging", "nbody", "nqueens", "pathlib", "pickle_pure_python",
    "pidigits", "python_startup", "raytrace", "regex_compile", "regex_v8", "richards",
    "scimark", "spectral_norm", "telco", "unpack_sequence", "xml_etree",
)  # fmt: skip
# What runs in seconds below callgrind, which is some fifty times slower.
COUNTED = (
    "chaos", "deepcopy", "deltablue", "fannkuch", "float", "go", "json_dumps", "nqueens",
    "pickle_pure_python", "raytrace", "regex_v8", "richards", "spectral_norm", "telco",
)  # fmt: skip
_PATIENCE = 600.0
_PACKAGES = ("pyperformance", "pyperf", "pyaes")


def install(folder: Path) -> Path:
    """Install the benchmarks into a folder, pure Python only; give their folder."""
    words = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder)]
    subprocess.run([*words, *_PACKAGES], check=True)
    return folder / "pyperformance" / "data-files" / "benchmarks"


def one(python: str, script: Path, folder: Path, loops: int | None) -> tuple[dict[str, float], int]:
    """Run one benchmark once; give name -> best seconds, and the loops that it took."""
    out = folder / "out.json"
    out.unlink(missing_ok=True)
    words = [python, str(script), "-q", "-p", "1", "-n", "3", "-w", "1", "-o", str(out)]
    words += ["--inherit-environ", "PYTHONPATH"]
    if loops is not None:
        words += ["-l", str(loops)]
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env["PYTHONPATH"] = str(folder / "packages")
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-300:])
    data = json.loads(out.read_text())
    best: dict[str, float] = {}
    taken = 1
    for number, benchmark in enumerate(data["benchmarks"]):
        meta = {**data.get("metadata", {}), **benchmark.get("metadata", {})}
        values = [value for item in benchmark["runs"] for value in item.get("values", [])]
        for item in benchmark["runs"]:
            taken = item.get("metadata", {}).get("loops", meta.get("loops", taken))
        best[str(meta.get("name", f"{script.parent.name}-{number}"))] = min(values)
    return best, int(taken)


def measure(
    pythons: list[str], names: list[str], rounds: int, folder: Path
) -> dict[str, list[list[float]]]:
    """Give benchmark -> rounds -> seconds for each interpreter."""
    benchmarks = install(folder / "packages")
    found: dict[str, list[list[float]]] = {}
    for name in names:
        script = benchmarks / f"bm_{name}" / "run_benchmark.py"
        try:
            first, loops = one(pythons[0], script, folder, None)
        except (RuntimeError, ValueError, OSError) as error:
            print(f"{name}: left out: {error}", file=sys.stderr)
            continue
        single = len(first) == 1
        for _ in range(rounds):
            runs = [one(python, script, folder, loops if single else None)[0] for python in pythons]
            for key in runs[0]:
                found.setdefault(key, []).append([run[key] for run in runs])
        print(f"  {name}: done", file=sys.stderr)
    return found


def _counted(python: str, script: Path, folder: Path, loops: int) -> int:
    """Give the instructions of one process that runs a benchmark's loops, start-up included."""
    out = folder / "callgrind.out"
    out.unlink(missing_ok=True)
    words = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", python, str(script)]
    words += ["--worker", "-n", "1", "-w", "0", "-l", str(loops)]
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env |= {"PYTHONPATH": str(folder / "packages"), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        words, env=env, capture_output=True, text=True, check=False, timeout=_PATIENCE
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-300:])
    totals = next(line for line in out.read_text().splitlines() if line.startswith("totals:"))
    return int(totals.split()[1])


def count(pythons: list[str], names: list[str], folder: Path) -> dict[str, list[list[float]]]:
    """Give benchmark -> one round -> instructions of one loop for each interpreter."""
    benchmarks = install(folder / "packages")
    found: dict[str, list[list[float]]] = {}
    for name in names:
        script = benchmarks / f"bm_{name}" / "run_benchmark.py"
        try:
            found[name] = [
                [
                    float(_counted(python, script, folder, 2) - _counted(python, script, folder, 1))
                    for python in pythons
                ]
            ]
        except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
            print(f"{name}: left out: {error}", file=sys.stderr)
            continue
        print(f"  {name}: done", file=sys.stderr)
    return found


def report(pythons: list[str], found: dict[str, list[list[float]]]) -> None:
    """Print the ratios and their geometric means."""
    print("reference:", pythons[0])
    for index, python in enumerate(pythons[1:], 1):
        print(f"\n{python}\n{'benchmark':28} {'ratio':>7} {'quartiles':>15}")
        medians = []
        for name, rounds in sorted(found.items()):
            ratios = sorted(seconds[index] / seconds[0] for seconds in rounds)
            middle = statistics.median(ratios)
            low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
            medians.append(middle)
            print(f"{name:28} {middle:7.3f} {low:7.3f} {high:7.3f}")
        print(f"{'geometric mean':28} {statistics.geometric_mean(medians):7.3f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pythons", nargs="+", metavar="PYTHON")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="")
    parser.add_argument("--instructions", action="store_true", help="count by callgrind")
    arguments = parser.parse_args()
    if len(arguments.pythons) < 2:
        parser.error("name at least two interpreters")
    with tempfile.TemporaryDirectory(prefix="elpython-bench-") as folder:
        usual = COUNTED if arguments.instructions else SELECTION
        names = arguments.only.split(",") if arguments.only else list(usual)
        if arguments.instructions:
            found = count(arguments.pythons, names, Path(folder))
        else:
            found = measure(arguments.pythons, names, arguments.rounds, Path(folder))
        report(arguments.pythons, found)


if __name__ == "__main__":
    main()
