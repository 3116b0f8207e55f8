"""What a branch does about each vulnerability: the record, and advisories held against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import UsageError
from elpython.define.vulnerability import (
    AFFECTED,
    FIXED,
    MOST_DAYS,
    NOT_AFFECTED,
    REFUSED,
    UNKNOWN,
)
from elpython.security.match import OTHER_PRODUCT, WITHDRAWN, Index, match, proposal
from elpython.upstream.feeds.model import FeedError, Notice
from elpython.upstream.feeds.osv_format import read_notice

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Record, Vulnerability

__all__ = ["Status", "age_problem", "read_folder", "status", "statuses_of"]

_WORST = (UNKNOWN, AFFECTED, REFUSED, FIXED, NOT_AFFECTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """What a branch has to say of one id.

    Attributes:
        id: the id that is asked for: a CVE, or an advisory's.
        state: one of the record's states; of several vulnerabilities the worst.
        because: the change, or the reason.
        title: one line.
        severity: and `severity_by` who gave it.
        public: since when it is public; None where nobody tells.
        since: when this was decided; None for what was not.
        change: id of the change that fixes it.
        tests: what fails without the change.
        untested: why no test shows the fix.
        justification: VEX's word for `not affected`.
        covers: the record's ids that this one stands for, where it is another.
    """

    id: str
    state: str
    because: str
    title: str = ""
    severity: str = "unrated"
    severity_by: str = ""
    public: dt.date | None = None
    since: dt.date | None = None
    change: str = ""
    tests: tuple[str, ...] = ()
    untested: str = ""
    justification: str = ""
    covers: tuple[str, ...] = ()


def _of_record(item: Vulnerability, branch: str) -> Status:
    standing = item.standing(branch)
    return Status(
        id=item.id,
        state=standing.state,
        because=standing.reason,
        title=item.title,
        severity=item.severity,
        severity_by=item.severity_by,
        public=item.public,
        since=standing.since,
        change=standing.change,
        tests=standing.tests,
        untested=standing.untested,
        justification=standing.justification,
    )


def statuses_of(record: Record, branch: str) -> list[Status]:
    """Return a branch's status of everything in the record, in its order."""
    return [_of_record(item, branch) for item in record.vulnerabilities if not item.withdrawn]


def read_folder(folder: Path) -> list[Notice]:
    """Read every advisory of a folder (`*.json` in OSV's format).

    Raises:
        UsageError: there is none, or a file is none; names every such file.
    """
    paths = sorted(folder.glob("*.json")) if folder.is_dir() else []
    if not paths:
        raise UsageError("holds no advisories (*.json in OSV format)", where=str(folder))
    problems: list[str] = []
    notices: list[Notice] = []
    for path in paths:
        try:
            notices.append(read_notice(path.read_bytes(), folder.name))
        except (FeedError, OSError, ValueError, TypeError, AttributeError) as error:
            what = error.what if isinstance(error, FeedError) else str(error)
            problems.append(f"{path.name}: {what}")
    if problems:
        raise UsageError(f"{len(problems)} bad file(s)", where=str(folder), details=tuple(problems))
    return notices


def status(
    branch: Branch, record: Record, notices: Iterable[Notice] = ()
) -> tuple[list[Status], dict[str, int]]:
    """Return a branch's status of the record's vulnerabilities, and of further advisories.

    Args:
        branch: the branch.
        record: the vulnerability record; it alone decides.
        notices: advisories that are held against it: an id that the record lacks is unknown.

    Returns:
        The statuses, and how many advisories were left out, by the reason.
    """
    found = statuses_of(record, branch.name)
    seen = {item.id for item in found}
    left: dict[str, int] = {}
    if gone := sum(1 for item in record.vulnerabilities if item.withdrawn):
        left["withdrawn in the record"] = gone
    index = Index.of(record)
    for notice in notices:
        item = match(notice, index)
        if item.state in {OTHER_PRODUCT, WITHDRAWN}:
            left[item.state] = left.get(item.state, 0) + 1
            continue
        states = {one.id: _of_record(one, branch.name) for one in item.known}
        if notice.id not in seen:
            seen.add(notice.id)
            found.append(_of_notice(notice, list(states.values()), item.missing, branch))
        for name in item.missing:
            if name not in seen:
                seen.add(name)
                found.append(_unknown(name, notice, branch))
    return found, left


def _unknown(name: str, notice: Notice, branch: Branch) -> Status:
    return Status(
        id=name,
        state=UNKNOWN,
        because=f"not in the record; {proposal(notice, branch)}",
        title=notice.title,
        severity=notice.severity or "unrated",
        severity_by=notice.feed if notice.severity else "",
        public=notice.public,
    )


def _of_notice(
    notice: Notice, known: list[Status], missing: tuple[str, ...], branch: Branch
) -> Status:
    """Return the status of an advisory: the worst of what it covers."""
    lacks = [_unknown(name, notice, branch) for name in missing]
    worst = min([*known, *lacks], key=lambda item: _WORST.index(item.state))
    covered = tuple(item.id for item in [*known, *lacks] if item.id != notice.id)
    because = f"{worst.id}: {worst.because}" if worst.id != notice.id else worst.because
    return Status(
        id=notice.id,
        state=worst.state,
        because=because,
        title=notice.title,
        severity=worst.severity,
        severity_by=worst.severity_by,
        public=notice.public,
        since=worst.since,
        change=worst.change,
        tests=worst.tests,
        untested=worst.untested,
        justification=worst.justification,
        covers=covered,
    )


def age_problem(record: Record, today: dt.date) -> str:
    """Return why the record's age, or a feed's, is a failure; empty where none is."""
    age = record.age(today)
    if age < 0:
        return f"was checked on {record.checked}, after today: one of the two clocks is wrong"
    if age > MOST_DAYS:
        return f"was last checked on {record.checked}, {age} days ago: run elpython fix watch"
    late = [
        f"{feed} ({day})" for feed, day in record.asked.items() if (today - day).days > MOST_DAYS
    ]
    if late:
        return (
            f"rests on answers of more than {MOST_DAYS} days ago: {', '.join(late)}: run elpython "
            "fix watch, or name in unasked what can no longer be asked"
        )
    return ""
