"""What is looked for in sources: the standard library by CPython, the branches' features.

The table comes from real interpreters, 3.6 to 3.13, and typeshed (`bench/standard_library.py`).
What every CPython since 3.6 has is not in it.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["OLDEST", "Rules", "Series", "Use", "micro_releases", "standard_rules"]

Series = tuple[int, int]
OLDEST: Series = (3, 6)
_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, order=True, slots=True)
class Use:
    """A thing that a source uses, at one place.

    Attributes:
        name: import path, parameter in brackets, or the name of a piece of syntax.
        since: first CPython on which that place works; `(0, 0)` when none does.
        line: number of the line, from 1.
    """

    name: str
    since: Series
    line: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What is looked for.

    Attributes:
        names: import path -> first CPython; `(0, 0)` for what only EL branches have.
        parameters: import path and keyword -> first CPython.
        returns: function -> class of its result; `list[str]` tells the class of the items too.
        attributes: attribute or property -> class of its value.
        bases: class -> its bases.
    """

    names: Mapping[str, Series]
    parameters: Mapping[tuple[str, str], Series]
    returns: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, list[str]] = field(default_factory=dict)

    def with_features(self, features: Iterable[tuple[str, Series]]) -> Rules:
        """Return the rules with those features added that they do not know yet."""
        names, parameters = dict(self.names), dict(self.parameters)
        for name, since in features:
            path, _, words = name.rstrip(")").partition("(")
            if words:
                for word in words.split(","):
                    parameters.setdefault((path, word.strip(" =*")), since)
            elif " " not in path and path.rpartition(".")[0] not in names:
                names.setdefault(path, since)
        return replace(self, names=names, parameters=parameters)

    def lineage(self, name: str) -> list[str]:
        """Return a class and the classes that it inherits from, nearest first."""
        found = [name]
        for item in found:
            found += [base for base in self.bases.get(item, ()) if base not in found]
        return found


def _series(text: str) -> Series:
    major, minor = text.split(".")
    return int(major), int(minor)


@cache
def _standard() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((_DATA / "standard.json").read_text("utf-8"))
    return data


@cache
def _additions() -> dict[str, Any]:
    return tomllib.loads((_DATA / "additions.toml").read_text("utf-8"))


@cache
def micro_releases() -> dict[str, dict[Series, int]]:
    """Return what came to a series in a micro release: name -> series -> first micro number."""
    found: dict[str, dict[Series, int]] = {}
    for entry in _additions()["micro"]:
        releases = {_series(text.rpartition(".")[0]): int(text.rpartition(".")[2])
                    for text in entry["releases"]}  # fmt: skip
        found |= dict.fromkeys(entry["names"], releases)
    return found


@cache
def standard_rules() -> Rules:
    """Return what the standard library has since when."""
    data, more = _standard(), _additions()
    names = {name: _series(since) for since, found in data["names"].items() for name in found}
    parameters = {
        (function, word): _series(since)
        for since, functions in data["parameters"].items()
        for function, words in functions.items()
        for word in words
    }
    for name, since in more["names"].items():
        path, _, word = name.rstrip("=)").partition("(")
        series = _series(since)
        if word and series <= OLDEST:
            parameters.pop((path, word), None)
        elif word:
            parameters[path, word] = series
        elif series <= OLDEST:
            names.pop(path, None)
        else:
            names[path] = series
    for name, releases in micro_releases().items():
        path, _, word = name.rstrip("=)").partition("(")
        first = min(releases)
        if word:
            parameters[path, word] = first
        else:
            names[path] = first
    for name, target in more["same"].items():
        parameters |= {
            (name, key[1]): since for key, since in parameters.items() if key[0] == target
        }
    return Rules(
        names,
        parameters,
        {**data["returns"], **more["returns"]},
        {**data["attributes"], **more["attributes"]},
        data["bases"],
    )
