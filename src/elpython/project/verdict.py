"""What a project's uses come to: lowest Pythons, what forces them, and what to write down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.project.guards import NOTHING, shown
from elpython.project.project import is_development
from elpython.project.requirement import line_for
from elpython.project.rules import OLDEST, micro_releases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.core.version import CalVer
    from elpython.project.project import Project
    from elpython.project.registry import Branch, Registry, Series
    from elpython.project.scanned import Scanned

__all__ = ["FAILING", "Advice", "Forced", "Needs", "OnBranch", "judge"]

KEPT, LIE, STRICT, NONE, UNKNOWN = "true", "lie", "stricter", "missing", "unknown"
FAILING = frozenset({LIE, UNKNOWN})


@dataclass(frozen=True, kw_only=True, slots=True)
class Forced:
    """A use that forces something, with the place where it stands first.

    Attributes:
        name: what is used.
        cpython: first CPython that has it; empty when none has.
        file, line: where.
        places: how many places use it.
        micro: the first release of each series that got it in a security fix: `3.11.4`.
    """

    name: str
    cpython: str
    file: str
    line: int
    places: int
    micro: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OnBranch:
    """Whether an EL branch is enough.

    Attributes:
        branch: `3.11`.
        enough: whether it offers everything.
        release: the EL release that is needed, `27.01.0`; the branch's first where its base is
            enough; empty where the branch is not.
        base_enough: whether the CPython that the branch starts from is enough too.
        because: what the EL release brings, or what is missing.
    """

    branch: str
    enough: bool
    release: str
    base_enough: bool
    because: tuple[Forced, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Advice:
    """What to write into the metadata.

    Attributes:
        requires_python: for `requires-python`.
        classifiers: in full.
        dependencies: lines for `dependencies`.
        without_el: `requires-python` for who does without EL Python.
    """

    requires_python: str
    classifiers: tuple[str, ...]
    dependencies: tuple[str, ...]
    without_el: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """What a project needs.

    Attributes:
        cpython: the lowest CPython on which everything is there; empty when there is none.
        development: the same for tests, documents and tools; empty when they need no more.
        forced: what forces it, the latest first.
        branches: every branch's answer.
        files, lines: how much was read.
        elsewhere: what only runs on other platforms than Linux; not counted.
        unread: file -> why it could not be.
        declared: `requires-python` as it is; empty where there is none.
        verdict: `true`, `lie`, `stricter`, `missing`, or `unknown` where a file could not be read.
        why: what makes it so.
        advice: what to write.
    """

    cpython: str
    development: str
    forced: tuple[Forced, ...]
    branches: tuple[OnBranch, ...]
    files: int
    lines: int
    elsewhere: tuple[Forced, ...]
    unread: dict[str, str]
    declared: str
    verdict: str
    why: str
    advice: Advice


def _forced(
    sources: Sequence[Scanned], *, elsewhere: bool = False
) -> dict[str, tuple[Series, Forced]]:
    """Return every thing used once, with its first place and the latest CPython it asks for."""
    found: dict[str, tuple[Series, Forced]] = {}
    for source in sources:
        for use in source.elsewhere if elsewhere else source.uses:
            before = found.get(use.name)
            first = before[1] if before else None
            since = use.since
            if before and NOTHING not in {since, before[0]}:
                since = max(since, before[0])
            item = Forced(
                name=use.name,
                cpython=shown(since),
                file=first.file if first else source.path,
                line=first.line if first else use.line,
                places=first.places + 1 if first else 1,
                micro=tuple(
                    f"{shown(series)}.{number}"
                    for series, number in sorted(micro_releases().get(use.name, {}).items())
                ),
            )
            found[use.name] = (since, item)
    return found


def _lowest(found: dict[str, tuple[Series, Forced]]) -> Series | None:
    """Return the lowest CPython; None when something is in none."""
    versions = [since for since, _ in found.values()]
    if NOTHING in versions:
        return None
    return max([OLDEST, *versions])


def judge(
    sources: Sequence[Scanned],
    project: Project,
    registry: Registry,
    *,
    released: Sequence[Series],
    everything: bool = False,
) -> Needs:
    """Return what a project needs.

    Args:
        sources: its files.
        project: what it says of itself.
        registry: the branches' features.
        released: CPython's series that are out.
        everything: whether tests and tools count as what ships does.
    """
    ships = [item for item in sources if everything or not is_development(item.path)] or list(
        sources
    )
    rest = [item for item in sources if item not in ships]
    found = _forced(ships)
    lowest, more = _lowest(found), _lowest(_forced(rest))
    branches = tuple(_on_branch(branch, found, registry) for branch in registry.branches)
    usable = [item for item in branches if item.enough]
    advice = _advice(lowest, found, usable, registry, released)
    advice = replace(advice, dependencies=(*advice.dependencies, *_stand_ins(ships, advice)))
    verdict, why = _declared(project.requires, lowest, found, usable, project, released)
    unread = [item for item in ships if item.unread]
    if unread and verdict != LIE:
        verdict, why = UNKNOWN, f"{unread[0].path} is not read: {unread[0].unread}"
    order = sorted(
        found.values(),
        key=lambda pair: (pair[0] != NOTHING, (-pair[0][0], -pair[0][1]), pair[1].name),
    )
    return Needs(
        cpython=shown(lowest) if lowest else "",
        development=shown(more) if more and (lowest is None or more > lowest) else "",
        forced=tuple(item for _, item in order),
        branches=branches,
        files=len(sources),
        lines=sum(item.lines for item in sources),
        elsewhere=tuple(item for _, item in _forced(ships, elsewhere=True).values()),
        unread={item.path: item.unread for item in sources if item.unread},
        declared=project.requires,
        verdict=verdict,
        why=why,
        advice=advice,
    )


def _stand_ins(sources: Sequence[Scanned], advice: Advice) -> list[str]:
    """Return the requirements on distributions that stand in on the oldest Pythons allowed."""
    from elpython.project.registry import series

    if not advice.requires_python:
        return []
    floor = series(advice.requires_python.removeprefix(">="))
    below: dict[str, Series] = {}
    for source in sources:
        for name, since in source.stand_ins:
            below[name] = max(since, below.get(name, since))
    return [
        f'{name}; python_version < "{shown(since)}"'
        for name, since in sorted(below.items())
        if since > floor
    ]


def _on_branch(
    branch: Branch, found: dict[str, tuple[Series, Forced]], registry: Registry
) -> OnBranch:
    """Return whether a branch is enough, and from which release on."""
    brought: list[tuple[CalVer, Forced]] = []
    missing: list[Forced] = []
    for since, item in found.values():
        micro = micro_releases().get(item.name, {}).get(branch.series, 0)
        if since != NOTHING and since <= branch.series and branch.base_micro >= micro:
            continue
        known = registry.find(item.name)
        release = known.el.get(branch.series) if known else None
        if release is None:
            missing.append(item)
        else:
            brought.append((release, item))
    release = max((release for release, _ in brought), default=branch.first)
    return OnBranch(
        branch=shown(branch.series),
        enough=not missing,
        release="" if missing else str(release),
        base_enough=not missing and not brought,
        because=tuple(missing or [item for _, item in brought]),
    )


def _advice(
    lowest: Series | None,
    found: dict[str, tuple[Series, Forced]],
    usable: Sequence[OnBranch],
    registry: Registry,
    released: Sequence[Series],
) -> Advice:
    """Return what to write: the lowest series that works, with EL Python where it takes one."""
    from elpython.core.version import CalVer
    from elpython.project.registry import series

    by_el = [item for item in usable if not item.base_enough]
    first_el = min((series(item.branch) for item in by_el), default=None)
    floor = min((value for value in (lowest, first_el) if value), default=None)
    without = f">={shown(lowest)}" if lowest else ""
    if floor is None:
        return Advice(requires_python="", classifiers=(), dependencies=(), without_el=without)
    names = {known.name for _, item in found.values() if (known := registry.find(item.name))}
    lines: list[str] = []
    if by_el:
        needed = {
            known.name
            for entry in by_el
            for item in entry.because
            if (known := registry.find(item.name))
        }
        release = min(CalVer.parse(item.release) for item in by_el)
        lines.append(line_for(release, sorted(needed & names), shown(lowest) if lowest else ""))
    elif lowest is None:
        return Advice(requires_python="", classifiers=(), dependencies=(), without_el="")
    works = {series(item.branch) for item in usable}
    listed = [
        value
        for value in released
        if value >= floor and (value in works or (lowest is not None and value >= lowest))
    ]
    return Advice(
        requires_python=f">={shown(floor)}",
        classifiers=(
            "Programming Language :: Python :: 3 :: Only",
            *(f"Programming Language :: Python :: {shown(value)}" for value in listed),
        ),
        dependencies=tuple(lines),
        without_el=without,
    )


def _declared(
    requires: str,
    lowest: Series | None,
    found: dict[str, tuple[Series, Forced]],
    usable: Sequence[OnBranch],
    project: Project,
    released: Sequence[Series],
) -> tuple[str, str]:
    """Compare `requires-python` with what is needed."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if not requires:
        return NONE, "nothing says which Pythons it runs on"
    try:
        allowed = SpecifierSet(requires)
    except InvalidSpecifier:
        return LIE, f"{requires!r} is no version specifier"
    # The last release of a series stands for it: >=3.9.2 allows 3.9.
    series = [
        value for value in released if allowed.contains(f"{shown(value)}.99", prereleases=True)
    ]
    asks = any(
        line.replace("_", "-").lower().startswith("elpython-features")
        for line in project.dependencies
    )
    by_el = {item.branch for item in usable} if asks else set()
    wrong = [
        value
        for value in series
        if (lowest is None or value < lowest) and shown(value) not in by_el
    ]
    if wrong:
        late = [item for since, item in found.values() if since == NOTHING or since > wrong[0]]
        first = max(
            late, key=lambda item: [int(part) for part in (item.cpython or "99.0").split(".")]
        )
        where = f"{first.file}:{first.line}"
        names = ", ".join(shown(value) for value in wrong)
        return LIE, f"it allows {names}, but {where} uses {first.name}"
    below = [
        value
        for value in released
        if lowest is not None and lowest <= value < min(series, default=lowest)
    ]
    if below:
        return STRICT, f"the sources would run from CPython {shown(lowest or NOTHING)} on"
    return KEPT, "every Python that it allows has what the sources use"
