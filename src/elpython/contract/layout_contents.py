"""What installed files hold where that is a promise: scripts, links, build settings, ELF, modes."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.places import installer, manuals, pkgconfig, programs
from elpython.core.elf import read_elf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.contract.subject import Subject

__all__ = ["contents", "generic", "own"]

# Where the compiler's debug information says the source was: told anew for every build.
_PREFIX_MAP = re.compile(r"-f(file|debug|macro)-prefix-map=\S+")
_ASSIGNED = re.compile(r"^([A-Za-z_]\w*)[ \t]*=[ \t]*(.*)$")
_TEXT_BELOW = 65536
_DATA = Path(__file__).with_name("data") / "layout.toml"
_NOT_LOOKED_AT = {
    "__pycache__", "site-packages", "dist-packages", "test", "tests", "idle_test", "turtledemo",
}  # fmt: skip
# Files of the build's own folder that say how extension modules are compiled.
_BUILD_FILES = ("makesetup", "install-sh", "python-config.py", "Setup", "Setup.local")


def contents(subject: Subject) -> dict[str, str]:
    """Return what the promised files hold, by a name that is the same on both sides."""
    found: dict[str, str] = {}
    for area, files in (
        ("bin", programs(subject.python, subject.tag)),
        ("pkgconfig", pkgconfig(subject.prefix, subject.tag)),
    ):
        for name, path in files.items():
            found.update(_file(f"{area}/{name}", path, subject))
    found.update(_installer(subject))
    found.update(_build_folder(subject))
    found.update(_archives(subject))
    found.update(_linking(subject))
    found.update(_library(subject))
    found.update(_modes(subject))
    return found


def _installer(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield which Python the `pip` beside the interpreter starts, and whether its package is there.

    The rest of that program is written by pip, and every pip writes it as it likes.
    """
    pip = installer(subject.python, subject.tag)
    if pip is None:
        return
    with pip.open("rb") as stream:
        line = generic(stream.readline().decode("utf-8", "replace"), subject)
    own_names = {f"#!{{prefix}}/bin/python{end}" for end in ("", "3", subject.tag)}
    yield f"content.bin/{pip.name}", "starts its own Python" if line in own_names else line
    yield f"mode.bin/{pip.name}", _mode(pip)
    folders = [Path(folder) for folder in subject.facts.get("packages", ())]
    there = any((folder / "pip" / "__init__.py").is_file() for folder in folders)
    yield "package.pip", "there" if there else "gone"


def _library(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the modes below the standard library, and what its data files hold."""
    no_promise = tomllib.loads(_DATA.read_text("utf-8"))["no_promise"]
    for place, folders, files in os.walk(subject.stdlib):
        below = Path(place).relative_to(subject.stdlib)
        folders[:] = sorted(name for name in folders if name not in _NOT_LOOKED_AT)
        if str(below) != ".":
            yield f"mode.stdlib/{below}", _folder_mode(Path(place))
        for name in sorted(files):
            path = Path(place) / name
            if path.is_symlink() or path.suffix in {".pyc", ".a", ".orig"}:
                continue
            yield f"mode.stdlib/{below / name}", _mode(path).replace("executable ", "")
            known = path.suffix in {".py", ".so"} or below.parts[:1] == ("lib-dynload",)
            if known or below.name.startswith("config-"):
                continue
            if not any(fnmatch(str(below / name), pattern) for pattern in no_promise):
                yield f"content.stdlib/{below / name}", _digest(path, subject)


def _modes(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield who may read library and headers."""
    yield "mode.library", _mode(subject.library).replace("executable ", "")
    yield "mode.stdlib", _folder_mode(subject.stdlib)
    yield "mode.bin", _folder_mode(subject.python.parent)
    if subject.stdlib.is_relative_to(subject.prefix):
        # The prefix itself is where somebody put it.
        for folder in list(subject.stdlib.relative_to(subject.prefix).parents)[:-1]:
            yield f"mode.prefix/{folder}", _folder_mode(subject.prefix / folder)
    for folder in map(Path, subject.facts.get("packages", ())):
        if folder.is_dir() and folder.is_relative_to(subject.stdlib):
            yield f"mode.stdlib/{folder.name}", _folder_mode(folder)
    for name, path in manuals(subject.prefix, subject.tag).items():
        if not path.exists():
            yield f"content.man/{name}", "leads nowhere"
            continue
        yield f"mode.man/{name}", _mode(path)
        yield f"content.man/{name}", "empty" if path.stat().st_size == 0 else "there"
    if subject.include is not None:
        yield "mode.include", _folder_mode(subject.include)
        for path in sorted(subject.include.rglob("*")):
            name = f"mode.include/{path.relative_to(subject.include)}"
            if path.is_dir():
                yield name, _folder_mode(path)
            elif path.suffix == ".h":
                yield name, _mode(path)


def _folder_mode(path: Path) -> str:
    """Return whether everybody may look into a folder."""
    mode = path.stat().st_mode
    return "private" if not mode & stat.S_IROTH or not mode & stat.S_IXOTH else "open"


def _digest(path: Path, subject: Subject) -> str:
    """Return a data file's size and digest; of a text without places."""
    data = path.read_bytes()
    if len(data) < _TEXT_BELOW and b"\0" not in data:
        data = generic(data.decode("utf-8", "replace"), subject).encode()
    return f"{len(data)} bytes, SHA-256 {hashlib.sha256(data).hexdigest()[:16]}"


def _file(name: str, path: Path, subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield a link's target, or a text's lines without places, and the mode."""
    if path.is_symlink():
        yield f"link.{name}", Path(path.readlink()).name
        return
    yield f"mode.{name}", _mode(path)
    if path.stat().st_size < _TEXT_BELOW:
        text = path.read_bytes()
        if b"\0" not in text:
            yield f"content.{name}", generic(text.decode("utf-8", "replace"), subject)


def _mode(path: Path) -> str:
    """Return what users may do with a file; who owns it is the installation's matter."""
    mode = path.stat().st_mode
    words = (
        ("set-user-id", mode & stat.S_ISUID),
        ("set-group-id", mode & stat.S_ISGID),
        ("executable", mode & stat.S_IXUSR),
        ("readable", mode & stat.S_IRUSR),
        ("writable by all", mode & stat.S_IWOTH),
    )
    secret = not mode & stat.S_IROTH and mode & stat.S_IRGRP == 0
    return " ".join([name for name, bit in words if bit] + ["private"] * secret)


def _build_folder(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield the Makefile's variables and the other files that extensions are built with."""
    for folder in sorted(subject.stdlib.glob("config-*")):
        makefile = folder / "Makefile"
        if makefile.is_file():
            for name, value in _assignments(makefile.read_text("utf-8", "replace")):
                yield f"makefile.{name}", generic(value, subject)
        for name in _BUILD_FILES:
            if (folder / name).is_file():
                yield from _file(f"config/{name}", folder / name, subject)


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("\\\n", " ").splitlines():
        match = _ASSIGNED.match(line)
        if match:
            yield match.group(1), " ".join(match.group(2).split())


def _archives(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield whether the static libraries hold objects: programs that embed are linked with them."""
    for folder in (subject.prefix / "lib", *sorted(subject.stdlib.glob("config-*"))):
        for path in sorted(folder.glob(f"libpython{subject.tag}*.a")):
            with path.open("rb") as stream:
                whole = stream.read(8) == b"!<arch>\n" and path.stat().st_size > _TEXT_BELOW
            yield (
                f"archive.{folder.name}/{path.name}",
                "with objects" if whole else "without objects",
            )


def _linking(subject: Subject) -> Iterator[tuple[str, str]]:
    """Yield what the loader reads of executable, library and extension modules."""
    files = {"python": subject.python.resolve(), "library": subject.library}
    for path in sorted((subject.stdlib / "lib-dynload").glob("*.so")):
        files[f"lib-dynload/{path.name}"] = path
    for name, path in files.items():
        elf = read_elf(path)
        if elf is None:
            yield f"elf.{name}", "not an ELF file"
            continue
        for part, value in (elf.linking() | elf.loading()).items():
            yield f"elf.{name}.{part.replace(' ', '_')}", generic(value, subject)


def own(text: str, subject: Subject) -> str:
    """Write a path below the interpreter's own prefix so that the other side's reads the same."""
    place = str(subject.prefix)
    return re.sub(rf"(?<![\w/.-]){re.escape(place)}(?![\w.-])", "{prefix}", text)


def generic(text: str, subject: Subject) -> str:
    """Write a place of this installation so that the other side's reads the same."""
    built = subject.facts["config_vars"]
    places = [
        (str(built.get("abs_srcdir") or ""), "{source}"),
        (str(built.get("abs_builddir") or ""), "{build}"),
        (str(subject.prefix), "{prefix}"),
        (str(built.get("BINDIR") or "").removesuffix("/bin"), "{prefix}"),
    ]
    for place, name in sorted(places, key=lambda item: -len(item[0])):
        if len(place) > 1:
            text = re.sub(rf"(?<![\w/.-]){re.escape(place)}(?![\w.-])", name, text)
            for before in ("=", "L", "I", "./", "#!"):
                rooted = place.lstrip("/") if before == "./" else place
                text = text.replace(f"{before}{rooted}", f"{before}{name}")
    return " ".join(_PREFIX_MAP.sub("", text).split())
