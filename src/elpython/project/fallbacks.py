"""Distributions that stand in for a module that older Pythons lack: `tomli` for `tomllib`."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elpython.project.rules import Series

__all__ = ["distribution", "stand_ins"]

# Where the distribution is not called as the module is.
_NAMES = {"attr": "attrs", "graphlib_backport": "graphlib-backport", "pkg_resources": "setuptools"}


def distribution(module: str) -> str:
    """Return the distribution of a module, by the custom of calling both alike.

    `backports` is shared by many distributions: `backports.zoneinfo` keeps its second part.
    """
    first, *rest = module.split(".")
    if first == "backports" and rest:
        return f"backports.{rest[0]}"
    return _NAMES.get(first, first.replace("_", "-"))


def _imported(body: Iterable[ast.stmt]) -> list[str]:
    found: list[str] = []
    for statement in body:
        if isinstance(statement, ast.Import):
            found += [item.name for item in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            found.append(statement.module)
            found += [f"{statement.module}.{item.name}" for item in statement.names]
    return found


def stand_ins(
    body: Sequence[ast.stmt], instead: Sequence[ast.stmt], names: Mapping[str, Series]
) -> set[tuple[str, Series]]:
    """Return which distributions stand in, and below which CPython.

    Args:
        body: what imports from the standard library.
        instead: what runs where that is not there.
        names: import path -> first CPython.
    """
    versions = [names[path] for path in _imported(body) if names.get(path, (0, 0)) > (3, 0)]
    if not versions:
        return set()
    return {
        (distribution(path), max(versions))
        for path in _imported(instead)
        if path != "backports" and path.split(".")[0] not in sys.stdlib_module_names
    }
