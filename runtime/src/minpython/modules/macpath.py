"""The `macpath` module as it was up to Python 3.7: paths of the classic Mac OS (`a:b:c`).

Gone in 3.8; no system uses such paths any more.
"""

import os
from genericpath import *  # noqa: F403
from stat import *  # noqa: F403
from typing import AnyStr

curdir = ":"
pardir = "::"
extsep = "."
sep = ":"
pathsep = "\n"
defpath = ":"
altsep = None
devnull = "Dev:Null"

supports_unicode_filenames = True


def _colon(path: AnyStr) -> AnyStr:
    return b":" if isinstance(path, bytes) else ":"


def normcase(path: AnyStr) -> AnyStr:
    """Return the path in lower case: classic Mac OS ignores case."""
    return os.fspath(path).lower()


def isabs(s: AnyStr) -> bool:
    """Return whether the path starts with a volume: it has a colon, but not in front."""
    s = os.fspath(s)
    colon = _colon(s)
    return colon in s and not s.startswith(colon)


def join(s: AnyStr, *p: AnyStr) -> AnyStr:
    """Put the parts together with colons."""
    path = os.fspath(s)
    colon = _colon(path)
    for part in map(os.fspath, p):
        if not path or isabs(part):
            path = part
            continue
        tail = part[1:] if part.startswith(colon) else part
        head = path if colon in path else colon + path
        path = head + tail if head.endswith(colon) else head + colon + tail
    return path


def split(s: AnyStr) -> tuple[AnyStr, AnyStr]:
    """Split a path into folder and last part."""
    s = os.fspath(s)
    colon = _colon(s)
    if colon not in s:
        return s[:0], s
    head, _, tail = s.rpartition(colon)
    if not head or colon not in head:
        head += colon
    return head, tail


def splitext(p: AnyStr) -> tuple[AnyStr, AnyStr]:
    """Split the ending off, with its dot."""
    import genericpath

    p = os.fspath(p)
    dot = b"." if isinstance(p, bytes) else "."
    return genericpath._splitext(p, _colon(p), altsep, dot)  # type: ignore[attr-defined,no-any-return]


def splitdrive(p: AnyStr) -> tuple[AnyStr, AnyStr]:
    """Return an empty drive and the path: there are no drive letters."""
    p = os.fspath(p)
    return p[:0], p


def dirname(s: AnyStr) -> AnyStr:
    """Return the folder part of `split`."""
    return split(s)[0]


def basename(s: AnyStr) -> AnyStr:
    """Return the last part of `split`."""
    return split(s)[1]


def ismount(s: AnyStr) -> bool:
    """Return whether the path is a volume alone."""
    if not isabs(s):
        return False
    head, tail = split(s)
    return not tail and head.count(_colon(head)) == 1


def islink(s: AnyStr) -> bool:
    """Return whether the path is a symbolic link; False where there are none."""
    return os.path.islink(s)


def lexists(path: AnyStr) -> bool:
    """Return whether the path exists, broken links included."""
    return os.path.lexists(path)


def expandvars(path: AnyStr) -> AnyStr:
    """Return the path unchanged: there are no variables."""
    return path


def expanduser(path: AnyStr) -> AnyStr:
    """Return the path unchanged: there are no home folders."""
    return path


class norm_error(Exception):
    """The path goes above its volume."""


def normpath(s: AnyStr) -> AnyStr:
    """Take out what double colons undo; always end relative paths the same way.

    Raises:
        norm_error: the path goes above its volume.
    """
    s = os.fspath(s)
    colon = _colon(s)
    if colon not in s:
        return colon + s
    parts = s.split(colon)
    index = 1
    while index < len(parts) - 1:
        if not parts[index] and parts[index - 1]:
            if index == 1:
                raise norm_error("Cannot use :: immediately after volume name")
            del parts[index - 1 : index + 1]
            index -= 1
        else:
            index += 1
    path = colon.join(parts)
    if path.endswith(colon) and len(parts) > 2 and path != colon * len(path):
        path = path[:-1]
    return path


def abspath(path: AnyStr) -> AnyStr:
    """Return the path from its volume on."""
    if not isabs(path):
        here = os.getcwdb() if isinstance(path, bytes) else os.getcwd()
        path = join(here, path)
    return normpath(path)


def realpath(path: AnyStr) -> AnyStr:
    """Return `abspath`: links are not followed."""
    return abspath(path)
