"""How long `elpython branch policy check` takes: on our own branches, on a larger one.

    python bench/policy.py [--changes N] [--commits N] [--json]

The larger repository has N changes on one branch and as many commits on its main line as asked for,
each with trailers; its people are made up. The goal is 3 seconds for our own branches.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parents[1]

CHANGE = """\
title = "Change {name}"
kind = "bugfix"
[upstream]
first-in = "3.11.0"
issues = ["gh-{number}"]
[source]
provider = "patch"
patch = {{ default = "{name}.patch" }}
"""
BRANCH = """\
base = "3.11.2"
el = "27.01.0"
upstream-end-of-life = 2027-10-31
end-of-life = 2033-01-31
series = {series}
[[source]]
provider = "local"
file = "base.tar.gz"
sha256 = "{digest}"
"""
PATCH = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n"
TRAILERS = (
    "Approved-by: Bo <bo@one.example>\nApproved-by: Cy <cy@two.example>\nCLA: ann@one.example"
)
PEOPLE = "\n".join(
    f'[[participant]]\nname = "{name}"\nemails = ["{name}@{home}.example"]\n'
    f'organisation = "{home}"\ncla = 2020-01-01\n'
    for name, home in (("ann", "one"), ("bo", "one"), ("cy", "two"))
)


def make_repository(root: Path, changes: int, commits: int) -> Path:
    """Make a repository; return its `branches` folder."""
    branches = root / "branches"
    (branches / "core").mkdir(parents=True)
    shutil.copyfile(HERE / "branches" / "policy.toml", branches / "policy.toml")
    (branches / "maintainers.toml").write_text(f"bootstrap = false\n{PEOPLE}")
    names = [f"c{number}" for number in range(changes)]
    for number, name in enumerate(names):
        folder = branches / "3.11" / "changes"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.patch").write_text(PATCH)
        (folder / f"{name}.toml").write_text(CHANGE.format(name=name, number=number))
    series = json.dumps(names)
    (branches / "3.11" / "branch.toml").write_text(BRANCH.format(series=series, digest="0" * 64))
    env = dict(os.environ) | {"GIT_CONFIG_GLOBAL": os.devnull}
    for role in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{role}_NAME": "Ann", f"GIT_{role}_EMAIL": "ann@one.example"}

    def git(*words: str, text: str | None = None) -> None:
        subprocess.run(["git", "-C", str(root), *words], env=env, check=True, input=text, text=True)

    git("init", "-q", "-b", "main")
    git("add", "--all")
    git("commit", "-q", "-m", f"Begin\n\n{TRAILERS}")
    stream = []
    for number in range(commits):
        message = f"Edit {number}\n\n{TRAILERS}\n"
        path = f"branches/3.11/c{number % changes}/note{number}"
        stamp = f"{1_790_000_000 + number} +0000"
        stream.append(
            f"commit refs/heads/main\ncommitter Ann <ann@one.example> {stamp}\n"
            f"data {len(message)}\n{message}"
            + ("from refs/heads/main^0\n" if number == 0 else "")
            + f"M 644 inline {path}\ndata 1\nx\n"
        )
    git("fast-import", "--quiet", text="".join(stream))
    git("reset", "-q", "--hard")
    return branches


def measure(branches: Path) -> float:
    """Return the best of three runs, in seconds."""
    env = dict(os.environ) | {"ELPYTHON_BRANCHES": str(branches)}
    argv = [sys.executable, "-m", "elpython", "branch", "policy", "check", "--json"]
    times = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run(argv, env=env, stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--commits", type=int, default=5000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        larger = make_repository(Path(folder), given.changes, given.commits)
        found = {"own": measure(HERE / "branches"), "larger": measure(larger)}
    if given.json:
        print(json.dumps(found))
    else:
        print(f"our own branches: {found['own']:.2f} s")
        print(f"{given.changes} changes, {given.commits} commits: {found['larger']:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
