"""Slips of reST that break a NEWS entry: found without a reST parser, in microseconds each."""

from __future__ import annotations

import re

__all__ = ["rest_problems"]

_LITERAL = re.compile(r"``(?=\S)(?:.*?\S)?``(?!`)", re.DOTALL)
_ROLE = re.compile(r":[a-zA-Z][\w+-]*(?::[\w+-]+)*:`[^`]*`", re.DOTALL)
_OPEN_ROLE = re.compile(r":[a-zA-Z][\w+-]*(?::[\w+-]+)*:`")
# Links, and the default role: poor style, but whole.
_WHOLE = re.compile(r"`[^`\s](?:[^`]*[^`\s])?`(?:__?)?", re.DOTALL)
_SPACED_ROLE = re.compile(r":(?:func|meth|mod|class|exc|c:func|c:type|c:member|data|attr): `")
_NEAR_DIRECTIVE = re.compile(r"^\s*\.\.\s?[a-z-]+:(?!:)\s*\S*$")
_MESSAGES = {
    "literal": "an inline literal ``...`` is not closed",
    "role": "a role's text is not closed by a backtick",
    "space": "a space stands between a role and its backtick",
    "backtick": "a backtick without its partner: write ``literal`` or :role:`name`",
    "directive": "a directive ends with two colons, '.. name::'",
    "tab": "a tab: indent with spaces",
}


def rest_problems(text: str) -> list[tuple[int, str]]:
    """Return the slips of a text, as pairs of line (from 0) and message."""
    found = [
        (number, _MESSAGES[kind])
        for number, line in enumerate(text.splitlines())
        for kind in _line_problems(line)
    ]
    rest = _blank(_LITERAL, _without_code(text))
    found += _each(re.compile("``"), rest, "literal")
    rest = rest.replace("``", "  ")
    found += _each(_SPACED_ROLE, rest, "space")
    rest = _blank(_SPACED_ROLE, rest)
    rest = _blank(_ROLE, rest)
    found += _each(_OPEN_ROLE, rest, "role")
    rest = _blank(_OPEN_ROLE, rest)
    rest = _blank(_WHOLE, rest)
    found += _each(re.compile("`"), rest, "backtick")[:1]
    return sorted(set(found))


def _line_problems(line: str) -> list[str]:
    kinds = []
    if "\t" in line:
        kinds.append("tab")
    if _NEAR_DIRECTIVE.match(line):
        kinds.append("directive")
    return kinds


def _without_code(text: str) -> str:
    """Blank out what stands indented behind a `::`: backticks there are code."""
    kept, inside, depth = [], False, 0
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if inside and line.strip() and indent <= depth:
            inside = False
        kept.append("" if inside else line)
        if not inside and line.rstrip().endswith("::"):
            inside, depth = True, indent
    return "\n".join(kept)


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def _each(pattern: re.Pattern[str], text: str, kind: str) -> list[tuple[int, str]]:
    return [(text.count("\n", 0, found.start()), _MESSAGES[kind])
            for found in pattern.finditer(text)]  # fmt: skip
