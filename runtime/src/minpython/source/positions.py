"""Compile translated source so that tracebacks point where the original text stands.

A full-width letter is one character but three bytes of UTF-8, and code objects count columns in
bytes. The syntax tree of the translated text gets the columns of the original before it is
compiled.
"""

from __future__ import annotations

import ast
from bisect import bisect_left

from minpython import own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

    from minpython.source.translate import Translation

_ADDED_BYTES = 2


def compile_translation(
    translation: Translation,
    filename: str,
    mode: str = "exec",
    flags: int = 0,
    *,
    dont_inherit: bool = True,
    optimize: int = -1,
) -> Any:
    """Compile what `minpython.translate.translate` gave, with the columns of the original.

    The arguments are those of the builtin `compile`.
    """
    source = translation.source
    if not translation.widened:
        return own.compile(source, filename, mode, flags, dont_inherit, optimize)
    only_tree = flags | ast.PyCF_ONLY_AST
    tree: Any = own.compile(source, filename, mode, only_tree, dont_inherit, optimize)
    text = source if isinstance(source, str) else source.decode()
    restore_columns(tree, text, translation.widened)
    if flags & ast.PyCF_ONLY_AST:
        return tree
    try:
        code: CodeType = own.compile(tree, filename, mode, flags, dont_inherit, optimize)
    except RecursionError:
        # A tree is nested more deeply than its text: rather have columns that are a little off.
        return own.compile(source, filename, mode, flags, dont_inherit, optimize)
    return code


def restore_columns(tree: ast.AST, text: str, widened: tuple[int, ...]) -> None:
    """Subtract from the columns of `tree` the bytes that widened letters added before them."""
    lines = _byte_columns(text, widened)
    for node in ast.walk(tree):
        columns = lines.get(getattr(node, "lineno", 0))
        if columns:
            node.col_offset -= _ADDED_BYTES * bisect_left(columns, node.col_offset)  # type: ignore[attr-defined]
        columns = lines.get(getattr(node, "end_lineno", None) or 0)
        if columns and node.end_col_offset is not None:  # type: ignore[attr-defined]
            node.end_col_offset -= _ADDED_BYTES * bisect_left(columns, node.end_col_offset)  # type: ignore[attr-defined]


def _byte_columns(text: str, widened: tuple[int, ...]) -> dict[int, list[int]]:
    """Return, by line, the byte columns at which widened letters start in the translated text."""
    found: dict[int, list[int]] = {}
    line, start = 1, 0
    for place in widened:
        passed = text.count("\n", start, place) + _lone_returns(text, start, place)
        if passed:
            line += passed
            start = max(text.rfind("\n", start, place), text.rfind("\r", start, place)) + 1
        found.setdefault(line, []).append(len(text[start:place].encode("utf-8", "surrogatepass")))
    return found


def _lone_returns(text: str, start: int, end: int) -> int:
    """Count the line ends that are a carriage return only."""
    return text.count("\r", start, end) - text.count("\r\n", start, end)
