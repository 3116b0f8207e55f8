"""Plan the rebuild of a wheel set: every package from its sdist, build tools included.

Versions are chosen once, by uv, for the requested set; each package's build requirements are
resolved apart (two packages may want different setuptools), versions already chosen preferred.
Every package so found is built from its sdist in the same run, unless `rebuild.toml` declares it
prebuilt.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from elpython.core.errors import ElpythonError
from elpython.core.process import run
from elpython.core.store import Store
from elpython.mass_rebuild import interpreters
from elpython.mass_rebuild.depot import StoreDepot
from elpython.mass_rebuild.errors import BadInputError, BadSourceError, UnresolvedError
from elpython.mass_rebuild.guard import guarded
from elpython.mass_rebuild.model import Edge, Interpreter, Package, Plan
from elpython.mass_rebuild.options import Options
from elpython.mass_rebuild.plan import finish
from elpython.mass_rebuild.resolve import (
    IndexOptions,
    Pin,
    Resolver,
    find_uv,
    read_lock,
)
from elpython.mass_rebuild.sources import BuildSystem, build_system, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["WheelSet", "installed", "plan_wheels", "read_requirements"]

_WHEEL_COMMAND_SINCE = Version("70.1")


@dataclass(frozen=True, kw_only=True, slots=True)
class WheelSet:
    """What is to be rebuilt.

    Attributes:
        requirements: PEP 508 lines.
        earlier: seconds of earlier runs, by package key and by name.
        say: told of progress: label, done, total.
        contain: what keeps in the hooks of sdists that tell no static metadata: `auto`,
            `bubblewrap` or `none`.
    """

    requirements: tuple[str, ...]
    interpreter: Interpreter
    options: Options = field(default_factory=Options)
    index: IndexOptions = field(default_factory=IndexOptions)
    store: Store = field(default_factory=Store.default)
    title: str = "wheels"
    earlier: Mapping[str, float] = field(default_factory=dict)
    say: Callable[[str, int, int], None] = lambda _label, _done, _total: None
    checks: bool = True
    contain: str = "auto"


def read_requirements(path: Path) -> tuple[str, ...]:
    """Read a requirements file or a lock file (`pylock.toml`, PEP 751).

    Raises:
        BadInputError: all lines that are no requirement, with their numbers; the same package
            twice with different pins.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"cannot be read: {error}", where=str(path)) from error
    if path.suffix == ".toml":
        return tuple(f"{name}=={version}" for name, version in read_lock(text, path.parent))
    return parse_requirements(text, str(path))


def parse_requirements(text: str, where: str) -> tuple[str, ...]:
    """Read requirement lines: comments, continuations and hashes are passed over."""
    problems: list[str] = []
    seen: dict[str, tuple[int, str]] = {}
    joined = text.replace("\\\n", " ")
    for number, raw in enumerate(joined.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", raw)
        line = re.sub(r"\s--hash=\S+", "", line).strip()
        if not line:
            continue
        if line.startswith("-"):
            problems.append(f"line {number}: options are given on the command line: {line}")
            continue
        try:
            wanted = Requirement(line)
        except InvalidRequirement as error:
            problems.append(f"line {number}: {str(error).splitlines()[0]}")
            continue
        if wanted.url:
            problems.append(f"line {number}: an address is no pin: {line}")
            continue
        name = canonicalize_name(wanted.name)
        mark = f"{name};{wanted.marker or ''}"
        if mark in seen and seen[mark][1] != str(wanted.specifier):
            first = seen[mark]
            problems.append(
                f"line {number}: {name} is asked for as {wanted.specifier or 'any'} here and as "
                f"{first[1] or 'any'} in line {first[0]}"
            )
            continue
        seen[mark] = (number, str(wanted.specifier))
    if problems:
        raise BadInputError(
            f"{len(problems)} lines cannot be taken", where=where, details=tuple(problems)
        )
    if not seen:
        raise BadInputError("asks for no package", where=where)
    lines = []
    for mark, (_, specifier) in seen.items():
        wanted_name, _, marker = mark.partition(";")
        lines.append(f"{wanted_name}{specifier}" + (f" ; {marker}" if marker else ""))
    return tuple(lines)


def installed(interpreter: Interpreter) -> tuple[str, ...]:
    """Give everything that is installed for an interpreter, as pins."""
    done = run([find_uv(), "pip", "freeze", "--quiet", "--python", interpreter.path], timeout=120)
    lines = [line for line in done.stdout.splitlines() if "==" in line]
    if not lines:
        raise BadInputError("nothing is installed there", where=interpreter.path)
    return tuple(lines)


@dataclass(slots=True)
class _Growing:
    """The plan while it grows."""

    wanted: WheelSet
    resolver: Resolver
    depot: StoreDepot
    packages: dict[str, Package] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    todo: list[Pin] = field(default_factory=list)


def plan_wheels(wanted: WheelSet) -> Plan:
    """Resolve, fetch every sdist, read its build requirements, and so on until nothing is new.

    Raises:
        UnresolvedError: the requested set cannot be resolved.
        SourceUnavailableError: an sdist cannot be fetched.
        ContainmentError: bubblewrap was demanded and is not to be had.
    """
    with tempfile.TemporaryDirectory(prefix="elpython-plan-") as scratch:
        guard = guarded(
            wanted.interpreter,
            Path(scratch, "guard"),
            contain=wanted.contain,
            limits=wanted.options.limits,
        )
        growing = _Growing(
            wanted,
            Resolver(
                interpreter=wanted.interpreter,
                scratch=Path(scratch, "uv"),
                python=guard.python,
                index=wanted.index,
                tags=interpreters.wheel_tags(wanted.interpreter),
            ),
            StoreDepot(wanted.store),
        )
        top = growing.resolver.resolve(wanted.requirements)
        for pin in top.pins:
            _add(growing, pin, requested=True)
        key_of = {pin.name: f"{pin.name}=={pin.version}" for pin in top.pins}
        for pin in top.pins:
            growing.edges |= {
                Edge(source=key_of[parent], target=key_of[pin.name], kind="install")
                for parent in pin.via
                if parent in key_of
            }
        while growing.todo:
            done = len(growing.packages) - len(growing.todo)
            wanted.say("sources read", done, len(growing.packages))
            _grow(growing, growing.todo.pop(0), Path(scratch))
        wanted.say("sources read", len(growing.packages), len(growing.packages))
    return finish(
        Plan(
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


def _add(growing: _Growing, pin: Pin, *, requested: bool) -> str:
    key = f"{pin.name}=={pin.version}"
    if key in growing.packages:
        return key
    files = growing.resolver.files.get((pin.name, pin.version))
    options = growing.wanted.options
    sdist = files.sdist if files else None
    wheel = files.wheel if files else None
    own = options.of(pin.name)
    prebuilt = bool(own.get("prebuilt")) or pin.name in options.prebuilt
    problem = ""
    if prebuilt and wheel is None:
        problem = "declared prebuilt, but the index has no wheel that suits this interpreter"
    elif not prebuilt and sdist is None:
        problem = "the index has no sdist"
    growing.packages[key] = Package(
        name=pin.name,
        version=pin.version,
        source=None if prebuilt else sdist,
        wheel=wheel,
        prebuilt=prebuilt,
        requested=requested,
        can_bootstrap=wheel is not None,
        size=sdist.size if sdist else 0,
        problem=problem,
        modules=tuple(own.get("imports", ())),
        options=dict(own),
    )
    if not prebuilt and not problem:
        growing.todo.append(pin)
    return key


def _grow(growing: _Growing, pin: Pin, scratch: Path) -> None:
    """Fetch one sdist, read what it wants to be built with, and add that."""
    key = f"{pin.name}=={pin.version}"
    package = growing.packages[key]
    if package.source is None:
        return
    archive = growing.depot.get(package.source)
    try:
        system = _read_system(archive, scratch / "read")
        requires = _build_requires(growing, package, system)
    except (BadSourceError, UnresolvedError) as error:
        growing.packages[key] = replace(package, problem=str(error), size=archive.stat().st_size)
        return
    growing.packages[key] = replace(package, backend=system.backend, size=archive.stat().st_size)
    for need in requires:
        target = _add(growing, need, requested=False)
        if target != key:
            growing.edges.add(Edge(source=key, target=target))


def _read_system(archive: Path, folder: Path) -> BuildSystem:
    from elpython.core.store import remove_tree

    try:
        return build_system(unpack(archive, folder))
    finally:
        remove_tree(folder)


def _build_requires(growing: _Growing, package: Package, system: BuildSystem) -> Sequence[Pin]:
    extra = package.options.get("requires", [])
    wanted = [*system.requires, *(extra if isinstance(extra, list) else [])]
    dropped = package.options.get("drop", [])
    drop = (
        {canonicalize_name(str(item)) for item in dropped} if isinstance(dropped, list) else set()
    )
    kept = [line for line in wanted if canonicalize_name(_name_of(line)) not in drop]
    what = f"build requirements of {package.key}"
    try:
        pins = growing.resolver.resolve(kept, what=what).pins
    except UnresolvedError:
        raise
    except ElpythonError as error:
        raise UnresolvedError(str(error), where=what) from error
    tool = next((pin for pin in pins if pin.name == "setuptools"), None)
    if (
        tool
        and Version(tool.version) < _WHEEL_COMMAND_SINCE
        and "wheel" not in {pin.name for pin in pins}
    ):
        # Before 70.1 setuptools asked for `wheel` only when it ran.
        pins = growing.resolver.resolve([*kept, "wheel"], what=what).pins
    return pins


def _name_of(line: str) -> str:
    match = re.match(r"\s*([A-Za-z0-9._-]+)", line)
    return match[1] if match else line
