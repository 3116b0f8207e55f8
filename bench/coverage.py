"""Measure how much of the removal facts minpython restores, on the newest Python found.

    python bench/coverage.py [--python PYTHON] [--json] [--no-modules] [--misses]

Runs the probe of every fact under that Python with the minimum version 3.6 set, and prints the
share that passes by tier, kind and version. The distributions of the extra `minpython[modules]` are
installed into a temporary environment, unless `--no-modules` is given. Behaviours that weaken
security, and those that are off by default, are switched on by name.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RUNTIME = Path(__file__).resolve().parents[1] / "runtime"
sys.path[:0] = [str(RUNTIME / "tests"), str(RUNTIME / "src")]

import interpreters  # type: ignore[import-not-found, unused-ignore]  # noqa: E402

from minpython import table  # type: ignore[import-not-found, unused-ignore]  # noqa: E402

TIERS = {
    1: "documented removals",
    2: "documented changes",
    3: "found by comparing, public",
    4: "undocumented names",
}


def _share(rows: Iterable[tuple[Any, bool]]) -> dict[str, dict[str, float]]:
    """Return, by what is counted: how many rows there are, pass, and their share in per cent."""
    every: Counter[Any] = Counter()
    passed: Counter[Any] = Counter()
    for key, good in rows:
        every[key] += 1
        passed[key] += good
    return {
        str(key): {
            "rows": every[key],
            "pass": passed[key],
            "share": round(100 * passed[key] / every[key], 1),
        }
        for key in sorted(every)
    }


def _with_modules(python: str, folder: str) -> str:
    """Return a Python in a new environment that has the extra's distributions."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    made = str(Path(folder) / "bin" / "python")
    install = [made, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*install, f"{RUNTIME}[modules]"], check=True)
    return made


def _measure(python: str) -> dict[str, Any]:
    facts = interpreters.facts()
    probes = [(str(fact["fact"]), str(fact["probe"])) for fact in facts if fact["probe"]]
    names = tuple(b.name for b in table.load() if b.allow_insecure or not b.default)
    told = interpreters.answers(python, probes, version=(3, 6), enable=names)
    answers = told["answers"]
    rows = [(fact, answers.get(str(fact["fact"]), "no probe") is None) for fact in facts]

    def by(key: Callable[[dict[str, Any]], Any]) -> dict[str, dict[str, float]]:
        return _share((key(fact), good) for fact, good in rows)

    return {
        "python": python,
        "tier": by(lambda fact: fact["tier"]),
        "kind": by(lambda fact: fact["kind"]),
        "version": by(lambda fact: tuple(map(int, fact["removed_in"].split(".")))),
        "failed": told["failed"],
        "misses": [
            {"fact": fact["fact"], "tier": fact["tier"], "answer": answers.get(fact["fact"])}
            for fact, good in rows
            if not good
        ],
    }


def _print(result: dict[str, Any], *, misses: bool) -> None:
    for title in ("tier", "kind", "version"):
        print(f"\n{title:<12}{'rows':>6}{'pass':>6}{'share':>8}")
        for key, counts in result[title].items():
            name = key.strip("()").replace(", ", ".")
            more = f"  {TIERS[int(key)]}" if title == "tier" else ""
            print(f"{name:<12}{counts['rows']:>6}{counts['pass']:>6}{counts['share']:>7}%{more}")
    for name, reason in result["failed"].items():
        print(f"failed to restore: {name}: {reason}")
    if misses:
        for miss in result["misses"]:
            print(f"tier {miss['tier']}: {miss['fact']}: {miss['answer'] or 'no probe'}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", help="the Python to measure; default: the newest found")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--no-modules", action="store_true", help="without the extra")
    parser.add_argument("--misses", action="store_true", help="list what doesn't pass")
    given = parser.parse_args()
    python = given.python or list(interpreters.found().values())[-1]
    with tempfile.TemporaryDirectory() as folder:
        used = python if given.no_modules else _with_modules(python, folder)
        result = _measure(used)
    if given.json:
        print(json.dumps(result, indent=2))
    else:
        told = subprocess.run([python, "--version"], capture_output=True, text=True, check=True)
        print(f"{told.stdout.strip()}, minimum version 3.6")
        _print(result, misses=given.misses)
    return 0


if __name__ == "__main__":
    sys.exit(main())
