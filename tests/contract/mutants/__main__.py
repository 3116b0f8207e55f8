"""Try every mutant and print caught/total and false alarms; exit code 1 unless all is well."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from elpython.contract.model import State, Verdict
from elpython.contract.promises import PROMISES

from . import binary, library
from .lab import Lab, Mutant, find_interpreter, make_lab

MUTANTS: list[Mutant] = [*library.MUTANTS, *binary.MUTANTS]
# What the unmutated copy is tried with: `behaviour` runs these test modules.
CONTROL_TESTS = ("test_textwrap", "test_html", "test_colorsys", "test_bisect")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def false_alarms(lab: Lab, promises: list[str]) -> list[str]:
    """Check an unmutated copy; everything broken is a false alarm."""
    copy = lab.copy("control")
    found = []
    for promise in promises:
        outcome = lab.outcome(promise, copy, CONTROL_TESTS)
        if outcome.verdict is Verdict.BROKEN:
            found += [
                f"{promise}:{item.difference.declaration}"
                for item in outcome.judged
                if item.state is State.BROKEN
            ]
        elif outcome.checked == 0:
            found.append(f"{promise} looked at nothing: {'; '.join(outcome.gaps)}")
    return found


def main(argv: list[str] | None = None) -> int:
    """Run from the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.mutants")
    parser.add_argument("--only", default="", help="promises, with commas between")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args(argv)
    promises = [name for name in PROMISES if name in (chosen.only or ",".join(PROMISES)).split(",")]
    python = find_interpreter()
    if python is None:
        say("no Python 3.11 with headers and test suite was found (pyenv, or python3.11 on PATH)")
        return 1
    mutants = [mutant for mutant in MUTANTS if mutant.promise in promises]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="elpython-mutants-") as folder:
        lab = make_lab(Path(folder), python)
        alarms = false_alarms(lab, promises)
        with ThreadPoolExecutor(max_workers=chosen.jobs) as pool:
            results = list(pool.map(lab.caught, mutants))
    for mutant, (caught, outcome) in zip(mutants, results, strict=True):
        say(f"{'caught' if caught else 'MISSED'}  {mutant.promise:11} {mutant.name}"
              f" ({outcome.seconds:.1f} s)")  # fmt: skip
        if not caught:
            for item in outcome.judged[:5]:
                say(f"        {item.state.value}: {item.difference.declaration}")
            say(f"        {outcome.gaps}")
    number = sum(caught for caught, _ in results)
    say(f"caught {number}/{len(results)}, false alarms {len(alarms)},"
          f" {time.monotonic() - started:.0f} s")  # fmt: skip
    for alarm in alarms:
        say(f"        {alarm}")
    return 0 if number == len(results) and not alarms else 1


if __name__ == "__main__":
    sys.exit(main())
