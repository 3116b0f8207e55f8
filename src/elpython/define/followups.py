"""Follow-ups: what upstream did later to something that a branch has taken, `followups.toml`.

`elpython fix follow --record` writes the file; what a person decides stays in it. A vulnerability's
own record decides first; this one says the rest.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError
from elpython.core.reason import reason_problem
from elpython.core.store import write_atomic
from elpython.core.toml import Reader, read_toml
from elpython.define.change import ID
from elpython.define.vulnerability import FIXED
from elpython.define.vulnerability_check import day_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Record

__all__ = [
    "FILE",
    "NEW",
    "NOT_NEEDED",
    "REFUSED",
    "STATES",
    "TAKEN",
    "FollowUp",
    "FollowUps",
    "followup_problems",
    "read_followups",
    "undecided",
    "write_followups",
]

FILE = "followups.toml"
TAKEN, REFUSED, NOT_NEEDED, NEW = "taken", "refused", "not needed", "new"
STATES = (TAKEN, REFUSED, NOT_NEEDED, NEW)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUp:
    """A later entry of upstream's NEWS, and what a branch does about it.

    Attributes:
        branch: `3.11`.
        change: id of the change that it comes back to.
        news: digest of the entry, as in the vulnerability record.
        issue: `gh-102780`; empty where the entry names none.
        release: the first release that has it.
        state: one of `STATES`.
        reason: who took it, or why not; empty for `new`.
        how: what joins it to the change.
        text: the entry, one line.
    """

    branch: str
    change: str
    news: str
    issue: str
    release: str
    state: str
    reason: str
    how: str
    text: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it."""
        return (self.branch, self.change, self.news)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUps:
    """The whole record.

    Attributes:
        checked: the day on which upstream was last asked; None: nobody has ever asked.
        looked: what was read then: release and place, `3.13.18 debian:sid/python3.13`.
        items: in the order of branches and series.
    """

    checked: dt.date | None
    looked: tuple[str, ...] = ()
    items: tuple[FollowUp, ...] = ()

    def age(self, today: dt.date) -> int | None:
        """Return the record's age in days; None where nobody has ever asked."""
        return None if self.checked is None else (today - self.checked).days

    def open(self, branch: str, change: str) -> list[FollowUp]:
        """Return what nobody has decided about a change."""
        return [
            item
            for item in self.items
            if (item.branch, item.change, item.state) == (branch, change, NEW)
        ]


def _read_one(table: Reader) -> FollowUp:
    item = FollowUp(
        branch=table.text("branch", pattern=r"3\.\d+", like="3.11"),
        change=table.text("change", pattern=ID, like="CVE-2024-6232"),
        news=table.text("news", pattern=r"[0-9a-f]{12}", like="12 hex digits"),
        issue=table.text("issue", ""),
        release=table.text("release"),
        state=table.choice("state", STATES),
        reason=table.text("reason", ""),
        how=table.text("how", ""),
        text=table.text("text", ""),
    )
    if item.state in {REFUSED, NOT_NEEDED} and not item.reason:
        table.problem("reason", f"is missing (why it is {item.state})")
    elif item.state in {REFUSED, NOT_NEEDED} and (empty := reason_problem(item.reason)):
        table.problem("reason", empty)
    if item.state == TAKEN and not item.reason:
        table.problem("reason", "is missing (the change that takes it)")
    if item.state == NEW and item.reason:
        table.problem("reason", f"goes with no {NEW!r}: nobody has decided it")
    table.done()
    return item


def read_followups(branches: Path, problems: list[str] | None = None) -> FollowUps:
    """Read `followups.toml`; nobody has ever asked where there is no such file.

    Args:
        branches: the `branches` folder.
        problems: gets a line for each finding, with file and key; None: they are raised.

    Raises:
        BadBranchError: every problem of the file, when `problems` is None.
    """
    path = branches / FILE
    if not path.is_file():
        return FollowUps(checked=None)
    found: list[str] = []
    file = f"branches/{FILE}"
    reader = Reader(read_toml(path, found, name=file), found, file=file)
    record = FollowUps(
        checked=reader.date("checked"),
        looked=reader.words("looked"),
        items=tuple(_read_one(table) for table in reader.tables("followup")),
    )
    keys = [item.key for item in record.items]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        reader.problem("followup", f"{' '.join(key)} is there twice")
    reader.done()
    if problems is not None:
        problems += found
    elif found:
        raise BadBranchError("has problems", where=file, details=tuple(found))
    return record


def followup_problems(
    followups: FollowUps, branches: Sequence[Branch], record: Record, *, today: dt.date
) -> list[str]:
    """Return a line for each follow-up that the branches do not bear out.

    Args:
        followups: the record of follow-ups.
        branches: all branches.
        record: the vulnerability record.
        today: nobody can have looked later.
    """
    where = f"branches/{FILE}"
    problems = []
    if followups.checked is not None:
        if told := day_problem(followups.checked, today):
            problems.append(f"{where}: checked: {told}")
        if followups.items and not followups.looked:
            problems.append(f"{where}: looked: is empty, but follow-ups came from somewhere")
    by_name = {branch.name: branch for branch in branches}
    for item in followups.items:
        at = f"{where}: {' '.join(item.key)}"
        branch = by_name.get(item.branch)
        if branch is None:
            problems.append(f"{at}: there is no branch {item.branch}")
        elif all(change.id != item.change for change in branch.series):
            problems.append(f"{at}: {item.branch} has no change {item.change}")
        elif item.state == TAKEN:
            problems += [f"{at}: {told}" for told in _not_taken(item, branch, record)]
    return problems


def _not_taken(item: FollowUp, branch: Branch, record: Record) -> Iterator[str]:
    """Yield why a change does not take a follow-up: it says so itself, or the record does."""
    taker = next((change for change in branch.series if change.id == item.reason), None)
    if taker is None:
        yield f"is taken by {item.reason}, which {branch.name} does not have"
        return
    known = record.by_news().get(item.news)
    fixed = known is not None and known.standing(branch.name)
    if fixed and (fixed.state, fixed.change) == (FIXED, taker.id):
        return
    if item.issue in taker.issues or any(cve in item.text for cve in taker.cves):
        return
    yield (
        f"is taken by {taker.id}, which names neither {item.issue or 'its issue'} nor a CVE of it"
    )


_HEAD = """\
# What upstream did later to something that a branch has taken. `elpython fix follow --record`
# writes it, and leaves what a person decides: state = "refused" or "not needed", with a reason.

"""


def write_followups(branches: Path, record: FollowUps) -> Path:
    """Write `followups.toml`; return its path.

    Raises:
        DiskFullError: no space left; the old file stays.
    """
    day = (record.checked or dt.date.min).isoformat()
    looked = "".join(f"    {_text(line)},\n" for line in record.looked)
    lines = [f"checked = {day}\nlooked = [\n{looked}]\n"]
    for item in record.items:
        keys = ("branch", "change", "news", "issue", "release", "state", "reason", "how", "text")
        rows = [f"{key} = {_text(value)}" for key in keys if (value := getattr(item, key))]
        lines.append("[[followup]]\n" + "\n".join(rows) + "\n")
    path = branches / FILE
    write_atomic(path, (_HEAD + "\n".join(lines)).encode())
    return path


def _text(value: str) -> str:
    # JSON's strings are TOML's basic strings, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def undecided(items: Iterable[FollowUp]) -> list[FollowUp]:
    """Return what nobody has decided."""
    return [item for item in items if item.state == NEW]
