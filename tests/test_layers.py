"""Imports go one way: cli, capabilities, build, prepare, define, upstream, interpreter, core."""

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
    """Say whether a room may import another one."""
    if importer == imported or imported in {"", "__version__"}:
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
