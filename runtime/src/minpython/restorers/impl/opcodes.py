"""What ``opcode``, ``dis`` and ``modulefinder`` told about the byte code, by the running one."""

from __future__ import annotations

import opcode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAP = opcode.opmap
HASNARGS: list[int] = []
EXTENDED_ARG = _MAP["EXTENDED_ARG"]
IMPORT_NAME = _MAP["IMPORT_NAME"]
LOAD_CONST = _MAP["LOAD_CONST"]
STORE_GLOBAL = _MAP["STORE_GLOBAL"]
STORE_NAME = _MAP["STORE_NAME"]
STORE_OPS = (STORE_NAME, STORE_GLOBAL)
FORMAT_VALUE_CONVERTERS = ((None, ""), (str, "str"), (repr, "repr"), (ascii, "ascii"))
MAKE_FUNCTION_FLAGS = ("defaults", "kwdefaults", "annotations", "closure")
_PSEUDO = [code for code in _MAP.values() if code > 255] or [256]
MIN_PSEUDO_OPCODE = min(_PSEUDO)
MAX_PSEUDO_OPCODE = max(_PSEUDO)
OPLISTS: list[Any] = [
    getattr(opcode, name)
    for name in (
        "hasarg",
        "hasconst",
        "hasname",
        "hasjrel",
        "hasjabs",
        "haslocal",
        "hascompare",
        "hasfree",
        "hasexc",
    )
    if hasattr(opcode, name)
]


def is_pseudo(op: int) -> bool:
    """Return whether an opcode is only known to the compiler."""
    return MIN_PSEUDO_OPCODE <= op <= MAX_PSEUDO_OPCODE
