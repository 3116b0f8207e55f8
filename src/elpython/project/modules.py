"""A project's modules together: constants across files, files that only some series import."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from elpython.project.conditions import ALL, below, first_after
from elpython.project.guards import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elpython.project.conditions import Value
    from elpython.project.rules import Use
    from elpython.project.scanned import Scanned

__all__ = ["exported", "module_name", "narrowed", "package_name", "relevant"]

_ROOTS = {"src", "lib", "python"}


def module_name(path: str) -> str:
    """Return the import path of a source: `src/pkg/__init__.py` is `pkg`."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    while len(parts) > 1 and parts[0] in _ROOTS:
        parts = parts[1:]
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    return ".".join(parts)


def package_name(path: str) -> str:
    """Return the package whose file a source is; empty for a module at the top."""
    name = module_name(path)
    return name if PurePosixPath(path).stem == "__init__" else name.rpartition(".")[0]


def exported(sources: Sequence[Scanned]) -> dict[str, Value]:
    """Return what names of all modules hold, by import path."""
    return {
        f"{module_name(source.path)}.{name}": value
        for source in sources
        for name, value in source.exports
    }


def relevant(
    source: Scanned, known: Mapping[str, Value], content: Callable[[], bytes]
) -> dict[str, Value]:
    """Return those of the names that a source imports, by themselves or with their module.

    Args:
        source: what was read of it.
        known: what names of the project's modules hold, by import path.
        content: gives its bytes: a name that they do not mention is not used, whatever is
            imported.
    """
    modules = {item.module for item in source.imports}
    found = {
        name: value
        for name, value in known.items()
        if name in modules or name.rpartition(".")[0] in modules
    }
    if not found:
        return found
    text = content()
    return {
        name: value
        for name, value in found.items()
        if name.rpartition(".")[2].encode() in text or f"{name.rpartition('.')[0]}.*" in modules
    }


def narrowed(sources: Sequence[Scanned]) -> list[Scanned]:
    """Return the sources without what only matters on series that never import them.

    A module that every import guards by `sys.version_info >= (3, 12)` may use what 3.12 has.
    A module that nothing in the project imports may be imported by anybody.
    """
    names = {module_name(source.path): source for source in sources}
    runs: dict[str, int] = {}
    for _ in range(3):
        before = dict(runs)
        runs = {}
        for name, source in names.items():
            outer = before.get(name, ALL)
            for item in source.imports:
                if item.module in names and item.module != name:
                    runs[item.module] = runs.get(item.module, 0) | (item.runs & outer)
        if runs == before:
            break
    return [_under(source, runs.get(module_name(source.path), ALL)) for source in sources]


def _under(source: Scanned, runs: int) -> Scanned:
    if runs in {0, ALL}:
        return source
    kept: list[Use] = []
    for use in source.uses:
        failing = runs & (ALL if use.since == NOTHING else below(use.since[1]))
        if failing:
            kept.append(use if use.since == NOTHING else replace(use, since=first_after(failing)))
    return replace(source, uses=tuple(kept))
