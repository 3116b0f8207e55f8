"""Compare `needs` with twelve projects that are run: every module imported on CPython 3.8 to 3.13.

The newest wheel of each is unpacked, whatever it requires; its dependencies are those that fit each
CPython. A series counts as running it when no module fails for syntax or the standard library.

    python -m bench.needs_projects WHEELS
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import zipfile
from pathlib import Path

from bench.interpreters import pyenv_interpreters
from elpython.project.rules import OLDEST, standard_rules
from elpython.project.wheel import open_wheel, sources_of

PROBE = Path(__file__).parent / "probes/import_all.py"
NAMES = ("attrs", "flask", "click", "black", "httpx", "hatchling", "requests", "rich", "pydantic",
         "sqlalchemy", "poetry-core", "textual")  # fmt: skip


def prepare(python: Path, target: Path) -> None:
    """Install the projects, with their dependencies, as they fit an interpreter."""
    words = ["uv", "pip", "install", "-q", "--python", str(python), "--target", str(target), *NAMES]
    subprocess.run(words, check=True)


def runs(python: Path, folder: Path, more: Path, packages: list[str]) -> dict[str, str]:
    """Return which modules fail on an interpreter, and why."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(more), "HOME": str(folder)}
    words = [str(python), "-W", "ignore", str(PROBE), str(folder), *packages]
    done = subprocess.run(words, capture_output=True, check=True, env=env, timeout=600)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def told(wheel: Path) -> str:
    """Return what `needs` says of a wheel."""
    sources = sources_of(open_wheel(wheel), standard_rules())
    if any(source.unread for source in sources):
        return "unknown"
    since = max([OLDEST, *(use.since for source in sources for use in source.uses)])
    return f"{since[0]}.{since[1]}"


def unpack(wheel: Path, folder: Path) -> list[str]:
    """Unpack a wheel; return its packages. What is compiled for one CPython is left out."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
        names = {item.partition("/")[0] for item in archive.namelist()}
    for extension in folder.rglob("*.so"):
        extension.unlink()
    return sorted(item for item in names if (folder / item / "__init__.py").is_file())


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", type=Path)
    parser.add_argument("--edges", action="store_true", help="run what is told and the one below")
    options = parser.parse_args()
    pythons = {key: path for key, path in pyenv_interpreters().items() if key >= (3, 8)}
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        for wheel in sorted(options.wheels.glob("*.whl")):
            folder = Path(name) / wheel.stem
            packages = unpack(wheel, folder)
            answer = told(wheel)
            floor = 8 if answer == "unknown" else max(8, int(answer.partition(".")[2]))
            edges = [(3, minor) for minor in (floor - 1, floor)]
            first, why = "", ""
            for series in edges if options.edges else sorted(pythons):
                if series not in pythons or (first and series > (3, floor)):
                    continue
                more = Path(name) / f"deps-{series[1]}"
                if not more.exists():
                    prepare(pythons[series], more)
                failed = runs(pythons[series], folder, more, packages)
                if failed:
                    first, why = "", next(f"{key}: {error}" for key, error in failed.items())
                else:
                    first = first or f"3.{series[1]}"
            right = answer != "unknown" and first == f"3.{floor}"
            wrong += not right
            name_of = wheel.name.partition("-")[0]
            mark = "" if right else " WRONG"
            print(f"{name_of}: runs from {first}, told {answer}{mark} {why[:140]}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
