"""Reasons that people write into data: whether there is anything in one."""

from __future__ import annotations

import re

__all__ = ["line_problem", "reason_problem"]

_WORD = re.compile(r"[^\W\d_]{2,}")
_LEAST_WORDS, _LEAST_LETTERS = 3, 10
# What is written to be replaced later, and never is.
_PLACEHOLDERS = re.compile(
    r"\b(todo|tbd|fix-?me|xxx+|lorem|ipsum|asdf\w*|to be (done|decided|determined|filled in))\b",
    re.IGNORECASE,
)


# Control characters, which steer terminals and break XML, and what turns the direction of writing.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


def line_problem(text: str) -> str | None:
    """Return what is wrong with a text that stands on one line; None where it may be shown."""
    if not text.strip():
        return "is blank"
    if "\n" in text or "\t" in text:
        return "must be one line"
    found = _STEERING.search(text)
    return f"has the character {found[0]!r}, which no text needs" if found else None


def reason_problem(text: str) -> str | None:
    """Return what is wrong with a reason; None where it says something.

    A reason is a clause: at least three different words of two letters or more, ten letters
    together, none of them a placeholder. Whether it is true, a reviewer has to say.
    """
    if found := _STEERING.search(text):
        return f"has the character {found[0]!r}, which no text needs"
    words = {word.casefold() for word in _WORD.findall(text)}
    if len(words) < _LEAST_WORDS or sum(map(len, words)) < _LEAST_LETTERS:
        return f"{text!r} is no reason: say in words why"
    if found := _PLACEHOLDERS.search(text):
        return f"{found[0]!r} is a placeholder, no reason"
    return None
