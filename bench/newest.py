"""Import the newest releases of packages that need a newer CPython, module by module, on a branch.

Each release of `bench/data/newest.toml` is installed for the branch's series as if it did not say
which Python it needs, its dependencies in the newest versions that have a wheel, and once more for
a CPython that it is made for. What fails to import there too (for want of another package, or of an
operating system) tells nothing and is not counted. A package that a registry does not have for the
series is listed; it counts as not imported.

    python -m bench.newest SERIES BASE BRANCH REFERENCE --cache FOLDER [--write FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tomllib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["Row", "blockers", "judged", "main", "report"]

HERE = Path(__file__).parent
PROBE = HERE / "probes/import_distribution.py"
SECONDS = 900


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What one release does.

    Attributes:
        release: `name==version`.
        modules: how many modules import on the reference.
        missed: interpreter -> module -> error, of those; None where nothing could be installed.
    """

    release: str
    modules: int
    missed: dict[str, dict[str, str]] | None

    def whole(self, interpreter: str) -> bool:
        """Return whether every module imports on an interpreter."""
        return self.missed is not None and self.modules > 0 and not self.missed[interpreter]


def install(python: Path, release: str, target: Path) -> bool:
    """Install a release with its dependencies; return whether that can be done."""
    if target.is_dir():
        return True
    half = target.with_name(target.name + ".part")
    shutil.rmtree(half, ignore_errors=True)
    options = "-q --no-compile --only-binary :all: --ignore-requires-python --target"
    words = [str(python), "-m", "pip", "install", *options.split(), str(half), release]
    if subprocess.run(words, capture_output=True, check=False, timeout=SECONDS).returncode:
        shutil.rmtree(half, ignore_errors=True)
        return False
    half.rename(target)
    return True


def outcomes(python: Path, folder: Path, release: str, home: Path) -> dict[str, str]:
    """Return a release's modules with why they are not imported, "" for those that are."""
    home.mkdir(parents=True, exist_ok=True)
    words = [str(python), str(PROBE), str(folder), release.partition("==")[0]]
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            words, capture_output=True, check=False, env=env, cwd=home, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return {"": f"no answer in {SECONDS} s"}
    return dict(json.loads(done.stdout)) if done.stdout else {"": f"exit code {done.returncode}"}


def judged(release: str, reference: dict[str, str], others: dict[str, dict[str, str]]) -> Row:
    """Return a release's row: which modules import on the reference, but not on the others."""
    good = [module for module, error in reference.items() if not error]
    missed = {}
    for name, found in others.items():
        why = {module: found.get(module, found.get("", "not tried")) for module in good}
        missed[name] = {module: error for module, error in why.items() if error}
    return Row(release=release, modules=len(good), missed=missed)


def blockers(rows: list[Row], interpreter: str) -> list[tuple[str, list[str]]]:
    """Return the errors that packages meet on an interpreter, the most frequent first."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for error in ((row.missed or {}).get(interpreter) or {}).values():
            found[error].add(row.release)
    return sorted(
        ((error, sorted(releases)) for error, releases in found.items()),
        key=lambda pair: (-len(pair[1]), pair[0]),
    )


def report(series: str, rows: list[Row], command: str) -> str:
    """Return the measurement as a document."""
    machine = (
        f"{datetime.now(tz=UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}."
    )
    lines = [
        f"# Newest packages on EL Python {series}",
        "",
        f"Made by `{command}`.",
        "",
        machine,
        "",
    ]
    lines += ["| | base | EL Python |", "| --- | ---: | ---: |"]
    tried = [row for row in rows if row.missed is not None and row.modules]
    counts = {name: sum(row.whole(name) for row in rows) for name in ("base", "branch")}
    lines.append(f"| imported whole, of {len(rows)} | {counts['base']} | {counts['branch']} |")
    total = sum(row.modules for row in tried)
    parts = {
        name: total - sum(len(row.missed[name]) for row in tried if row.missed) for name in counts
    }
    lines.append(f"| modules, of {total:,} | {parts['base']:,} | {parts['branch']:,} |")
    unread = [row.release for row in rows if row not in tried]
    lines += [
        "",
        "Counted are the modules that import on the CPython that the releases are made for.",
    ]
    if unread:
        lines.append(f"Not installed for this series, and so not imported: {', '.join(unread)}.")
    lines += ["", "## What blocks", "", "| packages | error | among them |", "| ---: | --- | --- |"]
    for error, releases in blockers(rows, "branch")[:30]:
        lines.append(f"| {len(releases)} | `{error[:110]}` | {', '.join(releases[:3])} |")
    lines += [
        "",
        "## Releases",
        "",
        "| release | modules | base | EL Python |",
        "| --- | ---: | ---: | ---: |",
    ]
    for row in tried:
        missed = row.missed or {}
        shares = [f"{row.modules - len(missed[name]):,}" for name in ("base", "branch")]
        lines.append(f"| {row.release} | {row.modules:,} | {' | '.join(shares)} |")
    return "\n".join(lines) + "\n"


def measured(release: str, pythons: dict[str, Path], cache: Path) -> Row:
    """Install and import one release."""
    folders = {name: cache / name / release for name in ("branch", "reference")}
    for name, folder in folders.items():
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not install(pythons[name], release, folder):
            return Row(release=release, modules=0, missed=None)
    home = cache / "home"
    reference = outcomes(pythons["reference"], folders["reference"], release, home)
    others = {
        name: outcomes(pythons[name], folders["branch"], release, home)
        for name in ("base", "branch")
    }
    return judged(release, reference, others)


def main() -> None:
    """Measure a series and print or write the document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series")
    parser.add_argument("base", type=Path)
    parser.add_argument("branch", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    releases = tomllib.loads((HERE / "data/newest.toml").read_text("utf-8"))[asked.series]
    pythons = {"base": asked.base, "branch": asked.branch, "reference": asked.reference}
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda release: measured(release, pythons, asked.cache), releases))
    command = (
        f"python -m bench.newest {asked.series} BASE BRANCH REFERENCE --cache FOLDER --write FILE"
    )
    text = report(asked.series, rows, command)
    if asked.write:
        asked.write.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
