"""A branch moved to a newer base by the command, then built, tested and held to the contract.

Run `make rebase-newest`, or `python -m bench.rebase --to FOLDER --branch 3.13 --base 3.13.15`.
FOLDER keeps what each step made: a run that was stopped goes on after the last step that was
done, and `--only STEP` runs one. The branches of this checkout stay as they are.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
RECORD = REPOSITORY / "docs" / "measurements" / "rebase.md"
STEPS = ("rebase", "old", "base", "new", "changes", "touched", "contract")
# Not looked at: they take hours, or ask a package index.
SKIPPED = ("behaviour", "speed", "wheels")
_MINUTE = 60


def command(folder: Path, step: str, branch: str, base: str, archive: str) -> list[str]:
    """Return the words of a step after `elpython`; `rebase` must be done for those after it."""
    if step == "contract":
        pythons = (json.loads((folder / f"{name}.json").read_text()) for name in ("old", "new"))
        before, after = (answer["python"] for answer in pythons)
        skip = [word for name in SKIPPED for word in ("--skip", name)]
        return ["contract", "check", "--base", before, "--candidate", after, *skip, "--no-network",
                "--json"]  # fmt: skip
    moved = ["branch", "rebase", branch, "--base", base, "--to", str(folder / "moved"), "--json"]
    return {
        "rebase": [*moved, "--archive", archive] if archive else moved,
        "old": ["build", branch, "--json"],
        "base": ["build", branch, "--base", "--json"],
        "new": ["build", branch, "--json"],
        "changes": ["fix", "test", branch, "--show-regression", "--record", "--json"],
        "touched": ["fix", "test", branch, "--touched", "--record", "--json"],
    }[step]


def run(folder: Path, step: str, words: list[str]) -> dict[str, Any]:
    """Run a step; its answer goes to `STEP.json`, its progress to `STEP.log`.

    Returns:
        Exit code, and minutes of wall and processor time.
    """
    env = dict(os.environ)
    if step not in {"rebase", "old"}:
        env["ELPYTHON_BRANCHES"] = str(folder / "moved" / "branches")
    began, before = time.monotonic(), os.times()
    with (folder / f"{step}.json").open("wb") as out, (folder / f"{step}.log").open("wb") as log:
        code = subprocess.run(
            [sys.executable, "-m", "elpython", *words],
            env=env, cwd=REPOSITORY, stdout=out, stderr=log, check=False,
        ).returncode  # fmt: skip
    after = os.times()
    used = after.children_user + after.children_system
    used -= before.children_user + before.children_system
    return {
        "code": code,
        "minutes": round((time.monotonic() - began) / _MINUTE, 1),
        "processor": round(used / _MINUTE, 1),
    }


def moved(answer: dict[str, Any]) -> str:
    """Return what the command said of the changes, as a document's section."""
    counts = [f"| {state} | {number} |" for state, number in answer["counts"].items()]
    head = "| change | kind | on the new base | because |\n| --- | --- | --- | --- |"
    lines = ["| on the new base | changes |", "| --- | ---: |", *counts, "", head]
    lines += [
        f"| `{item['change']}` | {item['kind']} | {item['state']} | {item['because']} |"
        for item in answer["changes"]
        if item["state"] not in {"applies", "in the base"}
    ]
    return "\n".join(lines) + "\n"


def promises(answer: dict[str, Any]) -> str:
    """Return how many promises have which verdict."""
    found = Counter(item["verdict"] for item in answer["promises"])
    return ", ".join(f"{number} {verdict}" for verdict, number in sorted(found.items()))


def written(folder: Path, branch: str, base: str, done: dict[str, Any]) -> str:
    """Return the document."""
    day = dt.datetime.now(tz=dt.UTC).date()
    told = [
        f"# {branch} onto {base}",
        "",
        f"`make rebase-newest`, {day}, {os.cpu_count()} cores, with other work beside.",
        "",
        "| step | minutes | processor minutes | exit code |",
        "| --- | ---: | ---: | ---: |",
    ]
    for step in STEPS:
        row = done.get(step)
        told.append(
            f"| {step} | {row['minutes']} | {row['processor']} | {row['code']} |"
            if row
            else f"| {step} | | | not run |"
        )
    told += ["", moved(json.loads((folder / "rebase.json").read_text()))]
    if "contract" in done:
        answer = json.loads((folder / "contract.json").read_text())
        told.append(f"The contract between the old EL {branch} and the new: {promises(answer)}.")
        told.append(f"It did not look at {', '.join(SKIPPED)}.\n")
    return "\n".join(told)


def main(argv: list[str] | None = None) -> int:
    """Run the steps; the first one that fails ends the run, except for what only measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--branch", default="3.13")
    parser.add_argument("--base", default="3.13.15")
    parser.add_argument("--archive", default="", help="as of elpython branch rebase")
    parser.add_argument("--only", choices=STEPS, help="run this step, done or not")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    asked = parser.parse_args(argv)
    folder = asked.to.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / "done.json"
    done: dict[str, Any] = json.loads(state.read_text()) if state.is_file() else {}
    failed = False
    for step in STEPS:
        if step != asked.only if asked.only else done.get(step, {}).get("code") == 0:
            continue
        print(f"{step}: {folder / step}.log", flush=True)
        words = command(folder, step, asked.branch, asked.base, asked.archive)
        done[step] = run(folder, step, words)
        state.write_text(json.dumps(done, indent=1))
        print(json.dumps(done[step]), flush=True)
        if done[step]["code"] != 0:
            failed = True
            if step in STEPS[:4]:
                return 1
    if asked.record:
        RECORD.write_text(written(folder, asked.branch, asked.base, done))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
