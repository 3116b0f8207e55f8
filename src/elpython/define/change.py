"""A change: one unit in which a branch differs from its base, read from its file."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elpython.core.errors import BadVersionError
from elpython.core.ids import CVE
from elpython.core.reason import line_problem
from elpython.core.suggest import hint
from elpython.core.toml import Reader, read_toml
from elpython.core.version import CalVer
from elpython.define.code import (
    VERSION,
    Code,
    IndexCode,
    PatchCode,
    index_declarations,
    read_code,
    read_regenerated,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["KINDS", "Change", "change_files", "change_id", "read_change", "shared_facts"]

# What `branches/fixes/ID.toml` may say: facts of a fix, wherever it is taken. Where its code comes
# from, since when and what it alters are a branch's own.
FACTS = (
    "title", "kind", "description", "tests", "provides", "provisional", "toggles", "upstream",
    "dep3", "notes",
)  # fmt: skip
TABLES = ("upstream", "dep3", "notes")
KINDS = ("variant", "security", "bugfix", "feature", "performance", "toggle")

ID = r"[A-Za-z0-9][A-Za-z0-9._+-]*"
_ISSUE = r"(gh|bpo)-\d+"
# A wheel of ensurepip, in whatever notation: only a source of provider `index` brings or takes one.
_CARRIED = r"layout:[+-]?stdlib/ensurepip/.*\.whl"
_TEST = r"test_\w+(\.test_\w+)*"
_SYNTAX = (
    r"[a-z]+ (statement|parameters|without parentheses|expression in f-strings)|except\*"
    r"|annotation of \*args with \*|defaults of type parameters"
    r"|(assignment expression|unpacking) in an index( without parentheses)?"
)
_FEATURE = rf"[A-Za-z_][\w.]*(\([\w*=, ]*\))?|python -m [a-z_][\w.]*|{_SYNTAX}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of a branch.

    Attributes:
        id: its file's name, without `.toml`.
        title: one line.
        kind: one of `KINDS`.
        folder: the folder of its file; patches and folders are named from there.
        regenerate: generated files that are made again when its code is in the tree.
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
    regenerate: tuple[str, ...] = ()
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


def change_id(name: str) -> str:
    """Return the change that a file in a folder of changes belongs to.

    A change is `ID.toml`; its patches are `ID.patch` or, one per series, `ID@3.11.patch`; whatever
    else it brings lies in a folder `ID`.
    """
    return name.partition("@")[0] if "@" in name else re.sub(r"\.(toml|patch)$", "", name)


def change_files(folder: Path) -> list[Path]:
    """Return the change files of a folder, sorted; none if there is no such folder."""
    return sorted(folder.glob("*.toml")) if folder.is_dir() else []


def shared_facts(branches: Path, name: str, problems: list[str]) -> dict[str, Any]:
    """Read what branches share of a change, `branches/fixes/ID.toml`; empty if there is none."""
    path = branches / "fixes" / f"{name}.toml"
    if not path.is_file():
        return {}
    table = read_toml(path, problems, name=f"branches/fixes/{name}.toml")
    problems += [
        f"branches/fixes/{name}.toml: {key}: is not a fact that branches share; {hint(key, FACTS)}"
        for key in table
        if key not in FACTS
    ]
    return {key: value for key, value in table.items() if key in FACTS}


def _merged(
    own: dict[str, Any], facts: dict[str, Any], reader: Reader, shared: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Lay a branch's own values over the shared ones; what only repeats them is a problem."""
    merged, origins = dict(facts), dict.fromkeys(facts, shared)
    for key, value in own.items():
        theirs = facts.get(key)
        if key in TABLES and isinstance(value, dict) and isinstance(theirs, dict):
            for name in value:
                if name in theirs and theirs[name] == value[name]:
                    reader.problem(f"{key}.{name}", f"only repeats {shared}")
            origins |= {f"{key}.{name}": shared for name in theirs if name not in value}
            merged[key] = theirs | value
        else:
            if key in facts and theirs == value:
                reader.problem(key, f"only repeats {shared}")
            merged[key] = value
        origins.pop(key, None)
    for key in TABLES:
        if origins.get(key):
            origins |= {f"{key}.{name}": shared for name in facts[key]}
    return merged, origins


def read_change(
    path: Path, problems: list[str], *, branches: Path, name: str, core: bool = False
) -> Change:
    """Read a change from its file, over the facts that it shares with other branches.

    Args:
        path: `ID.toml`.
        problems: gets a line for each finding, with file and key.
        branches: the `branches` folder.
        name: what the file is called in messages, `branches/3.11/changes/CVE-2024-6232.toml`.
        core: whether it stands in `branches/core`.
    """
    identity = change_id(path.name)
    folder = path.parent
    before = len(problems)
    own = read_toml(path, problems, name=name)
    facts = {} if core else shared_facts(branches, identity, problems)
    if len(problems) > before:
        return Change(
            id=identity, title="", kind="", folder=folder, code=PatchCode(files={}), core=core
        )
    shared = f"branches/fixes/{identity}.toml"
    table, origins = _merged(own, facts, Reader(own, problems, file=name), shared)
    reader = Reader(table, problems, file=name, origins=origins)
    if not re.fullmatch(ID, identity):
        reader.problem("", f"the file's name, {identity!r}, is not of the form CVE-2024-6232.toml")
    title = reader.text("title")
    if "\n" in title or len(title) > 100:
        reader.problem("title", "must be one line of at most 100 characters")
    elif told := line_problem(title):
        reader.problem("title", told)
    upstream = reader.table("upstream")
    source = reader.table("source", need=True)
    dep3 = reader.table("dep3")
    change = Change(
        id=identity,
        title=title,
        kind=reader.choice("kind", KINDS),
        folder=folder,
        core=core,
        optional=reader.flag("optional"),
        description=reader.text("description", ""),
        since=_since(reader),
        regenerate=read_regenerated(source),
        code=read_code(source, folder, branches.parent, identity),
        first_in=upstream.text("first-in", "", pattern=VERSION, like="3.12.0"),
        first_in_of=upstream.mapping("first-in-of"),
        issues=upstream.words("issues", pattern=_ISSUE, like="gh-121650"),
        commits=upstream.words("commits", pattern=r"[0-9a-f]{7,40}", like="a commit in hex"),
        pep=upstream.words("peps", pattern=r"\d{1,4}", like='"706"'),
        cves=upstream.words("cves", pattern=CVE, like="CVE-2024-6232"),
        proposal=upstream.text("proposal", ""),
        provides=reader.words("provides", pattern=_FEATURE, like="itertools.batched"),
        provisional=reader.flag("provisional"),
        toggles=reader.words("toggles"),
        declares=reader.words("declares", pattern=r"[a-z-]+:.+", like="api:+itertools.batched"),
        tests=reader.words("tests", pattern=_TEST, like="test_zipfile", some=True),
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
    _check_wheels(change, reader)
    return change


def _check_wheels(change: Change, reader: Reader) -> None:
    """Hold what a change declares of bundled wheels against what its source adds and removes."""
    declared = {item for item in change.declares if re.fullmatch(_CARRIED, item)}
    code = change.code
    real = {*index_declarations(code)} if isinstance(code, IndexCode) else set()
    for item in sorted(real - declared):
        reader.problem("declares", f"lacks {item!r}, which [source] does")
    for item in sorted(declared - real):
        reader.problem("declares", f"{item!r} is nothing that [source] does")


def _optional_date(reader: Reader, key: str) -> dt.date | None:
    return None if (value := reader.date(key, dt.date.min)) == dt.date.min else value


def _since(reader: Reader) -> CalVer | None:
    text = reader.text("since", "")
    try:
        return CalVer.parse(text) if text else None
    except BadVersionError as error:
        reader.problem("since", error.what)
        return None
