"""Layout: every file and folder of the base is there under the same path."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.compare import added, changed, removed, tables
from elpython.contract.model import Difference, Findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_DATA = Path(__file__).parents[1] / "data" / "layout.toml"
_PROGRAMS = "(python|pydoc|idle|2to3-)"
# Where the compiler's debug information says the source was: told anew for every build.
_PREFIX_MAP = re.compile(r"-f(file|debug|macro)-prefix-map=\S+")
_SKIPPED = {"__pycache__", "site-packages", "dist-packages"}


def check(pair: Pair, run: Run) -> Findings:
    """Compare installed files, install schemes and configuration variables."""
    del run
    rules = tomllib.loads(_DATA.read_text("utf-8"))
    old, new = _files(pair.base), _files(pair.candidate)
    found = _compare_files(old, new, rules["el_only"])
    schemes = [_schemes(subject) for subject in pair.both()]
    found += tables(schemes[0], schemes[1], "install path", harmless=False)
    ignored = set(rules["config_vars"])
    variables = [_variables(subject) for subject in pair.both()]
    found += tables(variables[0], variables[1], "configuration variable", ignore=ignored)
    gaps = []
    if pair.base.include is None:
        gaps.append("the base's C headers are not installed: their folder was not compared")
    checked = len(old) + len(schemes[0]) + len(variables[0])
    return Findings(checked=checked, differences=tuple(found), gaps=tuple(gaps))


def _compare_files(
    old: dict[str, str], new: dict[str, str], el_only: list[str]
) -> list[Difference]:
    found = []
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            # One line for a folder that is gone, not one for each file in it.
            if os.path.dirname(path) not in old or os.path.dirname(path) in new:  # noqa: PTH120
                found.append(removed(path, f"{old[path]} is gone"))
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


def _files(subject: Subject) -> dict[str, str]:
    """Every installed path with its type, by area, so that both sides have the same names."""
    tag = subject.tag
    areas: dict[str, Path | None] = {"stdlib": subject.stdlib, "include": subject.include}
    found = {}
    for area, folder in areas.items():
        if folder is not None:
            for path in _walk(folder, ""):
                found[f"{area}/{path}"] = "folder" if (folder / path).is_dir() else "file"
    for area, folder, pattern in (
        (
            "bin",
            subject.python.parent,
            rf"{_PROGRAMS}{re.escape(tag)}(-config|-gdb\.py)?",
        ),
        ("lib", subject.library.parent, r"libpython3.*\.(so|a).*"),
        ("pkgconfig", _pkgconfig(subject), rf"python-{re.escape(tag)}.*\.pc"),
    ):
        if folder is None or not folder.is_dir():
            continue
        for name in sorted(path.name for path in folder.iterdir()):
            if re.fullmatch(pattern, name):
                found[f"{area}/{name}"] = "file"
    return found


def _pkgconfig(subject: Subject) -> Path | None:
    configured = subject.facts["config_vars"].get("LIBPC")
    beside = subject.prefix / "lib" / "pkgconfig"
    return beside if beside.is_dir() else Path(configured) if configured else None


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
    return {
        f"scheme.{scheme}.{name}": _generic(path, subject)
        for scheme, paths in subject.facts["schemes"].items()
        for name, path in paths.items()
    }


def _variables(subject: Subject) -> dict[str, str]:
    return {
        f"config.{name}": _generic(str(value), subject)
        for name, value in subject.facts["config_vars"].items()
    }


def _generic(text: str, subject: Subject) -> str:
    """Write a path of this installation so that the other side's reads the same."""
    built = subject.facts["config_vars"]
    places = [
        (str(built.get("abs_srcdir") or ""), "{source}"),
        (str(built.get("abs_builddir") or ""), "{build}"),
        (str(subject.prefix), "{prefix}"),
        (str(built.get("BINDIR") or "").removesuffix("/bin"), "{prefix}"),
    ]
    for place, name in sorted(places, key=lambda item: -len(item[0])):
        if len(place) > 1:
            text = re.sub(rf"(?<![\w/.-]){re.escape(place)}(?![\w.-])", name, text)
            for before in ("=", "L", "I", "./"):
                rooted = place.lstrip("/") if before == "./" else place
                text = text.replace(f"{before}{rooted}", f"{before}{name}")
    return " ".join(_PREFIX_MAP.sub("", text).split())
