"""The public API of Python sources, compared by griffe; only files that differ are read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import changed, removed
from elpython.contract.stdlib import modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elpython.contract.model import Difference
    from elpython.contract.subject import Pair, Subject

__all__ = ["breakages"]

_REMOVED = {"OBJECT_REMOVED", "PARAMETER_REMOVED", "CLASS_REMOVED_BASE"}
# Introspection is right about these where static reading can only guess.
_GUESSED = {
    "ATTRIBUTE_CHANGED_VALUE",
    "ATTRIBUTE_CHANGED_TYPE",
    "PARAMETER_CHANGED_DEFAULT",
    "RETURN_CHANGED_TYPE",
}


def breakages(pair: Pair) -> list[Difference]:
    """Return what griffe calls breaking between the modules whose sources differ."""
    found: dict[str, Difference] = {}
    for module in modules(pair.base):
        files = [_file(subject, module) for subject in pair.both()]
        if files[0] is None or files[1] is None or _same(files[0], files[1]):
            continue
        for difference in _module(module, files[0], files[1]):
            found.setdefault(difference.declaration, difference)
    return [found[name] for name in sorted(found)]


def _file(subject: Subject, module: str) -> Path | None:
    path = subject.stdlib.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _same(one: Path, other: Path) -> bool:
    return os.path.samefile(one, other) or one.read_bytes() == other.read_bytes()  # noqa: PTH121


def _module(module: str, old: Path, new: Path) -> Iterator[Difference]:
    import griffe

    try:
        trees = [_visit(griffe, module, path) for path in (old, new)]
    except SyntaxError:
        return
    for breakage in griffe.find_breaking_changes(trees[0], trees[1]):
        if breakage.kind.name in _GUESSED:
            continue
        key = breakage.obj.path
        what = breakage.kind.value
        if breakage.kind.name in _REMOVED and breakage.kind.name != "PARAMETER_REMOVED":
            yield removed(key, what, _shown(breakage.old_value))
        else:
            yield changed(key, what, _shown(breakage.old_value), _shown(breakage.new_value))


def _visit(griffe: Any, module: str, path: Path) -> Any:  # noqa: ANN401 - griffe is not typed here
    return griffe.visit(module, filepath=path, code=path.read_text("utf-8", "replace"))


def _shown(value: object) -> str:
    return str(getattr(value, "path", value))[:300]
