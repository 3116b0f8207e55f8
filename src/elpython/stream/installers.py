"""What pip and uv really do with a project's metadata: by running them.

A local index of small wheels (files, no network), an environment whose interpreter says that it
is the release in question, and the installers' own dry runs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import sys
import zipfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core import process
from elpython.core.errors import ElpythonError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elpython.stream.release import Release
    from elpython.stream.requires import Offer

    _Answer = tuple[dict[str, bool | None], str]
    _Runner = Callable[[Path, str, Sequence[Offer], dict[str, str]], _Answer]

__all__ = ["InstallerError", "Observation", "Trial", "observe", "write_index", "write_wheel"]

_PROJECT = "rebuilt-{name}"
_OLD, _NEW = "1.0", "2.0"
_SECONDS = 120.0


class InstallerError(ElpythonError):
    """An environment for trying the installers could not be made."""

    exit_code = 66


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What is tried.

    Attributes:
        python: an interpreter, best of the series in question.
        folder: an empty folder for the index and the environment.
        offers: the ways of writing it; those that no tool reads are left out.
        releases: the interpreters to pretend.
    """

    python: Path
    folder: Path
    offers: Sequence[Offer]
    releases: Sequence[Release]


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What one installer did on one interpreter.

    Attributes:
        installer: its name and version.
        release: the interpreter.
        took: offer name -> whether it installs the rebuilt version there; None when it failed.
        said: its last line when it failed.
    """

    installer: str
    release: Release
    took: Mapping[str, bool | None]
    said: str = ""


def write_wheel(folder: Path, project: str, version: str, lines: Sequence[str] = ()) -> Path:
    """Write a small pure wheel with further metadata lines and return its path."""
    plain = project.replace("-", "_")
    info = f"{plain}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {project}", f"Version: {version}", *lines]
    files = {
        f"{plain}.py": f'"""Release {version}."""\n',
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: elpython\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    record = [f"{name},{_digest(text)},{len(text.encode())}" for name, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    path = folder / f"{plain}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def _digest(text: str) -> str:
    raw = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def write_index(folder: Path, offers: Sequence[Offer]) -> str:
    """Write a simple index (PEP 503) with an old and a rebuilt wheel for each offer.

    Args:
        folder: where it goes; the address that installers take is given back.
        offers: `Requires-Python` and `Requires-Dist` lines; the project's name in them is replaced.
    """
    for offer in offers:
        project = _PROJECT.format(name=offer.name.replace(" ", "-"))
        place = folder / "simple" / project
        place.mkdir(parents=True)
        line = re.sub(r"^(Requires-Dist: )[\w-]+<0", rf"\g<1>{project}<0", offer.line)
        wheels = [(write_wheel(place, project, _OLD), "")]
        lines = [line] if ": " in line else []
        wheels.append((write_wheel(place, project, _NEW, lines), line))
        (place / "index.html").write_text(_page(wheels), "utf-8")
    return (folder / "simple").as_uri()


def _page(wheels: Sequence[tuple[Path, str]]) -> str:
    rows = []
    for path, line in wheels:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        field, _, value = line.partition(": ")
        shown = value.replace(">", "&gt;").replace("<", "&lt;")
        extra = f' data-requires-python="{shown}"' if field == "Requires-Python" else ""
        rows.append(f'<a href="{path.name}#sha256={digest}"{extra}>{path.name}</a><br>')
    return "<!DOCTYPE html>\n<html><body>\n" + "\n".join(rows) + "\n</body></html>\n"


def observe(trial: Trial, report: Callable[[int, int], None] | None = None) -> list[Observation]:
    """Run pip, and uv where it is installed, for every release.

    Args:
        trial: what is tried.
        report: called with the number of runs done and their total.

    Raises:
        InstallerError: the interpreter cannot make an environment.
    """
    offers = [offer for offer in trial.offers if offer.valid]
    index = write_index(trial.folder, offers)
    python = _environment(trial)
    runners = _runners(python, _env(trial.folder, trial.releases[0]))
    found = []
    total = len(runners) * len(trial.releases)
    for release in trial.releases:
        env = _env(trial.folder, release)
        for installer, runner in runners:
            took, said = runner(python, index, offers, env)
            found.append(Observation(installer=installer, release=release, took=took, said=said))
            if report is not None:
                report(len(found), total)
    return found


def _runners(python: Path, env: dict[str, str]) -> list[tuple[str, _Runner]]:
    """Return the installers that are there, with their versions."""
    found: list[tuple[str, _Runner]] = []
    for name, runner, words in (
        ("pip", _pip, [str(python), "-m", "pip", "--version"]),
        ("uv", _uv, [_uv_program() or "", "--version"]),
    ):
        if words[0]:
            said = process.run(words, env=env, check=False).stdout.split()
            if len(said) > 1:
                found.append((f"{name} {said[1]}", runner))
    return found


def _environment(trial: Trial) -> Path:
    target = trial.folder / "environment"
    made = process.run(
        [str(trial.python), "-m", "venv", str(target)], check=False, timeout=_SECONDS
    )
    python = target / "bin" / "python"
    if made.returncode != 0 or not python.is_file():
        raise InstallerError(
            "no environment could be made",
            where=str(trial.python),
            details=tuple((made.stderr or made.stdout).splitlines()[-3:]),
            todo="give an interpreter with venv and ensurepip: --python PATH",
        )
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    site = Path(process.run(asked).stdout.strip())
    script = resources.files("elpython.stream.probes").joinpath("disguise.py").read_text("utf-8")
    (site / "elpython_disguise.py").write_text(script, "utf-8")
    (site / "elpython_disguise.pth").write_text("import elpython_disguise\n", "utf-8")
    return python


def _env(folder: Path, release: Release) -> dict[str, str]:
    """Return the installers' environment: none of the user's settings, no network, no cache."""
    env = process.clean_env({"ELPYTHON_DISGUISE": str(release), "HOME": str(folder)})
    for key in [key for key in env if key.startswith(("PIP_", "UV_"))]:
        del env[key]
    return env | {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_NO_CONFIG": "1",
        "UV_OFFLINE": "1",
    }


def _projects(offers: Sequence[Offer]) -> list[str]:
    return [_PROJECT.format(name=offer.name.replace(" ", "-")) for offer in offers]


def _took(offers: Sequence[Offer], versions: Mapping[str, str]) -> dict[str, bool | None]:
    return {
        offer.name: None if project not in versions else versions[project] == _NEW
        for offer, project in zip(offers, _projects(offers), strict=True)
    }


def _pip(python: Path, index: str, offers: Sequence[Offer], env: dict[str, str]) -> _Answer:
    words = [
        str(python), "-m", "pip", "install", "--dry-run", "--quiet", "--no-cache-dir",
        "--report", "-", "--index-url", index, *_projects(offers),
    ]  # fmt: skip
    ran = process.run(words, env=env, check=False, timeout=_SECONDS)
    versions: dict[str, str] = {}
    if ran.returncode == 0:
        items = json.loads(ran.stdout).get("install", [])
        versions = {item["metadata"]["name"]: item["metadata"]["version"] for item in items}
    return _took(offers, versions), "" if versions else _last(ran)


def _uv_program() -> str | None:
    """Find uv beside our own interpreter (an environment that is not activated), else on PATH."""
    beside = Path(sys.executable).parent / "uv"
    return str(beside) if os.access(beside, os.X_OK) else shutil.which("uv")


def _uv(python: Path, index: str, offers: Sequence[Offer], env: dict[str, str]) -> _Answer:
    program = _uv_program() or "uv"
    words = [
        program, "pip", "install", "--dry-run", "--no-cache", "--no-progress",
        "--python", str(python), "--index-url", index, *_projects(offers),
    ]  # fmt: skip
    ran = process.run(words, env=env, check=False, timeout=_SECONDS)
    text = ran.stdout + ran.stderr
    versions = dict(re.findall(r"^ \+ ([\w-]+)==(\S+)", text, re.MULTILINE))
    return _took(offers, versions), "" if versions else _last(ran)


def _last(ran: process.Completed) -> str:
    lines = [line.strip() for line in (ran.stderr or ran.stdout).splitlines() if line.strip()]
    return lines[-1] if lines else f"exit code {ran.returncode}"
