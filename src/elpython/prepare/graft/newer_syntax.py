"""Parse a module of an older or newer Python than the one that runs this."""

from __future__ import annotations

import ast
import re
import warnings

__all__ = ["parse_newer", "parsed"]

_HEAD = re.compile(r"(?P<indent>[ \t]*)(async\s+def|def|class)\s")
_ALIAS = re.compile(r"(?P<indent>[ \t]*)type\s+\w+.*=.*\n?$")
_ATTEMPTS = 300


def parsed(source: str) -> ast.Module:
    """Parse a module; what this Python would warn about in an older one is not our concern.

    Raises:
        SyntaxError: it is not understood.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _blank(lines: list[str], head: int) -> None:
    """Put `pass` in a definition's place: its decorators, head and body."""
    depth = _indent(lines[head])
    end = head + 1
    while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > depth):
        end += 1
    # A signature over several lines ends with a bracket at the definition's own depth.
    if end < len(lines) and lines[end].lstrip().startswith(")"):
        end += 1
        while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > depth):
            end += 1
    start = head
    while start > 0 and lines[start - 1].startswith(" " * depth + "@"):
        start -= 1
    lines[start:end] = [" " * depth + "pass\n", *["\n"] * (end - start - 1)]


def _enclosing(lines: list[str], line: int) -> int | None:
    """Return the line of the innermost definition around a line; None outside of every one."""
    depth = _indent(lines[line]) if lines[line].strip() else 10_000
    if _HEAD.match(lines[line]):
        return line
    for index in range(line - 1, -1, -1):
        text = lines[index]
        if text.strip() and _indent(text) < depth:
            if _HEAD.match(text):
                return index
            depth = _indent(text)
    return None


def parse_newer(text: str) -> list[ast.stmt]:
    """Parse a module; definitions and `type` statements that are not understood are left out.

    What is left out could not be used in an older release either. Line numbers are those of the
    text.

    Args:
        text: source of a module.

    Raises:
        SyntaxError: what is not understood lies outside of every definition.
    """
    lines = text.splitlines(keepends=True)
    for _attempt in range(_ATTEMPTS):
        try:
            return parsed("".join(lines)).body
        except SyntaxError as error:
            at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
            if alias := _ALIAS.match(lines[at]):
                lines[at] = alias["indent"] + "pass\n"
                continue
            head = _enclosing(lines, at)
            if head is None:
                raise
            _blank(lines, head)
    return parsed("".join(lines)).body
