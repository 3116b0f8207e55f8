"""Code objects made from the arguments that ``types.CodeType`` once took."""

from __future__ import annotations

import sys
from types import CodeType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_TEMPLATE = (lambda: None).__code__
_COUNTS = ("co_argcount", "co_posonlyargcount", "co_kwonlyargcount")
_REST = (
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_filename",
    "co_name",
    "co_firstlineno",
    "co_lnotab",
    "co_freevars",
    "co_cellvars",
)
_NEW_REST = (
    *_REST[:9],
    "co_qualname",
    "co_firstlineno",
    "co_linetable",
    "co_exceptiontable",
    *_REST[-2:],
)


def new(cls: type[CodeType], *args: Any) -> CodeType:
    """Return a code object.

    Arguments of 3.6 and 3.7 (no count of positional-only parameters), of 3.8 to 3.10, and of the
    running Python are told apart by the place of the byte code and by their number.

    Raises:
        TypeError: they fit none of these.
    """
    at = next((index for index, value in enumerate(args) if isinstance(value, bytes)), -1)
    counts = _COUNTS if at == 6 else (_COUNTS[0], _COUNTS[2])
    newest = at == 6 and len(args) >= 16 and isinstance(args[12], str)
    rest = _NEW_REST if newest else _REST
    values = dict(zip((*counts, *rest), args))
    if at not in (5, 6) or len(args) > len(counts) + len(rest) or len(args) < 14 - (at == 5):
        raise TypeError(f"code() got {len(args)} arguments that fit no known Python")
    values.setdefault("co_freevars", ())
    values.setdefault("co_cellvars", ())
    values.setdefault("co_posonlyargcount", 0)
    if not newest:
        _modernise(values)
    return _made(values)


def _modernise(values: dict[str, Any]) -> None:
    code, lnotab = values["co_code"], values.pop("co_lnotab")
    source = _origin(code)
    if sys.version_info < (3, 10):
        values["co_lnotab"] = lnotab
        return
    if source is not None and source.co_lnotab == lnotab:
        values["co_linetable"] = source.co_linetable
    else:
        values["co_linetable"] = line_table(lnotab, len(code), values["co_firstlineno"])
    if sys.version_info >= (3, 11):
        values["co_qualname"] = values["co_name"]
        values["co_exceptiontable"] = b"" if source is None else source.co_exceptiontable


def _origin(code: bytes) -> CodeType | None:
    """Return the code object whose byte code the caller copied, if its variables show one."""
    frame = sys._getframe(3)
    for value in list(frame.f_locals.values()):
        found = getattr(value, "__code__", value)
        if isinstance(found, CodeType) and found.co_code == code:
            return found
    return None


def _made(values: dict[str, Any]) -> CodeType:
    if values["co_posonlyargcount"] > values["co_argcount"]:
        # Callers that confuse the counts went by 0 everywhere, until variables of comprehensions
        # became locals of the code around them.
        values["co_posonlyargcount"] = 0
    if sys.version_info >= (3, 11):
        if values["co_freevars"] and not values["co_cellvars"]:
            values["co_code"] = _with_given_cells(values["co_code"], len(values["co_freevars"]))
        # Their number follows from the names; `replace` checks that they agree.
        values["co_nlocals"] = len(values["co_varnames"])
    return _TEMPLATE.replace(**values)


def _with_given_cells(code: bytes, free: int) -> bytes:
    """Return byte code that takes its cells from the closure, when it starts with making them.

    The trick of old picklers: cell variables of a function, given to ``CodeType`` as free ones.
    """
    from opcode import opmap

    changed = bytearray(code)
    at = 0
    while at < len(code) and code[at] == opmap["MAKE_CELL"]:
        changed[at : at + 2] = (opmap["NOP"], 0) if at else (opmap["COPY_FREE_VARS"], free)
        at += 2
    return bytes(changed)


def line_table(lnotab: bytes, size: int, first: int) -> bytes:
    """Return the line table of the running Python for one of Python 3.6 to 3.9.

    Args:
        lnotab: pairs of a step in bytes and a signed step in lines.
        size: the length of the byte code.
        first: the first line.
    """
    if sys.version_info < (3, 10):
        return lnotab
    spans = _spans(lnotab, size)
    return _locations(spans) if sys.version_info >= (3, 11) else _deltas(spans)


def _spans(lnotab: bytes, size: int) -> list[tuple[int, int]]:
    """Return (length in bytes, step in lines before it) of each span of byte code."""
    spans: list[tuple[int, int]] = []
    start = at = line = 0
    for step, change in zip(lnotab[::2], lnotab[1::2]):
        if step:
            if at + step > start:
                spans.append((min(at + step, size) - start, line))
                line = 0
                start = min(at + step, size)
            at += step
        line += change - 256 if change >= 128 else change
    if size > start:
        spans.append((size - start, line))
    return [span for span in spans if span[0] > 0]


def _deltas(spans: list[tuple[int, int]]) -> bytes:
    out = bytearray()
    for length, step in spans:
        while abs(step) > 127:
            part = 127 if step > 0 else -127
            out += bytes((0, part & 0xFF))
            step -= part  # noqa: PLW2901
        while length > 254:
            out += bytes((254, step & 0xFF))
            length, step = length - 254, 0  # noqa: PLW2901
        out += bytes((length, step & 0xFF))
    return bytes(out)


def _locations(spans: list[tuple[int, int]]) -> bytes:
    """Write entries that tell lines without columns, for at most eight code units each."""
    out = bytearray()
    for length, step in spans:
        units = length // 2
        while units > 0:
            part = min(units, 8)
            out.append(0x80 | 13 << 3 | (part - 1))
            zigzag = step << 1 if step >= 0 else (-step << 1) | 1
            while zigzag >= 64:
                out.append(0x40 | zigzag & 0x3F)
                zigzag >>= 6
            out.append(zigzag)
            units, step = units - part, 0  # noqa: PLW2901
    return bytes(out)
