"""Branches: folders under `branches/`, read and validated as one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError, BadVersionError, UnknownNameError
from elpython.core.suggest import hint
from elpython.core.toml import Reader, read_toml
from elpython.core.version import CalVer, ElVersion
from elpython.define.change import ID, Change, change_files, change_id, read_change
from elpython.upstream import PROVIDERS, Source

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "Branch",
    "BuildSettings",
    "branch_names",
    "load_all",
    "load_branch",
    "pending_names",
    "read_branch",
    "read_core",
    "sources_of",
]

_SERIES = re.compile(r"3\.\d+")
# A branch that is written but not opened has this file instead of `branch.toml`.
PENDING = "pending.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSettings:
    """How a branch is built.

    Attributes:
        shared: whether `libpython` is a shared library (`--enable-shared`).
        configure: further arguments for `configure`.
        bolt_skip: functions that BOLT is known to miscompile and must leave alone.
    """

    shared: bool = False
    configure: tuple[str, ...] = ()
    bolt_skip: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Branch:
    """One EL Python maintenance branch.

    Attributes:
        name: `3.11`.
        folder: its folder.
        base: the upstream release that it starts from.
        sources: where the base's source is available, in order.
        el: the EL release that the branch now makes.
        first: its first EL release.
        lts: whether it is kept beyond upstream's support.
        upstream_end: upstream's end-of-life date.
        el_end: EL Python's end-of-life date.
        provisional_warning: whether its interpreter warns where a provisional feature is used.
        build: how it is built.
        series: its changes, in order.
    """

    name: str
    folder: Path
    base: str
    sources: tuple[Source, ...]
    el: CalVer
    first: CalVer
    lts: bool
    upstream_end: dt.date
    el_end: dt.date
    provisional_warning: bool
    build: BuildSettings
    series: tuple[Change, ...]

    @property
    def version(self) -> ElVersion:
        """The EL version, `3.11.2.27.01.0`."""
        return ElVersion(base=self.base, calver=self.el)

    @property
    def lock(self) -> Path:
        """The lock file beside the branch: each change's patch id."""
        return self.folder / "series.lock"

    def change(self, name: str) -> Change:
        """Return a change of the series.

        Raises:
            UnknownNameError: the branch has none of that id, with a near-miss hint.
        """
        for change in self.series:
            if change.id == name or name in change.cves:
                return change
        raise UnknownNameError(
            f"branch {self.name} has no change {name!r}",
            todo=hint(name, [change.id for change in self.series]),
        )


def branch_names(folder: Path) -> list[str]:
    """Return the names of the branches in a folder, oldest first."""
    names = [path.name for path in folder.iterdir() if (path / "branch.toml").is_file()]
    return sorted(names, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


def pending_names(folder: Path) -> list[str]:
    """Return the names of the branches in a folder that are written but not opened."""
    names = [path.parent.name for path in folder.glob(f"*/{PENDING}")]
    return sorted(name for name in names if name not in branch_names(folder))


def _read_sources(reader: Reader, version: str, *, pinned: bool = True) -> tuple[Source, ...]:
    sources = []
    for table in reader.tables("source", need=True):
        source = Source(
            version=version,
            provider=table.choice("provider", PROVIDERS),
            sha256=table.text(
                "sha256", None if pinned else "", pattern=r"[0-9a-f]{64}", like="64 hex digits"
            ),
            file=table.text("file", ""),
            package=table.text("package", ""),
            suite=table.text("suite", ""),
            url=table.text("url", ""),
            tag=table.text("tag", ""),
        )
        needed = {
            "python-org": ("file",),
            "debian": ("package", "suite"),
            "local": ("file",),
            "git": ("url", "tag"),
        }
        for key in needed.get(source.provider, ()):
            if not getattr(source, key):
                table.problem(key, f"is missing (provider {source.provider!r} needs it)")
        table.done()
        sources.append(source)
    return tuple(sources)


def _read_build(reader: Reader) -> BuildSettings:
    settings = BuildSettings(
        shared=reader.flag("shared"),
        configure=reader.words("configure"),
        bolt_skip=reader.words("bolt-skip"),
    )
    reader.done()
    return settings


def _calver(reader: Reader, key: str, default: CalVer | None = None) -> CalVer:
    def check(text: str) -> str | None:
        try:
            CalVer.parse(text)
        except BadVersionError as error:
            return error.what
        return None

    text = reader.checked(key, check, "")
    if not text and default is not None:
        return default
    if not text:
        reader.problem(key, "is missing (the EL release, for example 27.01.0)")
    try:
        return CalVer.parse(text)
    except BadVersionError:
        return CalVer(year=0, month=1, micro=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Core:
    """The core changes, and those that a branch being opened may leave out."""

    changes: Mapping[str, Change]
    may_miss: frozenset[str] = frozenset()


def _read_series(
    reader: Reader, folder: Path, core: _Core, problems: list[str], name: str
) -> tuple[Change, ...]:
    series: list[Change] = []
    seen: set[str] = set()
    files = {change_id(path.name): path for path in change_files(folder / "changes")}
    for index, wanted in enumerate(reader.words("series", pattern=ID, like="CVE-2024-6232")):
        key = f"series[{index}]"
        if wanted in seen:
            reader.problem(key, f"{wanted!r} is in the series twice")
            continue
        seen.add(wanted)
        if wanted in files and wanted in core.changes:
            reader.problem(key, f"{wanted!r} is a core change and a file of the branch")
        if wanted in files:
            shown = f"branches/{name}/changes/{wanted}.toml"
            series.append(read_change(files[wanted], problems, branches=folder.parent, name=shown))
        elif wanted in core.changes:
            series.append(core.changes[wanted])
        else:
            near = hint(wanted, [*files, *core.changes])
            reader.problem(key, f"there is no change {wanted!r}; {near}")
    for left in sorted(files.keys() - seen):
        reader.problem("series", f"does not have the change {left!r}, which has a file")
    for path in sorted((folder / "changes").glob("*")):
        if change_id(path.name) not in files:
            reader.problem("series", f"changes/{path.name} belongs to no change")
    for change in core.changes.values():
        if not change.optional and change.id not in seen | core.may_miss:
            reader.problem("series", f"does not have the core change {change.id!r}")
    return tuple(series)


def read_core(folder: Path, problems: list[str], may_miss: Iterable[str] = ()) -> _Core:
    """Read the core changes.

    Args:
        folder: the `branches` folder.
        problems: gets a line for each finding.
        may_miss: those that a branch need not have.
    """
    changes = {
        change_id(path.name): read_change(
            path, problems, branches=folder, name=f"branches/core/{path.name}", core=True
        )
        for path in change_files(folder / "core")
    }
    return _Core(changes=changes, may_miss=frozenset(may_miss))


def _read_branch(folder: Path, core: _Core, problems: list[str]) -> Branch | None:
    file = f"branches/{folder.name}/branch.toml"
    before = len(problems)
    table = read_toml(folder / "branch.toml", problems, name=file)
    if len(problems) > before:
        return None
    return read_branch(Reader(table, problems, file=file), folder, core)


def read_branch(reader: Reader, folder: Path, core: _Core, *, pinned: bool = True) -> Branch:
    """Read a branch's definition.

    Args:
        reader: of its `branch.toml`; its problems get a line for each finding.
        folder: the branch's folder.
        core: the core changes.
        pinned: whether each place of the base must name a digest.
    """
    name, problems = folder.name, reader.problems
    base = reader.text("base", pattern=r"3\.\d+\.\d+((a|b|rc)\d+)?", like="3.11.2")
    el = _calver(reader, "el")
    if base and not base.startswith(f"{name}."):
        reader.problem("base", f"{base!r} is no release of {name}")
    branch = Branch(
        name=name,
        folder=folder,
        base=base,
        el=el,
        first=_calver(reader, "first", el),
        lts=reader.flag("lts"),
        upstream_end=reader.date("upstream-end-of-life"),
        el_end=reader.date("end-of-life"),
        provisional_warning=reader.flag("provisional-warning"),
        sources=_read_sources(reader, base, pinned=pinned),
        build=_read_build(reader.table("build")),
        series=_read_series(reader, folder, core, problems, name),
    )
    if branch.lts and branch.el_end <= branch.upstream_end:
        reader.problem("end-of-life", "an LTS branch must live longer than upstream's")
    if branch.first > branch.el:
        reader.problem("first", f"{branch.first} comes after el, {branch.el}")
    problems += [
        f"branches/{name}/changes/{change.id}.toml: since: {change.since} is later than the "
        f"release that the branch makes, {branch.el}"
        for change in branch.series
        if change.since and not change.core and change.since > branch.el
    ]
    problems += [
        f"branches/{name}/changes/{change.id}.toml: since: {change.since} is earlier than the "
        f"branch's first release, {branch.first}"
        for change in branch.series
        if change.since and not change.core and change.since < branch.first
    ]
    reader.done()
    return branch


def _fail(problems: list[str]) -> None:
    if problems:
        raise BadBranchError(
            f"{len(problems)} problem(s) in the branches" if len(problems) > 1 else problems[0],
            details=tuple(problems) if len(problems) > 1 else (),
            todo="mend them and run elpython branch lint",
        )


def load_branch(folder: Path, name: str, *, allow_missing_core: Iterable[str] = ()) -> Branch:
    """Read one branch.

    Args:
        folder: the `branches` folder.
        name: `3.11`.
        allow_missing_core: core changes that its series need not have, while it is being opened.

    Raises:
        UnknownNameError: no such branch, with a near-miss hint.
        BadBranchError: every problem of its files, each with file and key.
    """
    names = branch_names(folder)
    if name in pending_names(folder):
        raise UnknownNameError(
            f"branch {name} is pending: it is written, but its base was never prepared",
            where=f"branches/{name}/{PENDING}",
            todo=f"run elpython branch lock {name} on a machine that reaches a source of its base",
        )
    if name not in names:
        raise UnknownNameError(f"there is no branch {name!r}", todo=hint(name, names))
    problems: list[str] = []
    core = read_core(folder, problems, allow_missing_core)
    branch = _read_branch(folder / name, core, problems)
    _fail(problems)
    if branch is None:
        raise BadBranchError("cannot be read", where=f"branches/{name}")
    return branch


def load_all(folder: Path) -> tuple[list[Branch], list[str]]:
    """Read every branch; give those that can be read, and all problems of all files."""
    problems: list[str] = []
    core = read_core(folder, problems)
    branches = []
    for name in branch_names(folder):
        branch = _read_branch(folder / name, core, problems)
        if branch is not None:
            branches.append(branch)
    taken = {change.id for branch in branches for change in branch.series if not change.core}
    problems += [
        f"branches/fixes/{path.name}: no branch has this change"
        for path in change_files(folder / "fixes")
        if change_id(path.name) not in taken
    ]
    problems += [
        f"branches/{path.name}: has no branch.toml"
        for path in sorted(folder.iterdir())
        if _SERIES.fullmatch(path.name)
        and not ((path / "branch.toml").is_file() or (path / PENDING).is_file())
    ]
    return branches, problems


def sources_of(folder: Path, version: str) -> tuple[Source, ...]:
    """Return where an upstream release's source is available.

    Looks among the bases of the branches, then in `branches/sources.toml` (releases that changes
    take code from).

    Raises:
        UnknownNameError: nobody has told where that release is.
    """
    for name in branch_names(folder):
        problems: list[str] = []
        table = read_toml(folder / name / "branch.toml", problems)
        if table.get("base") == version:
            return _read_sources(Reader(table, problems, file=name), version)
    problems = []
    table = read_toml(folder / "sources.toml", problems, name="branches/sources.toml")
    known = table.get("release", {})
    if version not in known:
        raise UnknownNameError(
            f"no source of CPython {version} is known",
            where="branches/sources.toml",
            todo=f'add [[release."{version}".source]] there; {hint(version, known)}',
        )
    reader = Reader(
        known[version], problems, file="branches/sources.toml", path=f"release.{version}"
    )
    sources = _read_sources(reader, version)
    _fail(problems)
    return sources
