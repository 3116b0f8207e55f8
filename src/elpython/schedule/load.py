"""Model files: found by name or path, read whole, and refused with every problem at once."""

from __future__ import annotations

import dataclasses
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from elpython.core.errors import UnknownNameError
from elpython.core.suggest import near
from elpython.core.toml import lined_reader
from elpython.schedule.dates import (
    Alignment,
    Duration,
    parse_alignment,
    parse_duration,
)
from elpython.schedule.errors import BadModelError, refuse
from elpython.schedule.export import read_text
from elpython.schedule.model import (
    CARRY,
    KINDS,
    Audience,
    Cadence,
    Features,
    Model,
    Moment,
    Override,
    Phase,
    Predecessor,
    parse_moment,
    series_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from elpython.core.toml import Reader

__all__ = ["builtin_names", "find", "load", "load_text"]

Parsed = TypeVar("Parsed")

TOP = ("name", "title", "source", "summary", "cadence", "predecessor", "phase", "override",
       "audience", "features")  # fmt: skip
CADENCE = ("first", "final", "period", "step", "align", "version", "note", "begins", "at_most",
           "bases")  # fmt: skip
PREDECESSOR = ("series", "final", "starts", "last_release")
MOMENTS = ("start", "end", "first", "through")
PHASE = ("name", "kind", *MOMENTS, "every", "count", "align", "labels", "break_label", "version",
         "notes", "last_note", "whole_months", "only")  # fmt: skip
OVERRIDE = ("series", "phase", *MOMENTS, "every", "count", "drop")
AUDIENCE = ("name", "releases", "builds", "breaks")
FEATURES = ("freeze", "carry", "lead")
ADVICE = "the words of a model file are told in docs/reference/schedule-models.md"


@cache
def builtin_names() -> tuple[str, ...]:
    """Return the names of the models that come with the package, sorted."""
    folder = resources.files("elpython.schedule") / "models"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name[-5:] == ".toml"))


def find(name: str) -> Model:
    """Return a model by the name of a built-in one or by the path of a file.

    Raises:
        UnknownNameError: neither is there.
        BadModelError: the file has problems.
    """
    if name in builtin_names():
        entry = resources.files("elpython.schedule") / "models" / f"{name}.toml"
        # A test holds that these do not contradict themselves: a command need not look again.
        return load_text(f"models/{name}.toml", entry.read_text("utf-8"), trusted=True)
    if name.endswith(".toml") or "/" in name:
        return load(Path(name))
    hint = near(name, builtin_names()) or f"one of {', '.join(builtin_names())}"
    raise UnknownNameError(
        f"there is no release model {name!r}", todo=f"{hint}; or give the path of a .toml file"
    )


def load(path: Path) -> Model:
    """Read a model file of the user's."""
    if not path.exists():
        raise UnknownNameError("there is no such model file", str(path))
    return load_text(str(path), read_text(path, BadModelError))


def load_text(file: str, text: str, *, trusted: bool = False) -> Model:
    """Read a model and check that it does not contradict itself (left out where trusted).

    Raises:
        BadModelError: with every problem, each with the line of its rule.
    """
    problems: list[str] = []
    root = lined_reader(text, problems, name=file)
    refuse(problems, BadModelError, file, ADVICE)
    model = _model(root, file)
    if not problems and not trusted:
        from elpython.schedule.check import contradictions

        for path, what in contradictions(model):
            root.problem(path, what)
    refuse(problems, BadModelError, file, ADVICE)
    return model


def _model(root: Reader, file: str) -> Model:
    phases = tuple(_phase(table) for table in root.tables("phase"))
    if not phases:
        root.problem("", "no [[phase]] at all")
    names = [phase.name for phase in phases]
    for phase in phases:
        if names.count(phase.name) > 1:
            root.problem(f"{phase.path}.name", f"a second phase {phase.name!r}")
        _known_points(root, phase, names)
    model = Model(
        name=root.text("name"),
        title=root.text("title"),
        source=root.text("source", ""),
        summary=root.text("summary", ""),
        file=file,
        cadence=_cadence(root.table("cadence", need=True)),
        phases=phases,
        predecessor=_predecessor(root, names),
        overrides=tuple(_overrides(root, phases)),
        audiences=tuple(_audience(table) for table in root.tables("audience")),
        features=_features(root.table("features"), names),
    )
    root.done(TOP)
    return model


def _cadence(table: Reader) -> Cadence:
    first = table.text("first")
    table.parsed("first", series_number, (3, 0))
    period = table.parsed("period", parse_duration, Duration(months=12))
    if period == Duration():
        table.problem("period", "a period of no length: every series on one day")
    step = table.number("step", 1, least=0)
    if step == 0:
        table.problem("step", "a step of 0: every series would have one name")
    found = Cadence(
        first=first if not table.problems else "3.0",
        final=table.date("final"),
        period=period,
        step=step,
        align=_alignment(table),
        version=table.text("version", "{series}.0"),
        note=table.text("note", ""),
        begins=table.date("begins") if table.has("begins") else None,
        at_most=table.number("at_most", 0, least=0),
        bases=table.mapping("bases"),
    )
    table.done(CADENCE)
    return found


def _alignment(table: Reader) -> Alignment:
    return table.parsed("align", parse_alignment, Alignment(), default="none")


def _predecessor(root: Reader, names: list[str]) -> Predecessor | None:
    if not root.has("predecessor"):
        return None
    table = root.table("predecessor")
    starts = table.table("starts")
    found = Predecessor(
        series=table.text("series"),
        final=table.date("final"),
        starts={key: starts.date(key) for key in starts.names() if key in names},
        last_release=table.flag("last_release"),
    )
    starts.done(names)
    table.done(PREDECESSOR)
    return found


def _moment(table: Reader, key: str) -> Moment | None:
    return table.parsed(key, parse_moment, Moment(point="final")) if table.has(key) else None


def _phase(table: Reader) -> Phase:
    name = table.text("name")
    if name == "final":
        table.problem("name", "'final' is the stable release itself, not a phase")
    found = Phase(
        name=name,
        kind=cast("Any", table.choice("kind", KINDS)),
        path=table.path(""),
        start=table.parsed("start", parse_moment, Moment(point="final")),
        end=_moment(table, "end"),
        first=_moment(table, "first"),
        through=_moment(table, "through"),
        every=_every(table),
        count=table.number("count", 0, least=0),
        align=_alignment(table),
        labels=table.words("labels", single=True),
        break_label=table.text("break_label", ""),
        version=table.text("version", ""),
        notes=table.mapping("notes"),
        last_note=table.text("last_note", ""),
        whole_months=table.flag("whole_months"),
        only=_only(table),
    )
    table.done(PHASE)
    return found


def _only(table: Reader) -> dict[str, str]:
    found = table.mapping("only")
    for series in found:
        _parsed(table, "only", series, series_number, (0, 0))
    return found


def _every(table: Reader) -> tuple[Duration, ...]:
    steps = tuple(
        _parsed(table, "every", text, parse_duration, Duration(days=1))
        for text in table.words("every", single=True)
    )
    if Duration() in steps:
        table.problem("every", "a step of no length: two releases on one day")
    return steps


def _parsed(
    table: Reader, key: str, text: str, parser: Callable[[str], Parsed], instead: Parsed
) -> Parsed:
    """Parse one of several strings below a key; a ValueError is a finding at the key."""
    try:
        return parser(text)
    except ValueError as error:
        table.problem(key, str(error))
        return instead


def _known_points(root: Reader, phase: Phase, names: list[str]) -> None:
    """Refuse moments that name a phase which is not there."""
    for key in MOMENTS:
        moment: Moment | None = getattr(phase, key)
        if moment is None or moment.point in {"final", *names}:
            continue
        meant = near(moment.point, [*names, "final"])
        hint = f"; {meant}" if meant else ""
        root.problem(f"{phase.path}.{key}", f"there is no phase {moment.point!r}{hint}")


def _overrides(root: Reader, phases: tuple[Phase, ...]) -> Iterable[Override]:
    by_name = {phase.name: phase for phase in phases}
    for table in root.tables("override"):
        name = table.choice("phase", list(by_name))
        changes: dict[str, Any] = {
            "path": table.path(""),
            "dropped": table.flag("drop"),
            **{key: _moment(table, key) for key in MOMENTS if table.has(key)},
        }
        if table.has("every"):
            changes["every"] = _every(table)
        if table.has("count"):
            changes["count"] = table.number("count", 0, least=0)
        series = table.words("series", single=True)
        for item in series:
            _parsed(table, "series", item, series_number, (0, 0))
        table.done(OVERRIDE)
        if name in by_name:
            phase = dataclasses.replace(by_name[name], **changes)
            _known_points(root, phase, list(by_name))
            yield Override(series=series, phase=phase)


def _audience(table: Reader) -> Audience:
    found = Audience(
        name=table.text("name"),
        releases=table.words("releases", single=True),
        builds=table.words("builds", single=True),
        breaks=table.number("breaks", 0, least=0),
    )
    table.done(AUDIENCE)
    return found


def _features(table: Reader, names: list[str]) -> Features:
    found = Features(
        freeze=table.choice("freeze", ["final", *names], "final"),
        carry=cast("Any", table.choice("carry", CARRY, "main")),
        lead=table.parsed("lead", parse_duration, Duration(), default="0 days"),
    )
    table.done(FEATURES)
    return found
