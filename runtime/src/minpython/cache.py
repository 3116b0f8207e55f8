"""Where translated code is kept: beside the ordinary byte code, under a name of its own.

A module whose source needs no translation goes on using its ordinary ``.pyc``, which holds exactly
what this Python makes of the source. Translated code must never lie there: a program that asks for
nothing would run it. It lies in a file of its own, ``__pycache__/name.cpython-313-min36.pyc``, or in
the user's cache folder when that can't be written.

A kept translation is used only when the source's content, this distribution's translator, the version
asked for, the interpreter's magic number and the file's own checksum are all as they were. Files are
written under another name and moved into place, so that two processes never see half of one.
"""

from __future__ import annotations

import _frozen_importlib_external as _external
import _imp
import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any, Callable

    from minpython.requests import Version

    # The version that the file asks for itself, and its code.
    Entry = tuple[Version | None, CodeType]

MAGIC = _external.MAGIC_NUMBER + b"minpython1\r\n"
_KEY = int.from_bytes(_external.MAGIC_NUMBER, "little")
ORDINARY_TAG = sys.implementation.cache_tag or "python"
_revision: list[bytes] = []


class _Sys:
    """``sys`` with another cache tag, for the import system's own path arithmetic."""

    def __init__(self, tag: str) -> None:
        self.implementation = type(sys.implementation)(cache_tag=tag)

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


def tagged(tag: str) -> Callable[..., str]:
    """Return ``importlib.util.cache_from_source`` as it is under the cache tag ``tag``."""
    if tag in _made:
        return _made[tag]
    function = _original_cache_from_source
    space = {**function.__globals__, "sys": _Sys(tag)}
    made = type(function)(function.__code__, space, function.__name__, function.__defaults__)
    made.__kwdefaults__ = function.__kwdefaults__
    made.__doc__ = function.__doc__
    _made[tag] = made
    return made  # type: ignore[no-any-return]


_made: dict[str, Callable[..., str]] = {}
_original_cache_from_source: Any = _external.cache_from_source


def read(file: str, source: bytes, version: Version | None, optimize: int) -> Entry | None:
    """Return the code kept for ``file``, when it is what translating ``source`` would give now."""
    for place in _places(file, version, optimize):
        try:
            with open(place, "rb") as stream:
                data = stream.read()
        except OSError:
            continue
        entry = _decoded(data, source, version)
        if entry is not None:
            return entry
    return None


def write(file: str, source: bytes, version: Version | None, optimize: int, entry: Entry) -> None:
    """Keep ``entry`` for ``file``, in the first place that can be written; never raise."""
    if sys.dont_write_bytecode:
        return
    payload = marshal.dumps((_facts(source, version), entry))
    data = MAGIC + _imp.source_hash(_KEY, payload) + payload
    for place in _places(file, version, optimize):
        try:
            os.makedirs(
                os.path.dirname(place),
                mode=0o777 if place_is_beside(place) else 0o700,
                exist_ok=True,
            )
            _external._write_atomic(place, data, _mode(file))
        except OSError:
            continue
        return


def place_is_beside(place: str) -> bool:
    """Tell whether ``place`` lies beside its source, not in the user's cache folder."""
    return os.path.basename(os.path.dirname(place)) == "__pycache__"


def _mode(file: str) -> int:
    mode: int = _external._calc_mode(file)
    return mode


def _decoded(data: bytes, source: bytes, version: Version | None) -> Entry | None:
    head = len(MAGIC)
    payload = data[head + 8 :]
    if data[:head] != MAGIC or data[head : head + 8] != _imp.source_hash(_KEY, payload):
        return None
    try:
        facts, entry = marshal.loads(payload)
    except (EOFError, ValueError, TypeError):
        return None
    return entry if facts == _facts(source, version) else None  # type: ignore[no-any-return]


def _facts(source: bytes, version: Version | None) -> tuple[bytes, int, bytes, Version | None]:
    return (_imp.source_hash(_KEY, source), len(source), _translator(), version)


def _translator() -> bytes:
    """Return what tells one revision of the translator from another."""
    if not _revision:
        from minpython import __version__

        folder = os.path.dirname(os.path.abspath(__file__))
        found = __version__.encode()
        for name in ("translate.py", "tokens.py", "_rename.py", "_requests.py", "_spelling.py"):
            try:
                with open(os.path.join(folder, name), "rb") as stream:
                    found += _imp.source_hash(_KEY, stream.read())
            except OSError:
                continue
        _revision.append(found)
    return _revision[0]


def _places(file: str, version: Version | None, optimize: int) -> list[str]:
    """Return where the code for ``file`` may lie, best place first."""
    suffix = "min" if version is None else "min" + "".join(map(str, version[:2]))
    level = sys.flags.optimize if optimize < 0 else optimize
    make = tagged(f"{ORDINARY_TAG}-{suffix}")
    try:
        beside = make(file, optimization="" if level == 0 else level)
    except NotImplementedError:
        return []
    absolute = os.path.abspath(file)
    drive, path = os.path.splitdrive(absolute)
    inner = os.path.join(drive.replace(":", ""), os.path.dirname(path).strip("/\\"))
    return [beside, os.path.join(user_folder(), inner, os.path.basename(beside))]


def user_folder() -> str:
    """Return the user's cache folder for translated code."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "minpython")
