"""The announcement of each step, for people who run a distribution's packages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from elpython.stacks.state import Role

if TYPE_CHECKING:
    from elpython.stacks.state import StackStep, State

__all__ = ["announcement"]


@cache
def _texts() -> dict[str, dict[str, str]]:
    file = resources.files("elpython.stacks").joinpath("data", "announcements.toml")
    return tomllib.loads(file.read_text("utf-8"))


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def announcement(before: State, step: StackStep) -> str:
    """Return a step's announcement: subject, blank line, body.

    Args:
        before: the state that the step changes.
        step: the step.
    """
    default = before.with_role(Role.DEFAULT)
    own = step.stack or before.stack(step.version)
    evidence = step.evidence
    enough = evidence is not None and evidence.share >= before.switch_at
    values = {
        "project": before.project,
        "version": step.version,
        "date": step.date.isoformat(),
        "pkgversion": own.pkgversion if own else step.version.replace(".", ""),
        "default": default.version if default else step.version,
        "default_pkgversion": default.pkgversion if default else "",
        "built": evidence.built if evidence else 0,
        "total": evidence.total if evidence else 0,
        "percent": _percent(evidence.share) if evidence else "",
        "switch_percent": _percent(before.switch_at),
        "enough": ", which is reached" if enough else "",
    }
    text = _texts()[step.kind.value]
    subject = text["subject"].format(**values)
    return f"{subject}\n\n{text['body'].format(**values).strip()}\n"
