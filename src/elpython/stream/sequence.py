"""Which release may follow which in a ledger, and when: everything that cannot be is refused."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elpython.stream.release import Release

__all__ = ["date_problems", "sequence_problems"]

# A record is written on the release's day; clocks differ by less than a day over the globe.
_EARLIEST = dt.date(1991, 2, 20)
_AHEAD = dt.timedelta(days=1)


def sequence_problems(last: Release | None, release: Release) -> list[str]:
    """Return why a release cannot follow the last one; empty when it can.

    Args:
        last: the ledger's last release; None for an empty ledger.
        release: the new one.
    """
    if last is None:
        return _first(release)
    if release.series != last.series:
        return [f"{release} is not of the series {last.series_name}"]
    if release <= last:
        return [f"{release} does not come after {last}, the ledger's last"]
    allowed = _followers(last)
    if release.stage in allowed or str(release) in allowed:
        return []
    return [f"{release} cannot follow {last}: the next one is {' or '.join(allowed)}"]


def _first(release: Release) -> list[str]:
    if release.level == "final" or (release.level, release.serial) == ("alpha", 1):
        return []
    first = f"{release.series_name}.0a1"
    return [
        f"a series begins with {first}, not with {release} (or, released already, with a final)"
    ]


def _followers(last: Release) -> list[str]:
    serial = last.serial + 1
    if last.is_pre_freeze:
        return [f"a{serial}", f"b{serial}", "rc1"]
    if last.level == "candidate":
        final = f"{last.series_name}.{last.micro}"
        return [f"{final}rc{serial}", final] if last.micro else [f"rc{serial}", final]
    following = f"{last.series_name}.{last.micro + 1}"
    return [following, f"{following}rc1"]


def date_problems(last: tuple[Release, dt.date] | None, date: dt.date, today: dt.date) -> list[str]:
    """Return why a release cannot have been on a day; empty when it can.

    Args:
        last: the ledger's last release and its day.
        date: the new one's day.
        today: the day on which the record is written.
    """
    problems = []
    if last is not None and date < last[1]:
        problems.append(f"{date} is before {last[1]}, the day of {last[0]}")
    if date < _EARLIEST:
        problems.append(f"{date} is before the first Python")
    if date > today + _AHEAD:
        problems.append(f"{date} has not come yet (today is {today})")
    return problems
