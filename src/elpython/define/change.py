"""A change: one unit in which a branch differs from its base, read from its `change.toml`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elpython.core.errors import BadVersionError
from elpython.core.toml import Reader, read_toml
from elpython.core.version import CalVer
from elpython.prepare.overlay import FilesCode, inside, read_files
from elpython.upstream import DistroPatch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "KINDS",
    "Change",
    "CommitCode",
    "DistroCode",
    "FilesCode",
    "PatchCode",
    "ReleaseCode",
    "read_change",
]

KINDS = ("variant", "security", "bugfix", "feature", "performance", "toggle")
MODES = ("copy", "merge", "definitions")

ID = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
_VERSION = r"3\.\d+\.\d+((a|b|rc)\d+)?"
_SHA256 = r"[0-9a-f]{64}"
_COMMIT = r"[0-9a-f]{40}"
_CVE = r"CVE-\d{4}-\d{4,}"
_ISSUE = r"(gh|bpo)-\d+"
_FEATURE = r"[A-Za-z_][\w.]*(\([\w*=, ]*\))?|python -m [a-z_][\w.]*"


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchCode:
    """Patch files in the change's folder.

    Attributes:
        files: series (`3.11`) or `default` -> file name.
        substitute: whether `@EL_...@` words in it are replaced by the branch's values.
    """

    files: Mapping[str, str]
    substitute: bool = False

    def file(self, series: str) -> str | None:
        """Give the patch file for a branch: its own, else the nearest older one, else `default`.

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


Code = PatchCode | FilesCode | DistroCode | ReleaseCode | CommitCode


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of a branch.

    Attributes:
        id: its folder's name.
        title: one line.
        kind: one of `KINDS`.
        folder: where it stands.
        core: whether every branch carries it.
        optional: a core change that a branch takes only when it names it.
        description: a paragraph for users; the title serves when empty.
        since: the EL release that brought it; None: the branch's first.
        first_in: first CPython release that has it; empty for what CPython never had.
        first_in_of: the same for single features that came earlier or later than the rest.
        issues: `gh-...` and `bpo-...`.
        commits: upstream commits.
        pep: PEP numbers.
        cves: CVE ids.
        proposal: draft PEP or feature request, for what CPython does not have yet.
        code: where its code comes from.
        provides: features by import path.
        provisional: whether upstream may still change what it provides.
        toggles: names in `branches/toggles.toml`.
        declares: what it alters of the contract.
        tests: names of upstream test modules that must pass with it.
        author, origin, bugs, forwarded, applied_upstream, last_update: as in DEP-3.
        notes: reasons for policy findings: rule name -> reason.
    """

    id: str
    title: str
    kind: str
    folder: Path
    code: Code
    core: bool = False
    optional: bool = False
    description: str = ""
    since: CalVer | None = None
    first_in: str = ""
    first_in_of: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    pep: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    proposal: str = ""
    provides: tuple[str, ...] = ()
    provisional: bool = False
    toggles: tuple[str, ...] = ()
    declares: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    author: str = ""
    origin: str = ""
    bugs: tuple[str, ...] = ()
    forwarded: str = ""
    applied_upstream: str = ""
    last_update: dt.date | None = None
    notes: Mapping[str, str] = field(default_factory=dict)


def _read_patch(reader: Reader, folder: Path, *, need: bool) -> PatchCode:
    table = reader.table("patch", need=need)
    files = {}
    for key, name in reader.mapping("patch").items():
        files[key] = name
        if not re.fullmatch(r"3\.\d+|default", key):
            table.problem(key, "must be a series such as 3.11, or default")
        if inside(name) or not (folder / name).is_file():
            table.problem(key, f"there is no file {name!r} in the change's folder")
    return PatchCode(files=files, substitute=reader.flag("substitute"))


def _read_distro(reader: Reader, folder: Path) -> DistroCode:
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
    return DistroCode(patches=tuple(patches), patch=_read_patch(reader, folder, need=False))


def _read_release(reader: Reader, folder: Path) -> ReleaseCode:
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
        version=reader.text("version", pattern=_VERSION, like="3.13.5"),
        parts=tuple(parts),
        patch=_read_patch(reader, folder, need=False),
        sha256=reader.text("sha256", pattern=_SHA256, like="64 hex digits"),
    )


def _read_commit(reader: Reader) -> CommitCode:
    return CommitCode(
        commit=reader.text("commit", pattern=_COMMIT, like="40 hex digits"),
        repository=reader.text("repository", "https://github.com/python/cpython"),
        sha256=reader.text("sha256", pattern=_SHA256, like="64 hex digits"),
        leave_out=reader.words("leave-out"),
    )


PROVIDERS = ("patch", "files", "distro", "release", "commit")


def _read_code(reader: Reader, folder: Path) -> Code:
    provider = reader.choice("provider", PROVIDERS)
    code: Code
    if provider == "files":
        code = read_files(reader, folder, _read_patch(reader, folder, need=False))
    elif provider == "distro":
        code = _read_distro(reader, folder)
    elif provider == "release":
        code = _read_release(reader, folder)
    elif provider == "commit":
        code = _read_commit(reader)
    else:
        code = _read_patch(reader, folder, need=provider == "patch")
        if provider == "patch" and not code.files:
            reader.problem("patch", "names no patch file")
    if provider in PROVIDERS:
        reader.done()
    return code


def read_change(folder: Path, problems: list[str], *, name: str, core: bool = False) -> Change:
    """Read a change from its folder.

    Args:
        folder: holds `change.toml`.
        problems: gets a line for each finding, with file and key.
        name: how the folder is called in messages, `branches/3.11/CVE-2024-6232`.
        core: whether it stands in `branches/core`.
    """
    file = f"{name}/change.toml"
    before = len(problems)
    table = read_toml(folder / "change.toml", problems, name=file)
    if len(problems) > before:
        return Change(
            id=folder.name, title="", kind="", folder=folder, code=PatchCode(files={}), core=core
        )
    reader = Reader(table, problems, file=file)
    identity = reader.text("id", pattern=ID, like="CVE-2024-6232")
    if identity and identity != folder.name:
        reader.problem("id", f"is {identity!r}, but the folder is {folder.name!r}")
    title = reader.text("title")
    if "\n" in title or len(title) > 100:
        reader.problem("title", "must be one line of at most 100 characters")
    upstream = reader.table("upstream")
    dep3 = reader.table("dep3")
    change = Change(
        id=folder.name,
        title=title,
        kind=reader.choice("kind", KINDS),
        folder=folder,
        core=core,
        optional=reader.flag("optional"),
        description=reader.text("description", ""),
        since=_since(reader),
        code=_read_code(reader.table("source", need=True), folder),
        first_in=upstream.text("first-in", "", pattern=_VERSION, like="3.12.0"),
        first_in_of=upstream.mapping("first-in-of"),
        issues=upstream.words("issues", pattern=_ISSUE, like="gh-121650"),
        commits=upstream.words("commits", pattern=r"[0-9a-f]{7,40}", like="a commit in hex"),
        pep=upstream.words("peps", pattern=r"\d{1,4}", like='"706"'),
        cves=upstream.words("cves", pattern=_CVE, like="CVE-2024-6232"),
        proposal=upstream.text("proposal", ""),
        provides=reader.words("provides", pattern=_FEATURE, like="itertools.batched"),
        provisional=reader.flag("provisional"),
        toggles=reader.words("toggles"),
        declares=reader.words("declares", pattern=r"[a-z-]+:.+", like="api:+itertools.batched"),
        tests=reader.words("tests"),
        author=dep3.text("author", ""),
        origin=dep3.text("origin", ""),
        bugs=dep3.words("bugs"),
        forwarded=dep3.text("forwarded", ""),
        applied_upstream=dep3.text("applied-upstream", ""),
        last_update=_optional_date(dep3, "last-update"),
        notes=reader.mapping("notes"),
    )
    for part in (upstream, dep3, reader):
        part.done()
    for feature, release in change.first_in_of.items():
        if feature not in change.provides or not re.fullmatch(_VERSION, release):
            upstream.problem(f"first-in-of.{feature}", "must be a feature of provides -> 3.12.0")
    if change.optional and not core:
        reader.problem("optional", "is for core changes")
    return change


def _optional_date(reader: Reader, key: str) -> dt.date | None:
    return None if (value := reader.date(key, dt.date.min)) == dt.date.min else value


def _since(reader: Reader) -> CalVer | None:
    text = reader.text("since", "")
    try:
        return CalVer.parse(text) if text else None
    except BadVersionError as error:
        reader.problem("since", error.what)
        return None
