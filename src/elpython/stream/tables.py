"""The stream's TOML tables: read as all others are, and told with an error of this package."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Self

from elpython.core import toml
from elpython.core.errors import ElpythonError

__all__ = ["BadTableError", "Table", "parse_toml", "read_toml"]


class BadTableError(ElpythonError):
    """A data file of the stream (policy, rules, excuses, ledger) with problems."""

    exit_code = 61


class Table(toml.Reader):
    """One table of such a file; problems are collected over the whole file."""

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Return a list of strings; required when there is no default."""
        if not self.has(key):
            if default is None:
                self.problem(key, "is missing (a list of strings)")
            self.words(key)
            return default or ()
        return self.words(key)

    def table(self, key: str, *, need: bool = True) -> Self:
        """Return a table below this one; a missing one reads as empty and is reported."""
        return super().table(key, need=need)

    def pattern(self, key: str, default: str | None = None) -> re.Pattern[str]:
        """Return a regular expression (case-insensitive)."""
        text = self.text(key, default)
        try:
            return re.compile(text, re.IGNORECASE)
        except re.error as error:
            self.problem(key, f"is no regular expression: {error}")
            return re.compile(r"(?!)")

    def end(self) -> None:
        """End the reading of the file; its top table calls it.

        Raises:
            BadTableError: with every problem found.
        """
        self.done()
        if self.problems:
            count = len(self.problems)
            raise BadTableError(
                f"{count} problem{'s' if count > 1 else ''} in the data",
                details=tuple(self.problems),
            )


def read_toml(source: Path | str) -> Table:
    """Read a TOML file: a path, or the name of a file that comes with this package.

    Raises:
        BadTableError: it is not there, cannot be read, or is invalid TOML.
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
        BadTableError: it is invalid TOML.
    """
    problems: list[str] = []
    values = toml.parse_toml(text, problems, name=shown)
    if problems:
        raise BadTableError(problems[0].removeprefix(f"{shown}: "), where=shown)
    return Table(values, problems, file=shown)
