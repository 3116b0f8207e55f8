"""Translate source that an older Python accepted, keeping every line and column.

Each edit puts one character in the place of one. ``async`` and ``await`` as names are written with
one full-width letter: identifiers are normalised (NFKC) after the keyword check, so that the name
which reaches the compiler is the plain one (Language Reference, section 2.3). What a rule does not
need to change, it leaves alone; source that a rule cannot read is given back as it is, for the
compiler to say what is wrong.

`translate` is meant for source that did not compile: an ordinary ``.pyc`` of the running Python, or
a compile that succeeds, is already the proof that nothing has to be translated.
"""

from __future__ import annotations

import re

from minpython.source import rename, spelling, use
from minpython.source.tokens import UnreadableError, tokenize

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple, Union

    Source = Union[bytes, str]
else:
    from collections import namedtuple

ASYNC_KEYWORDS = (3, 7)
PLAIN_KEYWORD_ARGUMENTS = (3, 8)

_ASKS_BYTES = re.compile(rb"\bpython3\d+_syntax\b|\buse[ \t\f]+Python\b")
_ASKS_TEXT = re.compile(_ASKS_BYTES.pattern.decode("ascii"))
_OLD_BYTES = re.compile(rb"\ba(?:sync|wait)\b|,[\s\\]*\)|\)[\s\\]*=(?!=)|\\[ \t\f]*\Z")
_OLD_TEXT = re.compile(_OLD_BYTES.pattern.decode("ascii"))
_COOKIE = re.compile(rb"[ \t\f]*\#[^\r\n]*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:\#[^\r\n]*)?(?:\r\n|\r|\n)")
_BOM = b"\xef\xbb\xbf"


if TYPE_CHECKING:

    class Translation(NamedTuple):
        """What became of a source.

        `source` is the object that was given where nothing changed, else text whose lines and
        characters stand where they stood. `requested_version` is what the file's own
        ``use Python`` statement asks for, `syntax_version` what the syntax was read as, `widened`
        the positions (in characters) of letters that take more UTF-8 bytes than before.
        """

        source: Source
        changed: bool
        requested_version: tuple[int, ...] | None
        syntax_version: tuple[int, ...] | None
        widened: tuple[int, ...]

else:
    Translation = namedtuple(
        "Translation", "source changed requested_version syntax_version widened"
    )


def translate(
    source: Source,
    *,
    filename: str = "<string>",
    version: tuple[int, ...] | None = None,
) -> Translation:
    """Translate `source` as far as `version`, or the file's own request, asks for it.

    Args:
        source: a module's text, or its bytes as they are in the file.
        filename: the name to show in messages.
        version: the minimum version in force for the file, ``None`` for none.

    Raises:
        SyntaxError: the file's ``use Python`` statement can't be read.
    """
    asks, old = (_ASKS_TEXT, _OLD_TEXT) if isinstance(source, str) else (_ASKS_BYTES, _OLD_BYTES)
    asked = asks.search(source) is not None  # type: ignore[arg-type]
    if not asked and (
        version is None or version >= PLAIN_KEYWORD_ARGUMENTS or old.search(source) is None  # type: ignore[arg-type]
    ):
        return _unchanged(source)
    text = source if isinstance(source, str) else decode(source)
    if text is None:
        return _unchanged(source)
    return _translate(source, text, filename, version, asked=asked)


def _translate(
    source: Source, text: str, filename: str, version: tuple[int, ...] | None, *, asked: bool
) -> Translation:
    """Apply the rules to decoded text."""
    try:
        tokens = tokenize(text)
    except UnreadableError as error:
        tokens = error.found
        if not asked:
            return _unchanged(source)
    request = use.find(text, tokens, filename) if asked else use.NOTHING
    floor = min(filter(None, (version, request.version, request.syntax)), default=None)
    edits = list(request.edits)
    widened: list[int] = []
    if floor is not None and floor < ASYNC_KEYWORDS:
        widened = rename.positions(text, tokens)
        edits += [(place, rename.WIDE[text[place]]) for place in widened]
    if floor is not None and floor < PLAIN_KEYWORD_ARGUMENTS:
        edits += spelling.edits(text, tokens, floor)
    if request.place and (version is None or version[:2] > (request.version or version)[:2]):
        taken = {place for place, _ in request.edits}
        altered = [place for place, _ in edits if place not in taken]
        use.too_late(text, request, altered, filename)
    if not edits:
        return Translation(source, False, request.version, floor, ())  # noqa: FBT003
    made = _apply(text, edits)
    return Translation(made, True, request.version, floor, tuple(widened))  # noqa: FBT003


def _unchanged(source: Source) -> Translation:
    return Translation(source, False, None, None, ())  # noqa: FBT003


def _apply(text: str, edits: list[tuple[int, str]]) -> str:
    """Put each edit's character in the place of the one that stands there."""
    letters = list(text)
    for place, letter in edits:
        letters[place] = letter
    return "".join(letters)


def decode(source: bytes) -> str | None:
    """Decode a source file's bytes as PEP 263 says; ``None`` where the compiler would refuse."""
    mark, encoding = encoding_of(source)
    return _decoded(source[len(mark) :], encoding)


def encoding_of(source: bytes) -> tuple[bytes, str]:
    """Return a source file's byte order mark, if it has one, and its encoding (PEP 263)."""
    if source.startswith(_BOM):
        return _BOM, "utf-8"
    return b"", _declared(source) or "utf-8"


def _declared(source: bytes) -> str | None:
    """Return the encoding that one of the first two lines declares."""
    first = _COOKIE.match(source)
    if first is None:
        blank = _BLANK.match(source)
        first = _COOKIE.match(source, blank.end()) if blank else None
    return first[1].decode("ascii") if first else None


def _decoded(source: bytes, encoding: str) -> str | None:
    try:
        return source.decode(encoding)
    except (LookupError, UnicodeError):
        return None
