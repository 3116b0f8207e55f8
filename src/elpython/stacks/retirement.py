"""What the end of a stack takes: lists of its packages, and a package that removes them.

Made from built packages. Everything is written as files that other tools read: one name a line for
composes and dist-git, a spec file whose package obsoletes the stack's, and what still needs it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.store import write_atomic
from elpython.stacks.needed import own_package, stack_needs
from elpython.stacks.rpmtool import package_facts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.stacks.rpmtool import Built
    from elpython.stacks.state import Stack

__all__ = ["Needing", "Retirement", "survey", "write"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Needing:
    """A package of no stack that needs the stack's.

    Attributes:
        name: the package.
        needs: the requirements and files by which it does.
        dependents: packages that can't be installed without it.
    """

    name: str
    needs: tuple[str, ...]
    dependents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Retirement:
    """What belongs to a stack.

    Attributes:
        packages: its binary packages with their versions.
        repositories: source packages all of whose packages belong to it: their dist-git
            repositories are retired.
        shared: source packages that have packages of other stacks too: they are only rebuilt.
        needing: what still needs it.
        looked_at: how many packages were read.
    """

    packages: tuple[tuple[str, str], ...]
    repositories: tuple[str, ...]
    shared: tuple[str, ...]
    needing: tuple[Needing, ...]
    looked_at: int


def survey(folder: Path, stack: Stack) -> Retirement:
    """Read every built package below a folder.

    Raises:
        BadSpecError: one of them can't be read.
    """
    found = [
        package_facts(path)
        for path in sorted(folder.rglob("*.rpm"))
        if not path.name.endswith(".src.rpm")
    ]
    own = [item for item in found if own_package(item.name, stack)]
    others = [item for item in found if not own_package(item.name, stack)]
    sources, beside = {item.source for item in own}, {item.source for item in others}
    return Retirement(
        packages=tuple(sorted({(item.name, item.evr) for item in own})),
        repositories=tuple(sorted(sources - beside)),
        shared=tuple(sorted(sources & beside)),
        needing=tuple(
            Needing(name=item.name, needs=needs, dependents=_dependents(item, others))
            for item in sorted(others, key=lambda item: item.name)
            if (needs := stack_needs(item, stack))
        ),
        looked_at=len(found),
    )


def _dependents(item: Built, packages: Sequence[Built]) -> tuple[str, ...]:
    """Return the packages that need a package, directly or through others."""
    found: set[str] = set()
    todo = [item]
    while todo:
        gives = set(todo[0].provides) | {todo.pop(0).name}
        for other in packages:
            needs = {re.split(r"\s", text, maxsplit=1)[0] for text in other.requires}
            if other.name not in found and other.name != item.name and needs & gives:
                found.add(other.name)
                todo.append(other)
    return tuple(sorted(found))


def _obsoletes(made: Retirement) -> list[str]:
    return [f"Obsoletes: {name} <= {evr}" for name, evr in made.packages]


def _spec(made: Retirement, stack: Stack, day: dt.date) -> str:
    name = f"python{stack.pkgversion}-obsoletes"
    return "\n".join(
        [
            f"Name: {name}",
            f"Version: {day:%Y%m%d}",
            "Release: 1%{?dist}",
            f"Summary: Removes the packages of the retired Python {stack.version} stack",
            "License: MIT",
            "BuildArch: noarch",
            *_obsoletes(made),
            "",
            "%description",
            f"The Python {stack.version} stack is retired since {day}. This package has no files;",
            "installing it removes what is left of the stack.",
            "",
            "%files",
            "",
        ]
    )


def write(made: Retirement, stack: Stack, day: dt.date, folder: Path) -> tuple[Path, ...]:
    """Write the files of a retirement and return their paths."""
    needing = [
        f"{item.name}: {', '.join(item.needs)}"
        + (f"; needed by {', '.join(item.dependents)}" if item.dependents else "")
        for item in made.needing
    ]
    texts = {
        "packages.txt": "\n".join(name for name, _ in made.packages),
        "repositories.txt": "\n".join(made.repositories),
        "rebuild.txt": "\n".join(made.shared),
        "compose-remove.txt": "\n".join(f"-{name}" for name, _ in made.packages),
        "obsoletes.inc": "\n".join(_obsoletes(made)),
        "still-needed.txt": "\n".join(needing),
        f"python{stack.pkgversion}-obsoletes.spec": _spec(made, stack, day),
    }
    paths = []
    for name, text in texts.items():
        write_atomic(folder / name, (text.rstrip("\n") + "\n" if text else "").encode())
        paths.append(folder / name)
    return tuple(paths)
