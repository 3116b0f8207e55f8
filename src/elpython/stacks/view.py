"""What a prefix shows of its stacks: who owns which name, checked file by file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.strict_json import load_json
from elpython.stacks.errors import CollisionError, PrefixError
from elpython.stacks.spec.rules.entry_points import versioned_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Laid", "View", "claims", "read_view"]

# Parts of a virtual environment that belong to it alone.
_OWN = ("activate", "Activate", "python", "deactivate")


@dataclass(frozen=True, kw_only=True, slots=True)
class Laid:
    """One stack in a prefix.

    Attributes:
        version: `3.11`.
        python: the interpreter that it was made from.
        home: its folder, relative to the prefix.
        packages: what was asked to be installed, as requirements.
        programs: the distribution that brought each program.
    """

    version: str
    python: str
    home: str
    packages: tuple[str, ...]
    programs: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One generation of a prefix.

    Attributes:
        number: counted from 1.
        parent: the generation before; 0 for the first.
        default: the version that owns the names without one.
        laid: its stacks by version.
        links: each shown path, relative to the generation, with what it leads to, relative to the
            prefix.
    """

    number: int
    parent: int
    default: str
    laid: Mapping[str, Laid]
    links: Mapping[str, str]

    @property
    def stacks(self) -> tuple[str, ...]:
        """The versions, lowest first."""
        return tuple(sorted(self.laid, key=lambda text: int(text.split(".")[1])))

    def programs(self, version: str) -> tuple[str, ...]:
        """Return the names under which a stack's programs are shown."""
        home = self.laid[version].home + "/bin/"
        shown = (name for name, target in self.links.items() if target.startswith(home))
        return tuple(sorted(name.removeprefix("bin/") for name in shown))

    def program_owners(self, version: str) -> Mapping[str, str]:
        """Return each program of a stack with its distribution."""
        return self.laid[version].programs

    def answer(self) -> dict[str, object]:
        """Return the view for programs."""
        return {
            "generation": self.number,
            "parent": self.parent,
            "default": self.default,
            "stacks": [
                {
                    "version": version,
                    "python": self.laid[version].python,
                    "home": self.laid[version].home,
                    "packages": list(self.laid[version].packages),
                    "programs": list(self.programs(version)),
                }
                for version in self.stacks
            ],
        }

    def dump(self) -> str:
        """Return the view's file."""
        laid = {
            version: {
                "python": item.python,
                "home": item.home,
                "packages": list(item.packages),
                "programs": dict(item.programs),
            }
            for version, item in self.laid.items()
        }
        data = {
            "number": self.number,
            "parent": self.parent,
            "default": self.default,
            "laid": laid,
            "links": dict(self.links),
        }
        return json.dumps(data, indent=1, sort_keys=True) + "\n"


def read_view(path: Path) -> View:
    """Read a view's file.

    Raises:
        PrefixError: it is damaged.
    """
    try:
        data = load_json(path.read_text("utf-8"))
        laid = {
            version: Laid(
                version=version,
                python=item["python"],
                home=item["home"],
                packages=tuple(item["packages"]),
                programs=item["programs"],
            )
            for version, item in data.pop("laid").items()
        }
        return View(laid=laid, **data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PrefixError(
            f"is damaged: {error}", str(path), "elpython stack install PREFIX --roll-back"
        ) from error


def _names(program: str, version: str, known: set[str], *, default: bool) -> list[str]:
    if program == f"python{version}":
        return [program, *(["python3"] if default else [])]
    if program.startswith(_OWN) or program.endswith((".bat", ".ps1", ".fish", ".csh")):
        return []
    versioned = versioned_name(program, version, known)
    return sorted({*([versioned] if versioned else []), *([program] if default else [])})


def claims(prefix: Path, laid: Mapping[str, Laid], default: str) -> dict[str, str]:
    """Return every path that the stacks show, each with the one file it leads to.

    Every stack shows its programs with its version; the default one shows them without as well,
    and its manual pages and other shared files.

    Raises:
        CollisionError: two stacks claim the same path; every such path is listed.
    """
    owners: dict[str, str] = {}
    links: dict[str, str] = {}
    problems: list[str] = []

    def claim(path: str, target: str, version: str) -> None:
        if path in owners and owners[path] != version:
            problems.append(f"{path}: Python {owners[path]} and Python {version}")
        owners[path] = version
        links[path] = target

    for version, stack in sorted(laid.items()):
        home = prefix / stack.home
        programs = sorted(path.name for path in (home / "bin").iterdir())
        for program in programs:
            for name in _names(program, version, set(programs), default=version == default):
                claim(f"bin/{name}", f"{stack.home}/bin/{program}", version)
        if version == default:
            for path in sorted((home / "share").rglob("*")):
                if path.is_file():
                    shown = path.relative_to(home).as_posix()
                    claim(shown, f"{stack.home}/{shown}", version)
    if problems:
        raise CollisionError(
            f"two stacks claim the same file, {len(problems)} times",
            str(prefix),
            "leave one of the packages out, or install it for one stack only",
            details=tuple(problems),
        )
    return links
