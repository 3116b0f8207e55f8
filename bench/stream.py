"""How long the pre-merge check takes on a long history.

    python -m bench.stream [--commits N] [--range N]

Makes a git repository with N commits in a temporary folder (`git fast-import`), a NEWS entry in
each, some of them marked, some reverted, some wrong, and checks the last of them as a user does:
by the command, in a process of its own. Prints the median of five runs; the goal is 2 s for a
range of 500 in 20,000 commits.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

RUNS = 5
# NEWS entries that lie in Misc/NEWS.d/next at a time: a release takes the older ones away.
KEPT = 300
ENTRY = "Misc/NEWS.d/next/{section}/2026-01-01-00-00-00.gh-issue-{issue}.n{number}.rst"


def entry_of(number: int) -> str:
    """Return the path of a commit's NEWS entry."""
    section = "C_API" if number % 10 == 0 else "Core_and_Builtins"
    return ENTRY.format(section=section, issue=40000 + number, number=number)


def commit(stream: IO[bytes], number: int) -> None:
    """Write one commit for fast-import: every tenth is an ABI break, some of those are wrong."""
    marked = number % 10 == 0
    wrong = number % 50 == 0
    summary = f"{'(ABI break) ' if marked else ''}gh-{40000 + number}: Change number {number}"
    text = (
        f"{'(CPython ABI break) ' if marked and not wrong else ''}Change :c:func:`Py_X{number}`.\n"
    )
    path = entry_of(number)
    gone = f"D {entry_of(number - KEPT)}\n" if number >= KEPT else ""
    source = f"int value = {number};\n" * 50
    message = f"{summary}\n\nA body of some lines.\n"
    stream.write(
        b"commit refs/heads/main\n"
        + f"committer A <a@example.org> {1700000000 + number} +0000\n".encode()
        + f"data {len(message)}\n{message}".encode()
        + f"M 644 inline {path}\ndata {len(text)}\n{text}".encode()
        + gone.encode()
        + f"M 644 inline Objects/file{number % 400}.c\ndata {len(source)}\n{source}\n".encode()
    )


def make(folder: Path, commits: int) -> None:
    """Make the repository."""
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    child = subprocess.Popen(["git", "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    if child.stdin is None:
        raise RuntimeError("git fast-import takes no input")
    for number in range(commits):
        commit(child.stdin, number)
    child.stdin.close()
    if child.wait() != 0:
        raise RuntimeError("git fast-import failed")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=20_000)
    parser.add_argument("--range", type=int, default=500, dest="span")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="elpython-bench-") as name:
        folder = Path(name) / "repo"
        make(folder, options.commits)
        words = [
            sys.executable, "-m", "elpython", "stream", "check", "--repo", str(folder),
            "--base", f"main~{options.span}", "--head", "main",
        ]  # fmt: skip
        seconds = []
        for _ in range(RUNS):
            began = time.monotonic()
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            seconds.append(time.monotonic() - began)
        last = done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr
        median = statistics.median(seconds)
        print(f"{options.span} of {options.commits} commits: median {median:.2f} s")
        print(f"  runs: {', '.join(f'{value:.2f}' for value in seconds)}; {last}")


if __name__ == "__main__":
    main()
