"""The interpreter that comes: a folder, or built for the prefix from a branch or an archive.

Archives come in as `SourceArchive`: whoever makes one has verified it. A path alone is never
unpacked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.build.build import build
from elpython.build.request import BuildRequest, profile_named
from elpython.core.errors import BadArchiveError, UnknownNameError
from elpython.core.report import SILENT
from elpython.core.store import file_digest
from elpython.core.suggest import hint
from elpython.core.version import ElVersion
from elpython.define.branch import BuildSettings, branch_names, load_branch
from elpython.define.folder import branches_folder
from elpython.install.errors import NoReplacementError
from elpython.install.subject import configure_words, incoming
from elpython.prepare.git import FALLBACK_DATE, Git
from elpython.prepare.tree import Tree, TreeRequest, prepare
from elpython.upstream.archive import unpack

if TYPE_CHECKING:
    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.define.branch import Branch
    from elpython.install.subject import Subject

__all__ = ["SourceArchive", "Wish", "base_of", "bring"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceArchive:
    """A source archive that was verified, or that the user vouches for.

    Attributes:
        path: a copy that nobody else can change: what is built is what was verified.
        name: how the user knows it.
        base: the base's version; empty when nobody has told it yet.
        version: the EL version; empty likewise.
        variant: value of `sys.implementation.variant`; empty likewise.
    """

    path: Path
    name: str
    base: str = ""
    version: str = ""
    variant: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to come, as the user named it, and how it is made.

    Attributes:
        to: a folder, its `bin/python3.X`, or a branch; how the archive was named where there is
            one.
        profile: how a build is compiled.
        archive: the source archive that is to be built.
        reporter: told how it goes on.
    """

    to: str
    profile: str
    archive: SourceArchive | None = None
    reporter: Reporter = SILENT


def bring(store: Store, present: Subject, wish: Wish) -> Path:
    """Return the folder of the interpreter that comes; it is built first where that is needed.

    Args:
        store: where sources and builds are kept.
        present: what is to be replaced; a build is configured for its prefix, with its options.
        wish: a folder, a verified archive, or a branch.

    Raises:
        NoReplacementError: the archive or branch is of another series.
        UnknownNameError: it is none of the three.
    """
    if wish.archive is not None:
        return _build(store, present, _tree_of_archive(store, wish.archive, present.series), wish)
    path = Path(wish.to).expanduser()
    if path.is_dir():
        return path.resolve()
    if path.is_file() and path.parent.name == "bin":
        return path.resolve().parents[1]
    folder = branches_folder()
    branch = _branch(folder, present, wish.to)
    request = TreeRequest(branches=folder, branch=branch)
    tree = prepare(store, request, reporter=wish.reporter)
    return _build(store, present, tree, wish, branch.build)


def _branch(folder: Path, present: Subject, name: str) -> Branch:
    names = branch_names(folder)
    if name not in names:
        raise UnknownNameError(
            f"{name!r} is no folder, no archive and no branch",
            where="--to",
            todo=hint(name, names),
        )
    if name != present.series:
        raise NoReplacementError(
            f"is Python {present.series}, and branch {name} is another series",
            where=str(present.prefix),
            todo=f"name branch {present.series}",
        )
    return load_branch(folder, name)


def base_of(present: Subject, to: str, archive: SourceArchive | None) -> str:
    """Return the base of what would come, without building it.

    Args:
        present: what is to be replaced.
        to: what the user named.
        archive: the verified archive, where it is one.

    Raises:
        NoReplacementError: it is of another series, or tells its base only once it is unpacked.
        UnknownNameError: it is neither a folder nor an archive nor a branch.
    """
    if archive is not None:
        _refuse_series(archive.base, present.series, archive.name)
        if not archive.base:
            raise NoReplacementError("has no manifest: its base is unknown", where=archive.name)
        return archive.base
    path = Path(to).expanduser()
    if path.is_dir() or (path.is_file() and path.parent.name == "bin"):
        folder = path.resolve() if path.is_dir() else path.resolve().parents[1]
        return incoming(folder, present.series).facts.release
    return _branch(branches_folder(), present, to).base


def _build(
    store: Store,
    present: Subject,
    tree: Tree,
    wish: Wish,
    settings: BuildSettings | None = None,
) -> Path:
    shared, words = configure_words(present.python)
    own = settings or BuildSettings()
    debug = str(present.facts.sysconfig["vars"].get("Py_DEBUG") or "") == "1"
    request = BuildRequest(
        tree=tree,
        settings=replace(own, shared=shared, configure=(*own.configure, *words)),
        profile=profile_named("debug" if debug else wish.profile),
        prefix=present.prefix,
    )
    return build(store, request, reporter=wish.reporter).root


def _tree_of_archive(store: Store, archive: SourceArchive, series: str) -> Tree:
    """Unpack a source archive into the store, as a tree of one commit.

    Raises:
        BadArchiveError: it leaves its folder, or is no source of Python.
        NoReplacementError: it is of another series.
    """
    _refuse_series(archive.base, series, archive.name)
    digest = file_digest(archive.path)

    def make(folder: Path) -> None:
        unpack(archive.path, folder)
        if not (folder / "configure").is_file() or not (folder / "Include").is_dir():
            raise BadArchiveError("is no source archive of Python", where=archive.name)
        git = Git(folder)
        git("init", "-q", "-b", "main")
        git.settle()
        git.commit(f"{archive.name}\n", FALLBACK_DATE)

    folder = store.product("archive-trees", digest[:32], make)
    base, version = archive.base, archive.version
    if not base:
        base, version = _versions(folder, archive.name)
        _refuse_series(base, series, archive.name)
    head = Git(folder)("rev-parse", "HEAD").strip()
    return Tree(
        folder=folder,
        branch=series,
        base=base,
        version=version,
        variant=archive.variant or ("elpython" if version != base else ""),
        base_commit=head,
        head=head,
        commits=(),
    )


def _refuse_series(base: str, series: str, name: str) -> None:
    if base and base.rpartition(".")[0] != series:
        raise NoReplacementError(f"is {base}, and Python {series} is there", where=name)


def _versions(folder: Path, name: str) -> tuple[str, str]:
    """Read base and EL version out of `Include/patchlevel.h` and the archive's name."""
    header = (folder / "Include" / "patchlevel.h").read_text("utf-8", "replace")
    match = re.search(r'#define\s+PY_VERSION\s+"([^"]+)"', header)
    if match is None:
        raise BadArchiveError("Include/patchlevel.h tells no version", where=name)
    base = match[1].rstrip("+")
    named = re.search(rf"{re.escape(base)}\.\d\d\.\d\d\.\d+(?:rc\d+)?", name)
    return base, str(ElVersion.parse(named[0])) if named else base
