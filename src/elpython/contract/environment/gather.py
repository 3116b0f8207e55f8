"""Needs of many packages, for a folder that a distributor keeps: names and counts, no code.

Each package's wheel is taken from a folder, from an installed environment, or downloaded; it is
read, never run, and a download is deleted at once. One file a package: a stopped run goes on.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from elpython.contract.environment.collect import (
    Distribution,
    distributions,
    read_distribution,
    site_folder,
    unpack_wheels,
)
from elpython.contract.environment.model import (
    FORMAT,
    INDEX,
    BadEnvironmentError,
    BadNeedsError,
    Needs,
    Package,
    is_private,
    read_needs,
)
from elpython.core.errors import ElpythonError
from elpython.core.process import run as run_program
from elpython.core.report import SILENT
from elpython.core.store import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from elpython.core.report import Reporter

__all__ = ["Gathered", "Wanted", "gather", "private_table", "private_text", "read_names"]

_SECONDS = 600.0
_READ = re.compile(r"\.(py|pth)$|\.so(\.|$)|\.dist-info/")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is gathered, and from where.

    Attributes:
        names: of projects, the most used first.
        most: of how many needs are kept.
        wheels: folders of wheels.
        installed: environments, or folders of packages.
        index: whether pip may download what is in neither.
        seconds: after so many nothing new is begun; None has no limit.
        fresh: reads again what was read.
    """

    names: tuple[str, ...]
    most: int
    wheels: tuple[Path, ...] = ()
    installed: tuple[Path, ...] = ()
    index: bool = False
    seconds: float | None = None
    fresh: bool = False


@dataclass(slots=True)
class Gathered:
    """What came of it.

    Attributes:
        taken: packages whose needs are in the folder.
        fresh: those that were read now.
        missing: names of which there is no wheel, with the reason.
        stopped: whether the time was up.
    """

    taken: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)
    stopped: bool = False


def read_names(path: Path) -> tuple[str, ...]:
    """Read names of projects, one a line; what follows a space, a tab or `#` is not read.

    Raises:
        BadNeedsError: it cannot be read, or names nothing.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadNeedsError(f"cannot be read: {error}", where=str(path)) from error
    words = [re.split(r"[\s#]", line.strip(), maxsplit=1)[0] for line in lines]
    names = tuple(dict.fromkeys(canonicalize_name(word) for word in words if word))
    if not names:
        raise BadNeedsError("names no project", where=str(path), todo="write one name a line")
    bad = [name for name in names if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name)]
    if bad:
        raise BadNeedsError(f"is no name of a project: {bad[0]!r}", where=str(path))
    return names


def gather(
    wanted: Wanted,
    folder: Path,
    reporter: Reporter = SILENT,
) -> Gathered:
    """Write the needs of each package into a folder, and an index of what was asked.

    Raises:
        BadEnvironmentError: a folder of wheels or an environment that is not there.
    """
    started = time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    wheels, installed = _wheels(wanted.wheels), _installed(wanted.installed)
    made = Gathered()
    for name in wanted.names:
        if len(made.taken) >= wanted.most:
            break
        target = folder / f"{name}.json"
        if target.is_file() and not wanted.fresh and _is_whole(target):
            made.taken.append(name)
            continue
        if wanted.seconds is not None and time.monotonic() - started > wanted.seconds:
            made.stopped = True
            break
        reporter.progress("packages", len(made.taken), wanted.most)
        try:
            package = _read(name, wheels, installed, index=wanted.index)
        except ElpythonError as error:
            made.missing[name] = error.what.splitlines()[0][:160]
            continue
        write_atomic(target, _text(package).encode())
        made.taken.append(name)
        made.fresh.append(name)
    _write_index(folder / INDEX, wanted, made)
    return made


def _is_whole(path: Path) -> bool:
    try:
        read_needs(path)
    except BadNeedsError:
        return False
    return True


def _text(package: Package) -> str:
    """Write a package's needs, one kind a line, so that changes can be read."""
    data = {key: value for key, value in asdict(package).items() if value not in ((), {}, [])}
    lines = [f"  {json.dumps(key)}: {json.dumps(value, sort_keys=True)}"
             for key, value in sorted(data.items())]  # fmt: skip
    head = f'{{"format": {FORMAT}, "place": {json.dumps(package.name)}, "packages": [{{\n'
    return head + ",\n".join(lines) + "\n}]}\n"


def _write_index(path: Path, wanted: Wanted, made: Gathered) -> None:
    """Write what was asked, when, and what is missing; unchanged needs keep their day."""
    listed = hashlib.sha256("\n".join(wanted.names).encode()).hexdigest()
    data = {
        "format": FORMAT,
        "made": datetime.now(UTC).date().isoformat(),
        "names_sha256": listed,
        "taken": len(made.taken),
        "asked": len(made.taken) + len(made.missing),
        "missing": sorted(made.missing),
    }
    write_atomic(path, f"{json.dumps(data, indent=1)}\n".encode())


def _wheels(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the wheel to take of each project: the newest version, then the best tag."""
    order = {tag: -at for at, tag in enumerate(sys_tags())}
    best: dict[str, tuple[tuple[Any, ...], Path]] = {}
    for folder in folders:
        if not folder.is_dir():
            raise BadEnvironmentError("is no folder of wheels", where=str(folder))
        for path in sorted(folder.glob("*.whl")):
            try:
                name, version, build, tags = parse_wheel_filename(path.name)
            except InvalidWheelFilename:
                continue
            fit = max((order[tag] for tag in tags if tag in order), default=None)
            if fit is not None:
                key = (version, fit, build)
                if str(name) not in best or key > best[str(name)][0]:
                    best[str(name)] = (key, path)
    return {name: path for name, (_, path) in best.items()}


def _installed(places: Iterable[Path]) -> dict[str, Distribution]:
    return {
        canonicalize_name(item.name): item
        for place in places
        for item in distributions(site_folder(place))
    }


def _read(
    name: str, wheels: dict[str, Path], installed: dict[str, Distribution], *, index: bool
) -> Package:
    """Read one project's needs.

    Raises:
        ElpythonError: it is nowhere, or no wheel of it can be read.
    """
    if name in wheels:
        return _of_wheel(name, wheels[name])
    if name in installed:
        return _shared(name, read_distribution(installed[name]))
    if not index:
        raise BadEnvironmentError("there is no wheel of it", where=name, todo="allow --index")
    with tempfile.TemporaryDirectory(prefix="elpython-needs-") as place:
        words = ["download", "-q", "--no-deps", "--only-binary", ":all:", "-d", place, name]
        run_program(
            [sys.executable, "-P", "-m", "pip", "--disable-pip-version-check", *words],
            timeout=_SECONDS,
        )
        found = sorted(Path(place).glob("*.whl"))
        if not found:
            raise BadEnvironmentError("pip downloaded no wheel", where=name)
        return _of_wheel(name, found[0])


def _of_wheel(name: str, wheel: Path) -> Package:
    with tempfile.TemporaryDirectory(prefix="elpython-needs-") as place:
        site = Path(place)
        unpack_wheels([wheel], site, only=lambda member: bool(_READ.search(member)))
        version = str(parse_wheel_filename(wheel.name)[1])
        files = tuple(
            str(path.relative_to(site)) for path in sorted(site.rglob("*")) if path.is_file()
        )
        item = Distribution(name=name, version=version, folder=site, files=files)
        return _shared(name, read_distribution(item))


def _shared(name: str, package: Package) -> Package:
    """Leave what only its own environment has a use for, and attributes of unknown objects."""
    return replace(package, name=name, attributes=(), scripts=(), path_files=(), unread=())


def private_table(needs: Iterable[Needs]) -> dict[str, int]:
    """Return the private names of the standard library that packages use: name to how many."""
    found: dict[str, set[str]] = {}
    for item in needs:
        for package in item.packages:
            for name in _private(package):
                found.setdefault(name, set()).add(package.name)
    return {name: len(users) for name, users in sorted(found.items())}


def _private(package: Package) -> Iterator[str]:
    """Yield private names up to the private part: what lies below it is that thing's own."""
    for name in package.private:
        parts = name.split(".")
        at = next(i for i, part in enumerate(parts) if is_private(part))
        # Of a private module (`_thread`) the name in it counts.
        yield ".".join(parts[: max(at + 1, 2)])


def private_text(table: dict[str, int], packages: int) -> str:
    """Return the table as TOML, the day and the number of packages on top."""
    day = datetime.now(UTC).date().isoformat()
    lines = [f"{json.dumps(name)} = {count}" for name, count in table.items()]
    head = [
        "# Private names of the standard library, and how many of the most used packages use each.",
        "# Made by: elpython contract gather --private",
        f'made = "{day}"',
        f"packages = {packages}",
        "",
        "[names]",
    ]
    return "\n".join([*head, *lines, ""])
