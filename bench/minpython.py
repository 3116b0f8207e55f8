"""What the minimum-version runtime costs, against the same interpreter without it.

Each figure comes from interleaved pairs in one run: without, with, without, with. Times of whole
processes are CPU times (user and system), so that other work on the machine hardly shows.

Usage: python bench/minpython.py [--python PYTHON] [--pairs N] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[1] / "runtime" / "src"
MODULES = 300
GOALS = {
    "installed, not asked for: start-up (ms)": 0.5,
    "asked for 3.8: start-up (ms)": 8.0,
    "asked for 3.6: start-up (ms)": 8.0,
    "asked for 3.6: start-up of a script (ms)": 8.0,
    "300 modules, nothing to translate, warm (ratio)": 1.02,
    "300 modules, translated, warm cache (ratio)": 1.05,
    "attribute of a patched module, after its first use (ratio)": 1.02,
    "memory, asked for 3.8 (MB)": 1.5,
}
BODY = '''
"""Module {number}, of a usual size."""
import os
import re

class Thing:
    """A thing."""
    def __init__(self, value, other=None):
        self.value = value
        self.other = other
    def compare(self, other):
        if self.value == other.value:
            return 0
        return -1 if self.value < other.value else 1

def work(values, {name}=False):
    """Work on values."""
    result = []
    for value in values:
        if {name} and value:
            result.append(os.path.join("a", str(value)))
        else:
            result.append(re.escape(str(value)))
    return result

TABLE = {{str(number): number * {number} for number in range(20)}}
'''
IMPORTS = """
import re, sys, time
sys.path.insert(0, sys.argv[1])
start = time.process_time()
for number in range({count}):
    __import__(f"module{{number}}")
print(time.process_time() - start)
"""
ACCESS = """
import collections, timeit
name = {name!r}
getattr(collections, name)
code = "collections." + name
timer = timeit.Timer(code, globals={{"collections": collections}})
print(min(timer.repeat(5, 200_000)))
"""
MEMORY = """
import os
with open("/proc/self/statm") as file:
    print(int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6)
"""


def environment(python: str, folder: Path, *, runtime: bool, start_file: bool) -> str:
    """Return the Python of a fresh environment, with minpython or without."""
    subprocess.run([python, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    if runtime:
        shutil.copytree(SOURCES / "minpython", packages / "minpython")
        for name in ("_minpython.py", "minpython.pth"):
            shutil.copy(SOURCES / name, packages)
    elif start_file:
        (packages / "empty.pth").write_text("import sys\n", encoding="utf-8")
    return str(folder / "bin" / "python")


def cpu(command: list[str]) -> float:
    """Run a command; return the CPU time it took, in seconds."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    null = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(command[0], command, clean, file_actions=null)
    _, status, usage = os.wait4(process, 0)
    if status:
        sys.exit(f"{command}: failed")
    return usage.ru_utime + usage.ru_stime


def told(command: list[str]) -> float:
    """Run a command; return the number that it prints."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(command, env=clean, capture_output=True, text=True, check=True)
    return float(done.stdout)


def difference(without: list[str], with_: list[str], pairs: int) -> float:
    """Return the median difference in CPU time of whole processes, in milliseconds."""
    cpu(without), cpu(with_)
    return 1000 * statistics.median(-cpu(without) + cpu(with_) for _ in range(pairs))


def ratio(without: list[str], with_: list[str], pairs: int) -> float:
    """Return the median ratio of the numbers that the commands tell."""
    told(without), told(with_)
    found = []
    for _ in range(pairs):
        before = told(without)
        found.append(told(with_) / before)
    return statistics.median(found)


def write_modules(folder: Path, name: str) -> str:
    """Write the modules; ``name`` is a parameter of theirs."""
    folder.mkdir()
    for number in range(MODULES):
        text = BODY.format(number=number, name=name)
        (folder / f"module{number}.py").write_text(text, encoding="utf-8")
    return str(folder)


def measure(python: str, base: Path, pairs: int) -> dict[str, float]:
    """Return every figure."""
    bare = environment(python, base / "bare", runtime=False, start_file=False)
    start = environment(python, base / "start", runtime=False, start_file=True)
    ours = environment(python, base / "ours", runtime=True, start_file=True)
    ask8, ask6, nothing = ["-X", "min_version=3.8"], ["-X", "min_version=3.6"], ["-c", "pass"]
    script = str(base / "script.py")
    Path(script).write_text("pass\n", encoding="utf-8")
    plain = write_modules(base / "plain", "asyncs")
    old = write_modules(base / "old", "async")
    imports = ["-c", IMPORTS.format(count=MODULES)]
    access = ["-c", ACCESS.format(name="Mapping")]
    untouched = ["-c", ACCESS.format(name="OrderedDict")]
    few = max(pairs // 4, 5)
    resident = [told([ours, *ask8, "-c", MEMORY]) - told([start, "-c", MEMORY]) for _ in range(few)]
    return {
        "a start-up file of any kind (ms)": difference([bare, *nothing], [start, *nothing], pairs),
        "installed, not asked for: start-up (ms)": difference(
            [start, *nothing], [ours, *nothing], pairs
        ),
        "asked for 3.8: start-up (ms)": difference(
            [start, *nothing], [ours, *ask8, *nothing], pairs
        ),
        "asked for 3.6: start-up (ms)": difference(
            [start, *nothing], [ours, *ask6, *nothing], pairs
        ),
        "asked for 3.6: start-up of a script (ms)": difference(
            [start, script], [ours, *ask6, script], pairs
        ),
        "300 modules, nothing to translate, warm (ratio)": ratio(
            [start, *imports, plain], [ours, *ask6, *imports, plain], few
        ),
        "300 modules, translated, warm cache (ratio)": ratio(
            [start, *imports, plain], [ours, *ask6, *imports, old], few
        ),
        "attribute of a patched module, after its first use (ratio)": ratio(
            [start, *untouched], [ours, *ask6, *access], few
        ),
        "memory, asked for 3.8 (MB)": statistics.median(resident),
    }


def main() -> int:
    """Measure and print, with the goals."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter to measure")
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(given.python, Path(folder), given.pairs)
    if given.json:
        print(json.dumps(figures, indent=1))
        return 0
    for name, value in figures.items():
        goal = f"goal {GOALS[name]}" if name in GOALS else "not minpython's"
        print(f"{value:8.3f}  {name}; {goal}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
