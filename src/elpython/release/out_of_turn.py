"""Security releases out of turn: their number, and that nothing but security comes with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elpython.core.version import CalVer
    from elpython.define.branch import Branch

__all__ = ["beyond_security", "security_version"]


def security_version(released: CalVer | None, first: CalVer) -> CalVer:
    """Return the EL release that a security release out of turn makes.

    After 27.01.0 comes 27.01.1. Before a branch's first regular release the version rules leave a
    release candidate of it: 27.01.0rc1, then 27.01.0rc2.

    Args:
        released: the newest release; None where there is none.
        first: the branch's first regular release.
    """
    if released is None:
        return replace(first, rc=1)
    if released.rc is not None:
        return replace(released, rc=released.rc + 1)
    return replace(released, micro=released.micro + 1)


def beyond_security(branch: Branch, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Return a line for each difference to the last release that is no matter of security.

    A security change may come or be edited. A bug fix may be edited, or come where it mends what a
    security change broke: it then shares an issue with one.

    Args:
        branch: the branch as it is.
        before: change -> patch id at the last release, as its lock file had it.
        now: the same of today.
    """
    changes = {change.id: change for change in branch.series}
    urgent = {issue for item in branch.series if item.kind == "security" for issue in item.issues}
    problems = [f"{name}: was in the last release" for name in before if name not in now]
    for name, patch in now.items():
        if before.get(name) == patch or name == "base":
            continue
        change = changes.get(name)
        kind = change.kind if change else "unknown"
        mends = change is not None and bool(urgent & set(change.issues))
        if kind == "security" or (kind == "bugfix" and (name in before or mends)):
            continue
        # The version's own change carries the release's number.
        if kind == "variant" and name in before:
            continue
        problems.append(f"{name}: is {'edited' if name in before else 'new'}, of kind {kind}")
    if before.get("base") != now.get("base"):
        problems.append("base: is another than at the last release")
    return problems
