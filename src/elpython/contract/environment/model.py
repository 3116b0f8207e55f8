"""The words of an environment's check: needs, who is reached, what was tried."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from elpython.core.errors import ElpythonError
from elpython.core.strict_json import strict_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elpython.contract.model import Difference

__all__ = ["FORMAT", "INDEX", "BadEnvironmentError", "BadNeedsError", "Decision", "Needs",
           "Package", "Trial", "is_private", "read_all_needs", "read_needs"]  # fmt: skip

FORMAT = 1
# A folder of needs has one file a package, and this one, which says when and what was asked.
INDEX = "index.json"


class BadEnvironmentError(ElpythonError):
    """A place that is no environment: no virtual environment, folder of packages, or wheels."""

    exit_code = 48


class NothingShownError(ElpythonError):
    """Packages of which nothing works on the base either: nothing shows that they keep working."""

    exit_code = 41


class BadNeedsError(ElpythonError):
    """A file of needs that cannot be read."""

    exit_code = 49


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """What one installed distribution needs of Python; names and counts, no code.

    Attributes:
        name, version: of the distribution.
        modules: how many sources were read; extension modules apart.
        extensions: how many extension modules it has.
        limited: whether all of them use the stable ABI alone.
        symbols: C symbols of Python that its extension modules import.
        names: dotted names of the standard library, with how often they are used.
        keywords: dotted name to the keyword arguments that calls of it pass.
        subclasses: dotted class to the methods that subclasses of it define.
        patches: dotted names that it assigns to.
        attributes: names of attributes that it reads of objects whose type is not known.
        config: `sysconfig` variables that it asks for.
        scripts: console scripts.
        path_files: its `.pth` files.
        unread: files that are no Python of this series, with the reason.
    """

    name: str
    version: str
    modules: int = 0
    extensions: int = 0
    limited: bool = False
    symbols: tuple[str, ...] = ()
    names: Mapping[str, int] = field(default_factory=dict)
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    subclasses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    patches: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    config: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    path_files: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def private(self) -> tuple[str, ...]:
        """The private names among `names`."""
        return tuple(n for n in self.names if any(is_private(part) for part in n.split(".")))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Package:
        """Read what `asdict` gave.

        Raises:
            TypeError: a key that there is not.
        """
        made: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        for key in ("keywords", "subclasses"):
            made[key] = {name: tuple(items) for name, items in made.get(key, {}).items()}
        return cls(**made)


def is_private(part: str) -> bool:
    """Whether a part of a name is private: one underscore in front, or two without two behind."""
    return part.startswith("_") and not (part.startswith("__") and part.endswith("__"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """What an environment needs of Python.

    Attributes:
        place: where it was read from.
        packages: sorted by name.
    """

    place: str
    packages: tuple[Package, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON data (docs/reference/schemas/contract-needs.schema.json)."""
        return {
            "format": FORMAT,
            "place": self.place,
            "packages": [asdict(p) for p in self.packages],
        }


def read_needs(path: Path) -> Needs:
    """Read a file that `--write-needs` wrote.

    Raises:
        BadNeedsError: it cannot be read or has another form.
    """
    try:
        data = strict_json(path.read_bytes())
        if data.get("format") != FORMAT:
            raise BadNeedsError(f"these are no needs of format {FORMAT}", where=str(path))
        packages = tuple(Package.from_json(item) for item in data["packages"])
        return Needs(place=str(data["place"]), packages=packages)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        todo = "write it with elpython contract check --environment ... --write-needs FILE"
        raise BadNeedsError(f"cannot be read: {error}", where=str(path), todo=todo) from error


def read_all_needs(place: Path) -> list[Needs]:
    """Read a file of needs, or every one of a folder.

    Raises:
        BadNeedsError: a file cannot be read, or the folder holds none.
    """
    if not place.is_dir():
        return [read_needs(place)]
    found = [read_needs(path) for path in sorted(place.glob("*.json")) if path.name != INDEX]
    if not found:
        raise BadNeedsError(
            "holds no needs", where=str(place), todo="elpython contract gather writes them"
        )
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """One difference, and whom of the environment it reaches.

    Attributes:
        promise: the promise that told it.
        difference: the difference.
        users: packages that use exactly what differs.
        possible: packages that may: they use an attribute of that name, or have extension modules
            that could hold a struct.
        state: broken, declared or listed.
    """

    promise: str
    difference: Difference
    state: str = "broken"
    users: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One thing that was tried on both sides.

    Attributes:
        package: whose it is; empty for a named command.
        what: `import NAME`, `SCRIPT --help`, or the command.
        base, candidate: what came of it, one text each.
        state: `same`, `broken`, `fixed` (only the base fails), `differs` (both say something else),
            or `fails` (both fail alike).
        worked: whether it worked on both sides: only that shows that it keeps working.
    """

    package: str
    what: str
    base: str
    candidate: str
    state: str
    worked: bool = True
