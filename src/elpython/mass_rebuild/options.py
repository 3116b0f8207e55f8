"""`rebuild.toml`: what the user states about limits, prebuilt tools and single packages."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from elpython.mass_rebuild.errors import BadOptionsError
from elpython.mass_rebuild.model import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Options", "parse", "read"]

_TOP: dict[str, type] = {
    "limits": dict, "prebuilt": list, "system": list, "package": dict, "macros": str,
}  # fmt: skip
_LIMITS: dict[str, type] = {"seconds": float, "memory_mb": int, "disk_mb": int, "processes": int}
_PACKAGE: dict[str, type] = {
    "requires": list,
    "metadata": list,
    "patches": list,
    "drop": list,
    "bootstrap": bool,
    "prebuilt": bool,
    "exclusive": bool,
    "network": bool,
    "seconds": float,
    "memory_mb": int,
    "env": dict,
    "settings": dict,
    "readable": list,
    "imports": list,
    "test": list,
    "with": list,
    "without": list,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What `rebuild.toml` says.

    Attributes:
        limits: for every build.
        prebuilt: names whose published wheel is taken instead of a build.
        system: capabilities that the machine itself gives to RPM builds.
        package: what is stated for one package, under its normalised name.
        macros: path of an RPM macro file, relative to the options file.
    """

    limits: Limits = field(default_factory=Limits)
    prebuilt: frozenset[str] = frozenset()
    system: tuple[str, ...] = ()
    package: dict[str, dict[str, Any]] = field(default_factory=dict)
    macros: str = ""

    def of(self, name: str) -> dict[str, Any]:
        """Give what is stated for a package; empty when nothing is."""
        return self.package.get(name, {})

    def to_plain(self) -> dict[str, object]:
        """Return all of it as data for JSON."""
        return {
            "limits": asdict(self.limits),
            "prebuilt": sorted(self.prebuilt),
            "system": list(self.system),
            "package": self.package,
            "macros": self.macros,
        }

    def with_prebuilt(self, names: Iterable[str]) -> Options:
        """Return these options with more names whose published wheel is taken."""
        more = {canonicalize_name(name.strip()) for name in names}
        return replace(self, prebuilt=self.prebuilt | more)


def _check(table: dict[str, Any], known: dict[str, type], where: str) -> list[str]:
    problems = []
    for key, value in table.items():
        wanted = known.get(key)
        place = f"{where}{key}"
        if wanted is None:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            problems.append(f"{place}: no such key{hint}")
            continue
        accepted: tuple[type, ...] = (int, float) if wanted is float else (wanted,)
        if not isinstance(value, accepted) or (isinstance(value, bool) and wanted is not bool):
            problems.append(f"{place}: {wanted.__name__} wanted, {type(value).__name__} found")
        elif isinstance(value, list) and not all(isinstance(item, str) for item in value):
            problems.append(f"{place}: a list of strings is wanted")
        elif isinstance(value, (int, float)) and wanted is not bool and value <= 0:
            problems.append(f"{place}: more than 0 is wanted")
    return problems


def parse(text: str, where: str = "rebuild.toml") -> Options:
    """Read the options.

    Raises:
        BadOptionsError: all problems, each with the path of its key.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadOptionsError(f"invalid TOML: {error}", where=where) from error
    problems = _check(data, _TOP, "")
    if isinstance(data.get("limits"), dict):
        problems += _check(data["limits"], _LIMITS, "limits.")
    packages: dict[str, dict[str, Any]] = {}
    for name, table in (data.get("package") or {}).items():
        if not isinstance(table, dict):
            problems.append(f"package.{name}: a table is wanted")
            continue
        problems += _check(table, _PACKAGE, f"package.{name}.")
        plain = canonicalize_name(name)
        if plain in packages:
            problems.append(f"package.{name}: stated twice in different spellings")
        packages[plain] = table
    if problems:
        raise BadOptionsError(
            f"{len(problems)} problems",
            where=where,
            details=tuple(f"  {item}" for item in problems),
        )
    return Options(
        limits=Limits(**data.get("limits", {})),
        prebuilt=frozenset(canonicalize_name(item) for item in data.get("prebuilt", [])),
        system=tuple(data.get("system", [])),
        package=packages,
        macros=str(data.get("macros", "")),
    )


def read(path: Path) -> Options:
    """Read the options file; a file that is not there gives the defaults.

    Raises:
        BadOptionsError: all problems, each with the path of its key.
    """
    if not path.is_file():
        return Options()
    found = parse(path.read_text("utf-8"), str(path))
    return replace(
        found,
        package={name: _with_patches(table, path) for name, table in found.package.items()},
    )


def _with_patches(table: dict[str, Any], path: Path) -> dict[str, Any]:
    """Put the patches' texts in the place of their paths, so that they travel with the plan."""
    if "patches" not in table:
        return table
    texts = []
    for name in table["patches"]:
        try:
            texts.append((path.parent / name).read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise BadOptionsError(
                f"the patch {name} cannot be read: {error}", where=str(path)
            ) from error
    return table | {"patches": texts}
