"""Options that several commands share: ranges of days, names with a number, slips."""

from __future__ import annotations

import calendar
import functools
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["first_day", "last_day", "pair", "range_options", "slip_options", "today"]

DECEMBER = 12
LAST_YEAR = 2400
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def first_day(text: str | date) -> date:
    """Read `2027-01-26`, or a month or a year, of which the first day is meant."""
    year, month, day = _parts(text)
    return _made(text, year, month or 1, day or 1)


def last_day(text: str | date) -> date:
    """Read `2027-01-26`, or a month or a year, of which the last day is meant."""
    year, month, day = _parts(text)
    if day:
        return _made(text, year, month, day)
    month = month or DECEMBER
    first = _made(text, year, month, 1)
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _parts(text: str | date) -> tuple[int, int, int]:
    match = _DAY.fullmatch(str(text))
    if match is None:
        raise click.BadParameter(f"{text!r} is no day: write 2027-01-26, 2027-01 or 2027")
    year, month, day = (int(part) if part else 0 for part in match.groups())
    return year, month, day


def _made(text: str | date, year: int, month: int, day: int) -> date:
    if year > LAST_YEAR:
        raise click.BadParameter(f"{text!r}: no plan reaches past the year {LAST_YEAR}")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no day: {error}") from None


def pair(sign: str) -> Callable[[str], tuple[str, int]]:
    """Return a reader of a name and a whole number, such as `3.9:5` or `3.9.0rc1=21`."""

    def read(text: str) -> tuple[str, int]:
        name, found, number = text.rpartition(sign)
        if not (found and name and re.fullmatch(r"-?\d{1,4}", number)):
            raise click.BadParameter(f"{text!r}: write a name, {sign!r} and a whole number")
        return name, int(number)

    return read


def today() -> date:
    """Return today's date."""
    return datetime.now(UTC).date()


def _span(start: date | None, end: date | None, years: int) -> tuple[date, date]:
    """Fill in what a range leaves open."""
    first = start or today().replace(month=1, day=1)
    day = min(first.day, 28)
    return first, end or date(first.year + years, first.month, day) - timedelta(days=1)


def range_options(years: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command `--from` and `--to`, passed on as `days`: the first and the last one.

    Without them: from this year's first day, or over so many years from the first day given.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def command(*args: object, start: date | None, end: date | None, **rest: object) -> object:
            return function(*args, days=_span(start, end, years), **rest)

        wrapped = click.option(
            "--to",
            "end",
            type=last_day,
            metavar="DAY",
            help=f"Last day (default: {years} years on).",
        )(command)
        return click.option(
            "--from", "start", type=first_day, metavar="DAY",
            help="First day (default: this year's first).",
        )(wrapped)  # fmt: skip

    return decorate


def slip_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command `--slips`, `--seed`, `--chance` and `--mean`, passed on as `slips`."""

    @functools.wraps(function)
    def command(
        *args: object, runs: int, seed: int, chance: float, mean: float, **rest: object
    ) -> object:
        from elpython.schedule.slips import Slips

        return function(*args, slips=Slips(runs=runs, seed=seed, chance=chance, mean=mean), **rest)

    options = [
        click.option("--slips", "runs", type=click.IntRange(0, 100_000), default=0,
                     show_default=True,
                     help="Play the plan through so many times with releases that slip."),
        click.option("--seed", type=click.IntRange(0), default=0, show_default=True,
                     help="The same seed gives the same slips."),
        click.option("--chance", type=click.FloatRange(0, 1), default=0.25, show_default=True,
                     help="How probable it is that a release slips."),
        click.option("--mean", type=click.FloatRange(0, 365), default=7.0, show_default=True,
                     help="Days that a slip takes on average."),
    ]  # fmt: skip
    wrapped: Callable[..., Any] = command
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped
