"""Look at the packages of a converted spec file: what is wrong with them, in words."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.stacks.rpmtool import package_facts

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Pair", "judge"]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The two stacks of a build.

    Attributes:
        default, other: their versions.
        folder: where their environments are.
        interpreter: the other stack's, as its hashbangs name it.
    """

    default: str
    other: str
    folder: Path
    interpreter: str


def files_of(package: Path) -> set[str]:
    """Return the paths of a package."""
    return {name for name in package_facts(package).files if "/.build-id" not in name}


def plain(pair: Pair, name: str) -> str:
    """Put a path of the default stack's package as the unconverted one has it."""
    return re.sub(rf"/(python){pair.default.replace('.', '')}-", r"/\g<1>3-", name)


def judge(pair: Pair, before: list[Path], after: list[Path]) -> list[str]:
    """Return everything that is wrong with converted packages."""
    new = f"python{pair.other.replace('.', '')}"
    facts = {path: package_facts(path) for path in after}
    other = [
        p for p in after if facts[p].name.startswith(f"{new}-") or facts[p].name.endswith(f"-{new}")
    ]
    default = [path for path in after if path not in other]
    wrong = [] if other else ["no package for the other stack"]
    seen: dict[str, str] = {}
    root = pair.folder / "root"
    for path in after:
        root.mkdir(exist_ok=True)
        subprocess.run(["rpm2archive", "-n", path], capture_output=True, check=False)
        with tarfile.open(path.with_name(path.name + ".tar")) as bundle:
            bundle.extractall(root, filter="fully_trusted")  # noqa: S202 - built here
        for name in files_of(path):
            if name in seen and not (root / name.lstrip("/")).is_dir():
                wrong.append(f"in two packages: {name}")
            seen[name] = facts[path].name
    own = {plain(pair, name) for path in default for name in files_of(path)}
    was = {plain(pair, name) for path in before for name in files_of(path)}
    wrong += [f"gone from the default: {name}" for name in sorted(was - own)[:3]]
    wrong += [f"new in the default: {name}" for name in sorted(own - was)[:3]]
    for paths, foreign in ((default, pair.other), (other, pair.default)):
        dotted, nodots = re.escape(foreign), foreign.replace(".", "")
        mark = re.compile(rf"python{dotted}\b|cpython-{nodots}\b|/bin/\S*-{dotted}$")
        needs = re.compile(rf"python{nodots}-|python{dotted}dist|python\(abi\) = {dotted}")
        for path in paths:
            wrong += [
                f"of the other stack: {name}" for name in files_of(path) if mark.search(name)
            ][:3]
            wrong += [f"requires {text}" for text in facts[path].requires if needs.match(text)]
    wrong += hashbangs(pair, root, [name for path in other for name in files_of(path)])
    wrong += imports(pair, root, was)
    return wrong


def hashbangs(pair: Pair, root: Path, names: list[str]) -> list[str]:
    """Return files of the other stack that run another Python, and programs without a version."""
    own = pair.interpreter
    wrong = []
    for name in names:
        path = root / name.lstrip("/")
        if "/bin/" in name and not re.search(
            rf"(?:{re.escape(pair.other)}|{pair.other.replace('.', '')})$", name
        ):
            wrong.append(f"program without its version: {name}")
        if (
            path.is_symlink()
            and "/bin/" in name
            and not os.path.lexists(path.parent / path.readlink().name)
        ):
            wrong.append(f"link to nothing: {name}")
        if not path.is_file() or path.is_symlink():
            continue
        first = path.open("rb").readline(300).decode("utf-8", "replace").strip()
        if first.startswith("#!") and "python" in first and own not in first:
            generic = re.fullmatch(r"#!\s*(?:/usr/bin/env |/usr/bin/)python3?(?: .*)?", first)
            if not generic or "/bin/" in name:
                wrong.append(f"{name} runs {first[2:]}")
    return wrong


def imports(pair: Pair, root: Path, was: set[str]) -> list[str]:
    """Return the modules that the default stack imports and the other one doesn't."""
    tops = {
        re.split(r"[/.]", name.split("/site-packages/")[1])[0]
        for name in was
        if "/site-packages/" in name and not re.search(r"-info|__pycache__|\.pth", name)
    }
    wrong = []
    for name in sorted(item for item in tops if item.isidentifier()):
        good = {}
        for version in (pair.default, pair.other):
            places = [
                str(root / f"usr/{lib}/python{version}/site-packages") for lib in ("lib", "lib64")
            ]
            env = {
                "PYTHONPATH": ":".join(places),
                "PATH": "/usr/bin:/bin",
                "HOME": str(pair.folder),
            }
            done = subprocess.run(
                [pair.folder / f"env{version}/bin/python", "-c", f"import {name}"],
                env=env, cwd=root, capture_output=True, check=False, timeout=120,
            )  # fmt: skip
            good[version] = done.returncode == 0
        if good[pair.default] and not good[pair.other]:
            wrong.append(f"does not import on {pair.other}: {name}")
    return wrong
