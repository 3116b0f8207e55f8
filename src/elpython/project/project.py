"""What a project says of itself, and which of its files ship."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from elpython.core.toml import load_toml
from elpython.project.errors import BadProjectError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Project", "is_development", "read_project"]

_DEVELOPMENT = {
    "bench", "benchmarks", "ci", "doc", "docs", "example", "examples", "script", "scripts",
    "test", "testing", "tests", "tools",
}  # fmt: skip
_FILES = re.compile(r"(?:test_.*|.*_test|conftest|noxfile|setup|tasks|dodo)\.py")


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """What a project says of itself.

    Attributes:
        name: its name; empty where it tells none.
        file: the file that tells `requires-python`; empty where none does.
        requires: `requires-python`; empty where it tells none.
        classifiers: series named by its classifiers, `3.11`.
        dependencies: its requirements, as they are written.
    """

    name: str = ""
    file: str = ""
    requires: str = ""
    classifiers: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()


def is_development(path: str) -> bool:
    """Return whether a source belongs to tests, documents or tools, which nobody installs."""
    place = PurePosixPath(path)
    return bool(set(place.parts[:-1]) & _DEVELOPMENT) or _FILES.fullmatch(place.name) is not None


def read_project(root: Path) -> Project:
    """Read `pyproject.toml`, else `setup.cfg`, else `setup.py` (which is read, never run).

    Raises:
        BadProjectError: a file that cannot be read.
    """
    folder = root if root.is_dir() else root.parent
    for read in (_pyproject, _setup_cfg, _setup_py):
        found = read(folder)
        if found is not None:
            return found
    return Project()


def _series(classifiers: Iterable[object]) -> tuple[str, ...]:
    text = "\n".join(str(item) for item in classifiers)
    return tuple(re.findall(r"^Programming Language :: Python :: (3\.\d+)$", text, re.MULTILINE))


def _pyproject(folder: Path) -> Project | None:
    file = folder / "pyproject.toml"
    if not file.is_file():
        return None
    try:
        data: dict[str, Any] = load_toml(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadProjectError(f"invalid TOML: {error}", where=str(file)) from error
    project = data.get("project")
    poetry = data.get("tool", {}).get("poetry") if isinstance(data.get("tool"), dict) else None
    if isinstance(project, dict):
        return Project(
            name=str(project.get("name", "")),
            file=file.name,
            requires=str(project.get("requires-python", "")),
            classifiers=_series(project.get("classifiers", ())),
            dependencies=tuple(str(item) for item in project.get("dependencies", ())),
        )
    if isinstance(poetry, dict):
        return Project(
            name=str(poetry.get("name", "")),
            file=file.name,
            requires=_caret(str(poetry.get("dependencies", {}).get("python", ""))),
        )
    return None


def _caret(text: str) -> str:
    """Return poetry's `^3.9` as `>=3.9,<4`."""
    match = re.fullmatch(r"\^\s*(\d+)((?:\.\d+)*)", text.strip())
    return f">={match[1]}{match[2]},<{int(match[1]) + 1}" if match else text


def _setup_cfg(folder: Path) -> Project | None:
    file = folder / "setup.cfg"
    if not file.is_file():
        return None
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(file.read_text("utf-8"))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise BadProjectError(f"cannot be read: {error}", where=str(file)) from error
    if not parser.has_option("options", "python_requires"):
        return None
    return Project(
        name=parser.get("metadata", "name", fallback=""),
        file=file.name,
        requires=parser.get("options", "python_requires"),
        classifiers=_series(parser.get("metadata", "classifiers", fallback="").splitlines()),
    )


def _setup_py(folder: Path) -> Project | None:
    file = folder / "setup.py"
    if not file.is_file():
        return None
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return None
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        given = {word.arg: word.value for word in node.keywords}
        requires = given.get("python_requires")
        if isinstance(requires, ast.Constant):
            name = given.get("name")
            return Project(
                name=str(name.value) if isinstance(name, ast.Constant) else "",
                file=file.name,
                requires=str(requires.value),
            )
    return None
