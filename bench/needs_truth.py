"""Run the snippets of `tests/data/needs` on every CPython of pyenv, and compare `needs` with that.

The first series on which a snippet runs, and on all after it, is the truth. A snippet of several
files (`# pkg/module.py` begins one) is run by its first, `a.py`. `--write` makes
`tests/data/needs/truth.json` again.

    python -m bench.needs_truth [--write | --check]
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.interpreters import pyenv_interpreters
from elpython.project.rules import OLDEST, Series, standard_rules
from elpython.project.scan import read_together

DATA = Path(__file__).parents[1] / "tests/data/needs"
KINDS = ("snippets", "guards", "second", "third", "fourth", "packages")
_FILE = re.compile(r"^# ([a-z_0-9/]+\.py)\n", re.MULTILINE)


def snippets(kind: str) -> dict[str, str]:
    """Return the snippets of a file, by name."""
    parts = (DATA / f"{kind}.txt").read_text("utf-8").split("## ")[1:]
    return {part.partition("\n")[0]: part.partition("\n")[2] for part in parts}


def files_of(source: str) -> dict[str, str]:
    """Return the files of a snippet, path -> content."""
    parts = _FILE.split(source)
    return dict(zip(parts[1::2], parts[2::2], strict=True)) if parts[1:] else {"a.py": source}


def runs(python: Path, source: str) -> bool:
    """Return whether a source runs without an error."""
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files_of(source).items():
            file = Path(folder) / path
            file.parent.mkdir(exist_ok=True, parents=True)
            file.write_text(content, "utf-8")
        call = "import runpy, sys; sys.path[0:0] = ['.']; runpy.run_path('a.py', None, '__main__')"
        words = [str(python), "-I", "-B", "-W", "ignore", "-c", call]
        done = subprocess.run(words, capture_output=True, check=False, timeout=60, cwd=folder)
        return done.returncode == 0


def truth(source: str, pythons: dict[Series, Path]) -> str:
    """Return the first series from which on a source runs; empty where the newest does not."""
    first = ""
    for series, python in sorted(pythons.items(), reverse=True):
        if not runs(python, source):
            break
        first = f"{series[0]}.{series[1]}"
    return first


def told(source: str) -> str:
    """Return what `needs` says; empty for a series after those that were tried."""
    files = {path: content.encode() for path, content in files_of(source).items()}
    found = read_together(files, standard_rules())
    if any(item.unread for item in found):
        return "unknown"
    since = max([OLDEST, *(use.since for item in found for use in item.uses)])
    return f"{since[0]}.{since[1]}"


def main() -> int:
    """Measure, or write the truth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument(
        "--check", action="store_true", help="run them again; compare with the file"
    )
    options = parser.parse_args()
    file = DATA / "truth.json"
    if options.write or options.check:
        pythons = pyenv_interpreters()
        with ThreadPoolExecutor(2) as pool:
            made = {
                kind: dict(
                    zip(
                        snippets(kind),
                        pool.map(lambda source: truth(source, pythons), snippets(kind).values()),
                        strict=True,
                    )
                )
                for kind in KINDS
            }
        if options.check:
            same = made == json.loads(file.read_text("utf-8"))
            print("the same" if same else "differs")
            return 0 if same else 1
        file.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    wrong = 0
    for kind, answers in json.loads(file.read_text("utf-8")).items():
        sources = snippets(kind)
        bad = [(name, right, told(sources[name])) for name, right in answers.items()
               if told(sources[name]) != right]  # fmt: skip
        print(f"{kind}: {len(answers) - len(bad)} of {len(answers)} right")
        for name, right, answer in bad:
            print(f"  {name}: runs from {right or 'none'} on, told {answer}")
        wrong += len(bad)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
