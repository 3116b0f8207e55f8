"""Open a branch: pin the base, write `branch.toml`, and try every core change on it."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError, UsageError
from elpython.core.store import Store, file_digest, remove_tree, write_atomic
from elpython.core.toml import read_toml
from elpython.core.version import next_release
from elpython.define.branch import branch_names, load_branch
from elpython.define.change import change_files, change_id
from elpython.prepare.tree import TreeRequest, prepare
from elpython.upstream import Source, archive, python_org

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
        archive: the release's archive on this machine; None: python.org is asked.
        today: decides the first EL release.
    """

    branches: Path
    name: str
    base: str
    archive: Path | None
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

[[source]]
provider = "python-org"
file = "{file}"
sha256 = "{sha256}"

[build]
shared = false
bolt-skip = ["_PyEval_EvalFrameDefault", "sre_ucs1_match", "sre_ucs2_match", "sre_ucs4_match"]
"""


def _archive(store: Store, opening: Opening) -> tuple[Path, str]:
    """Give the base's archive inside the store, and the name that python.org gives it."""
    name = f"Python-{opening.base}.tar.xz"
    work = store.root / "incoming"
    work.mkdir(parents=True, exist_ok=True)
    if opening.archive is None:
        source = Source(provider="python-org", version=opening.base, sha256="", file=name)
        path = python_org.fetch(source, work)
    else:
        if not opening.archive.is_file():
            raise UsageError("there is no such file", where=str(opening.archive))
        name = opening.archive.name
        path = work / name
        shutil.copyfile(opening.archive, path)
    digest = file_digest(path)

    def keep(folder: Path) -> None:
        shutil.move(path, folder / name)

    store.product("sources", digest[:32], keep)
    path.unlink(missing_ok=True)
    return store.path("sources", digest[:32]) / name, digest


def _check_base(path: Path, opening: Opening) -> None:
    """Refuse an archive of another release."""
    members = archive.read_members(path, lambda name: name.endswith("Include/patchlevel.h"))
    text = b"".join(members.values()).decode("utf-8", "replace")
    found = re.search(r'#define PY_VERSION\s+"([^"]+)"', text)
    if found is None:
        raise UsageError("is no CPython source: it has no Include/patchlevel.h", where=str(path))
    if found[1] != opening.base:
        raise UsageError(f"is CPython {found[1]}, not {opening.base}", where=str(path))


def _write(opening: Opening, series: list[str], file: str, digest: str) -> Path:
    folder = opening.branches / opening.name
    # PEP 602: five years of support, ending in October.
    minor = int(opening.name.partition(".")[2])
    end = dt.date(2019 + (minor - 8) + 5, 10, 31)
    text = _HEAD.format(
        base=opening.base,
        el=next_release(opening.today)[0],
        end=end.isoformat(),
        series="".join(f'    "{change}",\n' for change in series),
        file=file,
        sha256=digest,
    )
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
    path, digest = _archive(store, opening)
    _check_base(path, opening)
    core = []
    for path in change_files(opening.branches / "core"):
        table = read_toml(path, [])
        if table and not table.get("optional", False):
            core.append(change_id(path.name))
    # Every branch begins with its identity.
    core.sort(key=lambda change: (change != "variant", change))
    try:
        applied, needing = _try(
            store, opening, core, lambda series: _write(opening, series, path.name, digest)
        )
        _write(opening, core, path.name, digest)
    except BaseException:
        remove_tree(folder)
        raise
    return Opened(folder=folder, sha256=digest, applied=tuple(applied), needing=needing)
