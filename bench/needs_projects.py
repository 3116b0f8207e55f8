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


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wheels", type=Path)
    options = parser.parse_args()
    pythons = {key: path for key, path in pyenv_interpreters().items() if key >= (3, 8)}
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        prepared = {}
        for series, python in pythons.items():
            prepared[series] = Path(name) / f"deps-{series[1]}"
            prepare(python, prepared[series])
        for wheel in sorted(options.wheels.glob("*.whl")):
            folder = Path(name) / wheel.stem
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
                names = {item.partition("/")[0] for item in archive.namelist()}
            for extension in folder.rglob("*.so"):
                extension.unlink()  # compiled for one CPython; the sources stand beside it
            packages = sorted(item for item in names if (folder / item / "__init__.py").is_file())
            first, why = "none", ""
            for series, python in sorted(pythons.items(), reverse=True):
                failed = runs(python, folder, prepared[series], packages)
                if failed:
                    why = next(f"{module}: {error}" for module, error in failed.items())
                    break
                first = f"{series[0]}.{series[1]}"
            answer = told(wheel)
            floor = max((3, 8), tuple(map(int, answer.split(".")))) if answer != "unknown" else ()
            right = f"3.{floor[1]}" == first if floor else False
            wrong += not right
            print(f"{wheel.name.split('-')[0]}: runs from {first}, told {answer}"
                  f"{'' if right else ' WRONG'} {why[:140]}", flush=True)  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
