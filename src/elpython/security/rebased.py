"""What a rebase means for security: tests on the bare new base, and the vulnerability record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elpython.define.vulnerability import FIXED, NOT_AFFECTED, UNKNOWN, Standing
from elpython.security.evidence import own_tests, run_tests
from elpython.security.record_write import write_vulnerability

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from elpython.define.vulnerability import Record, Vulnerability
    from elpython.prepare.tree import Tree

__all__ = ["on_base", "without_dropped", "write_dropped"]


def on_base(tree: Tree, change: str, python: Path) -> str:
    """Run a change's own tests on an interpreter; return what they show, empty for no tests.

    Args:
        tree: the prepared tree of the branch as it is, which has the tests.
        change: id of the change.
        python: the bare new base's interpreter.
    """
    tests = own_tests(tree, change)
    return run_tests(python, tree.folder / "Lib", tests).state if tests else ""


def without_dropped(
    record: Record, branch: str, gone: Mapping[str, str], base: str, today: dt.date
) -> list[Vulnerability]:
    """Return what changes in the record by changes that a branch no longer carries.

    Args:
        record: the record.
        branch: name of the branch.
        gone: change -> why the base needs it no longer; an empty reason: it was taken out. One that
            stays for its toggle alone is among them.
        base: the new base, `3.13.15`.
        today: the day of the decision.
    """
    found = []
    for item in record.vulnerabilities:
        old = item.standing(branch)
        if old.state != FIXED or old.change not in gone:
            continue
        why = gone[old.change]
        if why:
            new = Standing(
                state=NOT_AFFECTED,
                since=today,
                justification="vulnerable_code_not_present",
                because=f"the base, CPython {base}, has the fix: {why}",
            )
        else:
            new = Standing(
                state=UNKNOWN,
                since=today,
                because=f"the rebase onto CPython {base} took out the change {old.change}",
            )
        found.append(replace(item, branches={**item.branches, branch: new}))
    return found


def write_dropped(branches: Path, changed: list[Vulnerability]) -> list[str]:
    """Write vulnerabilities whose standing has changed; return their ids."""
    for item in changed:
        write_vulnerability(branches, item)
    return [item.id for item in changed]
