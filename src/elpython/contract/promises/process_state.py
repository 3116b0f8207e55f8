"""Process state: programs find the same process when they start, however they are started."""

from __future__ import annotations

import json
import re
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import changed, tables
from elpython.contract.headers_view import HeadersMissingError, compiler, include_folders
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.probe import PROBES
from elpython.contract.starts import embedded, started, unreached, ways
from elpython.contract.subject import observe, remember
from elpython.core.errors import MissingProgramError, ProgramFailedError, ProgramTimeoutError
from elpython.core.process import clean_env, require
from elpython.core.process import run as run_program

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["MODES", "check"]

# How the state is asked: options of the interpreter, and variables.
MODES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "plain": ((), {}),
    "isolated": (("-I",), {}),
    "no-site": (("-S", "-E"), {}),
    "developer": (("-X", "dev"), {}),
    "optimized": (("-OO", "-B", "-u"), {}),
    "c-locale": ((), {"LC_ALL": "C"}),
    "environment": (
        (), {"PYTHONUTF8": "1", "PYTHONWARNINGS": "error", "PYTHONHASHSEED": "5",
             "PYTHONUNBUFFERED": "1"},
    ),
}  # fmt: skip
_SECONDS = 60.0
_NAMES = ("modules", "builtin_names")
# What the machine decides, not the interpreter: not compared with what was recorded elsewhere.
_OF_MACHINE = re.compile(
    r"\.(limit\..*|kernel\..*|priority|processors|leads|rights|time\.zone|tasks|umask|descriptors|signal\.\d+|signal\.blocked|environment"
    r"|locale.*|ssl\..*|libraries)$"
)


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Ask for the state in several modes, then start programs in every way."""
    require("sh")
    found: list[Difference] = []
    left = unreached()
    gaps: list[str] = []
    if left:
        what = f"ways of starting that were not tried: {len(left)} ({', '.join(left)})"
        gaps.append(f"{what}: bash is not here; install the package bash")
    notes: list[str] = []
    checked = 0
    with tempfile.TemporaryDirectory(prefix="elpython-state-") as name:
        states = [
            observe(run, subject, "state", partial(_states, subject, Path(name)))
            for subject in pair.both()
        ]
    recorded = pair.base.recorded is not None
    if recorded:
        states = [{k: v for k, v in one.items() if not _OF_MACHINE.search(k)} for one in states]
    checked += len(states[0])
    found += tables(states[0], states[1], "the state at start")
    told = [_started(run, subject) for subject in pair.both()]
    checked += len(told[0])
    found += [
        changed(f"start.{way}", "a program that is started so behaves otherwise", old, told[1][way])
        for way, old in told[0].items()
        if old != told[1].get(way, old)
    ]
    if not recorded:
        found += _embedded(pair, notes)
    return PromiseFindings(
        checked=checked, differences=tuple(found), gaps=tuple(gaps), notes=tuple(notes),
        partial=recorded,
    )  # fmt: skip


def _states(subject: Subject, folder: Path) -> dict[str, Any]:
    """Ask in every mode; for each module and each builtin, the modes in which it is there."""
    states: dict[str, Any] = {}
    names: dict[str, list[str]] = {}
    drawn: list[object] = []
    for mode in MODES:
        table = _state(subject, mode, folder)
        drawn.append(table.pop("random.first", mode))
        for group in _NAMES:
            for name in table.pop(group, ()):
                names.setdefault(f"{group}.{name}", []).append(mode)
        states.update({f"{mode}.{name}": value for name, value in table.items()})
    # Processes that draw the same first number were seeded by the start.
    states["random.seeded"] = len(set(drawn)) < len(drawn)
    return states | {name: ", ".join(modes) for name, modes in names.items()}


def _state(subject: Subject, mode: str, folder: Path) -> dict[str, Any]:
    """Ask one interpreter in one mode."""
    flags, env = MODES[mode]
    output = folder / "state.json"
    output.unlink(missing_ok=True)
    try:
        done = run_program(
            [subject.python, *flags, PROBES / "state.py", output],
            env=clean_env({"HOME": str(folder), **env}), cwd=folder, timeout=_SECONDS, check=False,
        )  # fmt: skip
    except ProgramTimeoutError:
        return {"state": f"did not answer within {_SECONDS:g} s"}
    if not output.is_file():
        last = done.stderr.strip().splitlines()[-3:]
        return {"state": f"exit code {done.returncode}: {' '.join(last)}"}
    table: dict[str, Any] = json.loads(output.read_text("utf-8"))
    return table


def _started(run: Run, subject: Subject) -> dict[str, str]:
    def make() -> dict[str, str]:
        with tempfile.TemporaryDirectory(prefix="elpython-starts-") as name:
            return started(subject, Path(name), run.jobs, run.part)

    # What a shell that is not here would have started is not remembered as looked at.
    told: dict[str, str] = remember(run, subject, f"starts-{len(ways())}", make, record_as="starts")
    return told


def _embedded(pair: Pair, notes: list[str]) -> list[Difference]:
    """Embed each side's own library; that both can be linked is the base's matter."""
    told = []
    for subject in pair.both():
        try:
            include = include_folders(subject)
            with tempfile.TemporaryDirectory(prefix="elpython-embedded-") as name:
                told.append(embedded(subject, include, compiler(), Path(name)))
        except (HeadersMissingError, MissingProgramError, ProgramFailedError) as error:
            notes.append(f"no embedding program was started: {error.what}")
            return []
    if None in told:
        sides = [
            subject.role for subject, one in zip(pair.both(), told, strict=True) if one is None
        ]
        notes.append(f"no embedding program: the {' and the '.join(sides)} has no library to link")
        return []
    what = "a program that carries the interpreter behaves otherwise"
    return [] if told[0] == told[1] else [changed("start.embedded", what, told[0], told[1])]
