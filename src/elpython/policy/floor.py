"""What no `policy.toml` can change: rules that hold for everybody, and what is never harmless.

The policy's data are reviewed like code, but data change more easily than code. What a branch
promises to everybody's binaries (tags, pyc magic number, opcodes, public structs, places) stands
here, and the data are held against it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.define.change import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from elpython.policy.model import Forbidden, Rule

__all__ = ["forbidden_problems", "harmless_problem", "is_beside", "rule_problems"]

# All that can be harmless when it is declared: neither a tag nor a number of byte code nor what an
# extension module has compiled in is among it.
_HARMLESS = (
    # The interpreter's own lists of files in the Makefile that `python3-config` readers see.
    r"layout:makefile\.[A-Z_]*(OBJS|HEADERS|SRCS)",
    # What one extension module of the tree asks of the C library; no library that others link to.
    r"layout:elf\.lib-dynload/_?[a-z]\w*\*?",
    # What venv writes into environments, which it alone reads: no place, and nothing compiled.
    r"layout:content\.stdlib/venv/scripts(/\w[\w.]*)*",
    # The union of alternatives in a node of the syntax tree, which lives in the compiler's arena.
    r"abi:struct\._[a-z]+\.v",
    # Made by the tree's generator out of Parser/Python.asdl.
    r"Include/(internal/pycore_ast|Python-ast)\.h",
)
# What may be added beside the base's own without binding anybody.
_BESIDE = (
    r"layout:\+(stdlib|include)/.+|layout:\+builtin\.\w+"
    r"|(abi|stable-abi):\+(enum|symbol|function|macro)\..+|stable-abi:\+\w+"
)
# Rules that take no reason, and the kinds of change that each rule has to hold for at least.
_FIRM = ("same-layout", "lts-scope", "kept-fixes", "approvals", "cla")
_FIXES = ("security",)
_LEAST: dict[str, Sequence[str]] = {
    "same-layout": KINDS,
    "lts-scope": KINDS,
    "approvals": KINDS,
    "cla": KINDS,
    "kept-fixes": _FIXES,
    "newer-branches": _FIXES,
    "real-checks": _FIXES,
    "security-first": _FIXES,
    "behaviour-toggle": _FIXES,
    "follow-ups": _FIXES,
}
# A line of each kind that the table `[[forbidden]]` must catch, as CPython writes it.
_CAUGHT = (
    ("Lib/importlib/_bootstrap_external.py", "MAGIC_NUMBER = (3426).to_bytes(2, 'little')"),
    ("Include/internal/pycore_magic_number.h", "#define PYC_MAGIC_NUMBER 3572"),
    ("Lib/opcode.py", "def_op('MATCH_CLASS', 152)"),
    ("Lib/opcode.py", "jrel_op('JUMP_NEW', 153)"),
    ("Include/opcode.h", "#define MATCH_CLASS             152"),
    ("Include/opcode_ids.h", "#define BINARY_SLICE                             1"),
    ("configure", "SOABI='cpython-311-el'"),
    ("configure.ac", "EXT_SUFFIX=.el-311.so"),
    ("Python/sysmodule.c", '#define TAG "cpython-311el"'),
    ("Lib/sysconfig.py", "        'purelib': '{base}/lib/el/site-packages',"),
    ("Makefile.pre.in", "LIBDEST=\t$(prefix)/el"),
    ("Include/object.h", "    Py_ssize_t ob_extra;"),
    ("Include/cpython/object.h", "    unsigned int tp_watched;"),
    ("Include/cpython/pystate.h", "    PyObject *el_state;"),
)


def is_beside(declared: str) -> bool:
    """Return whether a declaration is of something beside the base's own, which binds nobody."""
    return re.fullmatch(_BESIDE, declared) is not None


def harmless_problem(what: str) -> str | None:
    """Return why something can never be named harmless; None where it can."""
    if any(re.fullmatch(pattern, what) for pattern in _HARMLESS):
        return None
    return (
        f"{what!r} can never be harmless: tags, pyc magic number, opcodes, public structs and "
        "places are what everybody's files and extension modules rely on"
    )


def rule_problems(rules: Mapping[str, Rule]) -> Iterator[str]:
    """Yield how the table of rules lets go of what holds for everybody."""
    for rule in rules.values():
        if rule.id in _FIRM and rule.excusable:
            yield f"{rule.id} takes no reason: excusable must be false"
        missing = [kind for kind in _LEAST.get(rule.id, ()) if kind not in rule.kinds]
        if missing:
            yield f"{rule.id} has to hold for {', '.join(missing)} too"
        elif not rule.kinds:
            yield f"{rule.id} holds for no kind of change"


def forbidden_problems(forbidden: Sequence[Forbidden]) -> Iterator[str]:
    """Yield the lines that every policy forbids, and this table of patterns lets through."""
    for path, line in _CAUGHT:
        if not any(item.catches(path, line) for item in forbidden):
            yield f"lets through {line.strip()!r} in {path}"
