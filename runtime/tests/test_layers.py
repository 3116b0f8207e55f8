"""Modules of the package import each other one way and in no circle.

Imports for the type checker and those inside of functions count too. One place is left out: the
package's own ``__init__``, the entrance that every start imports. What it does at a start is in
itself, for the price's sake, and it hands over to the rest from inside of its functions.
"""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
ENTRANCE = "minpython"
# What a room must not import; old modules, as they were, are no room.
FORBIDDEN = {
    "engine": {"source", "restorers", "commands", "scan", "transparency"},
    "source": {"restorers", "commands", "scan", "transparency"},
    "restorers": {"commands", "scan", "transparency"},
    "scan": {"engine", "restorers", "commands", "transparency"},
}


def modules(source: Path, package: str) -> dict[str, Path]:
    """Return the path of each module of a package."""
    found = {}
    for path in sorted((source / package).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        if "modules" not in parts:
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> set[str]:
    """Return the modules of the package that a file imports anywhere."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            named |= inner & known.keys() or {node.module}
    return named & known.keys()


def graph(source: Path, package: str) -> dict[str, set[str]]:
    """Return what each module imports, the entrance nothing."""
    known = modules(source, package)
    return {
        name: set() if name == ENTRANCE else imports(path, known) - {name}
        for name, path in known.items()
    }


def circle(edges: dict[str, set[str]]) -> list[str]:
    """Return the modules of a circle in their order, none when there is no circle."""
    done: set[str] = set()
    way: list[str] = []

    def go(name: str) -> list[str]:
        if name in way:
            return [*way[way.index(name) :], name]
        if name in done:
            return []
        way.append(name)
        for each in sorted(edges[name]):
            found = go(each)
            if found:
                return found
        done.add(way.pop())
        return []

    for name in edges:
        found = go(name)
        if found:
            return found
    return []


def room(module: str) -> str:
    """Return the room of a module: the folder below the package."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def test_there_is_no_circle() -> None:
    edges = graph(SOURCE, "minpython")
    assert len(edges) > 100
    assert circle(edges) == []


def test_rooms_import_one_way() -> None:
    wrong = [
        f"{name} -> {each}"
        for name, found in graph(SOURCE, "minpython").items()
        for each in sorted(found)
        if room(each) in FORBIDDEN.get(room(name), ())
    ]
    assert wrong == []


def test_a_circle_of_any_kind_is_seen(tmp_path: Path) -> None:
    """At the top, in a function, and for the type checker only."""
    package = tmp_path / "made"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("from made import b\n")
    (package / "b.py").write_text("def f():\n    import made.c\n")
    (package / "c.py").write_text("if TYPE_CHECKING:\n    from made.a import X\n")
    found = circle(graph(tmp_path, "made"))
    assert found == ["made.a", "made.b", "made.c", "made.a"]
    (package / "c.py").write_text("import json\n")
    assert circle(graph(tmp_path, "made")) == []
