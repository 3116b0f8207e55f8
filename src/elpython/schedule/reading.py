"""Reading a TOML file so that every problem in it is told at once, each with its line."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from elpython.core.suggest import near
from elpython.schedule.lines import key_lines, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from elpython.core.errors import ElpythonError

__all__ = ["Reader", "Table"]

Table = dict[str, Any]
Parsed = TypeVar("Parsed")


class Reader:
    """One reading of one file: takes values out of tables and collects what is wrong with them.

    Every method gives a value of the right type even where the file has none, so that reading
    goes on to the next problem; `finish` raises when there was any.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.problems: list[tuple[int, str]] = []
        self._lines = key_lines(text)
        self.root: Table = {}
        try:
            self.root = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            at = getattr(error, "lineno", None) or _line_in(str(error))
            self.problems.append((at, f"invalid TOML: {error}"))

    def fail(self, path: str, what: str) -> None:
        """Put down a problem with what stands at a path."""
        told = f"{path}: {what}" if path else what
        entry = (line_of(self._lines, path), told)
        if entry not in self.problems:
            self.problems.append(entry)

    def keys(self, table: Table, path: str, known: Collection[str]) -> None:
        """Refuse keys that are not known, with a near-miss hint."""
        for key in table:
            if key not in known:
                meant = near(key, known)
                hint = f"; {meant}" if meant else ""
                self.fail(_join(path, key), f"unknown key{hint}")

    def text(self, table: Table, path: str, key: str, default: str | None = None) -> str:
        """Take a text; without a default the key is required."""
        value = self._take(table, path, key, str, default)
        return value if isinstance(value, str) else ""

    def day(self, table: Table, path: str, key: str, default: date | None = None) -> date | None:
        """Take a date (a TOML date, not a date with a time)."""
        value = table.get(key, default)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.fail(_join(path, key), f"{value!r} is no date; write 2021-08-02 without quotes")
        return default

    def number(self, table: Table, path: str, key: str, default: int) -> int:
        """Take a whole number that is not negative."""
        value = table.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.fail(_join(path, key), f"{value!r} is no whole number from 0 up")
        return default

    def flag(self, table: Table, path: str, key: str, *, default: bool = False) -> bool:
        """Take true or false."""
        value = table.get(key, default)
        if isinstance(value, bool):
            return value
        self.fail(_join(path, key), f"{value!r} is neither true nor false")
        return default

    def texts(self, table: Table, path: str, key: str) -> tuple[str, ...]:
        """Take a text or a list of texts; nothing gives an empty tuple."""
        value = table.get(key, ())
        listed = [value] if isinstance(value, str) else value
        if isinstance(listed, (list, tuple)) and all(isinstance(item, str) for item in listed):
            return tuple(listed)
        self.fail(_join(path, key), f"{value!r} is neither a text nor a list of texts")
        return ()

    def named(self, table: Table, path: str, key: str) -> dict[str, str]:
        """Take a table of texts."""
        value = table.get(key, {})
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return dict(value)
        self.fail(_join(path, key), "not a table of texts")
        return {}

    def choice(
        self, table: Table, path: str, key: str, of: Collection[str], default: str | None = None
    ) -> str:
        """Take one of some words."""
        value = self.text(table, path, key, default)
        if value and value not in of:
            hint = near(value, of) or f"one of {', '.join(sorted(of))}"
            self.fail(_join(path, key), f"{value!r} is not known; {hint}")
        return value if value in of else next(iter(of))

    def parsed(
        self, path: str, text: str, parser: Callable[[str], Parsed], instead: Parsed
    ) -> Parsed:
        """Parse a text that was taken; a ValueError of the parser becomes a problem."""
        try:
            return parser(text)
        except ValueError as error:
            self.fail(path, str(error))
            return instead

    def tables(self, table: Table, path: str, key: str) -> list[tuple[str, Table]]:
        """Take an array of tables, each with its path."""
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(_join(path, key), f"not a list of tables; write [[{key}]]")
            return []
        return [(f"{_join(path, key)}[{index}]", item) for index, item in enumerate(value)]

    def table(self, table: Table, path: str, key: str, *, required: bool = False) -> Table:
        """Take a table; an absent one is empty."""
        if required and key not in table:
            self.fail(path, f"the table [{_join(path, key)}] is missing")
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self.fail(_join(path, key), "not a table")
        return {}

    def finish(self, error: type[ElpythonError], todo: str) -> None:
        """Raise the given error with every problem, in the order of the file's lines."""
        if self.problems:
            told = tuple(f"{self.name}:{line}: {what}" for line, what in sorted(self.problems))
            count = len(told)
            raise error(f"{count} problem{'s' if count > 1 else ''}", self.name, todo, details=told)

    def _take(
        self, table: Table, path: str, key: str, kind: type[object], default: object
    ) -> object:
        if key not in table and default is None:
            self.fail(path, f"{key!r} is missing")
            return None
        value = table.get(key, default)
        if not isinstance(value, kind):
            self.fail(_join(path, key), f"{value!r} is no {kind.__name__}")
        return value


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _line_in(message: str) -> int:
    _, _, rest = message.partition("line ")
    digits = rest.split(",")[0].strip(" )")
    return int(digits) if digits.isdigit() else 1
