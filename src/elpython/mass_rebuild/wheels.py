"""Plan the rebuild of a wheel set: every package from its sdist, build tools included.

Versions are chosen once, by uv, for the requested set; each package's build requirements are
resolved apart (two packages may want different setuptools), versions already chosen preferred.
Every package so found is built from its sdist in the same run, unless `rebuild.toml` or
`--only-binary` declares it prebuilt.

Planning goes in rounds: the sources of a round are fetched and read side by side, and so are their
different sets of build requirements resolved; what they ask for is the next round. A package that
cannot be configured, fetched or resolved is in the plan with its problem, and stops no other.
"""

from __future__ import annotations

import os
import re
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from elpython.core.errors import ElpythonError
from elpython.core.report import SILENT
from elpython.core.store import Store
from elpython.mass_rebuild import interpreters
from elpython.mass_rebuild.depot import StoreDepot
from elpython.mass_rebuild.errors import UnresolvedError
from elpython.mass_rebuild.guard import guarded
from elpython.mass_rebuild.model import Edge, Interpreter, Package, RebuildPlan
from elpython.mass_rebuild.options import Options
from elpython.mass_rebuild.plan import finish
from elpython.mass_rebuild.resolve import (
    Files,
    IndexOptions,
    Pin,
    Resolution,
    Resolver,
    most_telling,
)
from elpython.mass_rebuild.sources import read_build_system

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from elpython.core.report import Reporter
    from elpython.mass_rebuild.notes import Notes
    from elpython.mass_rebuild.sources import BuildSystem

__all__ = ["WheelSet", "plan_wheels"]

_WHEEL_COMMAND_SINCE = Version("70.1")
_SIDE_BY_SIDE = max(2, min(8, 2 * (os.cpu_count() or 1)))


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelSet:
    """What is to be rebuilt.

    Attributes:
        requirements: PEP 508 lines.
        earlier: seconds of earlier runs, by package key and by name.
        reporter: told how it goes on.
        contain: what keeps in the hooks of sdists that tell no static metadata: `auto`,
            `bubblewrap` or `none`.
        notes: what an earlier attempt at this plan found out.
    """

    requirements: tuple[str, ...]
    interpreter: Interpreter
    options: Options = field(default_factory=Options)
    index: IndexOptions = field(default_factory=IndexOptions)
    store: Store = field(default_factory=Store.default)
    title: str = "wheels"
    earlier: Mapping[str, float] = field(default_factory=dict)
    reporter: Reporter = SILENT
    checks: bool = True
    contain: str = "auto"
    notes: Notes | None = None


@dataclass(slots=True)
class _Growing:
    """The plan while it grows."""

    wanted: WheelSet
    resolver: Resolver
    depot: StoreDepot
    packages: dict[str, Package] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    todo: list[str] = field(default_factory=list)
    files: dict[tuple[str, str], Files] = field(default_factory=dict)
    asked: dict[tuple[str, ...], Resolution | UnresolvedError] = field(default_factory=dict)


def plan_wheels(wanted: WheelSet) -> RebuildPlan:
    """Resolve, fetch every sdist, read its build requirements, and so on until nothing is new.

    Raises:
        UnresolvedError: not one of the requested packages can be resolved.
        ContainmentError: bubblewrap was demanded and is not available.
    """
    with (
        tempfile.TemporaryDirectory(prefix="elpython-plan-") as scratch,
        ThreadPoolExecutor(_SIDE_BY_SIDE) as pool,
    ):
        guard = guarded(
            wanted.interpreter,
            Path(scratch, "guard"),
            contain=wanted.contain,
            limits=wanted.options.limits,
        )
        growing = _Growing(
            wanted, _resolver(wanted, Path(scratch, "uv"), guard.python), StoreDepot(wanted.store)
        )
        count = len(wanted.requirements)
        wanted.reporter.progress("requirements resolved", 0, count)
        _begin(growing)
        wanted.reporter.progress("requirements resolved", count, count)
        while growing.todo:
            _round(growing, pool)
    return finish(
        RebuildPlan(
            backend="wheel",
            title=wanted.title,
            interpreter=wanted.interpreter,
            packages=tuple(growing.packages.values()),
            edges=tuple(growing.edges),
            limits=wanted.options.limits,
            checks=wanted.checks,
            contained=guard.name,
        ),
        wanted.earlier,
    )


def _resolver(wanted: WheelSet, scratch: Path, python: str) -> Resolver:
    stated = wanted.options.package
    return Resolver(
        interpreter=wanted.interpreter,
        scratch=scratch,
        python=python,
        index=wanted.index,
        tags=interpreters.wheel_tags(wanted.interpreter),
        metadata={
            (name, ""): tuple(table["metadata"])
            for name, table in stated.items()
            if "metadata" in table
        },
        requires={
            name: tuple(table["requires"]) for name, table in stated.items() if "requires" in table
        },
        notes=wanted.notes,
    )


def _begin(growing: _Growing) -> None:
    """Choose the versions of the requested set, and put it into the plan."""
    resolver, wanted = growing.resolver, growing.wanted
    pins, refused = _resolvable(resolver, wanted.requirements)
    if not pins:
        raise refused[0][1]
    resolver.prefer(pins)
    growing.files |= resolver.files(f"{pin.name}=={pin.version}" for pin in pins).files
    for pin in pins:
        _add(growing, pin, requested=True)
    key_of = {pin.name: f"{pin.name}=={pin.version}" for pin in pins}
    growing.edges |= {
        Edge(source=key_of[parent], target=key_of[pin.name], kind="install")
        for pin in pins
        for parent in pin.via
        if parent in key_of
    }
    for line, error in refused:
        _add_refused(growing, line, error)


def _resolvable(
    resolver: Resolver, requirements: Sequence[str]
) -> tuple[tuple[Pin, ...], list[tuple[str, UnresolvedError]]]:
    """Return the pins of what can be resolved together, and the other lines with why not.

    Asked together first; only when that fails one by one, each with all that was kept before it.
    """
    try:
        return resolver.pins(requirements), []
    except UnresolvedError as error:
        if len(requirements) == 1:
            return (), [(requirements[0], error)]
    pins: tuple[Pin, ...] = ()
    kept: list[str] = []
    refused: list[tuple[str, UnresolvedError]] = []
    for line in requirements:
        try:
            pins = resolver.pins([*kept, line], what=line)
        except UnresolvedError as error:
            refused.append((line, error))
        else:
            kept.append(line)
    return pins, refused


def _because(error: UnresolvedError) -> str:
    """Return the line of uv's explanation that says why, else the one that says most."""
    because = next((text for text in error.details if "ecause" in text), "")
    found = (
        because.partition("cause: ")[2] or because or most_telling(error.details or (str(error),))
    )
    return found.strip()


def _add_refused(growing: _Growing, line: str, error: UnresolvedError) -> None:
    """Put a requested package that cannot be resolved into the plan, with its reason."""
    wanted = Requirement(line)
    exact = [item.version for item in wanted.specifier if item.operator == "=="]
    package = Package(
        name=canonicalize_name(wanted.name),
        version=exact[0] if exact else "any",
        requested=True,
        trouble="resolve",
        problem=f"cannot be resolved with the others: {_because(error)}",
        details=error.details,
    )
    growing.packages.setdefault(package.key, package)


def _add(growing: _Growing, pin: Pin, *, requested: bool) -> str:
    key = f"{pin.name}=={pin.version}"
    if key in growing.packages:
        return key
    files = growing.files.get((pin.name, pin.version))
    options = growing.wanted.options
    sdist = files.sdist if files else None
    wheel = files.wheel if files else None
    own = options.of(pin.name)
    prebuilt = bool(own.get("prebuilt")) or pin.name in options.prebuilt
    package = Package(
        name=pin.name,
        version=pin.version,
        source=None if prebuilt else sdist,
        wheel=wheel,
        prebuilt=prebuilt,
        requested=requested,
        can_bootstrap=wheel is not None,
        size=sdist.size if sdist else 0,
        modules=tuple(own.get("imports", ())),
        options={key: value for key, value in own.items() if key != "metadata"},
    )
    if prebuilt and wheel is None:
        problem = "declared prebuilt, but the index has no wheel that suits this interpreter"
        package = replace(package, trouble="source", problem=problem)
    elif not prebuilt and sdist is None:
        package = replace(package, trouble="source", problem="the index has no sdist")
    elif not prebuilt and (said := growing.resolver.broken.get((pin.name, pin.version))):
        package = replace(
            package,
            trouble="hook",
            problem=f"cannot be configured on {growing.wanted.interpreter.short}: "
            f"{most_telling(said)}",
            details=said,
        )
    growing.packages[key] = package
    if not prebuilt and sdist is not None:
        growing.todo.append(key)
    return key


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    """What one source says: its backend and what it wants to be built with, or why not."""

    key: str
    system: BuildSystem | None = None
    size: int = 0
    wants: tuple[str, ...] = ()
    problem: str = ""


def _round(growing: _Growing, pool: ThreadPoolExecutor) -> None:
    """Read the sources that are new, resolve what they want, and add that."""
    batch, growing.todo = growing.todo, []
    reporter, done = growing.wanted.reporter, len(growing.packages) - len(batch)
    found: list[_Read] = []
    for item in pool.map(lambda key: _read(growing, key), batch):
        found.append(item)
        reporter.progress("sources read", done + len(found), len(growing.packages))
    wanted = sorted({item.wants for item in found if item.wants} - set(growing.asked))
    answers: Iterable[Resolution | UnresolvedError] = pool.map(
        lambda wants: _tools(growing.resolver, wants), wanted
    )
    for number, (wants, answer) in enumerate(zip(wanted, answers, strict=True), 1):
        growing.asked[wants] = answer
        reporter.progress("build requirements resolved", number, len(wanted))
    for wants in wanted:
        answer = growing.asked[wants]
        if isinstance(answer, Resolution):
            growing.resolver.prefer(answer.pins)
            growing.files |= answer.files
    for item in found:
        _settle(growing, item)


def _read(growing: _Growing, key: str) -> _Read:
    """Fetch one sdist and read what it wants to be built with."""
    package = growing.packages[key]
    if package.source is None:
        return _Read(key=key)
    try:
        archive = growing.depot.get(package.source)
        system = read_build_system(
            archive, package.source.sha256, growing.wanted.store, _patches(package)
        )
    except ElpythonError as error:
        return _Read(key=key, problem=str(error))
    return _Read(
        key=key,
        system=system,
        size=archive.stat().st_size,
        wants=_wanted_tools(package, system),
    )


def _patches(package: Package) -> tuple[str, ...]:
    stated = package.options.get("patches", [])
    return tuple(str(item) for item in stated) if isinstance(stated, list) else ()


def _wanted_tools(package: Package, system: BuildSystem) -> tuple[str, ...]:
    extra = package.options.get("requires", [])
    wanted = [*system.requires, *(extra if isinstance(extra, list) else [])]
    dropped = package.options.get("drop", [])
    drop = (
        {canonicalize_name(str(item)) for item in dropped} if isinstance(dropped, list) else set()
    )
    return tuple(sorted({line for line in wanted if canonicalize_name(_name_of(line)) not in drop}))


def _name_of(line: str) -> str:
    match = re.match(r"\s*([A-Za-z0-9._-]+)", line)
    return match[1] if match else line


def _tools(resolver: Resolver, wants: tuple[str, ...]) -> Resolution | UnresolvedError:
    """Resolve a set of build requirements; an error is a result."""
    what = f"build requirements {', '.join(wants)}"
    try:
        found = resolver.resolve(wants, what=what)
        tool = next((pin for pin in found.pins if pin.name == "setuptools"), None)
        if (
            tool
            and Version(tool.version) < _WHEEL_COMMAND_SINCE
            and "wheel" not in {pin.name for pin in found.pins}
        ):
            # Before 70.1 setuptools asked for `wheel` only when it ran.
            found = resolver.resolve([*wants, "wheel"], what=what)
    except UnresolvedError as error:
        return error
    except ElpythonError as error:
        return UnresolvedError(str(error), where=what)
    return found


def _settle(growing: _Growing, item: _Read) -> None:
    """Put what was read of one source into the plan."""
    package = growing.packages[item.key]
    answer = growing.asked.get(item.wants)
    if item.system is None:
        package = replace(package, trouble="source", problem=item.problem)
    else:
        package = replace(package, backend=item.system.backend, size=item.size)
        if isinstance(answer, UnresolvedError) and not package.problem:
            package = replace(
                package,
                trouble="resolve",
                problem=f"its build requirements cannot be satisfied: {_because(answer)}",
                details=answer.details,
            )
    growing.packages[item.key] = package
    for pin in answer.pins if isinstance(answer, Resolution) else ():
        target = _add(growing, pin, requested=False)
        if target != item.key:
            growing.edges.add(Edge(source=item.key, target=target))
