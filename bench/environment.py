"""A platform team's question, measured: does this environment keep working?

`python -m bench.environment VENV --base 3.11@base --candidate 3.11` asks twice (nothing
known, all known) beside the store, and prints a page or writes it.
Goals on two cores: needs 20 s cold and 1 s warm, decisions 60 s with both interpreters known, all
of it 240 s.
"""

from __future__ import annotations

import argparse
import collections
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from elpython.core.store import Store

# What the store keeps of an environment.
OF_ENVIRONMENT = ("contract-needs", "contract-trials")


def beside(root: Path, folder: Path) -> Path:
    """Return a store with the builds of another one, and nothing that a check has found."""
    for kind in root.iterdir():
        if not kind.name.startswith("contract-"):
            (folder / kind.name).symlink_to(kind)
    return folder


def ask(environment: Path, base: str, candidate: str, store: Path) -> tuple[dict[str, Any], float]:
    """Run the command once; return its answer and the wall time in seconds."""
    words = ["contract", "check", "--base", base, "--candidate", candidate]
    words += ["--environment", str(environment), "--no-network", "--json"]
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "elpython", *words], stdout=subprocess.PIPE, text=True,
        check=False, env={**os.environ, "ELPYTHON_STORE": str(store)},
    )  # fmt: skip
    if not done.stdout:
        raise SystemExit(done.returncode)
    return json.loads(done.stdout), time.perf_counter() - started


def rows(answers: dict[str, tuple[dict[str, Any], float]]) -> list[str]:
    """Return a table: a row a run."""
    lines = ["| run | needs | decide | prove | all |", "| --- | ---: | ---: | ---: | ---: |"]
    for name, (answer, whole) in answers.items():
        parts = [answer["seconds"][part] for part in ("needs", "decide", "prove")]
        times = " | ".join(f"{value:.1f} s" for value in [*parts, whole])
        lines.append(f"| {name} | {times} |")
    return lines


def page(answers: dict[str, tuple[dict[str, Any], float]]) -> str:
    """Return the page: what was asked, the answer, what led to it, the times."""
    answer = list(answers.values())[-1][0]
    needs = answer["needs"][0]
    trials = collections.Counter(item["state"] for item in answer["trials"])
    used = [item for item in answer["decisions"] if item["users"]]
    possible = [item for item in answer["decisions"] if item["possible"] and not item["users"]]
    states = ", ".join(f"{count:,} {state}" for state, count in sorted(trials.items()))
    contract = answer["contract"]
    day, load = dt.datetime.now(tz=dt.UTC).date(), os.getloadavg()[0]
    lines = [
        "# An environment's check",
        "",
        "Made by `python -m bench.environment VENV --write docs/measurements/environment.md`.",
        "",
        (
            f"{day}, {os.cpu_count()} cores, load {load:.0f}: {contract['candidate']} against"
            f" {contract['base']}, an environment of {needs['packages']} packages."
        ),
        "",
        f"> {answer['answer']}",
        "",
        "| | |",
        "| --- | ---: |",
        f"| C symbols needed | {needs['symbols']:,} |",
        f"| names of the standard library needed | {needs['names']:,} |",
        f"| of them private | {needs['private']:,} |",
        f"| differences between the two interpreters | {len(answer['decisions'])} |",
        f"| of them used by a package | {len(used)} |",
        f"| of them possibly used | {len(possible)} |",
        f"| tried on both sides | {states} |",
        "",
        *rows(answers),
        "",
    ]
    for item in used:
        users = ", ".join(item["users"][:6])
        lines.append(f"- `{item['promise']}:{item['declaration']}` ({item['what']}): {users}")
    return "\n".join([*lines, ""])


def main() -> None:
    """Ask, print or write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.environment")
    parser.add_argument("environment", type=Path)
    parser.add_argument("--base", default="3.11@base")
    parser.add_argument("--candidate", default="3.11")
    parser.add_argument("--thrice", action="store_true", help="also with both sides known")
    parser.add_argument("--write", type=Path)
    chosen = parser.parse_args()
    answers = {}
    with tempfile.TemporaryDirectory(prefix="elpython-bench-") as folder:
        store = beside(Store.default().root, Path(folder))
        for name, forgotten in (
            ("nothing known", ()),
            *([("both interpreters known", OF_ENVIRONMENT)] if chosen.thrice else []),
            ("all known", ()),
        ):
            for kind in forgotten:
                shutil.rmtree(store / kind, ignore_errors=True)
            answers[name] = ask(chosen.environment, chosen.base, chosen.candidate, store)
    text = page(answers)
    if chosen.write:
        chosen.write.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
