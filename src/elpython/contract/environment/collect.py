"""Read what an environment needs, without running anything of it."""

from __future__ import annotations

import configparser
import gc
import json
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.environment.editable import led_to, sources
from elpython.contract.environment.model import BadEnvironmentError, Needs, Package
from elpython.contract.environment.reader import Uses, read_source
from elpython.contract.subject import code_digest
from elpython.core.elf import read_elf
from elpython.core.store import file_digest, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elpython.contract.subject import Run

__all__ = ["Distribution", "distributions", "needs_of", "read_distribution", "site_folder",
           "unpack_wheels"]  # fmt: skip

_LOOSE = "(no distribution)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """One installed distribution.

    Attributes:
        name, version: of its metadata.
        folder: the folder of packages.
        files: below that folder; those of an editable install with their whole path.
        roots: where an editable install's modules begin.
    """

    name: str
    version: str
    folder: Path
    files: tuple[str, ...]
    roots: tuple[Path, ...] = ()

    def below(self, name: str) -> str:
        """Return a file's name below the folder that it is imported from."""
        path = Path(name)
        for root in self.roots:
            if path.is_absolute() and path.is_relative_to(root):
                return str(path.relative_to(root))
        return name


def site_folder(place: Path, tag: str = "") -> Path:
    """Return the folder of packages of a virtual environment, or the folder itself.

    Args:
        place: a virtual environment, or a folder of packages.
        tag: the series that a virtual environment has to be of; any by default.

    Raises:
        BadEnvironmentError: it is not there, holds no packages, or is of another series.
    """
    if not place.is_dir():
        raise BadEnvironmentError("is no folder", where=str(place),
                                  todo="give an environment, a folder, or wheels")  # fmt: skip
    if (place / "pyvenv.cfg").is_file():
        found = sorted(place.glob("lib/python3*/site-packages"))
        if not found:
            raise BadEnvironmentError("has no site-packages", where=str(place))
        own = [path for path in found if path.parent.name.rstrip("t") == f"python{tag}"]
        if tag and not own:
            others = ", ".join(path.parent.name.removeprefix("python") for path in found)
            raise BadEnvironmentError(
                f"is an environment of Python {others}, and the base is Python {tag}",
                where=str(place),
                todo="give as --base the Python that it was made with",
            )
        return own[0] if own else found[0]
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
        found.append(_with_sources(name, version, site, files))
    loose = tuple(
        str(path.relative_to(site))
        for entry in sorted(site.iterdir())
        if entry.name not in owned and entry.name != "__pycache__"
        for path in ([entry] if entry.is_file() else sorted(entry.rglob("*")))
        if path.suffix in {".py", ".so", ".pth"} and path.is_file()
    )
    if loose:
        found.append(_with_sources(_LOOSE, "", site, loose))
    if not found:
        raise BadEnvironmentError("holds no packages", where=str(site))
    return found


def _with_sources(name: str, version: str, site: Path, files: tuple[str, ...]) -> Distribution:
    """Return a distribution with the sources that its path files and finders lead to."""
    leading = [file for file in files if "/" not in file and file.endswith((".pth", "_finder.py"))]
    roots = led_to(site, leading)
    more = [str(path) for folder, meant in roots.items() for path in sources(folder, meant)]
    return Distribution(
        name=name, version=version, folder=site, files=(*files, *more), roots=tuple(roots)
    )


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
    packages, todo = [], []
    for item in every:
        # Where the files lie and when they were written; then what they hold.
        kept = _kept(run, _key(item))
        if kept is None:
            todo.append(item)
        else:
            packages.append(kept)
    if todo:
        packages += _read_anew(todo, run)
    return Needs(place=place, packages=tuple(sorted(packages, key=lambda p: p.name.lower())))


def _read_anew(todo: list[Distribution], run: Run) -> list[Package]:
    """Read distributions side by side; one of the same content that lies elsewhere is known."""
    packages: list[Package] = []
    # The largest first, so that the cores are busy to the end. A tree has no circles: nothing is
    # gained by looking for them.
    todo.sort(key=lambda item: -len(item.files))
    with ProcessPoolExecutor(max_workers=run.jobs, initializer=gc.disable) as pool:
        keyed = list(zip(todo, pool.map(_content_key, todo), strict=True))
        unknown = []
        for item, content in keyed:
            kept = _kept(run, content)
            if kept is None:
                unknown.append((item, content))
            else:
                packages.append(kept)
                _keep(run, _key(item), kept)
        read = pool.map(read_distribution, [item for item, _ in unknown])
        for (item, content), made in zip(unknown, read, strict=True):
            packages.append(made)
            run.reporter.progress("needs", len(packages), len(todo))
            for key in (content, _key(item)):
                _keep(run, key, made)
    return packages


def _kept(run: Run, key: str) -> Package | None:
    folder = run.store.find("contract-needs", key)
    if folder is None:
        return None
    return Package.from_json(json.loads((folder / "needs.json").read_text("utf-8")))


def _keep(run: Run, key: str, made: Package) -> None:
    def fill(folder: Path) -> None:
        (folder / "needs.json").write_text(json.dumps(asdict(made)), "utf-8")

    run.store.product("contract-needs", key, fill)


def _key(item: Distribution) -> str:
    states = []
    for name in item.files:
        state = (item.folder / name).stat()
        states.append([name, state.st_size, state.st_mtime_ns, state.st_ctime_ns])
    return key_of([str(item.folder), item.name, item.version, states, code_digest()])


def _content_key(item: Distribution) -> str:
    """Return the key of what is read of a distribution, wherever it lies."""
    contents = [
        [item.below(name), _digest(item.folder / name) if _is_read(name) else ""]
        for name in item.files
    ]
    return key_of(["content", item.name, item.version, contents, code_digest()])


def _digest(path: Path) -> str:
    try:
        return file_digest(path)
    except OSError:
        return "cannot be read"


def _is_read(name: str) -> bool:
    return name.endswith((".py", ".so", "entry_points.txt", ".pth")) or ".so." in name


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
            except (SyntaxError, ValueError, RecursionError, MemoryError, OSError) as error:
                unread.append(f"{item.below(name)}: {type(error).__name__}")
        elif name.endswith(".so") or ".so." in name:
            try:
                elf = read_elf(path)
            except OSError as error:
                unread.append(f"{item.below(name)}: {type(error).__name__}")
                continue
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
