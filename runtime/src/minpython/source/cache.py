"""Where translated code is kept: beside the ordinary byte code, under a name of its own.

A module whose source needs no translation goes on using its ordinary ``.pyc``, which holds exactly
what this Python makes of the source. Translated code must never lie there: a program that asks for
nothing would run it. It lies in a file of its own, ``__pycache__/name.cpython-313-min36.pyc``, or
in the user's cache folder when that can't be written.

A kept translation is used only when the source file or its content, this distribution's translator,
the version asked for and the interpreter's magic number are all as they were. Files are written
under another name and moved into place, so that two processes never see half of one.
"""

import _frozen_importlib_external as _external
import _imp
import marshal
import os
import sys
from _io import FileIO

from minpython import ORDINARY_TAG, tagged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from minpython.engine.requests import Version

    # The version that the file asks for itself, and its code.
    Entry = tuple[Version | None, CodeType]

MAGIC = (_external.MAGIC_NUMBER + b"minpython1\r\n").ljust(16, b"\0")
_KEY = int.from_bytes(_external.MAGIC_NUMBER, "little")
_HEAD, _HASH, _ASKED = 48, slice(48, 56), slice(56, 64)
_NONE = b"\xff" * 8
_revision: "list[bytes]" = []
_TRANSLATOR = (
    "translate.py",
    "tokens.py",
    "rename.py",
    "use.py",
    "spelling.py",
    "lookups.py",
    "../_views.py",
)


def find(file: str, version: "Version | None") -> "Entry | None":
    """Return the code kept for ``file`` when it was made from the file as it lies there now.

    The fast way: one look into a listing, one ``stat``, one file read. The file's change time,
    which nobody can set back, stands for its content.
    """
    folder, _, name = file.rpartition(os.sep)
    place = listed(folder).get(name[:-3] + _suffix(version))
    if place is None:
        return None
    try:
        facts = os.stat(file)
        with FileIO(place, "r") as stream:
            data = stream.readall()
        if data[:_HEAD] == _head(facts, version):
            return (_unpacked(data[_ASKED]), marshal.loads(memoryview(data)[64:]))
    except (OSError, EOFError, ValueError, TypeError):
        pass
    return None


def read(file: str, source: bytes, version: "Version | None", optimize: int) -> "Entry | None":
    """Return the code kept for ``file``, when it is what translating ``source`` would give now.

    The safe way, for files that were copied or unpacked since: the content is compared.
    """
    for place in _places(file, version, optimize):
        try:
            with FileIO(place, "r") as stream:
                data = stream.readall()
            if data[:32] == _head(None, version) and data[_HASH] == _imp.source_hash(_KEY, source):
                return (_unpacked(data[_ASKED]), marshal.loads(memoryview(data)[64:]))
        except (OSError, EOFError, ValueError, TypeError):
            continue
    return None


def write(
    file: str, source: bytes, version: "Version | None", optimize: int, entry: "Entry"
) -> None:
    """Keep ``entry`` for ``file``, in the first place that can be written; never raise."""
    if sys.dont_write_bytecode:
        return
    try:
        head = _head(os.stat(file), version)
    except OSError:
        return
    asked = _packed(entry[0])
    data = head + _imp.source_hash(_KEY, source) + asked + marshal.dumps(entry[1])
    for place in _places(file, version, optimize):
        mode = 0o777 if place_is_beside(place) else 0o700
        try:
            os.makedirs(os.path.dirname(place), mode=mode, exist_ok=True)
            _external._write_atomic(place, data, _mode(file))
        except OSError:
            continue
        listings.pop(os.path.dirname(file), None)
        return


def _head(facts: "os.stat_result | None", version: "Version | None") -> bytes:
    """Return the part of the header that must be equal; without ``facts``, its first 32 bytes."""
    start = MAGIC + _translator() + _packed(version)
    if facts is None:
        return start
    change, size = facts.st_ctime_ns & (1 << 64) - 1, facts.st_size
    return start + change.to_bytes(8, "little") + size.to_bytes(8, "little")


def _packed(version: "Version | None") -> bytes:
    return _NONE if version is None else bytes(min(part, 254) for part in version).ljust(8, b"\0")


def _unpacked(data: bytes) -> "Version | None":
    return None if data == _NONE else (data[0], data[1], data[2])


listings: "dict[str, dict[str, str]]" = {}


def listed(folder: str) -> "dict[str, str]":
    """Return what `_listing` found for ``folder`` when it was first asked for."""
    names = listings.get(folder)
    if names is None:
        names = listings[folder] = _listing(folder)
    return names


def _listing(folder: str) -> "dict[str, str]":
    """Return the kept translations for the modules in ``folder``: their places by their names."""
    found: dict[str, str] = {}
    beside = os.path.dirname(tagged(ORDINARY_TAG)(os.path.join(folder, "_.py")))
    for place in (_in_user_folder(folder), beside):
        try:
            names = os.listdir(place)
        except OSError:
            continue
        found.update({name: os.path.join(place, name) for name in names if "-min" in name})
    return found


def _suffix(version: "Version | None") -> str:
    """Return what stands after a module's name in the name of its kept translation."""
    found = _suffixes.get(version)
    if found is None:
        made = tagged(_tag(version))("_.py", optimization=_level(-1))
        found = _suffixes[version] = os.path.basename(made)[1:]
    return found


_suffixes: "dict[Version | None, str]" = {}


def _level(optimize: int) -> "int | str":
    level = sys.flags.optimize if optimize < 0 else optimize
    return level or ""


def _tag(version: "Version | None") -> str:
    if version is None:
        return f"{ORDINARY_TAG}-min"
    return f"{ORDINARY_TAG}-min{''.join(map(str, version[:2]))}{'view' * (len(version) > 3)}"


def place_is_beside(place: str) -> bool:
    """Return whether ``place`` lies beside its source, not in the user's cache folder."""
    return os.path.basename(os.path.dirname(place)) == "__pycache__"


def _mode(file: str) -> int:
    mode: int = _external._calc_mode(file)
    return mode


def _translator() -> bytes:
    """Return what tells one revision of the translator from another."""
    if not _revision:
        from minpython import __version__

        folder = os.path.dirname(os.path.abspath(__file__))
        found = __version__.encode()
        for name in _TRANSLATOR:
            try:
                with open(os.path.join(folder, name), "rb") as stream:
                    found += _imp.source_hash(_KEY, stream.read())
            except OSError:
                continue
        _revision.append(_imp.source_hash(_KEY, found))
    return _revision[0]


def _places(file: str, version: "Version | None", optimize: int) -> "Iterator[str]":
    """Yield where the code for ``file`` may lie, best place first."""
    try:
        beside = tagged(_tag(version))(file, optimization=_level(optimize))
    except NotImplementedError:
        return
    yield beside
    yield os.path.join(_in_user_folder(os.path.dirname(file)), os.path.basename(beside))


def _in_user_folder(folder: str) -> str:
    drive, path = os.path.splitdrive(os.path.abspath(folder))
    return os.path.join(user_folder(), drive.replace(":", ""), path.strip("/\\"))


def user_folder() -> str:
    """Return the user's cache folder for translated code."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "minpython")
