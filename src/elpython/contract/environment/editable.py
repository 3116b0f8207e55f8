"""Sources that an environment uses without holding them: editable installs and `.pth` files."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.environment.model import BadEnvironmentError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["led_to", "sources"]

# Folders beside packages that no program imports from.
_LEFT_OUT = {
    "__pycache__", "build", "dist", "node_modules", "venv", "env", "site-packages", "docs",
}  # fmt: skip
_MOST = 20_000
# Names at the top of a project that are not installed with it.
_NO_MODULES = {"setup", "conftest", "noxfile", "tasks", "tests", "test", "examples", "benchmarks"}


def led_to(site: Path, names: list[str]) -> dict[Path, tuple[str, ...]]:
    """Return the folders outside that path files and import hooks of a distribution lead to.

    Args:
        site: the folder of packages.
        names: the distribution's `.pth` files and `__editable___*_finder.py`.

    Returns:
        Each folder with the packages and modules in it that are meant; none means all.
    """
    found: dict[Path, tuple[str, ...]] = {}
    for name in names:
        if name.endswith(".pth"):
            for folder in _path_lines(site / name, site):
                found.setdefault(folder, ())
        elif name.startswith("__editable___") and name.endswith("_finder.py"):
            for package, place in _mapping(site / name).items():
                path = Path(place)
                folder = path.parents[package.count(".")] if path.parts[1:] else path
                found[folder] = (*found.get(folder, ()), package)
    return found


def _path_lines(file: Path, site: Path) -> Iterator[Path]:
    """Yield the folders outside of the site that a path file adds, by the rules of `site`."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        text = line.strip()
        if not text or text.startswith(("#", "import ", "import\t")):
            continue
        folder = Path(os.path.normpath(site / text))
        if folder.is_dir() and not folder.is_relative_to(site):
            yield folder


def _mapping(file: Path) -> dict[str, str]:
    """Return the table of a finder that setuptools wrote: package to folder or module file."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    for node in tree.body:
        # Older ones write the table without its type.
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is None or "MAPPING" not in {getattr(item, "id", "") for item in targets}:
            continue
        try:
            table = dict(ast.literal_eval(value))
        except (ValueError, TypeError):
            return {}
        return {str(name): str(place) for name, place in table.items()}
    return {}


def sources(folder: Path, meant: tuple[str, ...]) -> Iterator[Path]:
    """Yield the sources and extension modules below a folder.

    Args:
        folder: where the path file leads.
        meant: packages and modules in it; all that can be imported when empty.

    Raises:
        BadEnvironmentError: these are no project's sources, but a good part of a disk.
    """
    count = 0
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if _is_package(Path(place) / name))
        for name in sorted(files):
            path = Path(place) / name
            if path.suffix not in {".py", ".so"} or not path.is_file():
                continue
            if _is_meant(path.relative_to(folder), meant):
                count += 1
                if count > _MOST:
                    raise BadEnvironmentError(
                        f"a path file leads to more than {_MOST} sources", where=str(folder),
                        todo="let it lead to the folder that holds the packages alone",
                    )  # fmt: skip
                yield path


def _is_package(path: Path) -> bool:
    return (
        path.name.isidentifier()
        and path.name not in _LEFT_OUT
        and not (path / "pyvenv.cfg").exists()
    )


def _is_meant(path: Path, meant: tuple[str, ...]) -> bool:
    dotted = ".".join([*path.parts[:-1], path.name.partition(".")[0]])
    if not meant:
        return path.parts[0].partition(".")[0] not in _NO_MODULES
    return any(dotted == name or dotted.startswith(f"{name}.") for name in meant)
