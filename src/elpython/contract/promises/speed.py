"""Speed and size: start-up, import, memory and a sample of work stay within stated bounds."""

from __future__ import annotations

import math
import random
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import changed
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.probe import ask
from elpython.core.process import clean_env
from elpython.core.process import run as run_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["Interval", "check", "interval"]

_DATA = Path(__file__).parents[1] / "data" / "speed.toml"
_RESAMPLES = 400


@dataclass(frozen=True, slots=True)
class Interval:
    """A ratio with its 95% confidence interval."""

    ratio: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.ratio:.3f} ({self.low:.3f} to {self.high:.3f})"


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Run both in turn and compare; say so when the machine is too noisy to tell."""
    bounds = tomllib.loads(_DATA.read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="elpython-speed-") as name:
        places = {s.role: _environment(s, Path(name) / s.role) for s in pair.both()}
        return _compare(pair, run, bounds, places)


def _environment(subject: Subject, folder: Path) -> Path:
    """Make a virtual environment without pip; programs of users mostly start in one."""
    run_program([subject.python, "-I", "-m", "venv", "--without-pip", folder], timeout=120)
    return folder / "bin" / "python"


def _compare(
    pair: Pair, run: Run, bounds: dict[str, Any], places: dict[str, Path]
) -> PromiseFindings:
    rounds, limits = int(bounds["rounds"]), bounds["bounds"]
    samples: dict[str, list[tuple[float, float]]] = {}
    for number in range(rounds):
        run.reporter.progress("speed rounds", number, rounds)
        if number >= int(bounds["fewest"]) and _decided(samples, limits):
            break
        # Every second round the other way round, so that a drift of the machine cancels out.
        order = pair.both() if number % 2 == 0 else pair.both()[::-1]
        taken = {subject.role: _measure(subject, bounds, places[subject.role]) for subject in order}
        for name, value in taken["base"].items():
            samples.setdefault(name, []).append((value, taken["candidate"][name]))
    found: list[Difference] = []
    gaps, notes = [], []
    for name, pairs in samples.items():
        result, bound = interval(pairs), float(limits[name.split(".")[0]])
        notes.append(f"{name}: {result}, bound {bound:.2f}")
        if result.low > bound:
            what = f"{result.ratio:.2f} times the base's; the bound is {bound:.2f}"
            old, new = (sorted(values)[len(pairs) // 2] for values in zip(*pairs, strict=True))
            found.append(changed(name, what, f"{old:.4g}", f"{new:.4g}, ratio {result}"))
        elif result.high > bound:
            gaps.append(f"{name}: too noisy to tell: {result}, bound {bound:.2f}")
    return PromiseFindings(
        checked=len(samples), differences=tuple(found), gaps=tuple(gaps), notes=tuple(notes)
    )


def _decided(samples: dict[str, list[tuple[float, float]]], limits: dict[str, float]) -> bool:
    """Return whether every interval already lies on one side of its bound."""
    for name, pairs in samples.items():
        result, bound = interval(pairs), float(limits[name.split(".")[0]])
        if result.low <= bound <= result.high:
            return False
    return True


def _measure(subject: Subject, bounds: dict[str, Any], venv: Path) -> dict[str, float]:
    """Take every figure of one interpreter once: seconds, and KiB for memory."""
    imported = f"import {bounds['imports']}"
    taken = {
        "startup": _seconds(subject.python, ["-I", "-S", "-c", "pass"], 5),
        "startup.site": _seconds(subject.python, ["-I", "-c", "pass"], 4),
        "startup.venv": _seconds(venv, ["-I", "-c", "pass"], 4),
        "import": _seconds(subject.python, ["-I", "-S", "-c", imported], 2),
    }
    answer = ask(subject.python, "workloads", {"repeat": 3}, flags=("-I", "-S"), timeout=120)
    taken["memory"] = float(answer["peak_kib"])
    for name, seconds in answer["seconds"].items():
        taken[f"work.{name}"] = float(seconds)
    logs = [math.log(value) for value in answer["seconds"].values()]
    return {**taken, "total": math.exp(sum(logs) / len(logs))}


def _seconds(python: Path, words: list[str], repeat: int) -> float:
    """Return the best of some runs, in seconds."""
    argv: list[str | Path] = [python, *words]
    return min(run_program(argv, env=clean_env(), timeout=60).seconds for _ in range(repeat))


def interval(pairs: Sequence[tuple[float, float]]) -> Interval:
    """Return the median ratio of paired values, with a bootstrap interval (Efron's percentiles).

    Args:
        pairs: (base, candidate), taken in the same round; at least one.
    """
    logs = [math.log(new / old) for old, new in pairs]
    chance = random.Random(20261121)  # noqa: S311 - resampling, not secrets
    medians = sorted(_median([chance.choice(logs) for _ in logs]) for _ in range(_RESAMPLES))
    low, high = medians[_RESAMPLES // 40], medians[-_RESAMPLES // 40 - 1]
    return Interval(math.exp(_median(logs)), math.exp(low), math.exp(high))


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
