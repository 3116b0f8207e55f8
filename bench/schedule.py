"""Time the schedule commands, each as a process of its own.

    python -m bench.schedule [--rounds N]

The goals: an answer in under 0.5 s; five models over 20 years with 1,000 slips each in under 10 s.
What is printed is the best and the median time over the rounds, and the processor time of the best
one, which other work on the machine changes less.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

MODELS = ("pep605", "pep602", "status-quo", "elpython", "epel-stacks")
YEARS = ("--from", "2027", "--to", "2046")
COMMANDS = {
    "models": (0.5, ("models",)),
    "show, 4 years": (0.5, ("show", "pep605", "--from", "2020", "--to", "2023")),
    "show, 20 years, JSON": (0.5, ("show", "elpython", *YEARS, "--json")),
    "show, calendar file": (0.5, ("show", "pep602", "--from", "2027", "--format", "ical")),
    "support, 4 rules": (0.5, ("support", "--rule", "nep29", "--rule", "spec0",
                               "--rule", "upstream", "--rule", "el-lts")),
    "freezes, 2 models": (0.5, ("freezes", "pep605", "pep602")),
    "reality": (0.5, ("reality", "pep602")),
    "compare 2 models, 20 years": (0.5, ("compare", *MODELS[:2], *YEARS)),
    "compare 5 models, 20 years": (0.5, ("compare", *MODELS, *YEARS)),
    "the same, 1,000 slips each": (10.0, ("compare", *MODELS, *YEARS, "--slips", "1000")),
}  # fmt: skip


def run(words: tuple[str, ...]) -> tuple[float, float]:
    """Run a command once; give wall and processor seconds."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "elpython", "schedule", *words],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wall, after = time.perf_counter() - start, os.times()
    spent = after.children_user + after.children_system
    return wall, spent - before.children_user - before.children_system


def main() -> int:
    """Measure, print, and say by the exit code whether every goal was met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    missed = 0
    print(f"{'command':30} {'goal':>6} {'best':>7} {'median':>7} {'processor':>10}")
    for name, (goal, words) in COMMANDS.items():
        times = [run(words) for _ in range(rounds)]
        walls = sorted(wall for wall, _ in times)
        best, spent = min(times)
        missed += best > goal
        print(f"{name:30} {goal:5.1f}s {best:6.2f}s {statistics.median(walls):6.2f}s {spent:9.2f}s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
