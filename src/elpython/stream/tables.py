"""Reading this package's TOML tables: every problem with the path of its key, all at once."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from elpython.core.errors import ElpythonError
from elpython.core.suggest import near

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["BadTableError", "Table", "parse_toml", "read_toml"]

Kind = TypeVar("Kind")


class BadTableError(ElpythonError):
    """A data file of the stream (policy, rules, excuses, ledger) with problems."""

    exit_code = 61


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """One table of a TOML file, being read; problems are collected over the whole file.

    Attributes:
        values: the table.
        where: file and path of the table, for messages.
        problems: shared by all tables of the file.
        seen: keys that were asked for; the others are unknown.
    """

    values: Mapping[str, Any]
    where: str
    problems: list[str]
    seen: set[str] = field(default_factory=set)

    def path(self, key: str) -> str:
        """Give the path of a key for a message."""
        return f"{self.where}{'' if self.where.endswith(': ') else '.'}{key}"

    def report(self, key: str, what: str) -> None:
        """Note a problem with a key."""
        self.problems.append(f"{self.path(key)}: {what}")

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as known from now on."""
        self.seen.add(key)
        return key in self.values

    def _take(self, key: str, kind: type[Kind], name: str, default: Kind | None) -> Kind | None:
        self.seen.add(key)
        if key not in self.values:
            if default is None:
                self.report(key, f"is missing ({name})")
            return default
        value = self.values[key]
        # bool is an int and datetime is a date to isinstance(); to a reader of the file neither is.
        stray = (isinstance(value, bool) and kind is not bool) or isinstance(value, dt.datetime)
        if not isinstance(value, kind) or stray:
            self.report(key, f"must be {name}, not {value!r}")
            return default
        return value

    def text(self, key: str, default: str | None = None, *, among: tuple[str, ...] = ()) -> str:
        """Take a string; of a fixed set when `among` is given."""
        value = self._take(key, str, "a string", default)
        if among and value is not None and value not in among:
            hint = near(value, among) or f"known: {', '.join(among)}"
            self.report(key, f"{value!r} is unknown; {hint}")
        return "" if value is None else str(value)

    def number(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """Take a whole number that is not below `least`."""
        value = self._take(key, int, "a whole number", default)
        if value is not None and value < least:
            self.report(key, f"must be at least {least}, not {value}")
        return least if value is None else int(value)

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        """Take true or false."""
        return bool(self._take(key, bool, "true or false", default))

    def date(self, key: str, default: dt.date | None = None) -> dt.date:
        """Take a date, without time."""
        value = self._take(key, dt.date, "a date", default)
        return dt.date.min if value is None else value

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Take a list of strings."""
        value = self._take(key, list, "a list of strings", None if default is None else [*default])
        if value is None:
            return ()
        if not all(isinstance(item, str) for item in value):
            self.report(key, "must be a list of strings")
        return tuple(str(item) for item in value)

    def pattern(self, key: str, default: str | None = None) -> re.Pattern[str]:
        """Take a regular expression (case-insensitive)."""
        text = self.text(key, default)
        try:
            return re.compile(text, re.IGNORECASE)
        except re.error as error:
            self.report(key, f"is no regular expression: {error}")
            return re.compile(r"(?!)")

    def table(self, key: str) -> Table:
        """Take a sub-table; a missing one reads as empty and is reported."""
        value = self._take(key, dict, "a table", None)
        return Table(values=value or {}, where=self.path(key), problems=self.problems)

    def tables(self, key: str) -> Iterator[Table]:
        """Take a list of tables; a missing one is an empty list."""
        value = self._take(key, list, "a list of tables", [])
        for number, item in enumerate(value or [], 1):
            where = f"{self.path(key)}[{number}]"
            if isinstance(item, dict):
                yield Table(values=item, where=where, problems=self.problems)
            else:
                self.problems.append(f"{where}: must be a table")

    def finish(self) -> None:
        """Report the keys that nobody asked for, each with a near-miss hint."""
        for key in self.values:
            if key not in self.seen:
                hint = near(key, self.seen) or "known: " + ", ".join(sorted(self.seen))
                self.report(key, f"is unknown; {hint}")

    def done(self) -> None:
        """End the reading of the file.

        Raises:
            BadTableError: with every problem found.
        """
        self.finish()
        if self.problems:
            raise BadTableError(
                f"{len(self.problems)} problem{'s' if len(self.problems) > 1 else ''} in the data",
                details=tuple(self.problems),
            )


def read_toml(source: Path | str) -> Table:
    """Read a TOML file: a path, or the name of a file that comes with this package.

    Raises:
        BadTableError: it is not there, cannot be read, or is no TOML.
    """
    place = source if isinstance(source, Path) else resources.files(__package__).joinpath(source)
    shown = str(source)
    try:
        text = place.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BadTableError(f"cannot be read: {reason}", where=shown) from error
    return parse_toml(text, shown)


def parse_toml(text: str, shown: str) -> Table:
    """Read the text of a TOML file.

    Args:
        text: its content.
        shown: its name, for messages.

    Raises:
        BadTableError: it is no TOML.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadTableError(f"is no TOML file: {error}", where=shown) from error
    return Table(values=values, where=f"{shown}: ", problems=[])
