"""Run the tests that a branch's changes bring, on the branch and where asked on its bare base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.build.build import build
from elpython.build.request import BuildRequest, profile_named
from elpython.prepare.tree import TreeRequest, prepare
from elpython.security.evidence import Evidence, gather

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.define.branch import Branch
    from elpython.prepare.tree import Tree

__all__ = ["ChangeTests", "Wish", "interpreter", "run_change_tests"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """Which tests are to be run.

    Attributes:
        branches: the `branches` folder.
        branch: the branch.
        changes: ids or CVEs; all when empty.
        regression: whether they run on the bare base too.
    """

    branches: Path
    branch: Branch
    changes: tuple[str, ...] = ()
    regression: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeTests:
    """What the tests of the changes show.

    Attributes:
        evidence: one entry for each change that brings tests.
        without: ids of the changes that bring none.
    """

    evidence: tuple[Evidence, ...]
    without: tuple[str, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """The ids of the changes whose tests do not pass on the branch."""
        return tuple(item.change for item in self.evidence if not item.good)


def interpreter(store: Store, wish: Wish, *, bare: bool, reporter: Reporter) -> tuple[Tree, Path]:
    """Return the tree and the interpreter of a branch, or of its bare base, by profile `quick`."""
    request = TreeRequest(branches=wish.branches, branch=wish.branch, length=0 if bare else None)
    tree = prepare(store, request, reporter=reporter)
    profile = profile_named("quick")
    asked = BuildRequest(tree=tree, settings=wish.branch.build, profile=profile)
    return tree, build(store, asked, reporter=reporter).python


def run_change_tests(
    store: Store,
    wish: Wish,
    *,
    reporter: Reporter,
    keep: Callable[[Tree, Evidence], None] = lambda _tree, _evidence: None,
) -> ChangeTests:
    """Run the tests that come with changes.

    Args:
        store: holds trees and builds.
        wish: which.
        reporter: told how it goes on.
        keep: called with each change's evidence as it comes: what a stopped run has measured is
            kept.

    Raises:
        UnknownNameError: the branch has no such change.
    """
    wanted = [wish.branch.change(name) for name in wish.changes] or list(wish.branch.series)
    tree, mine = interpreter(store, wish, bare=False, reporter=reporter)
    base = None
    if wish.regression:
        base = interpreter(store, wish, bare=True, reporter=reporter)[1]
    found: list[Evidence] = []
    without: list[str] = []
    for number, change in enumerate(wanted):
        reporter.progress("changes", number, len(wanted))
        evidence = gather(tree, change.id, branch=mine, base=base)
        if evidence is None:
            without.append(change.id)
            continue
        found.append(evidence)
        keep(tree, evidence)
    reporter.progress("changes", len(wanted), len(wanted))
    return ChangeTests(evidence=tuple(found), without=tuple(without))
