"""Texts that mean something to the standard library: patterns, format specifications, dates."""

from __future__ import annotations

import re

from elpython.project.rules import Use

__all__ = ["date_uses", "format_uses", "pattern_uses", "template_uses"]

POSSESSIVE = "possessive quantifier in a pattern"
ATOMIC = "atomic group in a pattern"
NEGATIVE_ZERO = "format specification with z"
GROUPED_FRACTION = "format specification with grouped fraction"
NAMED = "character by its name in a pattern"
DATES = "fromisoformat() of more than isoformat() writes"

_SPEC = re.compile(
    r"(?:.?[<>=^])?[-+ ]?(?P<zero>z)?#?0?(?:\d+|\{[^}]*\})?[,_]?"
    r"(?:\.(?:\d+|\{[^}]*\})?(?P<fraction>[,_]))?(?:\.?\d*)?[eEfFgG%]?"
)
_FIELD = re.compile(r"\{[^{}:!]*(?:![rsa])?:((?:[^{}]|\{[^{}]*\})*)\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_NAMED = re.compile(r"(?<!\\)(?:\\\\)*\\N\{")
_ESCAPE = re.compile(r"\\.", re.DOTALL)
_DATE = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "time": re.compile(
        r"\d\d(?::\d\d(?::\d\d(?:\.\d{3}(?:\d{3})?)?)?)?"
        r"(?:[+-]\d\d:\d\d(?::\d\d(?:\.\d{6})?)?)?"
    ),
    "datetime": re.compile(
        r"\d{4}-\d\d-\d\d(?:.\d\d(?::\d\d(?::\d\d(?:\.\d{3}(?:\d{3})?)?)?)?"
        r"(?:[+-]\d\d:\d\d(?::\d\d(?:\.\d{6})?)?)?)?",
        re.DOTALL,
    ),
}  # fmt: skip


def pattern_uses(pattern: str | bytes, line: int) -> set[Use]:
    """Return what a regular expression uses of CPython 3.11."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    bare = _CLASS.sub("x", _ESCAPE.sub("x", text))
    found = set()
    if re.search(r"(?:[*+?]|\{\d*,?\d*\})\+", bare):
        found.add(Use(POSSESSIVE, (3, 11), line))
    if "(?>" in bare:
        found.add(Use(ATOMIC, (3, 11), line))
    if isinstance(pattern, str) and _NAMED.search(text):
        found.add(Use(NAMED, (3, 8), line))
    return found


def format_uses(spec: str, line: int) -> set[Use]:
    """Return what a format specification uses."""
    match = _SPEC.fullmatch(spec)
    if match is None:
        return set()
    found = set()
    if match["zero"]:
        found.add(Use(NEGATIVE_ZERO, (3, 11), line))
    if match["fraction"]:
        found.add(Use(GROUPED_FRACTION, (3, 14), line))
    return found


def template_uses(template: str, line: int) -> set[Use]:
    """Return what the fields of a `str.format` template use."""
    if ":" not in template or "{" not in template:
        return set()
    return {use for spec in _FIELD.findall(template) for use in format_uses(spec, line)}


def date_uses(kind: str, text: str, line: int) -> set[Use]:
    """Return what `fromisoformat` of a date, time or datetime needs for a text."""
    return set() if _DATE[kind].fullmatch(text) else {Use(DATES, (3, 11), line)}
