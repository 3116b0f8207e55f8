"""Open a branch: pin the base, write `branch.toml`, and try every core change on it."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import (
    BadBranchError,
    ChangeConflictError,
    ElpythonError,
    UsageError,
)
from elpython.core.store import Store, remove_tree, write_atomic
from elpython.core.toml import read_toml
from elpython.core.version import next_release
from elpython.define.branch import PENDING, branch_names, load_branch
from elpython.define.change import change_files, change_id
from elpython.define.pending import load_pending
from elpython.prepare.new_base import NewBase, new_base
from elpython.prepare.rebase.model import APPLIES, CONFLICTS, Rebase
from elpython.prepare.rebase.sort import sort_changes
from elpython.prepare.rebase.toml_text import series_patch, with_base, with_default
from elpython.prepare.tree import TreeRequest, prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from elpython.define.branch import Branch
    from elpython.define.pending import Pending

__all__ = ["Opened", "Opening", "open_branch", "pending_branch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What to open.

    Attributes:
        branches: the `branches` folder.
        name: `3.14`.
        base: upstream release, `3.14.0`.
        archive: the release's archive, as in `new_base.FORMS`; empty: python.org is asked.
        today: decides the first EL release.
        resolved: where conflicts are left and taken resolved, as for a rebase; None: nowhere.
    """

    branches: Path
    name: str
    base: str
    archive: str
    today: dt.date
    resolved: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A branch that was opened.

    Attributes:
        folder: its folder.
        sha256: digest of the base's archive.
        applied: core changes that apply to the base as they are.
        merged: core changes that a three-way merge has put in; each got a patch of its own.
        needing: core change -> what was rejected; each needs a hand. A pending branch stays so.
    """

    folder: Path
    sha256: str
    applied: tuple[str, ...]
    needing: dict[str, str]
    merged: tuple[str, ...] = ()


_HEAD = """\
base = "{base}"
el = "{el}"
first = "{el}"
lts = false
upstream-end-of-life = {end}
end-of-life = {end}

series = [
{series}]

[build]
shared = false
bolt-skip = ["_PyEval_EvalFrameDefault", "sre_ucs1_match", "sre_ucs2_match", "sre_ucs4_match"]
"""


_SERIES = re.compile(r"^series = \[[^\]]*\]", re.MULTILINE)
_PENDING = re.compile(r"^\[pending[^\]]*\]\n(?:(?!\[).*\n)*", re.MULTILINE)
_RELEASE = re.compile(r'^(el|first) = ".*"$', re.MULTILINE)


def _written(opening: Opening, series: list[str]) -> str:
    """Return a pending branch's file as that of an open one: without what says why it waits."""
    text = (opening.branches / opening.name / PENDING).read_text("utf-8")
    names = "".join(f'    "{change}",\n' for change in series)
    release = next_release(opening.today)[0]
    text = _SERIES.sub(f"series = [\n{names}]", _PENDING.sub("", text), count=1)
    return _RELEASE.sub(rf'\1 = "{release}"', text)


def _new(opening: Opening, series: list[str]) -> str:
    # PEP 602: five years of support, ending in October.
    minor = int(opening.name.partition(".")[2])
    end = dt.date(2019 + (minor - 8) + 5, 10, 31)
    return _HEAD.format(
        base=opening.base,
        el=next_release(opening.today)[0],
        end=end.isoformat(),
        series="".join(f'    "{change}",\n' for change in series),
    )


def _write(opening: Opening, series: list[str], taken: NewBase) -> Path:
    folder = opening.branches / opening.name
    pending = (folder / PENDING).is_file()
    text = _written(opening, series) if pending else _new(opening, series)
    text = with_base(text, opening.base, taken.sources)
    write_atomic(folder / "branch.toml", text.encode())
    return folder


def _try(
    store: Store, opening: Opening, core: list[str], write: Callable[[list[str]], object]
) -> tuple[list[str], dict[str, str]]:
    """Find out which core changes apply, each on top of those that do."""
    applied: list[str] = []
    needing: dict[str, str] = {}
    for change in core:
        write([*applied, change])
        skipped = [other for other in core if other not in {*applied, change}]
        try:
            branch = load_branch(opening.branches, opening.name, allow_missing_core=skipped)
            prepare(store, TreeRequest(branches=opening.branches, branch=branch))
        except ElpythonError as error:
            needing[change] = str(error)
        else:
            applied.append(change)
    return applied, needing


def open_branch(store: Store, opening: Opening, taken: NewBase | None = None) -> Opened:
    """Open a branch; nothing is left behind when the base cannot be had.

    A pending branch is opened as its file defines it; where a core change needs a hand, it stays
    pending.

    Args:
        store: keeps the base's archive.
        opening: what to open.
        taken: the base, where it was had already; None: it is taken as `opening.archive` says.

    Raises:
        UsageError: the branch is there already, or base and name do not belong together.
        BadBranchError: it is pending, and its file has problems.
        SourceUnavailableError, BadArchiveError.
    """
    name, base = opening.name, opening.base
    if not re.fullmatch(r"3\.\d+", name) or not re.fullmatch(
        rf"{re.escape(name)}\.\d+((a|b|rc)\d+)?", base
    ):
        raise UsageError(
            f"{base!r} is no base for a branch {name!r}",
            todo="for example: elpython branch new 3.14 --base 3.14.0",
        )
    folder = opening.branches / name
    pending = pending_branch(opening.branches, name)
    if name in branch_names(opening.branches) or (pending is None and folder.exists()):
        raise UsageError("the branch is there already", where=f"branches/{name}")
    taken = taken or new_base(store, base, opening.archive)
    donor = _donor(opening)
    core = _core(opening.branches, donor)
    if pending is not None:
        core = [change.id for change in pending.branch.series]
    try:
        applied, merged, needing = _place(store, opening, taken, donor, core)
        if pending is not None and needing:
            _undo(folder, pending)
        else:
            _write(opening, core, taken)
            _default_toggles(opening, core, donor)
            (folder / PENDING).unlink(missing_ok=True)
    except BaseException:
        _undo(folder, pending)
        raise
    return Opened(
        folder=folder,
        sha256=taken.sha256,
        applied=tuple(applied),
        merged=tuple(merged),
        needing=needing,
    )


def pending_branch(branches: Path, name: str) -> Pending | None:
    """Return a branch that is written but not opened; None: there is none of that name.

    Raises:
        BadBranchError: its file has problems.
    """
    if not (branches / name / PENDING).is_file():
        return None
    found, problems = load_pending(branches)
    own = [line for line in problems if line.startswith(f"branches/{name}/")]
    if own:
        raise BadBranchError(own[0], details=tuple(own[1:]), todo="elpython branch lint lists them")
    return next((item for item in found if item.branch.name == name), None)


def _undo(folder: Path, pending: Pending | None) -> None:
    """Leave a folder as it was: a pending branch's file stays."""
    if pending is None:
        remove_tree(folder)
    elif (folder / PENDING).is_file():
        (folder / "branch.toml").unlink(missing_ok=True)


def _donor(opening: Opening) -> Branch | None:
    """Return the nearest older branch, whose core changes are merged; None where there is none."""
    minor = int(opening.name.partition(".")[2])
    older = [name for name in branch_names(opening.branches) if int(name.partition(".")[2]) < minor]
    return load_branch(opening.branches, older[-1]) if older else None


def _core(branches: Path, donor: Branch | None) -> list[str]:
    """Return the core changes that a new branch begins with, in their order.

    Those that every branch carries, and the optional ones that the nearest older branch has taken:
    whoever moves on finds the same switches.
    """
    needed = []
    for path in change_files(branches / "core"):
        table = read_toml(path, [])
        if table and not table.get("optional", False):
            needed.append(change_id(path.name))
    # Every branch begins with its identity.
    needed.sort(key=lambda change: (change != "variant", change))
    if donor is None:
        return needed
    own = [change.id for change in donor.series if change.core]
    return own + [name for name in needed if name not in own]


def _place(
    store: Store, opening: Opening, taken: NewBase, donor: Branch | None, core: list[str]
) -> tuple[list[str], list[str], dict[str, str]]:
    """Return which core changes apply, which were merged, and which need a hand."""
    if donor is not None:
        # A branch that does not apply to its own base is no ancestor to merge from.
        with contextlib.suppress(ChangeConflictError):
            return _merge(store, opening, taken, donor, core)
    applied, needing = _try(store, opening, core, lambda series: _write(opening, series, taken))
    return applied, [], needing


def _merge(
    store: Store, opening: Opening, taken: NewBase, donor: Branch, core: list[str]
) -> tuple[list[str], list[str], dict[str, str]]:
    """Put the nearest older branch's core changes onto the base; write what a merge has put in."""
    request = Rebase(
        branches=opening.branches,
        branch=donor,
        base=opening.base,
        sources=taken.sources,
        resolved=opening.resolved,
        chosen=tuple(core),
        name=opening.name,
    )
    sorting = sort_changes(store, request)
    needing = {
        item.change: "\n".join(
            f"{one.hunk.file}: {one.hunk.inside}\n{one.hunk.text}" for one in item.conflicts
        )
        for item in sorting.of(CONFLICTS)
    }
    merged = []
    for item in sorting.placed:
        if item.patch is None:
            continue
        file = f"{item.change}@{opening.name}.patch"
        toml = opening.branches / "core" / f"{item.change}.toml"
        try:
            text = series_patch(toml.read_text("utf-8"), opening.name, file)
        except ValueError as error:
            raise BadBranchError(str(error), where=f"branches/core/{toml.name}") from error
        write_atomic(opening.branches / "core" / file, item.patch)
        write_atomic(toml, text.encode())
        merged.append(item.change)
    return [item.change for item in sorting.of(APPLIES)], merged, needing


def _default_toggles(opening: Opening, core: list[str], donor: Branch | None) -> None:
    """Let the toggles of the core changes be `new` on the branch, as its base is."""
    path = opening.branches / "toggles.toml"
    if donor is None or not path.is_file():
        return
    text = path.read_text("utf-8")
    for change in donor.series:
        for toggle in change.toggles if change.id in core else ():
            text = with_default(text, toggle, opening.name, f"as CPython {opening.base} has it")
    write_atomic(path, text.encode())
