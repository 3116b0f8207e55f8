"""Open a branch: pin the base, write `branch.toml`, and try every core change on it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError, UsageError
from elpython.core.store import Store, remove_tree, write_atomic
from elpython.core.toml import read_toml
from elpython.core.version import next_release
from elpython.define.branch import branch_names, load_branch
from elpython.define.change import change_files, change_id
from elpython.prepare.new_base import NewBase, new_base
from elpython.prepare.rebase.toml_text import with_base
from elpython.prepare.tree import TreeRequest, prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Opened", "Opening", "open_branch"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What to open.

    Attributes:
        branches: the `branches` folder.
        name: `3.14`.
        base: upstream release, `3.14.0`.
        archive: the release's archive, as in `new_base.FORMS`; empty: python.org is asked.
        today: decides the first EL release.
    """

    branches: Path
    name: str
    base: str
    archive: str
    today: dt.date


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A branch that was opened.

    Attributes:
        folder: its folder.
        sha256: digest of the base's archive.
        applied: core changes that apply to the base as they are.
        needing: core change -> what was rejected; each needs a patch of its own.
    """

    folder: Path
    sha256: str
    applied: tuple[str, ...]
    needing: dict[str, str]


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


def _write(opening: Opening, series: list[str], taken: NewBase) -> Path:
    folder = opening.branches / opening.name
    # PEP 602: five years of support, ending in October.
    minor = int(opening.name.partition(".")[2])
    end = dt.date(2019 + (minor - 8) + 5, 10, 31)
    text = _HEAD.format(
        base=opening.base,
        el=next_release(opening.today)[0],
        end=end.isoformat(),
        series="".join(f'    "{change}",\n' for change in series),
    )
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


def open_branch(store: Store, opening: Opening) -> Opened:
    """Open a branch; nothing is left behind when the base cannot be had.

    Raises:
        UsageError: the branch is there already, or base and name do not belong together.
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
    if name in branch_names(opening.branches) or folder.exists():
        raise UsageError("the branch is there already", where=f"branches/{name}")
    taken = new_base(store, base, opening.archive)
    core = []
    for path in change_files(opening.branches / "core"):
        table = read_toml(path, [])
        if table and not table.get("optional", False):
            core.append(change_id(path.name))
    # Every branch begins with its identity.
    core.sort(key=lambda change: (change != "variant", change))
    try:
        applied, needing = _try(store, opening, core, lambda series: _write(opening, series, taken))
        _write(opening, core, taken)
    except BaseException:
        remove_tree(folder)
        raise
    return Opened(folder=folder, sha256=taken.sha256, applied=tuple(applied), needing=needing)
