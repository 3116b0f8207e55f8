"""Imports go one way: cli, capabilities, build, prepare, define, upstream, interpreter, core.

And in no circle, be it of two modules or of ten, imports for the type checker and those inside of
functions included.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "elpython"

# Each room may import itself and the rooms before it; capabilities do not import each other, except
# `release`, which orchestrates.
PIPELINE = ["core", "interpreter", "upstream", "define", "prepare", "build"]
CAPABILITIES = {
    "contract", "install", "mass_rebuild", "policy", "project", "release", "schedule", "security",
    "site", "stacks", "stream",
}  # fmt: skip


def room(module: str) -> str:
    """The room a dotted module name lies in: its first part below elpython."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def may_import(importer: str, imported: str) -> bool:
    """Return whether a room may import another one."""
    if imported in {importer, ""}:
        return True
    if importer in {"cli", "__main__"}:
        return True
    if imported in {"cli", "__main__"}:
        return False
    if importer in CAPABILITIES:
        return imported in PIPELINE or (importer == "release" and imported in CAPABILITIES)
    order = PIPELINE.index
    return importer in PIPELINE and imported in PIPELINE and order(imported) < order(importer)


def imports(path: Path) -> list[str]:
    """Every elpython module that a file imports, whether at its top or inside a function."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.append(node.module)
            if node.module == "elpython":
                found += [f"elpython.{name.name}" for name in node.names]
    return [name for name in found if name == "elpython" or name.startswith("elpython.")]


def violations(source: Path) -> list[str]:
    """Every import in a source folder that goes the wrong way."""
    found = []
    for path in sorted(source.rglob("*.py")):
        own = path.relative_to(source).with_suffix("").parts[0]
        own = "" if own == "__init__" else own
        if own == "":
            continue
        found += [
            f"{path.relative_to(source)} imports {name}"
            for name in imports(path)
            if not may_import(own, room(name))
        ]
    return found


def graph(source: Path, package: str) -> dict[str, set[str]]:
    """Each module of a package with the modules of it that it imports, wherever it does so."""
    paths = {}
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        paths[".".join((package, *parts))] = path
    edges: dict[str, set[str]] = {name: set() for name in paths}
    for name, path in paths.items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                edges[name] |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                # `from package import module` imports the module, not what the package says.
                edges[name] |= inner if inner <= paths.keys() else inner | {node.module}
        edges[name] = {other for other in edges[name] if other in paths and other != name}
    return edges


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Every group of modules that reach each other."""
    reached: dict[str, set[str]] = {}
    for name in edges:
        waiting, seen = [name], set[str]()
        while waiting:
            for other in edges[waiting.pop()] - seen:
                seen.add(other)
                waiting.append(other)
        reached[name] = seen
    groups = {
        tuple(sorted(other for other in reached[name] if name in reached[other]))
        for name in edges
        if name in reached[name]
    }
    return [list(group) for group in sorted(groups)]


def from_own_package(edges: dict[str, set[str]]) -> list[str]:
    """Every module that imports out of the `__init__` of a package that it is in."""
    return [
        f"{name} imports out of {other}"
        for name, others in edges.items()
        for other in sorted(others)
        if name.startswith(f"{other}.")
    ]


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circles(graph(SOURCE, "elpython")) == []


def test_no_module_imports_out_of_its_own_package() -> None:
    assert from_own_package(graph(SOURCE, "elpython")) == []


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"a.py": "from lab.b import x", "b.py": "import lab.c", "c.py": "y = 1"}, []),
        ({"a.py": "from lab.b import x", "b.py": "import lab.a"}, [["lab.a", "lab.b"]]),
        (
            {
                "a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import lab.b",
                "b.py": "def f():\n    from lab import c",
                "c.py": "from lab.a import x",
            },
            [["lab.a", "lab.b", "lab.c"]],
        ),
    ],
)
def test_a_circle_is_found(tmp_path: Path, files: dict[str, str], found: list[list[str]]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert circles(graph(tmp_path, "lab")) == found


def test_an_import_out_of_the_own_package_is_found(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("NAME = 1")
    (tmp_path / "a.py").write_text("from lab import NAME")
    (tmp_path / "b.py").write_text("from lab import a")
    assert from_own_package(graph(tmp_path, "lab")) == ["lab.a imports out of lab"]


def test_imports_go_one_way() -> None:
    assert violations(SOURCE) == []


def test_every_room_is_known() -> None:
    rooms = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or path.is_dir()}
    known = set(PIPELINE) | CAPABILITIES | {"cli", "__init__", "__main__", "__pycache__"}
    assert rooms - known == set()


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("core/store.py", "from elpython.prepare.tree import prepare"),
        ("prepare/tree.py", "def f():\n    import elpython.contract"),
        ("contract/api.py", "from elpython import stacks"),
        ("core/errors.py", "from elpython.cli import main"),
    ],
)
def test_a_wrong_import_is_found(tmp_path: Path, file: str, line: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(line)
    assert len(violations(tmp_path)) >= 1
