"""What the running program reads in the place of the table: ``_index.py`` and ``_targets.py``."""

from __future__ import annotations

from minpython.behaviour import usual_restorer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.behaviour import Behaviour

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
            "f": entry.how != "module" or entry.restorer != usual_restorer(entry.area, entry.name),
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
# function is called; at once and without the engine, by a function of `start_restorers`.
_KINDS = ("eager", "attributes", "functions", "early")
