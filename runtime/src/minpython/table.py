"""The behaviour table: what a later Python changed or removed, and how it comes back.

The table is data: one INI file an area under ``behaviours/``, one section a behaviour, sorted by
name. The running program does not read those files: it reads ``_index.py``, the few fields that the
engine needs, made from them by ``python -m minpython.table --write`` (a test holds that it is
current). `minpython explain`, `minpython doctor` and the reference page read the whole table.
"""

from __future__ import annotations

import configparser
import difflib
import os
import re
import sys

from minpython.errors import TableError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NamedTuple
else:
    from collections import namedtuple

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "behaviours")
NOT_RESTORED = "not-restored.ini"

HOW = {
    "lazy-attribute": "a lazy module attribute",
    "attribute": "an attribute set on a Python class or module",
    "type-dictionary": "an entry in a C type's dictionary, its caches cleared",
    "subclass": "a subclass put in the C type's place",
    "parameter": "a wrapper that takes the old parameters",
    "wrapper": "a wrapper that acts as the old function did",
    "module": "a module of our own, or of a distribution that keeps it",
    "translation": "a translation of the source before it is compiled",
    "hook": "a hook of the interpreter",
}
REQUIRED = ("what", "changed_in", "by", "how", "scope", "until")
OPTIONAL = (
    "target",
    "restorer",
    "modules",
    "scope_reason",
    "security",
    "allow_insecure",
    "facts",
    "instead",
    "default",
    "provider",
    "functions",
)
# The places in a row of the generated ``_index.py``.
_FIELDS = (
    "CHANGED_IN",
    "HOW",
    "RESTORER",
    "PER_PACKAGE",
    "INSECURE",
    "DEFAULT",
    "PROVIDER",
    "FINDS",
    "FUNCTIONS",
)
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_VERSION = re.compile(r"3\.\d+(\.\d+)?\Z")
_SOURCE = re.compile(
    r"(bpo-\d+|gh-\d+|PEP \d+|commit [0-9a-f]{7,40}|What's New 3\.\d+|seen)(; |\Z)",
)

if TYPE_CHECKING:

    class Behaviour(NamedTuple):
        """One entry of the table; the fields are told in ``runtime/README.md``."""

        name: str
        area: str
        what: str
        changed_in: tuple[int, int, int]
        by: str
        how: str
        scope: str
        scope_reason: str
        until: str
        target: tuple[str, ...]
        restorer: str
        modules: tuple[str, ...]
        security: str
        allow_insecure: bool
        facts: tuple[str, ...]
        instead: str
        default: bool
        provider: str
        functions: tuple[str, ...]

    class NotRestored(NamedTuple):
        """Facts that no behaviour restores, and why."""

        name: str
        reason: str
        facts: tuple[str, ...]

else:
    Behaviour = namedtuple(
        "Behaviour",
        "name area what changed_in by how scope scope_reason until target restorer modules "
        "security allow_insecure facts instead default provider functions",
    )
    NotRestored = namedtuple("NotRestored", "name reason facts")


def _parser() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(
        interpolation=None,
        delimiters=("=",),
        comment_prefixes=("#",),
        empty_lines_in_values=False,
        default_section="",
    )
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    return parser


def _lines(value: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in value.splitlines() if line.strip())


def _version(value: str) -> tuple[int, int, int]:
    parts = [int(part) for part in value.split(".")]
    return (parts[0], parts[1], parts[2] if len(parts) > 2 else 0)


def _unknown_keys(where: str, keys: Iterator[str]) -> Iterator[str]:
    known = REQUIRED + OPTIONAL
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{where}.{key}: unknown key{hint}"


def _problems(where: str, fields: dict[str, str]) -> Iterator[str]:
    """Yield every fault of one section's fields, each with the path of the wrong key."""
    yield from _unknown_keys(where, iter(fields))
    for key in REQUIRED:
        if not fields.get(key, "").strip():
            yield f"{where}.{key}: missing"
    for key in ("changed_in", "until"):
        if fields.get(key) and not _VERSION.match(fields[key]):
            yield f"{where}.{key}: {fields[key]!r} is no version like 3.10"
    if fields.get("by") and not _SOURCE.match(fields["by"]):
        yield (
            f"{where}.by: {fields['by']!r} names no source: bpo-1, gh-1, PEP 1, commit 0123abc, "
            "What's New 3.10, or seen (found by comparing interpreters)"
        )
    if fields.get("how") and fields["how"] not in HOW:
        yield f"{where}.how: {fields['how']!r} is none of {', '.join(HOW)}"
    if fields.get("scope", "package") not in ("package", "global"):
        yield f"{where}.scope: {fields['scope']!r} is neither package nor global"
    for key in ("allow_insecure", "default"):
        if fields.get(key, "no") not in ("yes", "no"):
            yield f"{where}.{key}: {fields[key]!r} is neither yes nor no"
    yield from _missing(where, fields)


def _missing(where: str, fields: dict[str, str]) -> Iterator[str]:
    """Yield the keys that other keys make necessary."""
    if fields.get("scope") == "global" and not fields.get("scope_reason"):
        yield f"{where}.scope_reason: missing: say why it can't be restored for one package"
    if fields.get("allow_insecure") == "yes" and not fields.get("security"):
        yield f"{where}.security: missing: say what is insecure about it"
    if fields.get("how") == "module" and not fields.get("modules"):
        yield f"{where}.modules: missing: name the modules, one a line"
    if fields.get("how") not in ("module", "translation") and not fields.get("target"):
        yield f"{where}.target: missing: name the modules at whose import it is restored"


def _usual_restorer(area: str, name: str) -> str:
    return f"{area}:{name.replace('-', '_')}"


def _behaviour(name: str, area: str, fields: dict[str, str]) -> Behaviour:
    return Behaviour(
        name=name,
        area=area,
        what=" ".join(_lines(fields["what"])),
        changed_in=_version(fields["changed_in"]),
        by=fields["by"],
        how=fields["how"],
        scope=fields["scope"],
        scope_reason=" ".join(_lines(fields.get("scope_reason", ""))),
        until=fields["until"],
        target=tuple(fields.get("target", "").split()),
        restorer=fields.get("restorer") or _usual_restorer(area, name),
        modules=_lines(fields.get("modules", "")),
        security=" ".join(_lines(fields.get("security", ""))),
        allow_insecure=fields.get("allow_insecure") == "yes",
        facts=_lines(fields.get("facts", "")),
        instead=" ".join(_lines(fields.get("instead", ""))),
        default=fields.get("default", "yes") == "yes",
        provider=fields.get("provider", ""),
        functions=tuple(fields.get("functions", "").split()),
    )


def _read(path: str, problems: list[str]) -> dict[str, dict[str, str]]:
    parser = _parser()
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except (configparser.Error, UnicodeDecodeError) as error:
        problems.append(f"{os.path.basename(path)}: {error}")
        return {}
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _unsorted(file: str, names: list[str]) -> Iterator[str]:
    for before, name in zip(names, names[1:]):
        if name < before:
            yield f"{file}: {name} stands after {before}: sort the sections by name"


def load(folder: str = FOLDER) -> tuple[Behaviour, ...]:
    """Read and check the whole table; return it sorted by name.

    Args:
        folder: where the ``.ini`` files lie, one an area.

    Raises:
        TableError: something is wrong; the message lists every fault.
    """
    problems: list[str] = []
    table: dict[str, Behaviour] = {}
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".ini") or file == NOT_RESTORED:
            continue
        sections = _read(os.path.join(folder, file), problems)
        problems.extend(_unsorted(file, list(sections)))
        for name, fields in sections.items():
            where = f"behaviours/{file}: {name}"
            found = list(_problems(where, fields))
            if not _NAME.match(name):
                found.append(f"{where}: a name is made of a-z, 0-9 and single dashes")
            if name in table:
                found.append(f"{where}: also in behaviours/{table[name].area}.ini")
            problems.extend(found)
            if not found:
                table[name] = _behaviour(name, file[: -len(".ini")], fields)
    problems.extend(_double_facts(table.values()))  # type: ignore[arg-type]
    if problems:
        raise TableError("the behaviour table is wrong:\n  " + "\n  ".join(problems))
    return tuple(table[name] for name in sorted(table))


def _double_facts(behaviours: Iterator[Behaviour]) -> Iterator[str]:
    owners: dict[str, str] = {}
    for behaviour in behaviours:
        for fact in behaviour.facts:
            if fact in owners:
                yield f"{behaviour.name}: the fact {fact!r} belongs to {owners[fact]} already"
            owners[fact] = behaviour.name


def load_not_restored(folder: str = FOLDER) -> tuple[NotRestored, ...]:
    """Read the facts that nothing restores, with their reasons, sorted by name.

    Raises:
        TableError: a section lacks its reason or its facts, or they are unsorted.
    """
    path = os.path.join(folder, NOT_RESTORED)
    if not os.path.exists(path):
        return ()
    problems: list[str] = []
    sections = _read(path, problems)
    problems.extend(_unsorted(NOT_RESTORED, list(sections)))
    for name, fields in sections.items():
        problems.extend(
            f"behaviours/{NOT_RESTORED}: {name}.{key}: missing"
            for key in ("reason", "facts")
            if not fields.get(key)
        )
    if problems:
        raise TableError("the behaviour table is wrong:\n  " + "\n  ".join(problems))
    return tuple(
        NotRestored(name, " ".join(_lines(fields["reason"])), _lines(fields["facts"]))
        for name, fields in sections.items()
    )


_INDEX_HEAD = '''\
"""Made from behaviours/*.ini by `python -m minpython.table --write`; edit those.

Texts, since most of them are never looked at: they are taken apart when they are.
"""

{places} = range({count})
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Rows(dict):  # type: ignore[type-arg]
    """The fields of each behaviour by its name, in the places above; texts until they are read."""

    __slots__ = ()

    def __getitem__(self, name: str) -> "tuple[Any, ...]":
        row = dict.__getitem__(self, name)
        if type(row) is str:
            changed, how, restorer, flags, provider, functions = row.split("|")
            row = self[name] = (
                tuple(map(int, changed.split("."))),
                how,
                restorer,
                "p" in flags,
                "i" in flags,
                "d" in flags,
                provider,
                "f" in flags,
                tuple(functions.split()),
            )
        return row  # type: ignore[no-any-return]


'''


def index_source(table: tuple[Behaviour, ...]) -> str:
    """Return the source of ``_index.py``: what the engine needs of each behaviour."""
    head = _INDEX_HEAD.format(places=", ".join(_FIELDS), count=len(_FIELDS))
    lines = ["BEHAVIOURS = _Rows(", "    {"]
    for entry in table:
        flags = {
            "p": entry.scope == "package",
            "i": entry.allow_insecure,
            "d": entry.default,
            "f": entry.how != "module" or entry.restorer != _usual_restorer(entry.area, entry.name),
        }
        row = (
            ".".join(map(str, entry.changed_in)),
            entry.how,
            entry.restorer,
            "".join(letter for letter, holds in flags.items() if holds),
            entry.provider,
            " ".join(entry.functions),
        )
        lines.append(f"        {entry.name!r}: {'|'.join(row)!r},")
    lines += [
        "    }",
        ")",
        *_by_module("TARGETED", table, "target"),
        *_by_module("PROVIDED", table, "modules"),
    ]
    return head + "\n".join([*lines, ""])


def _by_module(name: str, table: tuple[Behaviour, ...], field: str) -> list[str]:
    """Return the lines of a dictionary: the behaviours of each module that a field names."""
    found: dict[str, list[str]] = {}
    for entry in table:
        for module in getattr(entry, field):
            found.setdefault(module, []).append(entry.name)
    rows = [f"    {module!r}: {' '.join(names)!r}," for module, names in found.items()]
    return [f'{name}: "dict[str, str]" = {{', *rows, "}"]


# What `minpython.early` does in another way: it looks at the number of finders.
_NOT_EARLY = frozenset({"importlib-old-finders"})


def targets_source(table: tuple[Behaviour, ...]) -> str:
    """Return the source of ``_targets.py``: what a start with one plain version has to know."""
    rows: dict[str, dict[str, list[str]]] = {}
    newest: dict[str, int] = {}
    for entry in (each for each in table if each.default and not each.allow_insecure):
        changed = entry.changed_in[1] * 100 + entry.changed_in[2]
        area, _, function = entry.restorer.partition(":")
        for target in entry.target:
            newest[target] = max(newest.get(target, 0), changed)
            row = rows.setdefault(target, {kind: [] for kind in _KINDS})
            if entry.how == "lazy-attribute":
                row["attributes"].append(f"{changed}")
            elif entry.functions:
                row["functions"] += [f"{changed}={each}" for each in entry.functions]
            elif area == "start" and entry.name not in _NOT_EARLY:
                row["early"].append(f"{changed}={entry.name}={function}")
            elif entry.name not in _NOT_EARLY:
                row["eager"].append(f"{changed}")
    lines = []
    for target, row in rows.items():
        fields = [",".join(dict.fromkeys(row[kind])) or "-" for kind in _KINDS]
        lines.append(" ".join([target, str(newest[target]), *fields]))
    gone = sorted({module for entry in table for module in entry.modules})
    return f'''\
"""Made from behaviours/*.ini by `python -m minpython.table --write`; edit those.

Versions 3.x.y are the numbers x * 100 + y. Texts, since almost nothing of them is looked at.
"""

TARGETS = """
{
        """
""".join(lines)
    }
"""
"""A line a module: the newest version that something changed in, then with the versions
{", ".join(_KINDS)}."""
GONE = """
{
        """
""".join(gone)
    }
"""
'''


# How the entries of a module are restored: at once; when a module's attribute is read; when a
# function is called; at once and without the engine, by a function of `restorers.start`.
_KINDS = ("eager", "attributes", "functions", "early")


def main(argv: list[str]) -> int:
    """Check the table; with ``--write``, make ``_index.py`` and ``_targets.py`` from it."""
    table = load()
    load_not_restored()
    for name, source in (("_index", index_source(table)), ("_targets", targets_source(table))):
        if "--write" in argv:
            path = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(source)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
