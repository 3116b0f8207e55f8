"""Hold the days that the policy's files tell against the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.define.vulnerability_check import day_problem
from elpython.policy.check import RULES
from elpython.policy.model import BadPolicyError
from elpython.policy.settings import read_people, read_policy

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["policy_day_problems"]


def policy_day_problems(folder: Path, today: dt.date) -> list[str]:
    """Return a line for each day that cannot be: a judgement or a signature that is yet to come.

    Args:
        folder: the `branches` folder; files that are missing there tell no days.
        today: nothing can be later, in UTC.
    """
    try:
        return list(_told(folder, today))
    except BadPolicyError as error:
        return [str(error)]


def _told(folder: Path, today: dt.date) -> Iterator[str]:
    if (folder / "policy.toml").is_file():
        for proposal in read_policy(folder, RULES).proposals.values():
            if told := day_problem(proposal.judged, today):
                yield f"branches/policy.toml: proposal {proposal.name!r}: judged: {told}"
    if (folder / "maintainers.toml").is_file():
        for person in read_people(folder).participants:
            if person.cla and (told := day_problem(person.cla, today)):
                yield f"branches/maintainers.toml: participant {person.name!r}: cla: {told}"
