"""Patches: what they touch, and whether they may be applied to a tree at all."""

from __future__ import annotations

import fnmatch
import re

from elpython.core.errors import BadArchiveError
from elpython.upstream.archive import safe_path

__all__ = ["check_patch", "leave_out_paths", "touched_paths", "unquoted"]

_HEADER = re.compile(
    rb"^(?:--- |\+\+\+ |rename from |rename to |copy from |copy to )(?P<path>[^\t\n]+)",
    re.MULTILINE,
)
_GIT = re.compile(rb"^diff --git (?P<paths>.+)$", re.MULTILINE)
_CRLF = re.compile(rb"^(?:diff --git |--- |\+\+\+ |@@ ).*\r$", re.MULTILINE)
_LINK = re.compile(rb"^(?:new file mode|new mode|old mode|deleted file mode) 120000", re.MULTILINE)
_HUNK = re.compile(rb"^@@ -\d+(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@", re.MULTILINE)


def unquoted(raw: bytes) -> str:
    """Return a path as a header of a patch has it, without git's quotes and escapes."""
    text = raw.decode("utf-8", "surrogateescape").strip()
    if text.startswith('"') and text.endswith('"'):
        text = text[1:-1].encode("utf-8", "surrogateescape").decode("unicode_escape")
    return text


def _outside_hunks(text: bytes) -> bytes:
    """Leave out the hunks' own lines: what a patch changes may look like a header."""
    kept: list[bytes] = []
    old = new = 0
    for line in text.splitlines(keepends=True):
        if old > 0 or new > 0:
            first = line[:1]
            old -= first in {b" ", b"-", b"\n", b"\r"}
            new -= first in {b" ", b"+", b"\n", b"\r"}
            continue
        match = _HUNK.match(line)
        if match:
            old = int(match["old"] if match["old"] is not None else 1)
            new = int(match["new"] if match["new"] is not None else 1)
        kept.append(line)
    return b"".join(kept)


def touched_paths(text: bytes) -> list[str]:
    """Return the paths that a patch touches, without `a/` and `b/`; checked to stay in the tree.

    Raises:
        BadArchiveError: a path leaves the tree.
    """
    headers = _outside_hunks(text)
    found: dict[str, None] = {}
    for match in _HEADER.finditer(headers):
        name = unquoted(match["path"])
        if name == "/dev/null":
            continue
        bare = match[0].startswith((b"rename", b"copy"))
        path = safe_path(name)
        parts = path.parts if bare else path.parts[1:]
        if not parts:
            raise BadArchiveError(f"the path {name!r} has no folder to strip (patch -p1)")
        found["/".join(parts)] = None
    return list(found)


def check_patch(text: bytes, where: str) -> list[str]:
    """Check that a patch may be applied; return the paths that it touches.

    Args:
        text: the patch.
        where: how it is called in messages.

    Raises:
        BadArchiveError: Windows line ends in its headers, a symlink, a path that leaves the tree,
            or nothing that a patch would change; nothing was written.
    """
    headers = _outside_hunks(text)
    if _CRLF.search(headers):
        raise BadArchiveError(
            "the patch has Windows line ends (CRLF)",
            where=where,
            todo="convert it: sed -i 's/\\r$//'",
        )
    if _LINK.search(headers):
        raise BadArchiveError("the patch makes or changes a symbolic link", where=where)
    try:
        paths = touched_paths(text)
        for match in _GIT.finditer(headers):
            for name in re.findall(r'"[^"]*"|\S+', match["paths"].decode("utf-8", "replace")):
                safe_path(unquoted(name.encode("utf-8", "replace")))
    except BadArchiveError as error:
        error.where = where
        error.todo = "refused, nothing was written"
        raise
    if not paths and b"GIT binary patch" not in headers:
        raise BadArchiveError("is no patch: it changes no file", where=where)
    return paths


def leave_out_paths(text: bytes, patterns: tuple[str, ...]) -> bytes:
    """Take the files that match glob patterns out of a `git diff` patch."""
    if not patterns:
        return text
    parts = re.split(rb"(?m)^(?=diff --git )", text)
    kept = [parts[0]]
    for part in parts[1:]:
        paths = touched_paths(part)
        if not any(fnmatch.fnmatch(path, glob) for path in paths for glob in patterns):
            kept.append(part)
    return b"".join(kept)
