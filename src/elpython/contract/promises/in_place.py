"""In place: environments go on working when the base's files are replaced, and after going back."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.compare import changed
from elpython.contract.headers_view import HeadersMissingError
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.pip import NoPipError, Wheel, pip, write_wheel
from elpython.contract.promises.extensions import SOURCES, build_extension
from elpython.contract.stage import copy_interpreter
from elpython.core.errors import ElpythonError, MissingProgramError, ProgramFailedError
from elpython.core.process import clean_env
from elpython.core.process import run as run_program
from elpython.core.store import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_SECONDS = 120.0
_TELL = """
import json, os, sys, sysconfig
told = {"prefix": sys.prefix, "inside": sys.prefix != sys.base_prefix}
told["path"] = [entry for entry in sys.path if "site-packages" in entry]
told["purelib"] = sysconfig.get_paths()["purelib"]
import elsample
told["sample"] = elsample.answers()
try:
    import el_module
    told["extension"] = repr(el_module.exercise())
except ModuleNotFoundError as error:
    told["extension"] = str(error)
print(json.dumps(told, sort_keys=True))
"""


class NoEnvironmentError(ElpythonError):
    """An environment that the base itself could not make."""

    exit_code = 46


@dataclass(frozen=True, kw_only=True, slots=True)
class _Setting:
    """Where everything lies.

    Attributes:
        prefix: the copy of the base, replaced in place.
        other: the copy of the candidate, waiting beside it.
        python: the executable below `prefix`.
        env: with libpython's folder, for copies whose run path could not be changed.
        wheels: what is installed in each environment.
    """

    prefix: Path
    other: Path
    python: Path
    env: Mapping[str, str]
    wheels: tuple[Path, ...]


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Make environments with a copy of the base, replace its files, look, go back, look."""
    found: list[Difference] = []
    gaps: list[str] = []
    checked = 0
    with tempfile.TemporaryDirectory(prefix="elpython-in-place-") as name:
        setting = _prepare(pair, Path(name))
        made: dict[str, tuple[Path, str]] = {}
        for kind in ("venv", "virtualenv", "uv"):
            folder = Path(name) / f"env-{kind}"
            try:
                _make(kind, setting, folder, pair.base, run)
                made[kind] = (folder, _look(setting, folder))
            except (MissingProgramError, NoEnvironmentError, NoPipError) as error:
                gaps.append(f"{kind}: {error.what}" + (f"; {error.todo}" if error.todo else ""))
        for step in ("replaced", "rolled_back"):
            _exchange(setting)
            for kind, (folder, before) in made.items():
                checked += 1
                after = _look(setting, folder)
                if after != before:
                    what = f"an environment made by {kind} does not work as before"
                    found.append(changed(f"{step}.{kind}", what, before, after))
    return PromiseFindings(checked=checked, differences=tuple(found), gaps=tuple(gaps))


def _prepare(pair: Pair, folder: Path) -> _Setting:
    prefix, other = folder / "prefix", folder / "other"
    python = copy_interpreter(pair.base, prefix)
    copy_interpreter(pair.candidate, other)
    return _Setting(
        prefix=prefix,
        other=other,
        python=python,
        env=clean_env({"LD_LIBRARY_PATH": str(prefix / "lib"), "PYTHONNOUSERSITE": "1"}),
        wheels=tuple(_sample_wheels(pair.base, folder / "wheels")),
    )


def _sample_wheels(base: Subject, folder: Path) -> Iterator[Path]:
    """A pure package with a console script, and an extension where there is a compiler."""
    sample = SOURCES.parent / "sample" / "elpython_sample.py"
    yield write_wheel(
        Wheel(
            name="elsample",
            version="1",
            tag="py3-none-any",
            files={
                "elsample/__init__.py": sample.read_bytes(),
                "elsample/cli.py": b"def main():\n    print('script works')\n",
            },
            scripts={"elsample": "elsample.cli:main"},
        ),
        folder,
    )
    with contextlib.suppress(HeadersMissingError, MissingProgramError, ProgramFailedError):
        built = build_extension(base, SOURCES / "el_module.c", folder)
        files = {built.name: built.read_bytes()}
        yield write_wheel(Wheel(name="elext", version="1", tag="py3-none-any", files=files), folder)


def _make(kind: str, setting: _Setting, folder: Path, base: Subject, run: Run) -> None:
    """Make one environment and install the sample packages into it.

    Raises:
        MissingProgramError: the tool is not there and cannot be had.
        NoEnvironmentError: it does not work with the base.
    """
    if kind == "venv":
        start: list[str | Path] = [setting.python, "-m", "venv", "--without-pip", folder]
    elif kind == "virtualenv":
        tool = _tool(kind, base, run)
        start = [*tool, "-q", "--no-periodic-update", "-p", setting.python, folder]
    else:
        start = [*_tool(kind, base, run), "venv", "-q", "--offline", "-p", setting.python, folder]
    env = {**setting.env, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}
    done = run_program(start, env=env, timeout=_SECONDS, check=False)
    if done.returncode != 0:
        raise NoEnvironmentError(f"the base makes none: {(done.stderr or done.stdout)[-300:]}")
    site = next(iter(sorted((folder / "lib").glob("python*/site-packages"))), None)
    if site is None:
        raise NoEnvironmentError("the base makes one without site-packages")
    done = pip(base, "install", "-q", "--no-index", "--no-deps", "--target", site, *setting.wheels)
    if done.returncode != 0:
        raise NoEnvironmentError(f"the base's pip cannot install into it: {done.stderr[-300:]}")
    _write_script(folder)


def _write_script(folder: Path) -> None:
    """Write the console script as installers do: by the environment's own interpreter."""
    script = folder / "bin" / "elsample"
    lines = [f"#!{folder}/bin/python", "import sys", "from elsample.cli import main"]
    script.write_text("\n".join([*lines, "sys.exit(main())", ""]), "utf-8")
    script.chmod(0o755)


def _tool(kind: str, base: Subject, run: Run) -> list[str | Path]:
    """Find virtualenv or uv: on PATH, beside this Python, else from the index."""
    found = shutil.which(kind) or shutil.which(kind, path=str(Path(sys.executable).parent))
    if found:
        return [found]
    if not run.network:
        raise MissingProgramError(
            f"{kind} is not installed, and the network is not to be used",
            todo=f"install it: pip install {kind}",
        )

    def make(folder: Path) -> None:
        done = pip(base, "install", "-q", "--retries", "1", "--target", folder / "site", kind)
        if done.returncode != 0:
            raise MissingProgramError(
                f"{kind} is not installed and could not be fetched",
                todo=f"install it: pip install {kind}",
            )

    site = run.store.product("contract-tool", key_of([kind, base.digest]), make) / "site"
    if (site / "bin" / kind).is_file() and kind == "uv":
        return [site / "bin" / kind]
    code = f"import sys; sys.path.insert(0, {str(site)!r}); from {kind}.__main__ import run; run()"
    return [base.python, "-I", "-c", code]


def _look(setting: _Setting, folder: Path) -> str:
    """Use an environment and tell all that came of it."""
    python = folder / "bin" / "python"
    told = []
    ways: tuple[list[str | Path], ...] = (
        [python, "-c", _TELL],
        [folder / "bin" / "elsample"],
        [python, "-m", "elsample.cli"],
    )
    for words in ways:
        try:
            done = run_program(words, env=setting.env, timeout=_SECONDS, check=False)
        except ElpythonError as error:
            told.append(error.what)
            continue
        told.append(f"exit code {done.returncode}: {done.stdout}{done.stderr[-600:]}")
    config = folder / "pyvenv.cfg"
    told.append(config.read_text("utf-8") if config.is_file() else "no pyvenv.cfg")
    compiled = sorted(folder.rglob("site-packages/elsample/__pycache__/*.pyc"))
    for file in compiled:
        state = os.stat(file)  # noqa: PTH116 - inode and time in one call
        told.append(f"{file.name} {state.st_ino} {state.st_mtime_ns}")
    return "\n".join(told)


def _exchange(setting: _Setting) -> None:
    """Replace the installed files by the other side's, under the same path."""
    waiting = setting.prefix.with_name("waiting")
    setting.prefix.rename(waiting)
    setting.other.rename(setting.prefix)
    waiting.rename(setting.other)
