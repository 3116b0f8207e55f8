"""Where a change's code comes from: one class per provider, and their reader."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.suggest import hint
from elpython.upstream.source import DistroPatch, IndexFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elpython.core.toml import Reader

__all__ = [
    "GENERATED",
    "REGENERATED",
    "Code",
    "CommitCode",
    "DistroCode",
    "FilesCode",
    "IndexCode",
    "PatchCode",
    "ReleaseCode",
    "ReleasePart",
    "index_declarations",
    "inside",
    "read_code",
    "read_regenerated",
]

GENERATED = ("features", "toggles")
REGENERATED = ("ast", "keywords", "parser")
MODES = ("copy", "merge", "definitions")
VERSION = r"3\.\d+\.\d+((a|b|rc)\d+)?"
_SHA256 = r"[0-9a-f]{64}"
_WHEEL = r"[A-Za-z0-9][\w.]*-[0-9][\w.+!]*-[\w.]+-none-any\.whl"
# Where `ensurepip` looks for the wheels that it carries: the only place for files of an index.
_BUNDLED = "Lib/ensurepip/_bundled"
_COMMIT = r"[0-9a-f]{40}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchCode:
    """Patch files beside the change's file.

    Attributes:
        files: series (`3.11`) or `default` -> file name.
        substitute: whether `@EL_...@` words in it are replaced by the branch's values.
    """

    files: Mapping[str, str]
    substitute: bool = False

    def file(self, series: str) -> str | None:
        """Return the patch file for a branch: its own, else the nearest older one, else `default`.

        An older one serves as long as it applies: a new branch needs a file of its own only where
        upstream has changed the lines around.
        """

        def number(name: str) -> int:
            return int(name.partition(".")[2])

        older = [
            name for name in self.files if name != "default" and number(name) <= number(series)
        ]
        nearest = max(older, key=number, default="default")
        return self.files.get(nearest)


@dataclass(frozen=True, kw_only=True, slots=True)
class DistroCode:
    """Named patches out of a distribution's source package, in order.

    Attributes:
        patches: the patches.
        patch: patch files as in `PatchCode`, applied after them: what the distribution's own
            packaging did for them elsewhere.
    """

    patches: tuple[DistroPatch, ...]
    patch: PatchCode


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleasePart:
    """One file of a later release.

    Attributes:
        path: its path in the later release.
        mode: `copy` (taken as it is), `merge` (three-way, with the base as common ancestor) or
            `definitions` (taken by name: functions, classes and assignments of a Python file;
            functions, tables, types, macros and `#if` blocks of a C file).
        to: its path in the tree; the same as `path` when empty.
        names: what to take (`definitions`).
        after: the definition behind which they go (`definitions`); the file's end when empty.
    """

    path: str
    mode: str
    to: str = ""
    names: tuple[str, ...] = ()
    after: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseCode:
    """Files out of a later upstream release, then a patch of our own on top where it needs one.

    Attributes:
        version: the upstream release; its sources are those of a branch with that base, or of
            `branches/sources.toml`.
        parts: what to take.
        patch: patch files as in `PatchCode`.
        sha256: digest over the taken files' bytes, in order: pins the content.
    """

    version: str
    parts: tuple[ReleasePart, ...]
    patch: PatchCode
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CommitCode:
    """A commit of CPython's repository, applied like a patch.

    Attributes:
        commit: 40 hex digits.
        repository: folder of a clone or an address; `ELPYTHON_CPYTHON` in the environment wins.
        sha256: digest of the patch that `git diff-tree -p --binary --full-index` gives.
        leave_out: paths of the commit that are not taken (glob patterns), for example its NEWS.
    """

    commit: str
    repository: str
    sha256: str
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesCode:
    """New files laid over the tree.

    Attributes:
        folders: folder (from that of the change's file, or from the repository's root when it
            begins with `//`) -> place in the tree.
        patch: further patch files as in `PatchCode`, applied after the files are laid.
        leave_out: names that are not laid over (glob patterns).
        generated: place in the tree -> one of `GENERATED`: made out of the branch's own data.
    """

    folders: Mapping[str, str]
    patch: PatchCode
    leave_out: tuple[str, ...] = ()
    generated: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexCode:
    """Files of a package index laid into the tree: the wheels that `ensurepip` carries.

    Attributes:
        files: the files.
        to: the folder of the tree that gets them.
        remove: paths in the tree that they replace.
        patch: patch files as in `PatchCode`, applied after them.
    """

    files: tuple[IndexFile, ...]
    to: str
    remove: tuple[str, ...]
    patch: PatchCode


Code = PatchCode | FilesCode | DistroCode | ReleaseCode | CommitCode | IndexCode


def inside(path: str) -> str | None:
    """Return what is wrong with a path in a tree; None when it stays inside."""
    parts = Path(path).parts
    if Path(path).is_absolute() or ".." in parts or "\\" in path or ".git" in parts:
        return f"{path!r} leaves the tree"
    return None


def _read_patch(reader: Reader, folder: Path, change: str, *, need: bool) -> PatchCode:
    table = reader.table("patch", need=need)
    files = {}
    for key, name in reader.mapping("patch").items():
        files[key] = name
        if not re.fullmatch(r"3\.\d+|default", key):
            table.problem(key, "must be a series such as 3.11, or default")
        if inside(name) or not (folder / name).is_file():
            table.problem(key, f"there is no file {name!r} beside the change's")
        elif not re.fullmatch(rf"{re.escape(change)}(@[\w.-]+)?\.patch", name):
            table.problem(key, f"{name!r} must be called {change}.patch or {change}@{key}.patch")
    return PatchCode(files=files, substitute=reader.flag("substitute"))


def _read_distro(reader: Reader, folder: Path, change: str) -> DistroCode:
    package = reader.text("package", pattern=r"[a-z0-9][a-z0-9.+-]+", like="python3.11")
    suites = reader.words("suites", pattern=r"[a-z][a-z0-9.-]*", like="bookworm-security")
    version = reader.text("version")
    if not suites:
        reader.problem("suites", "is missing (Debian suites that have the package)")
    patches = []
    for table in reader.tables("patches", need=True):
        name = table.text("name")
        if problem := inside(name):
            table.problem("name", problem)
        sha256 = table.text("sha256", pattern=_SHA256, like="64 hex digits")
        table.done()
        patches.append(
            DistroPatch(package=package, suites=suites, version=version, name=name, sha256=sha256)
        )
    return DistroCode(patches=tuple(patches), patch=_read_patch(reader, folder, change, need=False))


def _read_release(reader: Reader, folder: Path, change: str) -> ReleaseCode:
    parts = []
    for table in reader.tables("parts", need=True):
        part = ReleasePart(
            path=table.checked("path", inside),
            mode=table.choice("mode", MODES, "copy"),
            to=table.checked("to", inside),
            names=table.words("names"),
            after=table.text("after", ""),
        )
        if not part.path:
            table.problem("path", "is missing (a path in the later release)")
        if (part.mode == "definitions") != bool(part.names):
            table.problem("names", "go with mode 'definitions', and only with it")
        table.done()
        parts.append(part)
    return ReleaseCode(
        version=reader.text("version", pattern=VERSION, like="3.13.5"),
        parts=tuple(parts),
        patch=_read_patch(reader, folder, change, need=False),
        sha256=reader.text("sha256", pattern=_SHA256, like="64 hex digits"),
    )


def _read_commit(reader: Reader) -> CommitCode:
    return CommitCode(
        commit=reader.text("commit", pattern=_COMMIT, like="40 hex digits"),
        repository=reader.text("repository", "https://github.com/python/cpython"),
        sha256=reader.text("sha256", pattern=_SHA256, like="64 hex digits"),
        leave_out=reader.words("leave-out"),
    )


def _read_files(reader: Reader, folder: Path, root: Path, patch: PatchCode) -> FilesCode:
    folders = reader.mapping("folders")
    generated = reader.mapping("generated")
    for source in folders:
        found = root / source[2:] if source.startswith("//") else folder / source
        if inside(source.removeprefix("//")) or not found.exists():
            reader.problem(f"folders.{source}", "there is no such folder or file")
    for place, what in generated.items():
        if what not in GENERATED:
            reader.problem(f"generated.{place}", f"{what!r} is not known; {hint(what, GENERATED)}")
    places = {f"folders.{source}": place for source, place in folders.items()}
    for key, place in (places | {f"generated.{place}": place for place in generated}).items():
        if problem := inside(place):
            reader.problem(key, problem)
    if not places and not generated:
        reader.problem("folders", "is missing (folder -> place in the tree)")
    return FilesCode(
        folders=folders, patch=patch, leave_out=reader.words("leave-out"), generated=generated
    )


def _read_index(reader: Reader, folder: Path, change: str) -> IndexCode:
    files: list[IndexFile] = []
    for table in reader.tables("files", need=True):
        name = table.text("name", pattern=_WHEEL, like="pip-26.3-py3-none-any.whl")
        project = re.sub(r"[-_.]+", "-", name.partition("-")[0]).lower()
        sha256 = table.text("sha256", pattern=_SHA256, like="64 hex digits")
        table.done()
        if any(other.project == project for other in files):
            # ensurepip takes the first that it sees of a project.
            table.problem("name", f"{project} is there twice")
        if any(other.sha256 == sha256 for other in files):
            table.problem("sha256", "is another file's")
        files.append(IndexFile(project=project, name=name, sha256=sha256))
    remove = reader.words("remove")
    for index, path in enumerate(remove):
        place, _, name = path.rpartition("/")
        if place != _BUNDLED or not re.fullmatch(_WHEEL, name):
            reader.problem(f"remove[{index}]", f"{path!r} is no wheel in {_BUNDLED}")
        elif path in remove[:index]:
            reader.problem(f"remove[{index}]", f"{path!r} is there twice")
        elif any(file.name == name for file in files):
            reader.problem(f"remove[{index}]", f"{path!r} is added too")
    return IndexCode(
        files=tuple(files),
        to=reader.checked("to", _bundled, None),
        remove=remove,
        patch=_read_patch(reader, folder, change, need=False),
    )


def _bundled(place: str) -> str | None:
    return None if place == _BUNDLED else f"{place!r}: files of an index go to {_BUNDLED} alone"


def index_declarations(code: IndexCode) -> tuple[str, ...]:
    """Return what files of an index alter of the layout, as a change has to declare it."""
    added = [f"layout:+{_place(f'{code.to}/{file.name}')}" for file in code.files]
    return (*added, *(f"layout:-{_place(path)}" for path in code.remove))


def _place(path: str) -> str:
    return f"stdlib/{path.removeprefix('Lib/')}"


def read_regenerated(reader: Reader) -> tuple[str, ...]:
    """Read which generated files are made again when a change's code is in the tree.

    Args:
        reader: the table `[source]`; gets the problems.
    """
    names = reader.words("regenerate")
    for name in names:
        if name not in REGENERATED:
            reader.problem("regenerate", f"{name!r} is not known; {hint(name, REGENERATED)}")
    return tuple(name for name in REGENERATED if name in names)


PROVIDERS = ("patch", "files", "distro", "release", "commit", "index")


def read_code(reader: Reader, folder: Path, root: Path, change: str) -> Code:
    """Read `[source]` of a change.

    Args:
        reader: the table; gets the problems.
        folder: the folder that holds the change's files.
        root: the repository's root, where a folder that begins with `//` is.
        change: the change's id.
    """
    provider = reader.choice("provider", PROVIDERS)
    code: Code
    if provider == "files":
        code = _read_files(reader, folder, root, _read_patch(reader, folder, change, need=False))
    elif provider == "distro":
        code = _read_distro(reader, folder, change)
    elif provider == "release":
        code = _read_release(reader, folder, change)
    elif provider == "commit":
        code = _read_commit(reader)
    elif provider == "index":
        code = _read_index(reader, folder, change)
    else:
        code = _read_patch(reader, folder, change, need=provider == "patch")
        if provider == "patch" and not code.files:
            reader.problem("patch", "names no patch file")
    if provider in PROVIDERS:
        reader.done()
    return code
