"""Try an environment on both sides: import every module, start every script, run commands."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.environment.model import Trial
from elpython.contract.environment.sandbox import contained
from elpython.contract.probe import PROBES
from elpython.contract.subject import code_digest
from elpython.contract.together import together
from elpython.core.errors import ProgramTimeoutError
from elpython.core.process import clean_env
from elpython.core.process import run as run_program
from elpython.core.store import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.contract.environment.collect import Distribution
    from elpython.contract.environment.model import Package
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["AFTERWARDS", "Clones", "clone", "modules_of", "prove"]

_SECONDS = 120.0
# What is compared of the process when all modules of a package were imported.
AFTERWARDS = "(state afterwards)"
_COMMAND_SECONDS = 3600.0
# Names of one length: a help text with a path in it breaks its lines at the same places.
_FOLDERS = {"base": "base", "candidate": "next"}
_SKIPPED = {"tests", "test", "testing", "conftest", "__main__", "setup", "_vendor", "idle_test"}
_TIMES = re.compile(r"\b\d+\.\d+ ?(s|seconds|ms|us|µs)\b|\b\d+:\d\d:\d\d\b|0x[0-9a-f]{6,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Clones:
    """The environment on both sides.

    Attributes:
        pair: the interpreters.
        folders: a virtual environment for each, by role.
        scratch: the only other folder that what is tried may write to.
    """

    pair: Pair
    folders: dict[str, Path]
    scratch: Path

    def python(self, subject: Subject) -> Path:
        """The clone's interpreter."""
        return self.folders[subject.role] / "bin" / "python"


def clone(pair: Pair, sites: list[Path], folder: Path) -> Clones:
    """Make a virtual environment with the same packages on each side.

    The packages are copied as they are: nothing is resolved, built or installed anew.
    """
    folders = {}
    for subject in pair.both():
        place = folders[subject.role] = folder / _FOLDERS[subject.role]
        run_program([subject.python, "-I", "-m", "venv", "--without-pip", place], timeout=_SECONDS)
        target = place / "lib" / f"python{subject.tag}" / "site-packages"
        for site in sites:
            # Compiled files are left out: each side compiles, as after an update.
            shutil.copytree(
                site, target, symlinks=True, dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("__pycache__"),
            )  # fmt: skip
    scratch = folder / "scratch"
    scratch.mkdir()
    return Clones(pair=pair, folders=folders, scratch=scratch)


def modules_of(item: Distribution) -> list[str]:
    """Return the importable modules of a distribution, without its tests."""
    found = set()
    for file in item.files:
        name = item.below(file)
        stem = name.removesuffix(".py")
        if stem == name:
            if not name.endswith(".so"):
                continue
            stem = name.rpartition("/")[0] + "/" + name.rpartition("/")[2].partition(".")[0]
        parts = [part for part in stem.split("/") if part]
        if parts and parts[-1] == "__init__":
            parts.pop()
        if parts and all(part.isidentifier() for part in parts) and not _SKIPPED & set(parts):
            found.add(".".join(parts))
    return sorted(found)


def prove(
    clones: Clones,
    items: list[Distribution],
    packages: tuple[Package, ...],
    commands: list[str],
    run: Run,
) -> list[Trial]:
    """Try everything; each distribution is tried once for each pair of interpreters."""
    scripts = {package.name: package.scripts for package in packages}
    jobs = [(item, scripts.get(item.name, ())) for item in items]
    done = [0]

    def one(job: tuple[Distribution, tuple[str, ...]]) -> list[Trial]:
        found = _kept(clones, *job, run)
        done[0] += 1
        run.reporter.progress("packages tried", done[0], len(jobs))
        return found

    jobs.sort(key=lambda job: -len(job[0].files))
    trials = [trial for found in together(one, jobs, run.jobs) for trial in found]
    for command in commands:
        told = [_command(clones, subject, command) for subject in clones.pair.both()]
        trials.append(_trial("", command, told[0], told[1]))
    return sorted(trials, key=lambda trial: (trial.package.lower(), trial.what))


def _kept(clones: Clones, item: Distribution, scripts: tuple[str, ...], run: Run) -> list[Trial]:
    """Take a distribution's trials from the store, or try it; so that a stopped run goes on."""
    states = [
        [n, (item.folder / n).stat().st_size, (item.folder / n).stat().st_mtime_ns]
        for n in item.files
    ]
    whole = sorted(path.name for path in item.folder.glob("*.dist-info"))
    sides = [subject.digest for subject in clones.pair.both()]
    key = key_of([item.name, states, whole, sides, code_digest()])

    def make(folder: Path) -> None:
        trials = [*_imports(clones, item), *_scripts(clones, item, scripts)]
        text = json.dumps([asdict(trial) for trial in trials])
        (folder / "trials.json").write_text(text, "utf-8")

    if run.refreshed is not None:
        run.store.drop("contract-trials", key)
    folder = run.store.product("contract-trials", key, make)
    return [Trial(**data) for data in json.loads((folder / "trials.json").read_text("utf-8"))]


def _trial(package: str, what: str, base: str, candidate: str) -> Trial:
    good = [not text.startswith("!") for text in (base, candidate)]
    state = "same" if all(good) else "fails"
    if base != candidate:
        state = {(True, False): "broken", (False, True): "fixed"}.get((good[0], good[1]), "differs")
    texts = [text.removeprefix("!") for text in (base, candidate)]
    return Trial(
        package=package, what=what, base=texts[0], candidate=texts[1], state=state,
        worked=all(good),
    )  # fmt: skip


def _imports(clones: Clones, item: Distribution) -> Iterator[Trial]:
    modules = modules_of(item)
    told = [_imported(clones, subject, modules) for subject in clones.pair.both()]
    for name in [*modules, AFTERWARDS]:
        base, candidate = (
            told[0].get(name, "!was not reached"),
            told[1].get(name, "!was not reached"),
        )
        yield _trial(item.name, f"import {name}", base, candidate)


def _imported(clones: Clones, subject: Subject, modules: list[str]) -> dict[str, str]:
    """Import modules in one process; after a crash or a hang the rest in another."""
    told: dict[str, str] = {}
    rest = list(modules)
    with tempfile.TemporaryDirectory(dir=clones.scratch) as name:
        while rest:
            output = Path(name) / "results"
            output.unlink(missing_ok=True)
            words: list[str | Path] = [
                clones.python(subject),
                PROBES / "environment.py",
                output,
                *rest,
            ]
            ending = _run(clones, words, Path(name), _SECONDS)[0]
            begun = ""
            for line in output.read_text("utf-8").splitlines() if output.is_file() else ():
                row = json.loads(line)
                if row[0] == "begin":
                    begun = row[1]
                elif row[0] == "end":
                    good = row[2] == "imported"
                    text = "; ".join([row[2], *row[3]])
                    told[row[1]] = ("" if good else "!") + _plain(text, clones, subject, name)
                    begun = ""
                else:
                    state = json.dumps(row[1], sort_keys=True)
                    told[AFTERWARDS] = _plain(state, clones, subject, name)
            if begun:
                told[begun] = f"!{ending}"
            left = [module for module in rest if module not in told]
            if len(left) == len(rest):
                told.update(dict.fromkeys(left, f"!{ending}"))
                break
            rest = left
    return told


def _run(clones: Clones, words: list[str | Path], folder: Path, seconds: float) -> tuple[str, str]:
    """Run contained; return how it ended, and what it printed."""
    env = clean_env({"HOME": str(folder), "TMPDIR": str(folder), "PYTHONHASHSEED": "0",
                     "MPLBACKEND": "agg", "COLUMNS": "80"})  # fmt: skip
    argv = contained(words, [*clones.folders.values(), clones.scratch])
    try:
        done = run_program(argv, env=env, cwd=folder, timeout=seconds, check=False)
    except ProgramTimeoutError:
        return f"did not end within {seconds:g} s", ""
    return f"exit code {done.returncode}", done.stdout + done.stderr


def _plain(text: str, clones: Clones, subject: Subject, folder: str) -> str:
    for place, name in (
        (folder, "{folder}"),
        (str(clones.folders[subject.role]), "{environment}"),
        (f"../{_FOLDERS[subject.role]}/", "../{environment}/"),
        (str(subject.prefix), "{prefix}"),
        (str(subject.facts["version"]).split(" ", 1)[0], "{version}"),
        (".".join(map(str, subject.facts["version_info"][:3])), "{version}"),
    ):
        text = text.replace(place, name)
    return _TIMES.sub("{time}", text)


def _scripts(clones: Clones, item: Distribution, scripts: tuple[str, ...]) -> Iterator[Trial]:
    for line in scripts:
        name, _, target = line.partition(" = ")
        told = [_helped(clones, subject, name, target) for subject in clones.pair.both()]
        yield _trial(item.name, f"{name} --help", told[0], told[1])


def _helped(clones: Clones, subject: Subject, name: str, target: str) -> str:
    module, _, function = target.partition(":")
    call = f"import {module} as m\nsys.exit(m.{function or 'main'}())"
    code = f"import sys\nsys.argv = [{name!r}, '--help']\n{call}"
    with tempfile.TemporaryDirectory(dir=clones.scratch) as folder:
        words: list[str | Path] = [clones.python(subject), "-c", code]
        ending, text = _run(clones, words, Path(folder), 60.0)
        good = ending == "exit code 0"
        return ("" if good else "!") + _plain(f"{ending}\n{text[-2000:]}", clones, subject, folder)


def _command(clones: Clones, subject: Subject, command: str) -> str:
    """Run a user's command in a copy of the current folder, with the clone in front on PATH."""
    with tempfile.TemporaryDirectory(dir=clones.scratch) as name:
        folder = Path(name) / "work"
        shutil.copytree(
            Path.cwd(), folder, symlinks=True,
            ignore=shutil.ignore_patterns(".git", ".venv", "venv", "__pycache__", "node_modules"),
        )  # fmt: skip
        place = clones.folders[subject.role]
        line = f'PATH="{place}/bin:$PATH"; export VIRTUAL_ENV="{place}"; {command}'
        ending, text = _run(clones, ["sh", "-c", line], folder, _COMMAND_SECONDS)
        good = ending == "exit code 0"
        last = "\n".join(text.strip().splitlines()[-15:])
        files = sorted(
            str(p.relative_to(folder))
            for p in folder.rglob("*")
            if p.is_file() and "cache" not in str(p)
        )
        told = f"{ending}\n{last}\n{len(files)} files"
        return ("" if good else "!") + _plain(told, clones, subject, name)
