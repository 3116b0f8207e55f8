"""The public API of Python sources, compared by griffe; only files that differ are read.

What methods assign to `self` is read here: no running interpreter tells it without an instance.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import changed, removed
from elpython.contract.stdlib import modules, same_source, source_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elpython.contract.model import Difference
    from elpython.contract.subject import Pair

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
        old, new = (source_of(subject, module) for subject in pair.both())
        if old is None or new is None or same_source(old, new):
            continue
        for difference in (*_instances(module, old, new), *_module(module, old, new)):
            found.setdefault(difference.declaration, difference)
    return [found[name] for name in sorted(found)]


def _instances(module: str, old: Path, new: Path) -> Iterator[Difference]:
    """Yield attributes that instances of a public class no longer get."""
    try:
        before, after = (_attributes(path) for path in (old, new))
    except (SyntaxError, ValueError):
        return
    for owner in sorted(before.keys() & after.keys()):
        if owner.startswith("_"):
            continue
        private = [base for base in before[owner].bases if base.startswith("_")]
        had = set().union(*(before[name].assigned for name in [owner, *private] if name in before))
        for name in sorted(had - _inherited(after, owner)):
            what = "no method assigns this attribute of instances any more"
            yield replace(removed(f"{module}.{owner}.{name}", what), breaks="callers")


@dataclass(frozen=True, slots=True)
class _Class:
    """What a class statement gives to its instances: names assigned to `self`, all names, bases."""

    assigned: set[str]
    names: set[str]
    bases: tuple[str, ...]


def _inherited(classes: dict[str, _Class], owner: str) -> set[str]:
    """Return the names of a class and of its bases in the same source."""
    found: set[str] = set()
    todo, done = [owner], set()
    while todo:
        name = todo.pop()
        if name in classes and name not in done:
            done.add(name)
            found |= classes[name].names
            todo += classes[name].bases
    return found


def _attributes(path: Path) -> dict[str, _Class]:
    """Read the public classes at the top of a source, private ones for what they pass on."""
    tree = ast.parse(path.read_bytes())
    return {item.name: _of_class(item) for item in tree.body if isinstance(item, ast.ClassDef)}


def _of_class(node: ast.ClassDef) -> _Class:
    assigned: set[str] = set()
    names: set[str] = set()
    for item in node.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(item.name)
            assigned |= _assigned(item)
        else:
            names |= {n.id for n in ast.walk(item) if isinstance(n, ast.Name)}
            names |= {c.value for c in ast.walk(item)
                      if isinstance(c, ast.Constant) and isinstance(c.value, str)}  # fmt: skip
    bases = tuple(base.id for base in node.bases if isinstance(base, ast.Name))
    return _Class(assigned, names | assigned, bases)


def _assigned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Return the public attributes of the first parameter that a method assigns to."""
    words = [*function.args.posonlyargs, *function.args.args]
    if not words or any(isinstance(d, ast.Name) and d.id == "staticmethod"
                        for d in function.decorator_list):  # fmt: skip
        return set()
    return {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == words[0].arg
        and not node.attr.startswith("_")
    }


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
