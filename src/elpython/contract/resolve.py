"""What the user names as base or candidate: an interpreter's path, `3.11`, or `3.11@base`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.packages import is_packages, packaged
from elpython.contract.reference import is_reference, read_reference
from elpython.contract.subject import Subject, load
from elpython.core.errors import UsageError
from elpython.core.report import SILENT

if TYPE_CHECKING:
    from elpython.build.build import Build
    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.define.branch import Branch
    from elpython.prepare.tree import Tree

__all__ = ["Named", "build_branch", "resolve"]

_BRANCH = re.compile(r"(\d+\.\d+)(@base)?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A side of the contract, found.

    Attributes:
        subject: the interpreter.
        branch: the branch it was built from; None for a path and for a bare base.
        declares: pairs of a declaration and the change that makes it.
    """

    subject: Subject
    branch: Branch | None = None
    declares: tuple[tuple[str, str], ...] = ()


def resolve(
    text: str,
    *,
    role: str,
    store: Store,
    source: Path | None = None,
    branches: Path | None = None,
    reporter: Reporter = SILENT,
) -> Named:
    """Find the interpreter that a word names; a branch is built first when it is not there.

    Args:
        text: a path, a name on PATH, a branch, or a branch with `@base` for its bare base.
        role: `base` or `candidate`.
        store: holds builds.
        source: the source tree of an interpreter given by its path.
        branches: the `branches` folder; None finds it.
        reporter: told how it goes on.

    Raises:
        BadInterpreterError: a path that is no Python.
        UsageError: `@something` that is no bare base.
        ElpythonError: whatever keeps a branch from being built.
    """
    match = _BRANCH.fullmatch(text)
    if match is None and is_reference(Path(text)):
        if role != "base":
            raise UsageError("is a reference file: only a base can be one", where=text)
        return Named(subject=read_reference(Path(text))[0])
    if is_packages(text):
        python = packaged(text, store, reporter)
        return Named(subject=load(python, role=role, store=store, name=text, source=source))
    if match is None:
        if "@" in text and not text.startswith(("/", ".")):
            raise UsageError(f"{text!r} names nothing", todo="write 3.11 or 3.11@base, or a path")
        subject = load(text, role=role, store=store, source=source)
        return Named(subject=subject)
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder

    branch = load_branch(branches or branches_folder(), match.group(1))
    bare = match.group(2) is not None
    tree, made = build_branch(store, branch, 0 if bare else None, reporter, branches=branches)
    name = f"CPython {branch.base} (bare base)" if bare else f"EL Python {match.group(1)}"
    subject = load(made.python, role=role, store=store, name=name, source=source or tree.folder)
    declares = (
        ()
        if bare
        else tuple((text, change.id) for change in branch.series for text in change.declares)
    )
    return Named(subject=subject, branch=None if bare else branch, declares=declares)


def build_branch(
    store: Store,
    branch: Branch,
    length: int | None,
    reporter: Reporter = SILENT,
    *,
    branches: Path | None = None,
) -> tuple[Tree, Build]:
    """Prepare and build the first changes of a branch with the profile `quick`.

    Args:
        store: holds trees and builds.
        branch: the branch.
        length: how many changes; None for all, 0 for the bare base.
        reporter: told how it goes on.
        branches: the `branches` folder; None finds it.
    """
    from elpython.build.build import build
    from elpython.build.request import BuildRequest, profile_named
    from elpython.define.folder import branches_folder
    from elpython.prepare.tree import TreeRequest, prepare

    folder = branches or branches_folder()
    request = TreeRequest(branches=folder, branch=branch, length=length)
    tree = prepare(store, request, reporter=reporter)
    wanted = BuildRequest(tree=tree, settings=branch.build, profile=profile_named("quick"))
    return tree, build(store, wanted, reporter=reporter)
