"""Extensions: C extensions built for the base run under the candidate without a rebuild."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import changed
from elpython.contract.headers_view import HeadersMissingError, compiler, include_folders
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.pip import NoPipError, pip
from elpython.contract.probe import ProbeError, ask
from elpython.core.errors import ElpythonError, MissingProgramError, ProgramTimeoutError
from elpython.core.process import clean_env
from elpython.core.process import run as run_program
from elpython.core.store import key_of

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["SOURCES", "build_extension", "check"]

SOURCES = Path(__file__).parents[1] / "data" / "ext"
_DATA = Path(__file__).parents[1] / "data" / "wheels.toml"
_MODULES = ("el_structs", "el_calls", "el_buffer", "el_module", "el_formats", "el_abi3")
_SECONDS = 120.0
_INSTALL_SECONDS = 600.0
_TOO_SLOW = (
    f"the base's pip did not end within {_INSTALL_SECONDS:g} s: the index or the machine is slow;"
    " try again"
)


class NoWheelsError(ElpythonError):
    """The base's pip could not install the real wheels."""

    exit_code = 45


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Build with the base, run with both; then real wheels that the base installed."""
    found: list[Difference] = []
    gaps: list[str] = []
    notes: list[str] = []
    checked = 0
    try:
        with tempfile.TemporaryDirectory(prefix="elpython-ext-") as name:
            checked, found = _own(pair, Path(name))
            found += _embedded(pair, Path(name), notes)
    except (HeadersMissingError, MissingProgramError) as error:
        gaps.append(f"our own extensions were not built: {error.what}; {error.todo}")
    if run.network:
        count, differences, reasons = _real(pair, run)
        checked, found = checked + count, found + differences
        gaps += reasons
    else:
        gaps.append("real wheels: the network is not to be used")
    return PromiseFindings(
        checked=checked, differences=tuple(found), gaps=tuple(gaps), notes=tuple(notes)
    )


def build_extension(subject: Subject, source: Path, folder: Path) -> Path:
    """Compile one extension module for an interpreter and return its file.

    Raises:
        HeadersMissingError: its headers are not installed.
        MissingProgramError: no compiler.
        ProgramFailedError: it does not compile.
    """
    limited = source.stem.endswith("abi3")
    target = folder / (source.stem + (".abi3.so" if limited else subject.extension_suffix))
    words: list[str | Path] = [compiler(), "-shared", "-fPIC", "-O1", "-w", "-o", target, source]
    run_program([*words, *(f"-I{path}" for path in include_folders(subject))], timeout=60)
    return target


def _own(pair: Pair, folder: Path) -> tuple[int, list[Difference]]:
    for name in _MODULES:
        build_extension(pair.base, SOURCES / f"{name}.c", folder)
    expected = _exercise(pair.base, folder, list(_MODULES))
    found = []
    try:
        got = _exercise(pair.candidate, folder, list(_MODULES))
    except ProbeError:
        # Which one is it? A crash takes all answers with it.
        got = {name: _alone(pair.candidate, folder, name) for name in _MODULES}
    for name in _MODULES:
        if expected[name] != got[name]:
            what = "built for the base, it behaves otherwise under the candidate"
            found.append(changed(f"own.{name}", what, expected[name], got[name]))
    return len(_MODULES), found


def _exercise(subject: Subject, folder: Path, names: list[str]) -> dict[str, str]:
    request = {"folder": str(folder), "modules": names}
    answer: dict[str, str] = ask(subject.python, "extensions", request)
    return answer


def _alone(subject: Subject, folder: Path, name: str) -> str:
    try:
        return _exercise(subject, folder, [name])[name]
    except ProbeError as error:
        return "\n".join([error.what, *error.details])


def _embedded(pair: Pair, folder: Path, notes: list[str]) -> list[Difference]:
    """Run a program linked against the base's libpython with the candidate's in its place."""
    if not all(subject.facts["shared_library"] for subject in pair.both()):
        notes.append("linked statically: a program that embeds Python carries its own copy")
        return []
    library, program = pair.base.library, folder / "el_embed"
    words: list[str | Path] = [compiler(), "-w", "-o", program, SOURCES / "el_embed.c"]
    words += [f"-I{path}" for path in include_folders(pair.base)]
    run_program([*words, library], timeout=60)
    told = []
    for subject in pair.both():
        env = {"LD_LIBRARY_PATH": str(subject.library.parent), "PYTHONHOME": str(subject.prefix)}
        done = run_program([program], env=clean_env(env), timeout=60, check=False)
        told.append(f"exit code {done.returncode}\n{done.stdout}{done.stderr[-500:]}")
    what = "a program linked against the base's libpython behaves otherwise"
    return [] if told[0] == told[1] else [changed("own.el_embed", what, told[0], told[1])]


def _real(pair: Pair, run: Run) -> tuple[int, list[Difference], list[str]]:
    projects = tomllib.loads(_DATA.read_text("utf-8"))["run"]
    found, gaps, checked = [], [], 0
    missing: dict[str, list[str]] = {}
    for at, (project, folder) in enumerate(_installed(pair.base, run, projects)):
        run.reporter.progress("real wheels", at, len(projects))
        if isinstance(folder, str):
            missing.setdefault(folder, []).append(project["name"])
            continue
        for part in ("code", "tests"):
            if part in project:
                told = [_told(subject, folder, part, project) for subject in pair.both()]
                checked += 1
                if not told[0].startswith("exit code 0"):
                    gaps.append(f"{project['name']}: the base itself says: {told[0][-300:]}")
                elif told[0] != told[1]:
                    key = f"wheel.{project['name']}.{part}"
                    what = "installed by the base, it behaves otherwise under the candidate"
                    found.append(changed(key, what, told[0], told[1]))
    gaps += [f"{', '.join(names)}: {reason}" for reason, names in missing.items()]
    return checked, found, gaps


def _installed(
    base: Subject, run: Run, projects: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], Path | str]]:
    """Return each project's folder, or why there is none.

    All are installed by one call of the base's pip; when that fails, one by one, so that one that
    has no wheel for this Python does not take the others with it.
    """
    everything = [name for project in projects for name in _names(project)]
    try:
        whole = _install(base, run, list(dict.fromkeys(everything)))
    except NoPipError as error:
        return [(project, error.what) for project in projects]
    except ProgramTimeoutError:
        return [(project, _TOO_SLOW) for project in projects]
    except NoWheelsError as error:
        if any(word in error.what.lower() for word in ("connection", "resolve", "network")):
            return [(project, error.what) for project in projects]
    else:
        return [(project, whole) for project in projects]
    found: list[tuple[dict[str, Any], Path | str]] = []
    for project in projects:
        try:
            found.append((project, _install(base, run, _names(project))))
        except ProgramTimeoutError:
            found.append((project, _TOO_SLOW))
        except NoWheelsError as error:
            found.append((project, error.what))
    return found


def _names(project: dict[str, Any]) -> list[str]:
    with_pytest = project.get("tests", [""])[0] == "pytest"
    return [project["name"], *(["pytest", "hypothesis"] if with_pytest else [])]


def _install(base: Subject, run: Run, names: list[str]) -> Path:
    """Install projects with the base's pip, once for each base."""
    limits = tomllib.loads(_DATA.read_text("utf-8"))["constraints"].get(base.tag, [])
    key = key_of([names, base.digest, *([limits] if limits else [])])

    def make(folder: Path) -> None:
        words = ["install", "-q", "--only-binary", ":all:", "--no-compile", "--retries", "1"]
        words += ["--timeout", "15", "--target", str(folder / "site")]
        if limits:
            (folder / "constraints.txt").write_text("\n".join([*limits, ""]), "utf-8")
            words += ["--constraint", str(folder / "constraints.txt")]
        done = pip(base, *words, *names, timeout=_INSTALL_SECONDS)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no word"])[-1]
            raise NoWheelsError(f"the base's pip says: {last[:200]}")

    return run.store.product("contract-wheel", key, make) / "site"


def _told(subject: Subject, folder: Path, part: str, project: dict[str, Any]) -> str:
    """Run a project's code or tests and return what it says, without times."""
    if part == "code":
        words = ["-c", project["code"]]
    else:
        files = [str(folder / name) for name in project["tests"][1:]]
        words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--no-header", *files]
    env = clean_env({"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"})
    with tempfile.TemporaryDirectory(prefix="elpython-wheel-") as cwd:
        try:
            done = run_program(
                [subject.python, "-s", *words],
                env=env,
                cwd=Path(cwd),
                timeout=_SECONDS,
                check=False,
            )
        except ProgramTimeoutError:
            return f"did not end within {_SECONDS:g} s"
    if part == "tests":
        return f"exit code {done.returncode}" + ("" if done.returncode == 0 else done.stdout[-800:])
    return f"exit code {done.returncode}\n{done.stdout}{done.stderr[-500:]}"
