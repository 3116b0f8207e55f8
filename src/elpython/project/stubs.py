"""Type stubs of the standard library as EL Python has it: typeshed with the branches' features.

Typeshed puts what is new behind `if sys.version_info >= (3, 12)`. Where a branch has it earlier, a
further branch of the condition is added: `elif sys.version_info >= (3, 11)`. mypy takes the result
as `custom_typeshed_dir`, pyright as `typeshedPath`.
"""

from __future__ import annotations

import ast
import re
import shutil
import tempfile
import tomllib
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.store import disk_errors
from elpython.project.errors import BadRegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elpython.project.registry import Registry

__all__ = ["Overlay", "bundled_typeshed", "overlay", "stubs_wheel"]

Series = tuple[int, int]

# What EL Python has and no CPython: module -> where -> stub.
_OWN = {
    "sys": {
        "": "def set_min_python_version(version: tuple[int, int] | str, /) -> None: ...",
        "_implementation": "variant: str",
    }
}
# Functions that typeshed writes as objects with a method.
_CALLED = {"_RmtreeType.__call__": "rmtree"}
_MODULES = {"posixpath": "os.path", "builtins": ""}


@dataclass(frozen=True, kw_only=True, slots=True)
class Overlay:
    """What was written.

    Attributes:
        wheel: the distribution; empty where only a folder was asked for.
        features: the features that needed a change in the stubs.
        unchanged: those that typeshed has on every Python, or does not know.
        files: the stubs that differ from typeshed's.
    """

    wheel: Path | None = None
    features: tuple[str, ...]
    unchanged: tuple[str, ...]
    files: tuple[str, ...]


class _Stub:
    """Adds the branches' features to one stub."""

    def __init__(self, module: str, earliest: Mapping[str, Series]) -> None:
        self.module = module
        self.earliest = earliest
        self.found: set[str] = set()
        self.exports: dict[str, Series] = {}

    def body(self, body: Sequence[ast.stmt], place: str) -> list[ast.stmt]:
        """Return the statements of a module or class with the features added."""
        return [self._statement(node, place) for node in body]

    def _statement(self, node: ast.stmt, place: str) -> ast.stmt:
        if isinstance(node, ast.ClassDef):
            node.body = self.body(node.body, f"{place}.{node.name}".strip("."))
        elif isinstance(node, ast.If):
            node.body = self.body(node.body, place)
            node.orelse = self.body(node.orelse, place)
            return self._condition(node, place)
        return node

    def _condition(self, node: ast.If, place: str) -> ast.If:
        version = _version(node.test)
        if version is None:
            return node
        since, newer, older = version[0], node.body, node.orelse
        if version[1]:
            newer, older = older, newer
        brought = [
            (part, first) for part in newer for first in [self._first(part, place, since)] if first
        ]
        if not brought:
            return node
        names = {name for part, _ in brought for name in _defined(part)}
        earliest = min(first for _, first in brought)
        if not place:
            self.exports |= dict.fromkeys(names, earliest)
        # Every overload of a function comes along.
        parts = [part for part in newer if set(_defined(part)) & names]
        middle = ast.If(_at_least(earliest), [*parts, *_without(older, names)], older)
        return ast.If(_at_least(since), newer, [middle])

    def _first(self, node: ast.stmt, place: str, since: Series) -> Series | None:
        """Return the earliest branch that has what a statement defines; None where none has."""
        for name in _defined(node):
            for path in self._paths(f"{place}.{name}".strip(".")):
                words = _words(node)
                for feature in [path, *(f"{path}({word}=)" for word in words)]:
                    first = self.earliest.get(feature)
                    if first and first < since:
                        self.found.add(feature)
                        return first
        return None

    def _paths(self, name: str) -> list[str]:
        """Return how a feature may be called: by its module, or by the package around it."""
        name = re.sub(r"\.__(?:init|new)__$", "", name)
        name = _CALLED.get(name, name)
        module = _MODULES.get(self.module, self.module)
        packages = [module, module.rpartition(".")[0], module.lstrip("_")]
        return [f"{package}.{name}".strip(".") for package in dict.fromkeys(packages)]


def _version(test: ast.expr) -> tuple[Series, bool] | None:
    """Return the version of `sys.version_info >= (3, 12)`, and whether it is `<`."""
    if not isinstance(test, ast.Compare) or ast.unparse(test.left) != "sys.version_info":
        return None
    if not isinstance(test.ops[0], ast.GtE | ast.Lt):
        return None
    numbers = ast.literal_eval(test.comparators[0])
    return (numbers[0], numbers[1]), isinstance(test.ops[0], ast.Lt)


def _at_least(series: Series) -> ast.expr:
    return ast.parse(f"sys.version_info >= {series}", mode="eval").body


def _defined(node: ast.stmt) -> list[str]:
    """Return the names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [ast.unparse(target) for target in node.targets]
    if isinstance(node, ast.AnnAssign):
        return [ast.unparse(node.target)]
    if isinstance(node, ast.ImportFrom):
        return [item.asname or item.name for item in node.names]
    return []


def _words(node: ast.stmt) -> list[str]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    return [item.arg for item in (*node.args.args, *node.args.kwonlyargs)]


def _without(body: Iterable[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """Return statements without those that define some names."""
    kept: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.If):
            inner, other = _without(node.body, names), _without(node.orelse, names)
            if inner or other:
                kept.append(ast.If(node.test, inner or [ast.Pass()], other))
        elif not set(_defined(node)) & names:
            kept.append(node)
    return kept


def _earliest(registry: Registry) -> dict[str, Series]:
    """Return feature -> the earliest branch that provides it."""
    return {known.name: min(known.el) for known in registry.features.values() if known.el}


def overlay(typeshed: Path, folder: Path, registry: Registry) -> Overlay:
    """Write typeshed with the branches' features.

    Args:
        typeshed: a folder with `stdlib`, as type checkers bring it.
        folder: where the changed copy goes; made anew.
        registry: the branches' features.

    Raises:
        BadRegistryError: `typeshed` is none.
        DiskFullError: no space left.
    """
    if not (typeshed / "stdlib" / "VERSIONS").is_file():
        raise BadRegistryError(
            "this is no typeshed: it has no stdlib/VERSIONS",
            where=str(typeshed),
            todo="pip install mypy, or name the folder of another type checker's typeshed",
        )
    earliest = _earliest(registry)
    found: set[str] = set()
    changed: list[str] = []
    with disk_errors(folder):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(typeshed, folder, ignore=shutil.ignore_patterns("__pycache__"))
        stdlib = folder / "stdlib"
        for file in sorted(stdlib.rglob("*.pyi")):
            name = ".".join(file.relative_to(stdlib).with_suffix("").parts)
            text = file.read_text("utf-8")
            stub = _Stub(name.removesuffix(".__init__"), earliest)
            new = _changed(text, stub)
            if new is not None:
                file.write_text(new, "utf-8")
                changed.append(str(file.relative_to(folder)))
            found |= stub.found
        found |= _versions(stdlib / "VERSIONS", earliest)
    found |= {name for name in earliest if name.startswith("sys.") and name.rpartition(".")[2] in
              {"set_min_python_version", "variant"}}  # fmt: skip
    return Overlay(
        features=tuple(sorted(found)),
        unchanged=tuple(sorted(set(earliest) - found)),
        files=tuple(changed),
    )


def _changed(text: str, stub: _Stub) -> str | None:
    """Return the stub with the features added; None where nothing changes."""
    own = _OWN.get(stub.module, {})
    if "sys.version_info" not in text and not own:
        return None
    tree = ast.parse(text)
    tree.body = stub.body(tree.body, "")
    if "__all__" in text:
        for name, first in sorted(stub.exports.items()):
            line = f"if sys.version_info >= {first}:\n    __all__ += [{name!r}]"
            tree.body += ast.parse(line).body
    for place, line in own.items():
        added = ast.parse(line).body
        for node in [tree, *ast.walk(tree)] if not place else ast.walk(tree):
            if (node is tree and not place) or (
                isinstance(node, ast.ClassDef) and node.name == place
            ):
                node.body += added
                break
    if not stub.found and not own:
        return None
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _versions(file: Path, earliest: Mapping[str, Series]) -> set[str]:
    """Move modules that branches have to the branch's series in the file VERSIONS."""
    found = set()
    lines = []
    for line in file.read_text("utf-8").splitlines():
        match = re.match(r"(?P<name>[\w.]+): 3\.(?P<minor>\d+)-(?P<rest>.*)", line)
        first = earliest.get(match["name"]) if match else None
        if match and first and first < (3, int(match["minor"])):
            found.add(match["name"])
            line = f"{match['name']}: {first[0]}.{first[1]}-{match['rest']}"  # noqa: PLW2901
        lines.append(line)
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return found


def bundled_typeshed() -> Path:
    """Return the typeshed of the mypy that is installed beside this toolchain.

    Raises:
        BadRegistryError: there is none.
    """
    spec = find_spec("mypy")
    if spec is None or spec.origin is None:
        raise BadRegistryError(
            "typeshed comes with mypy, which is not installed",
            todo="pip install mypy, or name a folder with --typeshed",
        )
    return Path(spec.origin).parent / "typeshed"


def stubs_wheel(folder: Path, source: Path, typeshed: Path, registry: Registry) -> Overlay:
    """Write the wheel of `elpython-stubs`.

    Args:
        folder: where it goes.
        source: the checkout's `runtime/stubs`.
        typeshed: a folder with `stdlib`.
        registry: the branches' features.

    Raises:
        BadRegistryError: `source` or `typeshed` is not there.
        DiskFullError: no space left.
    """
    from elpython.project.pack import Packed, pack

    if not (source / "pyproject.toml").is_file():
        raise BadRegistryError(
            "the sources of elpython-stubs are not there",
            where=str(source),
            todo="run inside a checkout of EL Python",
        )
    project = tomllib.loads((source / "pyproject.toml").read_text("utf-8"))["project"]
    with tempfile.TemporaryDirectory(prefix="elpython-stubs-") as name, disk_errors(folder):
        work = Path(name)
        left_out = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(source / "src", work / "src", ignore=left_out)
        made = overlay(typeshed, work / "src" / "elpython_stubs" / "typeshed", registry)
        packed = Packed(
            name=project["name"],
            version=project["version"],
            summary=project["description"],
            license=project["license"],
            requires=project["requires-python"],
            description=(source / project["readme"]).read_text("utf-8"),
        )
        folder.mkdir(parents=True, exist_ok=True)
        return replace(made, wheel=pack(packed, work / "src", folder))
