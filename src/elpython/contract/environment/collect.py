"""Read what an environment needs, without running anything of it."""

from __future__ import annotations

import configparser
import json
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path  # noqa: TC003 - dataclass fields
from typing import TYPE_CHECKING

from elpython.contract.environment.model import BadEnvironmentError, Needs, Package
from elpython.contract.environment.reader import Uses, read_source
from elpython.contract.subject import code_digest
from elpython.core.elf import read_elf
from elpython.core.store import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elpython.contract.subject import Run

__all__ = ["Distribution", "distributions", "needs_of", "read_distribution", "site_folder",
           "unpack_wheels"]  # fmt: skip

_LOOSE = "(no distribution)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """One installed distribution: its name, version, and files below the folder of packages."""

    name: str
    version: str
    folder: Path
    files: tuple[str, ...]


def site_folder(place: Path) -> Path:
    """Return the folder of packages of a virtual environment, or the folder itself.

    Raises:
        BadEnvironmentError: it is not there, or holds no packages.
    """
    if not place.is_dir():
        raise BadEnvironmentError("is no folder", where=str(place),
                                  todo="give an environment, a folder, or wheels")  # fmt: skip
    if (place / "pyvenv.cfg").is_file():
        found = sorted(place.glob("lib/python3*/site-packages"))
        if not found:
            raise BadEnvironmentError("has no site-packages", where=str(place))
        return found[0]
    return place


def unpack_wheels(
    wheels: list[Path], folder: Path, *, only: Callable[[str], bool] = lambda _name: True
) -> Path:
    """Unpack wheels as an installer lays them out (PEP 427), without scripts.

    Args:
        wheels: the files.
        folder: where to.
        only: whether a member is wanted, by its name.

    Raises:
        BadEnvironmentError: a file is no wheel, or a member leaves the folder.
    """
    for wheel in wheels:
        try:
            with zipfile.ZipFile(wheel) as archive:
                for member in archive.infolist():
                    target = _target(member.filename)
                    if target is None or member.is_dir() or not only(member.filename):
                        continue
                    path = (folder / target).resolve()
                    if not path.is_relative_to(folder.resolve()):
                        raise BadEnvironmentError(f"leads out: {member.filename}", where=str(wheel))
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(member))
        except (OSError, zipfile.BadZipFile) as error:
            raise BadEnvironmentError(f"is no wheel: {error}", where=str(wheel)) from error
    return folder


def _target(name: str) -> str | None:
    first, _, rest = name.partition("/")
    if first.endswith(".data"):
        scheme, _, below = rest.partition("/")
        return below if scheme in {"purelib", "platlib"} else None
    return name


def distributions(site: Path) -> list[Distribution]:
    """Return the installed distributions by their metadata; loose modules as one more.

    Raises:
        BadEnvironmentError: the folder holds no Python at all.
    """
    found, owned = [], set()
    for info in sorted(site.glob("*.dist-info")):
        name, _, version = info.name.removesuffix(".dist-info").partition("-")
        files = tuple(_recorded(info, site))
        owned |= {file.partition("/")[0] for file in files} | {info.name}
        found.append(Distribution(name=name, version=version, folder=site, files=files))
    loose = tuple(
        str(path.relative_to(site))
        for entry in sorted(site.iterdir())
        if entry.name not in owned and entry.name != "__pycache__"
        for path in ([entry] if entry.is_file() else sorted(entry.rglob("*")))
        if path.suffix in {".py", ".so", ".pth"} and path.is_file()
    )
    if loose:
        found.append(Distribution(name=_LOOSE, version="", folder=site, files=loose))
    if not found:
        raise BadEnvironmentError("holds no packages", where=str(site))
    return found


def _recorded(info: Path, site: Path) -> Iterator[str]:
    """Yield a distribution's files (PEP 376's RECORD); those outside of the folder are scripts."""
    record = info / "RECORD"
    lines = record.read_text("utf-8", "replace").splitlines() if record.is_file() else []
    for line in lines:
        name = line.rsplit(",", 2)[0].strip('"')
        if not name.startswith(("..", "/")) and (site / name).is_file():
            yield name


def needs_of(place: str, sites: list[Path], run: Run) -> Needs:
    """Read every distribution's needs; one that did not change comes from the store.

    Args:
        place: what to call the environment.
        sites: folders of packages.
        run: has the store, jobs and progress.
    """
    every = [item for site in sites for item in distributions(site)]
    keys = {item.name: _key(item) for item in every}
    kept = {item.name: run.store.find("contract-needs", keys[item.name]) for item in every}
    todo = [item for item in every if kept[item.name] is None]
    packages = [
        Package.from_json(json.loads((folder / "needs.json").read_text("utf-8")))
        for folder in kept.values()
        if folder is not None
    ]
    if todo:
        # The largest first, so that the cores are busy to the end.
        todo.sort(key=lambda item: -len(item.files))
        with ProcessPoolExecutor(max_workers=run.jobs) as pool:
            for at, (item, made) in enumerate(
                zip(todo, pool.map(read_distribution, todo), strict=True)
            ):
                run.progress("needs", at + 1, len(todo))
                packages.append(made)
                _keep(run, keys[item.name], made)
    return Needs(place=place, packages=tuple(sorted(packages, key=lambda p: p.name.lower())))


def _keep(run: Run, key: str, made: Package) -> None:
    def fill(folder: Path) -> None:
        (folder / "needs.json").write_text(json.dumps(asdict(made)), "utf-8")

    run.store.product("contract-needs", key, fill)


def _key(item: Distribution) -> str:
    states = []
    for name in item.files:
        state = (item.folder / name).stat()
        states.append([name, state.st_size, state.st_mtime_ns])
    return key_of([str(item.folder), item.name, item.version, states, code_digest()])


def read_distribution(item: Distribution) -> Package:
    """Return what one distribution needs, read from its files."""
    uses = Uses()
    unread, symbols, modules, extensions = [], set(), 0, 0
    limited = True
    for name in item.files:
        path = item.folder / name
        if name.endswith(".py"):
            modules += 1
            try:
                read_source(path.read_bytes(), uses)
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                unread.append(f"{name}: {type(error).__name__}")
        elif name.endswith(".so") or ".so." in name:
            elf = read_elf(path)
            wanted = {n for n in elf.wanted if n.startswith(("Py", "_Py"))} if elf else set()
            if wanted:
                extensions += 1
                symbols |= wanted
                limited = limited and ".abi3." in name
    return Package(
        name=item.name,
        version=item.version,
        modules=modules,
        extensions=extensions,
        limited=bool(extensions) and limited,
        symbols=tuple(sorted(symbols)),
        names=dict(sorted(uses.names.items())),
        keywords={name: tuple(sorted(words)) for name, words in sorted(uses.keywords.items())},
        subclasses={name: tuple(sorted(words)) for name, words in sorted(uses.subclasses.items())},
        patches=tuple(sorted(uses.patches)),
        attributes=tuple(sorted(uses.attributes)),
        config=tuple(sorted(uses.config)),
        scripts=tuple(_scripts(item)),
        path_files=tuple(name for name in item.files if name.endswith(".pth")),
        unread=tuple(unread),
    )


def _scripts(item: Distribution) -> Iterator[str]:
    """Yield `name = module:function` of each console script (PyPA's entry points)."""
    for name in item.files:
        if name.endswith(".dist-info/entry_points.txt"):
            parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
            parser.optionxform = str  # type: ignore[assignment,method-assign]
            try:
                parser.read_string((item.folder / name).read_text("utf-8"))
            except (configparser.Error, UnicodeDecodeError):
                continue
            if parser.has_section("console_scripts"):
                for script, target in parser.items("console_scripts"):
                    yield f"{script} = {target.partition('[')[0].strip()}"
