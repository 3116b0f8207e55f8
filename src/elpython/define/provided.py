"""What one branch provides beyond its base: its features, out of its changes' own data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING:
    from elpython.core.version import CalVer
    from elpython.define.branch import Branch

__all__ = ["Provided", "features_table", "provided", "short_cpython", "short_release"]

_FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Provided:
    """A feature that a branch provides.

    Attributes:
        name: its import path, `itertools.batched`; a parameter as `zip(strict=)`, a command as
            `python -m uuid`.
        change: id of the change that brings it.
        title: the change's title.
        first_in: first CPython release that has it, `3.12.0a3`; empty for what CPython never had.
        since: the branch's first EL release that has it.
        provisional: whether upstream may still change it.
        peps: PEP numbers.
    """

    name: str
    change: str
    title: str
    first_in: str
    since: CalVer
    provisional: bool
    peps: tuple[str, ...] = ()


def provided(branch: Branch) -> tuple[Provided, ...]:
    """Give the features that a branch's changes provide, by name, each once.

    A change tells with `since` which EL release brought it; without it, the branch's first did. No
    feature is older than its branch: a core change may have come to other branches earlier.
    """
    found: dict[str, Provided] = {}
    for change in branch.series:
        since = max(change.since or branch.first, branch.first)
        for name in change.provides:
            item = Provided(
                name=name,
                change=change.id,
                title=change.title,
                first_in=change.first_in_of.get(name, change.first_in),
                since=since,
                provisional=change.provisional,
                peps=change.pep,
            )
            found.setdefault(name, item)
    return tuple(sorted(found.values(), key=lambda item: (item.name.casefold(), item.name)))


def short_release(release: CalVer) -> str:
    """Give an EL release as documentation names it: `27.01` for 27.01.0, `27.01.2`."""
    text = str(release)
    return text.removesuffix(".0") if release.micro == 0 else text


def short_cpython(release: str) -> str:
    """Give a CPython release as documentation names it: `3.12` for 3.12.0a3, `3.12.4`."""
    if not release:
        return ""
    version = Version(release)
    return f"{version.major}.{version.minor}" + (f".{version.micro}" if version.micro else "")


def features_table(branch: Branch) -> dict[str, object]:
    """Give the branch's features as an interpreter carries them: `_elpython/features.json`.

    The keys of a feature are `name`, `cpython` (empty when CPython has not got it), `since` (the
    full EL release, `27.01.0`), `provisional`, `change` and `title`.
    """
    return {
        "format": _FORMAT,
        "branch": branch.name,
        "base": branch.base,
        "features": [
            {
                "name": item.name,
                "cpython": short_cpython(item.first_in),
                "since": str(item.since),
                "provisional": item.provisional,
                "change": item.change,
                "title": item.title,
            }
            for item in provided(branch)
        ],
    }
