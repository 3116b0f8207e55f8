"""The table of toggles, `branches/toggles.toml`: read, checked, made into what a tree carries."""

from __future__ import annotations

import pprint
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError, BadVersionError
from elpython.core.ids import CVE
from elpython.core.suggest import hint
from elpython.core.toml import Reader, read_toml
from elpython.core.version import CalVer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from elpython.define.branch import Branch

__all__ = [
    "Default",
    "Elsewhere",
    "Toggle",
    "markdown",
    "mismatches",
    "read_toggles",
    "table_module",
    "toggle_problems",
]

NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
SECURITY = ("high", "medium", "low", "none")
FILE = "branches/toggles.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Elsewhere:
    """Where another Python keeps the same switch: a variable, or a key of an ini file.

    Attributes:
        variable: an environment variable; empty for a file.
        file, section, key: the place in an ini file; empty for a variable.
        words: its words, in lower case -> our value, empty for as if not set; `*` is any other.
    """

    variable: str = ""
    file: str = ""
    section: str = ""
    key: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """How people find it."""
        return self.variable or f"{self.file}: [{self.section}] {self.key}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Default:
    """A toggle's default on one branch, with the reason."""

    value: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Toggle:
    """One behaviour that an administrator can switch.

    Attributes:
        name: `email-addresses`.
        title: what it switches, part of a line.
        description: a paragraph for administrators, with the call's own argument.
        new, legacy: the two values that every toggle has.
        others: further values -> what they do.
        least: where whole numbers are values too: the smallest besides 0; None elsewhere.
        security: what is at stake: one of `SECURITY`.
        since: the first EL release that has it.
        cves, peps: what it is about.
        modules: modules of the standard library that it lies in; not named as users of it.
        cpython: option and variable by which CPython itself sets it.
        defaults: branch -> default.
        also: where other Pythons keep the same switch, in the order in which they are asked.
    """

    name: str
    title: str
    description: str
    new: str
    legacy: str
    others: Mapping[str, str]
    least: int | None
    security: str
    since: str
    cves: tuple[str, ...]
    peps: tuple[str, ...]
    modules: tuple[str, ...]
    cpython: Mapping[str, str]
    defaults: Mapping[str, Default]
    also: tuple[Elsewhere, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """Every value that has a name."""
        return (self.new, self.legacy, *self.others)

    def default(self, branch: str) -> str | None:
        """Return the default value on a branch; None where the branch has no such toggle."""
        found = self.defaults.get(branch)
        if found is None:
            return None
        return {"new": self.new, "legacy": self.legacy}.get(found.value, found.value)


def _read_elsewhere(reader: Reader, values: Iterable[str]) -> Elsewhere:
    found = Elsewhere(
        variable=reader.text("variable", "", pattern=r"[A-Z][A-Z0-9_]*", like="PYTHONHTTPSVERIFY"),
        file=reader.text("file", "", pattern=r"/.+", like="/etc/python/email.cfg"),
        section=reader.text("section", ""),
        key=reader.text("key", ""),
        words=reader.mapping("words"),
    )
    if bool(found.variable) == bool(found.file):
        reader.problem("", "needs either a variable or a file")
    if found.file and not (found.section and found.key):
        reader.problem("file", "needs a section and a key")
    if not found.words:
        reader.problem("words", "is missing (its words -> our values)")
    for word, value in found.words.items():
        if word != word.lower():
            reader.problem(f"words.{word}", "must be in lower case")
        if value and value not in values:
            reader.problem(f"words.{word}", f"{value!r} is no value; {hint(value, list(values))}")
    reader.done()
    return found


def _release(reader: Reader) -> str:
    text = reader.text("since")
    try:
        CalVer.parse(text)
    except BadVersionError as error:
        if text:
            reader.problem("since", error.what)
    return text


def _read_defaults(
    reader: Reader, branches: Iterable[str], others: Iterable[str]
) -> dict[str, Default]:
    table = reader.table("default", need=True)
    found = {}
    for branch in branches:
        if table.has(branch):
            entry = table.table(branch)
            word = entry.choice("value", ("new", "legacy", *others))
            found[branch] = Default(value=word, reason=entry.text("reason"))
            entry.done()
    table.done()
    return found


def _read_toggle(name: str, reader: Reader, branches: Sequence[str]) -> Toggle:
    new, legacy = reader.text("new"), reader.text("legacy")
    others = reader.mapping("others")
    values = (new, legacy, *others)
    if not re.fullmatch(NAME, name):
        reader.problem("", "is not of the form email-addresses")
    for word in ("new", "legacy"):
        if word in others:
            reader.problem(f"others.{word}", "stands for a value already")
    if new == legacy:
        reader.problem("legacy", "is the same as new")
    toggle = Toggle(
        name=name,
        title=reader.text("title"),
        description=reader.text("description").strip(),
        new=new,
        legacy=legacy,
        others=others,
        least=reader.number("least", 0) or None,
        security=reader.choice("security", SECURITY),
        since=_release(reader),
        cves=reader.words("cves", pattern=CVE, like="CVE-2024-6232"),
        peps=reader.words("peps", pattern=r"\d{1,4}", like='"706"'),
        modules=reader.words("modules", pattern=r"[a-z_][\w.]*", like="email.utils"),
        cpython=reader.mapping("cpython"),
        defaults=_read_defaults(reader, branches, others),
        also=tuple(_read_elsewhere(item, values) for item in reader.tables("also")),
    )
    if toggle.cpython and set(toggle.cpython) != {"xoption", "variable"}:
        reader.problem("cpython", "has the keys xoption and variable")
    reader.done()
    return toggle


def read_toggles(folder: Path, branches: Sequence[str]) -> tuple[Toggle, ...]:
    """Read the table of toggles.

    Args:
        folder: the `branches` folder; without a `toggles.toml` there are none.
        branches: names of the branches that there are.

    Raises:
        BadBranchError: every problem of the file, each with its key.
    """
    path = folder / "toggles.toml"
    if not path.is_file():
        return ()
    problems: list[str] = []
    table = read_toml(path, problems, name=FILE)
    reader = Reader(table, problems, file=FILE)
    found = [_read_toggle(name, reader.table(name), branches) for name in table]
    reader.done()
    names = [item.name for item in found]
    if names != sorted(names):
        problems.append(f"{FILE}: toggles must stand by name: {', '.join(sorted(names))}")
    if problems:
        raise BadBranchError(
            problems[0] if len(problems) == 1 else f"{len(problems)} problem(s) in {FILE}",
            details=tuple(problems) if len(problems) > 1 else (),
        )
    return tuple(found)


def mismatches(toggles: Iterable[Toggle], branch: Branch) -> list[str]:
    """Return a line for each toggle that a branch's series and the table do not agree on.

    A toggle with a default for the branch must be named by a change of its series, and only such.
    """
    read = {name: change.id for change in branch.series for name in change.toggles}
    known = {item.name: item for item in toggles}
    found = [
        f"branches/{branch.name}: change {change}: toggles: {name!r} is not in {FILE}; "
        f"{hint(name, known)}"
        for name, change in read.items()
        if name not in known
    ]
    for item in known.values():
        has, told = item.name in read, branch.name in item.defaults
        if has and not told:
            found.append(f'{FILE}: {item.name}.default: "{branch.name}" is missing')
        elif told and not has:
            key = f'{item.name}.default."{branch.name}"'
            found.append(f"{FILE}: {key}: no change of the branch has the toggle")
    return found


def toggle_problems(folder: Path, branches: Sequence[Branch]) -> list[str]:
    """Return every problem of the table, and all that it and the branches do not agree on."""
    try:
        toggles = read_toggles(folder, [branch.name for branch in branches])
    except BadBranchError as error:
        return list(error.details or (error.what,))
    return [line for branch in branches for line in mismatches(toggles, branch)]


def _entry(toggle: Toggle, branch: str) -> dict[str, object]:
    default = toggle.default(branch)
    entry: dict[str, object] = {
        "title": toggle.title,
        "values": list(toggle.values),
        "new": toggle.new,
        "legacy": toggle.legacy,
        "default": toggle.new if default is None else default,
        "here": default is not None,
        "security": toggle.security,
        "modules": list(toggle.modules),
        "also": [
            {
                key: value
                for key, value in (
                    ("variable", item.variable),
                    ("file", item.file),
                    ("section", item.section),
                    ("key", item.key),
                    ("words", dict(item.words)),
                )
                if value
            }
            for item in toggle.also
        ],
    }
    if toggle.least is not None:
        entry["least"] = toggle.least
    if toggle.cpython:
        entry["cpython"] = dict(toggle.cpython)
    return entry


def table_module(toggles: Iterable[Toggle], branch: str) -> str:
    """Return the table as the Python module that an interpreter reads, `_elpython._table`.

    It holds every toggle, also those that the branch has not got: a file of settings may serve
    several branches.
    """
    table = {item.name: _entry(item, branch) for item in toggles}
    text = pprint.pformat(table, width=96, sort_dicts=False)
    return (
        '"""The toggles of this branch; made from branches/toggles.toml when the tree was '
        f'prepared."""\n\nBRANCH = {branch!r}\nTOGGLES = {text}\n'
    )


def _sources(toggle: Toggle) -> str:
    own = toggle.cpython
    places = [f"-X {own['xoption']}", own["variable"]] if own else []
    places += [item.place for item in toggle.also]
    return ", ".join(f"`{place}`" for place in places) or "none"


def _section(toggle: Toggle, branches: Sequence[str]) -> list[str]:
    about = [*toggle.cves, *(f"PEP {number}" for number in toggle.peps)]
    numbers = f", or a whole number from {toggle.least} on" if toggle.least is not None else ""
    others = "".join(f"; `{value}`: {what}" for value, what in toggle.others.items())
    return [
        f"## {toggle.name}",
        "",
        f"{toggle.title[0].upper()}{toggle.title[1:]}. {toggle.description}",
        "",
        "| | |",
        "| --- | --- |",
        f"| values | `{toggle.new}` (new), `{toggle.legacy}` (legacy){others}{numbers} |",
        f"| about | {', '.join(about)} |",
        f"| security weight | {toggle.security} |",
        f"| since | {toggle.since} |",
        *(
            f"| default of {name} | `{toggle.default(name)}`: {toggle.defaults[name].reason} |"
            for name in branches
            if name in toggle.defaults
        ),
        f"| honoured too | {_sources(toggle)} |",
        "",
    ]


def markdown(toggles: Iterable[Toggle], branches: Sequence[str]) -> str:
    """Return the reference page: a section a toggle.

    Args:
        toggles: the table.
        branches: the branches whose defaults are shown.
    """
    lines = [
        "# Toggles",
        "",
        "Made by `elpython branch toggles --markdown` of `branches/toggles.toml`. How to set them:",
        "[Switch a behaviour](../how-to/switch-a-behaviour.md). The words `new` and `legacy` are",
        "values of every toggle.",
        "",
    ]
    for toggle in toggles:
        lines += _section(toggle, branches)
    return "\n".join(lines).rstrip() + "\n"
