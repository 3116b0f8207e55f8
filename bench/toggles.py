"""What toggles cost: at start-up when nothing is set, and where a module reads one on every call.

The hot path is measured as pairs in one process: the call with its own argument, which reads no
toggle, against the call that leaves it to the toggle.

Usage: python bench/toggles.py [--branch 3.11] [--python PYTHON] [--rounds N] [--json]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

GOALS = {
    "start-up, nothing set (microseconds)": 25.0,
    "start-up, one toggle set (ms more)": 4.0,
    "email.utils.parseaddr (ratio)": 1.03,
    "email.utils.getaddresses (ratio)": 1.03,
    "urllib.parse.parse_qsl, 8 fields (ratio)": 1.03,
    "tarfile.extractall, 20 members (ratio)": 1.03,
}

START = """
import site, time
def once(check=site._check_toggles, count=2000):
    begin = time.perf_counter()
    for _ in range(count):
        check()
    return (time.perf_counter() - begin) / count
print(min(once() for _ in range(20)) * 1e6)
"""

HOT = """
import email.utils, io, json, tarfile, tempfile, timeit, urllib.parse, warnings
warnings.simplefilter("ignore")
made = io.BytesIO()
with tarfile.open(fileobj=made, mode="w") as archive:
    for number in range(20):
        archive.addfile(tarfile.TarInfo(str(number)))
folder = tempfile.TemporaryDirectory()
def extract(**more):
    made.seek(0)
    with tarfile.open(fileobj=made) as archive:
        archive.extractall(folder.name, **more)
address = '"Alice Example" <alice@example.org>'
fields = "&".join(f"name{number}=value%20{number}" for number in range(8))
parse, addresses, query = email.utils.parseaddr, email.utils.getaddresses, urllib.parse.parse_qsl
PAIRS = {
    "email.utils.parseaddr (ratio)":
        (lambda: parse(address, strict=True), lambda: parse(address), 400),
    "email.utils.getaddresses (ratio)":
        (lambda: addresses([address], strict=True), lambda: addresses([address]), 400),
    "urllib.parse.parse_qsl, 8 fields (ratio)":
        (lambda: query(fields, separator="&"), lambda: query(fields), 400),
    "tarfile.extractall, 20 members (ratio)":
        (lambda: extract(filter="fully_trusted"), extract, 10),
}
found = {}
for name, (given, left, number) in PAIRS.items():
    given(), left()
    ratios = []
    for _ in range(ROUNDS):
        one, two = timeit.timeit(given, number=number), timeit.timeit(left, number=number)
        two, one = min(two, timeit.timeit(left, number=number)), min(
            one, timeit.timeit(given, number=number))
        ratios.append(two / one)
    ratios.sort()
    found[name] = ratios[len(ratios) // 2]
print(json.dumps(found))
"""

CPU = """
import json, os, resource, subprocess, sys
def cpu(env):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(10):
        subprocess.run([sys.executable, "-c", "pass"], env=env, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 10
plain = {"PATH": os.environ.get("PATH", "")}
asked = {**plain, "ELPYTHON_TOGGLES": "email-addresses=new"}
pairs = [(cpu(plain), cpu(asked)) for _ in range(ROUNDS // 4)]
differences = sorted(two - one for one, two in pairs)
print(differences[len(differences) // 2] * 1000)
"""


def _ask(python: Path, code: str, rounds: int) -> str:
    text = code.replace("ROUNDS", str(rounds))
    return subprocess.run([python, "-c", text], capture_output=True, text=True, check=True).stdout


def measure(python: Path, rounds: int) -> dict[str, float]:
    """Measure an EL Python; give figure -> value.

    Args:
        python: the interpreter.
        rounds: how many pairs; the median counts.
    """
    found = {
        "start-up, nothing set (microseconds)": float(_ask(python, START, rounds)),
        "start-up, one toggle set (ms more)": float(_ask(python, CPU, rounds)),
    }
    hot: dict[str, float] = json.loads(_ask(python, HOT, rounds))
    return found | hot


def _built(branch: str) -> Path:
    words = [sys.executable, "-m", "elpython", "build", branch, "--json"]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return Path(json.loads(done.stdout)["python"])


def main() -> int:
    """Run the benchmark; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description="Measure what toggles cost.")
    parser.add_argument("--branch", default="3.11", help="the branch to measure")
    parser.add_argument("--python", type=Path, help="an EL Python instead of the branch's build")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--json", action="store_true", dest="as_json")
    options = parser.parse_args()
    found = measure(options.python or _built(options.branch), options.rounds)
    if options.as_json:
        print(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:45} {value:8.3f}   goal {GOALS[name]:g}")
    return int(any(value > GOALS[name] for name, value in found.items()))


if __name__ == "__main__":
    sys.exit(main())
