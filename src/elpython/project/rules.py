"""What is looked for in sources: vermin's tables of names, and the features of the branches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Rules", "Series", "Use", "rules_of_vermin"]

Series = tuple[int, int]


@dataclass(frozen=True, order=True, slots=True)
class Use:
    """A thing that a source uses, at one place.

    Attributes:
        name: import path, parameter in brackets, or what vermin calls a piece of syntax.
        since: first CPython that has it; `(0, 0)` when none has.
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
    """

    names: Mapping[str, Series]
    parameters: Mapping[tuple[str, str], Series]

    def with_features(self, features: Iterable[tuple[str, Series]]) -> Rules:
        """Give the rules with those features added that they do not know yet."""
        names, parameters = dict(self.names), dict(self.parameters)
        for name, since in features:
            path, _, words = name.rstrip(")").partition("(")
            if words:
                for word in words.split(","):
                    parameters.setdefault((path, word.strip(" =*")), since)
            else:
                names.setdefault(path, since)
        return Rules(names, parameters)


@cache
def rules_of_vermin() -> Rules:
    """Give vermin's tables, without what every Python 3 has."""
    import vermin

    config = vermin.Config()
    tables = (vermin.MOD_REQS(config), vermin.MOD_MEM_REQS(config))
    names = {
        name: versions[1]
        for table in tables
        for name, versions in table.items()
        if versions[1] and versions[1] > (3, 0)
    }
    parameters = {
        key: versions[1]
        for key, versions in vermin.KWARGS_REQS(config).items()
        if versions[1] and versions[1] > (3, 0)
    }
    return Rules(names, parameters)
