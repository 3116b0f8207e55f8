"""Read TOML data files: every wrong key is reported with its path, all of them at once."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import TYPE_CHECKING, Any, Self, TypeVar

from elpython.core.suggest import hint
from elpython.core.toml_lines import key_lines, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

__all__ = ["Reader", "lined_reader", "load_toml", "parse_toml", "read_toml"]

Parsed = TypeVar("Parsed")


def load_toml(text: str) -> dict[str, Any]:
    """Read TOML as the standard library does.

    Raises:
        tomllib.TOMLDecodeError: it is not TOML, or is nested too deeply.
    """
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise tomllib.TOMLDecodeError("it is nested too deeply") from error


def read_toml(path: Path, problems: list[str], *, name: str = "") -> dict[str, Any]:
    """Read a TOML file; what is wrong with it goes to `problems`, and the result is empty.

    Args:
        path: the file.
        problems: gets a line for each finding.
        name: how the file is called in messages; its path when empty.
    """
    shown = name or str(path)
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        problems.append(f"{shown}: there is no such file")
    except OSError as error:
        problems.append(f"{shown}: cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        problems.append(f"{shown}: is not UTF-8: byte {error.start}")
    else:
        return parse_toml(text, problems, name=shown)
    return {}


def parse_toml(text: str, problems: list[str], *, name: str) -> dict[str, Any]:
    """Read the text of a TOML file; what is wrong with it goes to `problems`.

    Args:
        text: the file's content.
        problems: gets the finding, with its line.
        name: how the file is called in messages.
    """
    try:
        return load_toml(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{name}: invalid TOML: {error}")
    return {}


def lined_reader(text: str, problems: list[str], *, name: str) -> Reader:
    """Return a reader of a file's text whose findings name the line: `mine.toml:4: ...`.

    Args:
        text: the file's content.
        problems: gets the findings; a file that is no TOML is one, and reads as empty.
        name: how the file is called in messages.
    """
    table: dict[str, Any] = {}
    try:
        table = load_toml(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = at[1] if at else max(1, len(text.splitlines()))
        problems.append(f"{name}:{line}: invalid TOML: {error}")
    lines = key_lines(text)
    return Reader(table, problems, file=name, line=lambda path: line_of(lines, path))


_KINDS: dict[type, str] = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dt.date: "a date (2027-01-26)",
    list: "a list of strings",
    dict: "a table",
}


class Reader:
    """One table of a TOML file being read; knows its path for messages and which keys were asked.

    Call `done()` at the end: keys that nobody asked for are findings with a near-miss hint.
    """

    def __init__(
        self,
        table: dict[str, Any],
        problems: list[str],
        *,
        file: str,
        path: str = "",
        origins: Mapping[str, str] | None = None,
        line: Callable[[str], int] | None = None,
    ) -> None:
        """Begin to read a table.

        Args:
            table: what `read_toml` returned, or a table of it.
            problems: gets a line for each finding.
            file: what the file is called in messages.
            path: the table's path in the file; empty for the whole.
            origins: path of a key -> another file that it comes from, where files were merged.
            line: gives the line of a path, for messages; see `lined_reader`.
        """
        self._table = table
        self._origins = origins or {}
        self._problems = problems
        self._file = file
        self._path = path
        self._line = line
        self._asked: set[str] = set()

    @property
    def problems(self) -> list[str]:
        """The findings so far, of all tables of the file."""
        return self._problems

    def path(self, key: str) -> str:
        """Return the path of a key in its file, for a message."""
        return ".".join(filter(None, [self._path, key]))

    def problem(self, key: str, message: str) -> None:
        """Report a problem at a key of this table."""
        where = self.path(key)
        file = self._origins.get(where.partition("[")[0], self._file)
        if self._line:
            file = f"{file}:{self._line(where)}"
        self._problems.append(f"{file}: {where}: {message}" if where else f"{file}: {message}")

    def _take(self, key: str, kind: type | tuple[type, ...], what: str, *, need: bool) -> Any:  # noqa: ANN401
        self._asked.add(key)
        if key not in self._table:
            if need:
                self.problem(key, f"is missing ({what})")
            return None
        value = self._table[key]
        wrong_bool = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or wrong_bool:
            self.problem(key, f"must be {what}, not {type(value).__name__}")
            return None
        return value

    def names(self) -> list[str]:
        """Return the keys of this table, in order; asking does not count as reading them."""
        return list(self._table)

    def has(self, key: str) -> bool:
        """Return whether the key is there; asking does not count as reading it."""
        return key in self._table

    def text(
        self, key: str, default: str | None = None, *, pattern: str = "", like: str = ""
    ) -> str:
        """Return a string; required when there is no default.

        Args:
            key: the key.
            default: given when the key is missing; None makes the key required.
            pattern: regular expression that the whole string must match.
            like: an example for the message.
        """
        value = self._take(key, str, "a string", need=default is None)
        if value is None:
            return default or ""
        if pattern and not re.fullmatch(pattern, value):
            self.problem(key, f"{value!r} is not of the form {like or pattern}")
        return str(value)

    def choice(self, key: str, known: Collection[str], default: str | None = None) -> str:
        """Return one of the known words."""
        value = self.text(key, default)
        if value and value not in known and value != default:
            self.problem(key, f"{value!r} is not known; {hint(value, known)}")
        return value

    def flag(self, key: str, *, default: bool | None = False) -> bool:
        """Return a boolean; required when the default is None."""
        value = self._take(key, bool, "true or false", need=default is None)
        return bool(default if value is None else value)

    def number(self, key: str, default: int | None = None, *, least: int | None = None) -> int:
        """Return an integer; required when there is no default.

        Args:
            key: the key.
            default: returned when the key is missing; None makes the key required.
            least: the smallest that is allowed.
        """
        value = self._take(key, int, "a whole number", need=default is None)
        if value is None:
            return (default or 0) if least is None else max(default or 0, least)
        if least is not None and value < least:
            self.problem(key, f"must be at least {least}, not {value}")
        return int(value)

    def fraction(self, key: str, default: float | None = None) -> float:
        """Return a positive number; required when there is no default."""
        value = self._take(key, (int, float), "a number", need=default is None)
        if value is not None and not 0 < value < float("inf"):
            self.problem(key, f"must be greater than 0, not {value}")
        return (default or 0.0) if value is None else float(value)

    def date(self, key: str, default: dt.date | None = None) -> dt.date:
        """Return a TOML date; required when there is no default."""
        value = self._take(key, dt.date, "a date (2027-01-26)", need=default is None)
        if isinstance(value, dt.datetime):
            self.problem(key, "must be a date (2027-01-26), without a time of day")
            value = None
        return value if isinstance(value, dt.date) else default or dt.date.min

    def parsed(
        self,
        key: str,
        parser: Callable[[str], Parsed],
        instead: Parsed,
        *,
        default: str | None = None,
    ) -> Parsed:
        """Return what a parser makes of a string; its ValueError is a finding.

        Args:
            key: the key.
            parser: takes the string.
            instead: returned when the string is missing or wrong, so that reading goes on.
            default: parsed when the key is missing; None makes the key required.
        """
        text = self.text(key, default)
        if not text:
            return instead
        try:
            return parser(text)
        except ValueError as error:
            self.problem(key, str(error))
            return instead

    def words(
        self,
        key: str,
        *,
        pattern: str = "",
        like: str = "",
        some: bool = False,
        single: bool = False,
    ) -> tuple[str, ...]:
        """Return a list of strings; empty when missing.

        Args:
            key: the key.
            pattern: regular expression that each whole string must match.
            like: an example for the message.
            some: whether a list without anything in it is a problem.
            single: whether one string will do instead of a list.
        """
        if single and isinstance(self._table.get(key), str):
            return (self.text(key, pattern=pattern, like=like),)
        value = self._take(key, list, "a list of strings", need=False)
        if some and value == []:
            self.problem(key, "is empty: leave it out, or name something")
        found = []
        for index, item in enumerate(value or ()):
            if not isinstance(item, str):
                self.problem(f"{key}[{index}]", f"must be a string, not {type(item).__name__}")
            elif pattern and not re.fullmatch(pattern, item):
                self.problem(f"{key}[{index}]", f"{item!r} is not of the form {like or pattern}")
            else:
                found.append(item)
        return tuple(found)

    def mapping(self, key: str) -> dict[str, str]:
        """Return a table of strings; empty when missing."""
        value = self._take(key, dict, "a table of strings", need=False) or {}
        for name, item in value.items():
            if not isinstance(item, str):
                self.problem(f"{key}.{name}", f"must be a string, not {type(item).__name__}")
        return {name: item for name, item in value.items() if isinstance(item, str)}

    def _below(self, table: dict[str, Any], key: str) -> Self:
        return type(self)(
            table, self._problems, file=self._file, path=self.path(key), origins=self._origins,
            line=self._line,
        )  # fmt: skip

    def table(self, key: str, *, need: bool = False) -> Self:
        """Return a table below this one; an empty one when it is missing."""
        return self._below(self._take(key, dict, "a table", need=need) or {}, key)

    def tables(self, key: str, *, need: bool = False) -> Iterator[Self]:
        """Return each table of an array of tables."""
        value = self._take(key, list, "an array of tables", need=need)
        for index, item in enumerate(value or ()):
            if isinstance(item, dict):
                yield self._below(item, f"{key}[{index}]")
            else:
                self.problem(f"{key}[{index}]", "must be a table")

    def values(
        self, shape: Mapping[str, type], *, optional: Collection[str] | None = None
    ) -> dict[str, Any]:
        """Return the values that are there and of the right type; the others are findings.

        Args:
            shape: key -> `str`, `int`, `float` (whole numbers too), `bool`, `datetime.date`, `list`
                (of strings), or `dict`, whose values are not looked at.
            optional: keys that may be missing; None for all.
        """
        found: dict[str, Any] = {}
        for key, kind in shape.items():
            need = optional is not None and key not in optional
            value: Any
            if kind is list and (need or self.has(key)):
                items = self._take(key, list, _KINDS[list], need=need)
                value = None if items is None else list(self.words(key))
            elif kind is dt.date and self.has(key):
                day = self.date(key)
                value = None if day == dt.date.min else day
            else:
                accepted = (int, float) if kind is float else kind
                value = self._take(key, accepted, _KINDS[kind], need=need)
            if value is not None:
                found[key] = value
        return found

    def plain(self, key: str) -> dict[str, Any]:
        """Return a table as it is, whatever its values are; empty when missing."""
        return dict(self._take(key, dict, "a table", need=False) or {})

    def checked(
        self, key: str, check: Callable[[str], str | None], default: str | None = ""
    ) -> str:
        """Return a string that a function finds nothing wrong with; it answers with the problem.

        Required when the default is None.
        """
        value = self.text(key, default)
        wanted = value or (default is None and self.has(key))
        problem = check(value) if wanted else None
        if problem:
            self.problem(key, problem)
        return value

    def done(self, known: Collection[str] = ()) -> None:
        """Report every key that nobody asked for.

        Args:
            known: further keys that a near miss may have meant.
        """
        asked = {*self._asked, *known}
        for key in self._table:
            if key not in self._asked:
                self.problem(key, f"is not known; {hint(key, asked)}")
                # Told once, however often this is called.
                self._asked.add(key)
