"""What is available where, since when: the features of all branches as one registry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import Version

from elpython.core.errors import UnknownNameError
from elpython.core.suggest import hint
from elpython.define.released import is_released

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from elpython.core.version import CalVer
    from elpython.define.branch import Branch

__all__ = [
    "Availability",
    "Feature",
    "Provided",
    "documentation",
    "features_table",
    "find",
    "markdown",
    "provided",
    "registry",
    "short_cpython",
    "short_release",
]

_FORMAT = 1
BASE, PROVIDED, ABSENT = "base", "provided", "absent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Provided:
    """A feature that a branch provides.

    Attributes:
        name: its import path, `itertools.batched`; a parameter as `zip(strict=)`, a command as
            `python -m uuid`, syntax as `match statement`.
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
    """Return the features that a branch's changes provide, by name, each once.

    A change tells with `since` which EL release brought it; without it, the branch's first did. No
    feature is older than its branch: a core change may have come to other branches earlier.
    """
    found: dict[str, Provided] = {}
    for change in branch.series:
        since = max(change.since or branch.first, branch.first)
        for name in change.provides:
            first_in = change.first_in_of.get(name, change.first_in)
            item = Provided(
                name=name,
                change=change.id,
                title=change.title,
                first_in=first_in,
                since=since,
                provisional=change.provisional and not is_released(first_in),
                peps=change.pep,
            )
            found.setdefault(name, item)
    return tuple(sorted(found.values(), key=lambda item: (item.name.casefold(), item.name)))


def short_release(release: CalVer) -> str:
    """Return an EL release as documentation names it: `27.01` for 27.01.0, `27.01.2`."""
    text = str(release)
    return text.removesuffix(".0") if release.micro == 0 else text


def short_cpython(release: str) -> str:
    """Return a CPython release as documentation names it: `3.12` for 3.12.0a3, `3.12.4`."""
    if not release:
        return ""
    version = Version(release)
    return f"{version.major}.{version.minor}" + (f".{version.micro}" if version.micro else "")


def features_table(branch: Branch) -> dict[str, object]:
    """Return the branch's features as an interpreter carries them: `_elpython/features.json`.

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Availability:
    """Whether one branch has a feature.

    Attributes:
        branch: `3.11`.
        state: `base` (the upstream release has it), `provided` (a change brings it) or `absent`.
        since: first EL release that has it, `27.01.0`; empty unless provided.
        change: id of the change; empty unless provided.
        provisional: whether upstream may still change it.
    """

    branch: str
    state: str
    since: str = ""
    change: str = ""
    provisional: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """A feature and where it is.

    Attributes:
        name: its import path.
        title: what it is, one line.
        cpython: first CPython that has it, `3.12`; empty when CPython has not got it.
        peps: PEP numbers.
        branches: every branch's answer, oldest branch first.
        documentation: the line for documentation.
    """

    name: str
    title: str
    cpython: str
    peps: tuple[str, ...]
    branches: tuple[Availability, ...]
    documentation: str

    def on(self, branch: str) -> Availability:
        """Return a branch's answer."""
        return next(item for item in self.branches if item.branch == branch)


def _available(branch: Branch, first_in: str, item: Provided | None) -> Availability:
    if item is not None:
        return Availability(
            branch=branch.name,
            state=PROVIDED,
            since=str(item.since),
            change=item.change,
            provisional=item.provisional,
        )
    in_base = bool(first_in) and Version(first_in) <= Version(branch.base)
    return Availability(branch=branch.name, state=BASE if in_base else ABSENT)


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def documentation(cpython: str, releases: Iterable[tuple[str, str, bool]]) -> str:
    """Return a documentation line: `New in 3.11; EL Python 3.9 since 27.01`.

    Args:
        cpython: the first CPython, `3.11`; empty when there is none.
        releases: branch, short EL release and whether it is provisional there.
    """
    groups: dict[tuple[str, bool], list[str]] = {}
    for branch, since, provisional in releases:
        groups.setdefault((since, provisional), []).append(branch)
    parts = [f"New in {cpython}"] if cpython else []
    parts += [
        f"EL Python {_and(names)} since {since}" + (" (provisional)" if provisional else "")
        for (since, provisional), names in groups.items()
    ]
    return "; ".join(parts if cpython else [*parts, "not in CPython"])


def registry(branches: Sequence[Branch]) -> tuple[Feature, ...]:
    """Join the features of all branches, by name.

    Args:
        branches: oldest first.
    """
    by_branch = {branch.name: {item.name: item for item in provided(branch)} for branch in branches}
    names = {name for items in by_branch.values() for name in items}
    found = []
    for name in sorted(names, key=lambda name: (name.casefold(), name)):
        items = [items[name] for items in by_branch.values() if name in items]
        releases = [item.first_in for item in items if item.first_in]
        first_in = min(releases, key=Version, default="")
        cpython = short_cpython(first_in)
        told = [
            (branch.name, short_release(item.since), item.provisional)
            for branch in branches
            if (item := by_branch[branch.name].get(name)) is not None
        ]
        found.append(
            Feature(
                name=name,
                title=items[0].title,
                cpython=cpython,
                peps=tuple(dict.fromkeys(pep for item in items for pep in item.peps)),
                branches=tuple(
                    _available(branch, first_in, by_branch[branch.name].get(name))
                    for branch in branches
                ),
                documentation=documentation(cpython, told),
            )
        )
    return tuple(found)


def find(features: Sequence[Feature], name: str) -> tuple[Feature, ...]:
    """Return the feature of that name, and what lies below it (`tomllib` gives `tomllib.loads`).

    Raises:
        UnknownNameError: no branch provides it; with a near-miss hint.
    """
    found = tuple(
        item
        for item in features
        if item.name == name or item.name.startswith((f"{name}.", f"{name}("))
    )
    if not found:
        near = hint(name, [item.name for item in features])
        raise UnknownNameError(
            f"no branch provides {name!r}",
            todo=near if near.startswith("did you mean") else "elpython project features lists all",
        )
    return found


def cell(available: Availability) -> str:
    """Return a branch's answer in one word or two, for tables."""
    if available.state != PROVIDED:
        return "base" if available.state == BASE else "-"
    return available.since.removesuffix(".0") + (" provisional" if available.provisional else "")


def markdown(features: Sequence[Feature], names: Sequence[str]) -> str:
    """Return the registry as a Markdown table, a column a branch."""
    lines = [
        f"| feature | CPython | {' | '.join(f'EL {name}' for name in names)} | documentation |",
        "| --- | --- | " + " | ".join("---" for _ in names) + " | --- |",
    ]
    lines += [
        f"| `{item.name}` | {item.cpython or 'none'} | "
        + " | ".join(cell(item.on(name)) for name in names)
        + f" | {item.documentation} |"
        for item in features
    ]
    return "\n".join(lines) + "\n"
