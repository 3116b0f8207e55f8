"""`rebuild.toml`: what the user states about limits, prebuilt tools and single packages."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from elpython.core.toml import Reader, parse_toml, read_toml
from elpython.mass_rebuild.errors import BadOptionsError
from elpython.mass_rebuild.model import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["Options", "parse", "read"]

_TOP: dict[str, type] = {"prebuilt": list, "system": list, "macros": str}
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
        """Return what is stated for a package; empty when nothing is."""
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


def _taken(reader: Reader, shape: dict[str, type]) -> dict[str, Any]:
    """Take what stands in a table; numbers have to be greater than 0."""
    found = reader.values(shape)
    for key, value in found.items():
        if shape[key] in {int, float} and value <= 0:
            reader.problem(key, "must be greater than 0")
    reader.done(shape)
    return found


def parse(text: str, where: str = "rebuild.toml") -> Options:
    """Read the options.

    Raises:
        BadOptionsError: all problems, each with the path of its key.
    """
    problems: list[str] = []
    return _options(parse_toml(text, problems, name=where), problems, where)


def _options(table: dict[str, Any], problems: list[str], where: str) -> Options:
    reader = Reader(table, problems, file=where)
    data = reader.values(_TOP)
    limits = _taken(reader.table("limits"), _LIMITS)
    packages: dict[str, dict[str, Any]] = {}
    named = reader.table("package")
    for name in named.names():
        found = _taken(named.table(name), _PACKAGE)
        plain = canonicalize_name(name)
        if plain in packages:
            named.problem(name, "is stated twice, in different spellings")
        packages[plain] = found
    reader.done()
    if problems:
        count = len(problems)
        raise BadOptionsError(
            f"{count} problem{'s' if count > 1 else ''}", where=where, details=tuple(problems)
        )
    return Options(
        limits=Limits(**limits),
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
    if not path.exists():
        return Options()
    problems: list[str] = []
    found = _options(read_toml(path, problems), problems, str(path))
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
