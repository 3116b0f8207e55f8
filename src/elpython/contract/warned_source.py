"""Calls that warn, read in sources: a function that no trial calls may warn all the same."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from elpython.contract.compare import added
from elpython.contract.stdlib import modules, same_source, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elpython.contract.model import Difference
    from elpython.contract.subject import Pair

__all__ = ["new_warnings"]

# Where the category stands among a call's arguments, and what it is where it is not said.
_CALLS = {
    "warn": (1, "UserWarning"),
    "warn_explicit": (1, ""),
    "_deprecated": (-1, "DeprecationWarning"),
}
# Warnings of other kinds tell of what was silently wrong before.
_OF_CALLERS = {"DeprecationWarning", "PendingDeprecationWarning", "FutureWarning"}


def new_warnings(pair: Pair) -> list[Difference]:
    """Return the functions that may warn more often than the base's, of sources that differ."""
    found = []
    for module in modules(pair.base):
        old, new = (source_of(subject, module) for subject in pair.both())
        if old is None or new is None or same_source(old, new):
            continue
        try:
            before, after = (Counter(_calls(path)) for path in (old, new))
        except (SyntaxError, ValueError):
            continue
        for (name, category), count in sorted((after - before).items()):
            if category in _OF_CALLERS:
                key = ".".join(part for part in ("source", module, name, category) if part)
                what = "warns its callers where it did not"
                found.append(added(key, what, f"{count} more in the source", harmless=False))
    return found


def _calls(path: Path) -> Iterator[tuple[str, str]]:
    """Yield for each call that warns where it stands, by class and function, and its category."""
    yield from _below(ast.parse(path.read_bytes()), "")


def _below(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _below(child, f"{name}.{child.name}" if name else child.name)
            continue
        if isinstance(child, ast.Call):
            category = _category(child)
            if category:
                yield name, category
        yield from _below(child, name)


def _category(call: ast.Call) -> str:
    """Return the category that a call warns of; empty for one that does not warn."""
    function = call.func
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if called not in _CALLS or (isinstance(function, ast.Attribute) and not _is_warnings(function)):
        return ""
    at, default = _CALLS[called]
    given = next((item.value for item in call.keywords if item.arg == "category"), None)
    if given is None and 0 <= at < len(call.args):
        given = call.args[at]
    if isinstance(given, ast.Name | ast.Attribute):
        return given.id if isinstance(given, ast.Name) else given.attr
    return default


def _is_warnings(function: ast.Attribute) -> bool:
    return isinstance(function.value, ast.Name) and function.value.id.strip("_") == "warnings"
