"""Compare `needs` with twelve projects that are run: compiled and imported on CPython 3.8 to 3.13.

The newest wheel of each is unpacked, whatever it requires; its dependencies are those that fit each
CPython. A series counts as running it when no module fails for syntax or the standard library. What
only functions use is not reached by an import: where `needs` tells a later series, one of the names
that it tells must be absent from the interpreter of the series before.

    python -m bench.needs_projects WHEELS [--markdown]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from bench.interpreters import pyenv_interpreters
from elpython.project.guards import shown
from elpython.project.rules import OLDEST, Series, standard_rules
from elpython.project.wheel import open_wheel, sources_of

OLDEST_TRIED: Series = (3, 8)
PROBE = Path(__file__).parent / "probes/import_all.py"
NAMES = ("attrs", "flask", "click", "black", "httpx", "hatchling", "requests", "rich", "pydantic",
         "sqlalchemy", "poetry-core", "textual")  # fmt: skip


def prepare(python: Path, target: Path) -> None:
    """Install the projects, with their dependencies, as they fit an interpreter."""
    words = [
        find_uv_bin(),
        "pip",
        "install",
        "-q",
        "--python",
        str(python),
        "--target",
        str(target),
        *NAMES,
    ]
    subprocess.run(words, check=True)


def runs(python: Path, folder: Path, more: Path, packages: list[str]) -> dict[str, str]:
    """Return which modules fail on an interpreter, and why."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(more), "HOME": str(folder)}
    words = [str(python), "-W", "ignore", str(PROBE), str(folder), *packages]
    done = subprocess.run(words, capture_output=True, check=True, env=env, timeout=600)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def told(wheel: Path) -> tuple[Series, list[str]]:
    """Return the first series on which a wheel runs by `needs`, and what asks for it.

    The series is (0, 0) where a source cannot be read.
    """
    sources = sources_of(open_wheel(wheel), standard_rules())
    if any(source.unread for source in sources):
        return (0, 0), []
    uses = [use for source in sources for use in source.uses]
    since = max([OLDEST, *(use.since for use in uses)])
    return since, sorted({use.name for use in uses if use.since == since})


def absent(python: Path, names: list[str]) -> list[str]:
    """Return which of some names an interpreter lacks."""
    words = [str(python), "-I", "-W", "ignore", str(PROBE), "--absent", *names]
    done = subprocess.run(words, capture_output=True, check=True, timeout=60)
    return [name for name, lacking in json.loads(done.stdout).items() if lacking]


def unpack(wheel: Path, folder: Path) -> list[str]:
    """Unpack a wheel; return its packages. What is compiled for one CPython is left out."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
        names = {item.partition("/")[0] for item in archive.namelist() if item.endswith(".py")}
    for extension in folder.rglob("*.so"):
        extension.unlink()
    return sorted(item for item in names if (folder / item).is_dir())


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What came of a project.

    Attributes:
        name: of the project, with its version.
        told: first series by `needs`.
        runs: first series that runs it, of those that were tried; (0, 0) for none.
        why: an error of the series before, or what it lacks of what only functions use.
    """

    name: str
    told: Series
    runs: Series
    why: str

    @property
    def right(self) -> bool:
        """Whether both agree, or what only functions use is absent indeed."""
        floor = max(self.told, OLDEST_TRIED)
        return self.runs == floor or ("lacks" in self.why and self.told > self.runs)


def measure(wheel: Path, work: Path) -> Row:
    """Run a project on every series until one runs it."""
    pythons = {key: path for key, path in pyenv_interpreters().items() if key >= OLDEST_TRIED}
    folder = work / wheel.stem
    packages = unpack(wheel, folder)
    since, names = told(wheel)
    first, why = (0, 0), ""
    for series, python in sorted(pythons.items()):
        more = work / f"deps-{series[1]}"
        if not more.exists():
            prepare(python, more)
        failed = runs(python, folder, more, packages)
        if not failed:
            first = series
            break
        why = next(f"{key}: {error}" for key, error in failed.items())
    if since > first and (since[0], since[1] - 1) in pythons:
        lacking = absent(pythons[since[0], since[1] - 1], names)
        if lacking:
            why = f"CPython {since[0]}.{since[1] - 1} lacks {lacking[0]}, used in a function"
    return Row(name="-".join(wheel.name.split("-")[:2]), told=since, runs=first, why=why)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", type=Path)
    parser.add_argument("--markdown", action="store_true", help="as the table of the reference")
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        for wheel in sorted(options.wheels.glob("*.whl")):
            row = measure(wheel, Path(name))
            wrong += not row.right
            cells = [row.name, shown(row.told), shown(row.runs), row.why[:90]]
            if options.markdown:
                print(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
            else:
                print(*cells, "" if row.right else "WRONG", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
