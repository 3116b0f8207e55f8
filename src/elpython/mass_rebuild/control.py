"""The control build: what failed on the new stack is built on the old one too.

What fails on both was broken before, and is counted apart; what fails only on the new stack is
the new stack's doing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from elpython.mass_rebuild.journal import RebuildJournal

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.mass_rebuild.model import Edge, Interpreter, Package, RebuildPlan

__all__ = ["control_plan", "failed_packages", "read_verdicts"]


def failed_packages(folder: Path, stack: str = "main") -> frozenset[str]:
    """Return the packages whose build or check failed by itself."""
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        last = journal.last(stack)
    bad = {"failed", "needs", "lost"}
    return frozenset(
        job.removeprefix("check ") for job, attempt in last.items() if attempt.status in bad
    )


def control_plan(plan: RebuildPlan, failed: frozenset[str], old: Interpreter) -> RebuildPlan | None:
    """Return the plan of the control build: what failed, and all that it is built with.

    The same sources in the same versions are taken, so that only the interpreter differs. A
    package without a source that suits is left out. None when nothing has to be built.
    """
    known = plan.by_key()
    wanted: set[str] = set()
    todo = [key for key in failed if key in known and _can_be_tried(known[key])]
    while todo:
        key = todo.pop()
        if key in wanted:
            continue
        wanted.add(key)
        todo += [edge.target for edge in plan.edges if edge.source == key]
    if not wanted:
        return None
    packages = tuple(
        replace(package, requested=_is_checked(package, failed), problem="", trouble="", details=())
        if _can_be_tried(package)
        else package
        for package in plan.packages
        if package.key in wanted
    )
    edges: tuple[Edge, ...] = tuple(
        edge for edge in plan.edges if edge.source in wanted and edge.target in wanted
    )
    return replace(
        plan,
        title=f"{plan.title}, control on {old.version}",
        interpreter=old,
        packages=packages,
        edges=edges,
    )


def _can_be_tried(package: Package) -> bool:
    """Say whether the old interpreter may build it: also what only the new one cannot configure."""
    return not package.problem or package.trouble == "hook"


def _is_checked(package: Package, failed: frozenset[str]) -> bool:
    return package.requested and package.key in failed


def read_verdicts(folder: Path) -> dict[str, str]:
    """Return each failed package's verdict: `new only`, `both` or `not checked`."""
    failed = failed_packages(folder)
    with RebuildJournal.open(folder / "journal.sqlite") as journal:
        main, control = journal.last("main"), journal.last("control")
    found = {}
    for key in failed:
        job = key if main.get(key) and main[key].status != "built" else f"check {key}"
        attempt = control.get(job) or control.get(key)
        if attempt is None or attempt.status in {"running", "interrupted", "lost"}:
            found[key] = "not checked"
        elif attempt.status == "built":
            found[key] = "new only"
        else:
            found[key] = "both"
    return found
