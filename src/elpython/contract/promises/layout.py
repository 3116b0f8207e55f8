"""Layout: every file and folder of the base is there under the same path."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import added, changed, removed, tables
from elpython.contract.layout_contents import contents, generic, own
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.places import installer, manuals, pkgconfig, programs
from elpython.contract.subject import observe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_DATA = Path(__file__).parents[1] / "data" / "layout.toml"
_SKIPPED = {"__pycache__", "site-packages", "dist-packages"}
_TESTS = {"test", "tests", "idle_test"}


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Compare installed files, install schemes and configuration variables."""
    rules = tomllib.loads(_DATA.read_text("utf-8"))
    old, new = (observe(run, side, "files", partial(_files, side)) for side in pair.both())
    found = _compare_files(old, new, rules["el_only"])
    schemes = [_schemes(subject) for subject in pair.both()]
    found += tables(schemes[0], schemes[1], "install path", harmless=False)
    found += _named_files(pair)
    ignored = set(rules["config_vars"])
    variables = [_variables(subject) for subject in pair.both()]
    found += tables(variables[0], variables[1], "configuration variable", ignore=ignored)
    held = [observe(run, side, "contents", partial(contents, side)) for side in pair.both()]
    found += _held(held, rules, {item.key for item in found})
    found += _builtin(pair, new)
    gaps = []
    if not any(name.startswith("include/") for name in old):
        gaps.append("the base's C headers are not installed: their folder was not compared")
    checked = len(old) + len(schemes[0]) + len(variables[0])
    return PromiseFindings(checked=checked, differences=tuple(found), gaps=tuple(gaps))


def _named_files(pair: Pair) -> list[Difference]:
    """Compare the names that `sysconfig` gives for `pyconfig.h` and the Makefile."""
    old, new = (
        {f"file.{k}": own(v, side) for k, v in side.facts.get("files", {}).items()}
        for side in pair.both()
    )
    return tables(old, {name: new.get(name, "") for name in old}, "file name")


def _builtin(pair: Pair, files: dict[str, str]) -> list[Difference]:
    """Compare built-in modules: one that is an extension module now is still importable."""
    old, new = ({f"builtin.{n}": "" for n in s.facts["builtin_modules"]} for s in pair.both())
    return [
        replace(item, harmless=item.harmless or _is_there(item.key.partition(".")[2], files))
        for item in tables(old, new, "built-in module")
    ]


def _is_there(name: str, files: dict[str, str]) -> bool:
    return any(
        path == f"stdlib/{name}.py" or path.startswith(f"stdlib/lib-dynload/{name}.")
        for path in files
    )


def _held(held: list[dict[str, str]], rules: dict[str, Any], known: set[str]) -> list[Difference]:
    """Compare what the files hold; a Makefile's variable once, if `sysconfig` has it too."""
    ignored = {name.removeprefix("config.") for name in rules["config_vars"]}
    found = []
    for item in tables(held[0], held[1], "content"):
        area, _, name = item.key.partition(".")
        missing = not item.old or not item.new
        if area == "makefile" and (name in ignored or f"config.{name}" in known):
            continue
        of_file = area in {"link", "content"} and _inside(name, known)
        if (missing and (area == "mode" or of_file)) or (area == "mode" and item.new == "open"):
            continue  # The file, or the folder that it lies in, is gone or new; or may be read now.
        narrower = item.key.endswith("versions_wanted") and set(item.new.split()) <= set(
            item.old.split()
        )
        found.append(replace(item, harmless=item.harmless or narrower))
    return found


def _compare_files(
    old: dict[str, str], new: dict[str, str], el_only: list[str]
) -> list[Difference]:
    found = []
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            # One line for a folder that is gone, not one for each file in it.
            if os.path.dirname(path) not in old or os.path.dirname(path) in new:  # noqa: PTH120
                # Distributions ship the test suite apart: no program imports it.
                tests = not _TESTS.isdisjoint(path.split("/"))
                found.append(replace(removed(path, f"{old[path]} is gone"), harmless=tests))
        elif path not in old:
            if os.path.dirname(path) in new.keys() - old.keys():  # noqa: PTH120
                continue
            allowed = path.startswith(("stdlib/", "test/")) or _below(path, el_only)
            what = f"new {new[path]}" + ("" if allowed else " outside the standard library")
            found.append(added(path, what, harmless=allowed))
        elif old[path] != new[path]:
            found.append(changed(path, "is of another type", old[path], new[path]))
    return found


def _below(path: str, folders: list[str]) -> bool:
    return any(part in folders for part in path.split("/"))


def _inside(path: str, known: set[str]) -> bool:
    """Return whether a path, or a folder that it lies in, is known."""
    parts = path.split("/")
    return any("/".join(parts[:length]) in known for length in range(1, len(parts) + 1))


def _files(subject: Subject) -> dict[str, str]:
    """Every installed path with its type, by area, so that both sides have the same names."""
    areas: dict[str, Path | None] = {"stdlib": subject.stdlib, "include": subject.include}
    found = {}
    for area, folder in areas.items():
        if folder is not None:
            for path in _walk(folder, ""):
                found[f"{area}/{path}"] = "folder" if (folder / path).is_dir() else "file"
    for name in programs(subject.python, subject.tag):
        found[f"bin/{name}"] = "file"
    pip = installer(subject.python, subject.tag)
    if pip is not None:
        found[f"bin/{pip.name}"] = "file"
    for name in pkgconfig(subject.prefix, subject.tag):
        found[f"pkgconfig/{name}"] = "file"
    for name in manuals(subject.prefix, subject.tag):
        found[f"man/{name}"] = "file"
    for file in sorted(subject.library.parent.iterdir()):
        if re.fullmatch(r"libpython3.*\.(so|a).*", file.name):
            found[f"lib/{file.name}"] = "file"
    return found


def _walk(root: Path, below: str) -> Iterator[str]:
    with os.scandir(root / below) as entries:
        for entry in sorted(entries, key=lambda item: item.name):
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.name in {"site-packages", "dist-packages"}:
                yield path
            elif entry.name not in _SKIPPED and not entry.name.endswith((".pyc", ".orig")):
                yield path
                if entry.is_dir(follow_symlinks=False):
                    yield from _walk(root, path)


def _schemes(subject: Subject) -> dict[str, str]:
    places = {
        f"scheme.{scheme}.{name}": own(path, subject)
        for scheme, paths in subject.facts["schemes"].items()
        for name, path in paths.items()
    }
    return places | {f"scheme.{k}": v for k, v in subject.facts["default_schemes"].items()}


def _variables(subject: Subject) -> dict[str, str]:
    return {
        f"config.{name}": generic(str(value), subject)
        for name, value in subject.facts["config_vars"].items()
    }
