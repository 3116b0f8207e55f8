"""Model files: found by name or path, read whole, and refused with every problem at once."""

from __future__ import annotations

import dataclasses
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from elpython.core.errors import UnknownNameError
from elpython.core.suggest import near
from elpython.schedule.dates import (
    Alignment,
    Duration,
    parse_alignment,
    parse_duration,
)
from elpython.schedule.errors import BadModelError
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
from elpython.schedule.reading import Reader, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["builtin_names", "find", "load", "load_text"]

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
    """Give the names of the models that come with the package, sorted."""
    folder = resources.files("elpython.schedule") / "models"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name[-5:] == ".toml"))


def find(name: str) -> Model:
    """Give a model by the name of a built-in one or by the path of a file.

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
    reader = Reader(file, text)
    if reader.problems:
        reader.finish(BadModelError, ADVICE)
    model = _model(reader)
    if not reader.problems and not trusted:
        from elpython.schedule.check import contradictions

        for path, what in contradictions(model):
            reader.fail(path, what)
    reader.finish(BadModelError, ADVICE)
    return model


def _model(reader: Reader) -> Model:
    root = reader.root
    reader.keys(root, "", TOP)
    phases = tuple(_phase(reader, path, table) for path, table in reader.tables(root, "", "phase"))
    if not phases:
        reader.fail("", "no [[phase]] at all")
    names = [phase.name for phase in phases]
    for phase in phases:
        if names.count(phase.name) > 1:
            reader.fail(f"{phase.path}.name", f"a second phase {phase.name!r}")
        _known_points(reader, phase, names)
    return Model(
        name=reader.text(root, "", "name"),
        title=reader.text(root, "", "title"),
        source=reader.text(root, "", "source", ""),
        summary=reader.text(root, "", "summary", ""),
        file=reader.name,
        cadence=_cadence(reader),
        phases=phases,
        predecessor=_predecessor(reader, names),
        overrides=tuple(_overrides(reader, phases)),
        audiences=tuple(_audience(reader, *entry) for entry in reader.tables(root, "", "audience")),
        features=_features(reader, names),
    )


def _cadence(reader: Reader) -> Cadence:
    table = reader.table(reader.root, "", "cadence", required=True)
    reader.keys(table, "cadence", CADENCE)
    first = reader.text(table, "cadence", "first")
    reader.parsed("cadence.first", first, series_number, (3, 0))
    final = reader.day(table, "cadence", "final")
    if final is None:
        reader.fail("cadence", "'final', the first series' stable release, is missing")
    text = reader.text(table, "cadence", "period")
    period = reader.parsed("cadence.period", text, parse_duration, Duration(months=12))
    if period == Duration():
        reader.fail("cadence.period", "a period of no length: every series on one day")
    step = reader.number(table, "cadence", "step", 1)
    if step == 0:
        reader.fail("cadence.step", "a step of 0: every series would have one name")
    return Cadence(
        first=first if not reader.problems else "3.0",
        final=final or date(2000, 1, 1),
        period=period,
        step=step,
        align=_alignment(reader, table, "cadence"),
        version=reader.text(table, "cadence", "version", "{series}.0"),
        note=reader.text(table, "cadence", "note", ""),
        begins=reader.day(table, "cadence", "begins"),
        at_most=reader.number(table, "cadence", "at_most", 0),
        bases=reader.named(table, "cadence", "bases"),
    )


def _alignment(reader: Reader, table: Table, path: str) -> Alignment:
    text = reader.text(table, path, "align", "none")
    return reader.parsed(f"{path}.align", text, parse_alignment, Alignment())


def _predecessor(reader: Reader, names: list[str]) -> Predecessor | None:
    table = reader.table(reader.root, "", "predecessor")
    if not table:
        return None
    reader.keys(table, "predecessor", PREDECESSOR)
    starts = reader.table(table, "predecessor", "starts")
    reader.keys(starts, "predecessor.starts", names)
    days = {key: reader.day(starts, "predecessor.starts", key) for key in starts}
    final = reader.day(table, "predecessor", "final")
    if final is None:
        reader.fail("predecessor", "'final' is missing")
    return Predecessor(
        series=reader.text(table, "predecessor", "series"),
        final=final or date(2000, 1, 1),
        starts={key: day for key, day in days.items() if day is not None},
        last_release=reader.flag(table, "predecessor", "last_release"),
    )


def _moment(reader: Reader, table: Table, path: str, key: str) -> Moment | None:
    if key not in table:
        return None
    text = reader.text(table, path, key)
    return reader.parsed(f"{path}.{key}", text, parse_moment, Moment(point="final"))


def _phase(reader: Reader, path: str, table: Table) -> Phase:
    reader.keys(table, path, PHASE)
    name = reader.text(table, path, "name")
    if name == "final":
        reader.fail(f"{path}.name", "'final' is the stable release itself, not a phase")
    if "start" not in table:
        reader.fail(path, "'start' is missing")
    return Phase(
        name=name,
        kind=cast("Any", reader.choice(table, path, "kind", KINDS)),
        path=path,
        start=_moment(reader, table, path, "start") or Moment(point="final"),
        end=_moment(reader, table, path, "end"),
        first=_moment(reader, table, path, "first"),
        through=_moment(reader, table, path, "through"),
        every=_every(reader, table, path),
        count=reader.number(table, path, "count", 0),
        align=_alignment(reader, table, path),
        labels=reader.texts(table, path, "labels"),
        break_label=reader.text(table, path, "break_label", ""),
        version=reader.text(table, path, "version", ""),
        notes=reader.named(table, path, "notes"),
        last_note=reader.text(table, path, "last_note", ""),
        whole_months=reader.flag(table, path, "whole_months"),
        only=_only(reader, table, path),
    )


def _only(reader: Reader, table: Table, path: str) -> dict[str, str]:
    found = reader.named(table, path, "only")
    for series in found:
        reader.parsed(f"{path}.only", series, series_number, (0, 0))
    return found


def _every(reader: Reader, table: Table, path: str) -> tuple[Duration, ...]:
    steps = tuple(
        reader.parsed(f"{path}.every", text, parse_duration, Duration(days=1))
        for text in reader.texts(table, path, "every")
    )
    if Duration() in steps:
        reader.fail(f"{path}.every", "a step of no length: two releases on one day")
    return steps


def _known_points(reader: Reader, phase: Phase, names: list[str]) -> None:
    """Refuse moments that name a phase which is not there."""
    for key in MOMENTS:
        moment: Moment | None = getattr(phase, key)
        if moment is None or moment.point in {"final", *names}:
            continue
        meant = near(moment.point, [*names, "final"])
        hint = f"; {meant}" if meant else ""
        reader.fail(f"{phase.path}.{key}", f"there is no phase {moment.point!r}{hint}")


def _overrides(reader: Reader, phases: tuple[Phase, ...]) -> Iterable[Override]:
    by_name = {phase.name: phase for phase in phases}
    for path, table in reader.tables(reader.root, "", "override"):
        reader.keys(table, path, OVERRIDE)
        name = reader.choice(table, path, "phase", list(by_name) or [""])
        moments = {key: _moment(reader, table, path, key) for key in MOMENTS if key in table}
        dropped = reader.flag(table, path, "drop")
        changes: dict[str, Any] = {"path": path, "dropped": dropped, **moments}
        if "every" in table:
            changes["every"] = _every(reader, table, path)
        if "count" in table:
            changes["count"] = reader.number(table, path, "count", 0)
        series = reader.texts(table, path, "series")
        for item in series:
            reader.parsed(f"{path}.series", item, series_number, (0, 0))
        if name in by_name:
            phase = dataclasses.replace(by_name[name], **changes)
            _known_points(reader, phase, list(by_name))
            yield Override(series=series, phase=phase)


def _audience(reader: Reader, path: str, table: Table) -> Audience:
    reader.keys(table, path, AUDIENCE)
    return Audience(
        name=reader.text(table, path, "name"),
        releases=reader.texts(table, path, "releases"),
        builds=reader.texts(table, path, "builds"),
        breaks=reader.number(table, path, "breaks", 0),
    )


def _features(reader: Reader, names: list[str]) -> Features:
    table = reader.table(reader.root, "", "features")
    reader.keys(table, "features", FEATURES)
    lead = reader.text(table, "features", "lead", "0 days")
    return Features(
        freeze=reader.choice(table, "features", "freeze", ["final", *names], "final"),
        carry=cast("Any", reader.choice(table, "features", "carry", CARRY, "main")),
        lead=reader.parsed("features.lead", lead, parse_duration, Duration()),
    )
