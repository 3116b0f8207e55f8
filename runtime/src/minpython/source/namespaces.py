"""Take what the compiler writes into class bodies since Python 3.13 out of compiled code.

A class body stores ``__firstlineno__`` first of all and ``__static_attributes__`` last of all. A
store is an instruction of two bytes without a cache, so what drops the value fits in its place.
"""

from __future__ import annotations

import opcode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

_STORE = opcode.opmap["STORE_NAME"]
_DROP = opcode.opmap["POP_TOP"]
_NOTHING = opcode.opmap["NOP"]
_EXTENDED = opcode.opmap["EXTENDED_ARG"]
_FIRST, _LAST = "__firstlineno__", "__static_attributes__"
_OPTIMIZED = 1  # CO_OPTIMIZED: functions, which class bodies are not


def stripped(code: CodeType) -> CodeType:
    """Return ``code`` without these stores in the class bodies in it; itself when it has none."""
    constants = None
    for at, constant in enumerate(code.co_consts):
        if type(constant) is type(code):
            new = stripped(constant)
            if new is not constant:
                if constants is None:
                    constants = list(code.co_consts)
                constants[at] = new
    text = _without_stores(code) if _is_class_body(code) else None
    if text is None and constants is None:
        return code
    return code.replace(
        co_code=code.co_code if text is None else bytes(text),
        co_consts=code.co_consts if constants is None else tuple(constants),
    )


def _is_class_body(code: CodeType) -> bool:
    names = code.co_names
    return not code.co_flags & _OPTIMIZED and _LAST in names and "__qualname__" in names[:4]


def _without_stores(code: CodeType) -> bytearray | None:
    text = bytearray(code.co_code)
    changed = False
    for name in (_FIRST, _LAST):
        at = _place(text, code.co_names, name)
        if at is not None:
            text[at : at + 2] = bytes((_DROP, 0))
            if at >= 2 and text[at - 2] == _EXTENDED:
                text[at - 2 : at] = bytes((_NOTHING, 0))
            changed = True
    return text if changed else None


def _place(text: bytearray, names: tuple[str, ...], name: str) -> int | None:
    """Return where a name is stored: first of all, or last of all.

    The same bytes may also stand in the middle between two instructions, or belong to a longer
    number.
    """
    if name not in names:
        return None
    high, low = divmod(names.index(name), 256)
    wanted = bytes((_EXTENDED, high, _STORE, low)) if high else bytes((_STORE, low))
    places = range(0, len(text) - len(wanted) + 1, 2)
    for at in places if name == _FIRST else reversed(places):
        longer = not high and at >= 2 and text[at - 2] == _EXTENDED
        if text[at] == wanted[0] and text.startswith(wanted, at) and not longer:
            return at + len(wanted) - 2
    return None
