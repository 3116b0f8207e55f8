"""A change: one unit in which a branch differs from its base, read from its `change.toml`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elpython.core.errors import BadVersionError
from elpython.core.toml import Reader, read_toml
from elpython.core.version import CalVer
from elpython.define.code import VERSION, Code, PatchCode, read_code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "KINDS",
    "Change",
    "read_change",
]

KINDS = ("variant", "security", "bugfix", "feature", "performance", "toggle")

ID = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
_CVE = r"CVE-\d{4}-\d{4,}"
_ISSUE = r"(gh|bpo)-\d+"
_FEATURE = r"[A-Za-z_][\w.]*(\([\w*=, ]*\))?|python -m [a-z_][\w.]*"


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
        code=read_code(reader.table("source", need=True), folder),
        first_in=upstream.text("first-in", "", pattern=VERSION, like="3.12.0"),
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
        if feature not in change.provides or not re.fullmatch(VERSION, release):
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
