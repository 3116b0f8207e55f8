"""Try every mutant and print caught/total and false alarms; exit code 1 unless all is well."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.model import State, Verdict
from elpython.contract.promises import PROMISES
from elpython.core.errors import ElpythonError
from elpython.core.store import Store

from . import binary, compiled_rare, deeper, installed, kinds, library, rare, state, unseen
from .compiled import COMPILED, CONTROLS, bound
from .lab import Lab, Mutant, find_interpreter, make_lab
from .workshop import open_workshop

if TYPE_CHECKING:
    from elpython.contract.model import PromiseOutcome

    from .lab import Copy
    from .workshop import Workshop

MUTANTS: list[Mutant] = [
    *library.MUTANTS,
    *binary.MUTANTS,
    *kinds.MUTANTS,
    *state.MUTANTS,
    *unseen.MUTANTS,
    *deeper.MUTANTS,
    *installed.MUTANTS,
    *rare.MUTANTS,
]
IN_C = [*COMPILED, *compiled_rare.COMPILED]
# What the unmutated copy is tried with: `behaviour` runs these test modules.
CONTROL_TESTS = ("test_textwrap", "test_html", "test_colorsys", "test_bisect")

Result = tuple[Mutant, bool, "PromiseOutcome"]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def false_alarms(lab: Lab, promises: list[str], copy: Copy | None = None) -> list[str]:
    """Check a copy that breaks nothing, an unmutated one by default; what is broken is false."""
    copy = copy or lab.copy("control")
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


def on_copies(folder: Path, promises: list[str], jobs: int) -> tuple[list[Result], list[str]]:
    """Try the mutants that need no compiler, on copies of an installed interpreter."""
    python = find_interpreter()
    if python is None:
        say("no Python 3.11 with headers and test suite was found (pyenv, or python3.11 on PATH)")
        return [], ["nothing was tried on copies"]
    lab = make_lab(folder, python)
    alarms = false_alarms(lab, promises)
    mutants = [mutant for mutant in MUTANTS if mutant.promise in promises]
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        found = []
        for mutant, result in zip(mutants, pool.map(lab.caught, mutants), strict=True):
            found.append((mutant, *result))
            tell(found[-1])
    return found, alarms


def tell(result: Result) -> None:
    """Print a mutant's line; of one that was missed also what was found instead."""
    mutant, caught, outcome = result
    say(f"{'caught' if caught else 'MISSED'}  {mutant.promise:11} {mutant.name}"
        f" ({outcome.seconds:.1f} s)")  # fmt: skip
    if not caught:
        for item in outcome.judged[:5]:
            say(f"        {item.state.value}: {item.difference.declaration}")
        say(f"        {outcome.gaps}")


def in_c(folder: Path, promises: list[str]) -> tuple[list[Result], list[str]]:
    """Try the mutants that are compiled, one after the other, and the controls beside them."""
    shop = open_workshop(folder, Store.default())
    mutants = [bound(item, shop) for item in IN_C if item.promise in promises]
    results: list[Result] = []
    alarms = []
    for mutant in mutants:
        try:
            results.append((mutant, *shop.lab.caught(mutant)))
        except ElpythonError as error:
            alarms.append(f"{mutant.name}: does not build: {error}")
        else:
            tell(results[-1])
    alarms += false_alarms(shop.lab, promises) if mutants else []
    for control in CONTROLS:
        wanted = [name for name in control.promises if name in promises]
        if wanted:
            copy = shop.lab.copy(control.name)
            shop.put(control.edits, copy)
            alarms += [f"{control.name}: {x}" for x in false_alarms(shop.lab, wanted, copy)]
    _tell_compilations(shop)
    return results, alarms


def _tell_compilations(shop: Workshop) -> None:
    first, *later = shop.spent
    say(f"compiled {len(later)} times, {sum(later):.0f} s; the base itself in {first:.0f} s")


def main(argv: list[str] | None = None) -> int:
    """Run from the command line; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.contract.mutants")
    parser.add_argument("--only", default="", help="promises, with commas between")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--no-compiler", action="store_true", help="without the mutants in C")
    parser.add_argument("--compiled", action="store_true", help="the mutants in C alone")
    chosen = parser.parse_args(argv)
    promises = [name for name in PROMISES if name in (chosen.only or ",".join(PROMISES)).split(",")]
    started = time.monotonic()
    results: list[Result] = []
    alarms: list[str] = []
    with tempfile.TemporaryDirectory(prefix="elpython-mutants-") as name:
        parts = [] if chosen.compiled else [on_copies(Path(name) / "copies", promises, chosen.jobs)]
        parts += [] if chosen.no_compiler else [in_c(Path(name) / "c", promises)]
        for tried, false in parts:
            results += tried
            alarms += false
    number = sum(caught for _, caught, _ in results)
    say(f"caught {number}/{len(results)}, false alarms {len(alarms)},"
          f" {time.monotonic() - started:.0f} s")  # fmt: skip
    for alarm in alarms:
        say(f"        {alarm}")
    return 0 if results and number == len(results) and not alarms else 1


if __name__ == "__main__":
    sys.exit(main())
