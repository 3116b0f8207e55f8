"""Stable ABI: nothing of the limited API is lost, for extensions built once for all versions."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import astuple, dataclass
from functools import partial
from typing import TYPE_CHECKING

from elpython.contract.compare import added, changed, removed, tables
from elpython.contract.headers_view import HeadersMissingError, view
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.subject import observe
from elpython.core.elf import read_elf
from elpython.core.errors import MissingProgramError

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_TOML = "Misc/stable_abi.toml"
_TXT = "Misc/stable_abi.txt"
_LIST_IN_TESTS = "test/test_stable_abi_ctypes.py"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is in the stable ABI: name -> description; and where that is written."""

    items: dict[str, str]
    source: str


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Compare the lists themselves, the exported symbols and the limited API's declarations."""
    known = _Known(*observe(run, pair.base, "stable", lambda: astuple(_known(pair.base, run))))
    found, checked, notes = [], len(known.items), [f"the list is {known.source}"]
    exported = [observe(run, side, "exports", partial(_exports, side)) for side in pair.both()]
    for name in sorted(known.items.keys() & exported[0].keys()):
        if name not in exported[1]:
            found.append(removed(name, "is not exported any more", known.items[name]))
        elif exported[0][name] != exported[1][name]:
            found.append(changed(name, "is of another kind", exported[0][name], exported[1][name]))
    found += _lists(pair, found)
    try:
        more, differences = _limited(pair, run, known)
    except (HeadersMissingError, MissingProgramError) as error:
        gaps: tuple[str, ...] = (f"macros and types were not compared: {error.what}",)
    else:
        gaps, checked = (), checked + more
        gone = {item.key for item in found}
        found += [item for item in differences if item.key not in gone]
    return PromiseFindings(checked=checked, differences=tuple(found), gaps=gaps, notes=tuple(notes))


def _exports(subject: Subject) -> dict[str, str]:
    elf = read_elf(subject.library)
    return {name: symbol.kind for name, symbol in elf.symbols().items()} if elf else {}


def _known(subject: Subject, run: Run) -> _Known:
    """Find the list: in the source, else in the installed test suite, else by the headers."""
    listed = _source_list(subject.source) if subject.source else None
    if listed is not None:
        return listed
    tests = subject.stdlib / _LIST_IN_TESTS
    if tests.is_file():
        tree = ast.parse(tests.read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SYMBOL_NAMES":
                names = ast.literal_eval(node.value)
                return _Known(dict.fromkeys(names, "symbol"), f"the base's {tests.name}")
    declared = view(run, subject, mode="limited").declarations
    return _Known(
        {name: "declared" for name in declared if " " not in name}, "the base's limited headers"
    )


def _source_list(source: Path) -> _Known | None:
    path = source / _TOML
    if path.is_file():
        data = tomllib.loads(path.read_text("utf-8"))
        items = {
            name: f"{kind}, added in {entry.get('added', '?')}"
            for kind, entries in data.items()
            for name, entry in entries.items()
            if isinstance(entry, dict)
        }
        return _Known(items, f"the base's {_TOML}")
    path = source / _TXT
    if path.is_file():
        lines = re.findall(
            r"^(function|data|macro|struct|const|typedef) (\w+)", path.read_text(), re.MULTILINE
        )
        return _Known({name: kind for kind, name in lines}, f"the base's {_TXT}")
    return None


def _lists(pair: Pair, found: list[Difference]) -> list[Difference]:
    """Compare the two sources' own lists, where both have one."""
    sources = [subject.source for subject in pair.both()]
    lists = [_source_list(source) if source else None for source in sources]
    if lists[0] is None or lists[1] is None:
        return []
    gone = {item.key for item in found}
    differences = tables(lists[0].items, lists[1].items, "entry of the stable ABI")
    return [item for item in differences if item.key not in gone]


def _limited(pair: Pair, run: Run, known: _Known) -> tuple[int, list[Difference]]:
    """Compare macros, types and functions that the limited API declares."""
    old, new = (view(run, subject, mode="limited") for subject in pair.both())
    listed = {name for name in known.items if name in old.macros}
    found = tables(
        {name: old.macros[name] for name in listed},
        {name: new.macros[name] for name in listed if name in new.macros},
        "macro of the stable ABI",
    )
    gone = sorted(old.declarations.keys() - new.declarations.keys())
    found += [removed(name, "is not in the limited API any more") for name in gone]
    fresh = sorted(new.declarations.keys() - old.declarations.keys())
    found += [added(name, "is new in the limited API") for name in fresh]
    return len(old.declarations) + len(listed), found
