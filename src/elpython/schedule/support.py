"""Support windows: which series a rule asks for on a day, and when it lets each go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import UnknownNameError
from elpython.core.suggest import near
from elpython.core.toml import lined_reader
from elpython.schedule.dates import Duration, add, parse_duration
from elpython.schedule.errors import BadRuleError, refuse
from elpython.schedule.export import read_text
from elpython.schedule.facts import real_series
from elpython.schedule.model import series_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.schedule.timeline import Timeline

__all__ = [
    "Candidate",
    "Rule",
    "Window",
    "builtin_rules",
    "count_on",
    "find_rule",
    "from_model",
    "from_reality",
    "windows",
]

KEYS = ("name", "title", "source", "window", "at_least", "quarters", "until", "ends")
UNTIL = ("window", "end of life", "listed ends")
ADVICE = "a rule has a window ('42 months'), and may have at_least, quarters, until and ends"

_INLINE = re.compile(r"(\d+ [a-z]+)(?:, (?:and )?at least (\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How long a series is supported.

    Attributes:
        window: from the first stable release; not used where `until` is the end of life.
        at_least: so many of the newest series stay whatever their age.
        quarters: the end is told as a quarter of a year.
        ends: the last day of support of each series that the rule knows; others have none.
    """

    name: str
    title: str
    source: str = ""
    window: Duration | None = None
    at_least: int = 0
    quarters: bool = False
    ends: dict[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A series that a rule is asked about; `expected` when its release is not yet out."""

    name: str
    release: date
    end_of_life: date
    expected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A series' window under a rule: supported from `release` to the day before `drop`."""

    series: str
    release: date
    drop: date
    drop_told: str
    held_by_minimum: bool
    expected: bool

    def covers(self, day: date) -> bool:
        """Return whether the series is supported on a day."""
        return self.release <= day < self.drop


@cache
def builtin_rules() -> tuple[str, ...]:
    """Return the names of the rules that come with the package, sorted."""
    folder = resources.files("elpython.schedule") / "rules"
    return tuple(sorted(item.name[:-5] for item in folder.iterdir() if item.name[-5:] == ".toml"))


def find_rule(name: str) -> Rule:
    """Return a rule by name, by the path of a file, or read from words: `48 months, at least 3`.

    Raises:
        UnknownNameError: there is none.
        BadRuleError: the file has problems.
    """
    if name in builtin_rules():
        entry = resources.files("elpython.schedule") / "rules" / f"{name}.toml"
        return _read_rule(f"rules/{name}.toml", entry.read_text("utf-8"))
    inline = _INLINE.fullmatch(name)
    if inline:
        try:
            window = parse_duration(inline[1])
        except ValueError as error:
            raise BadRuleError(str(error), f"--rule {name!r}", ADVICE) from error
        return Rule(name=name, title=name, window=window, at_least=int(inline[2] or 0))
    if name.endswith(".toml") or "/" in name:
        path = Path(name)
        if not path.is_file():
            raise UnknownNameError("there is no such rule file", name)
        return _read_rule(name, read_text(path, BadRuleError))
    hint = near(name, builtin_rules()) or f"one of {', '.join(builtin_rules())}"
    raise UnknownNameError(
        f"there is no support rule {name!r}",
        todo=f"{hint}; or write a window such as '48 months, at least 3', or name a .toml file",
    )


def _read_rule(file: str, text: str) -> Rule:
    problems: list[str] = []
    root = lined_reader(text, problems, name=file)
    refuse(problems, BadRuleError, file, ADVICE)
    until = root.choice("until", UNTIL, "window")
    window = None
    if until == "window":
        window = root.parsed("window", parse_duration, Duration(days=1))
        if window == Duration():
            root.problem("window", "a window of no length supports nothing")
    elif root.text("window", ""):
        root.problem("window", f"a rule until the {until} has no window")
    listed = root.table("ends", need=until == "listed ends")
    ends = {series: listed.date(series) for series in listed.names()}
    for series in ends:
        try:
            series_number(series)
        except ValueError as error:
            listed.problem(series, str(error))
    rule = Rule(
        name=root.text("name"),
        title=root.text("title", ""),
        source=root.text("source", ""),
        window=window,
        at_least=root.number("at_least", 0, least=0),
        quarters=root.flag("quarters"),
        ends=ends,
    )
    root.done(KEYS)
    refuse(problems, BadRuleError, file, ADVICE)
    return rule


def from_reality() -> list[Candidate]:
    """Return CPython's own series as candidates."""
    return [
        Candidate(
            name=one.name,
            release=one.first_release,
            end_of_life=one.end_of_life + timedelta(days=1),
            expected=not any(item.actual for item in one.releases if item.version.endswith(".0")),
        )
        for one in real_series().values()
    ]


def from_model(timeline: Timeline) -> list[Candidate]:
    """Return a model's planned series as candidates."""
    return [
        Candidate(
            name=one.name, release=one.final, end_of_life=one.end_of_life, expected=one.index > 0
        )
        for one in timeline.series
    ]


def windows(rule: Rule, candidates: Sequence[Candidate]) -> list[Window]:
    """Return every series' window under a rule, oldest first."""
    asked = [one for one in candidates if not rule.ends or one.name in rule.ends]
    asked.sort(key=lambda one: one.release)
    found = []
    for position, one in enumerate(asked):
        own = add(one.release, rule.window) if rule.window else one.end_of_life
        if one.name in rule.ends:
            own = rule.ends[one.name] + timedelta(days=1)
        drop = own
        if rule.at_least:
            newer = position + rule.at_least
            drop = max(own, asked[newer].release) if newer < len(asked) else date.max
        sure = own if drop == date.max else drop
        told = f"{sure.year} Q{(sure.month + 2) // 3}" if rule.quarters else sure.isoformat()
        found.append(
            Window(
                series=one.name,
                release=one.release,
                drop=drop,
                drop_told=told if drop == sure else f"{told} or later",
                held_by_minimum=drop > own and drop != date.max,
                expected=one.expected,
            )
        )
    return found


def count_on(found: Sequence[Window], day: date) -> int:
    """Return how many series are supported on a day."""
    return sum(window.covers(day) for window in found)
