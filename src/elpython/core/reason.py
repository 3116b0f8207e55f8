"""Reasons that people write into data: whether there is anything in one."""

from __future__ import annotations

import re

__all__ = ["reason_problem"]

_WORD = re.compile(r"[^\W\d_]{2,}")
_LEAST_WORDS, _LEAST_LETTERS = 3, 10
# What is written to be replaced later, and never is.
_PLACEHOLDERS = re.compile(r"\b(todo|tbd|fixme|xxx+|lorem|ipsum|asdf\w*)\b", re.IGNORECASE)


def reason_problem(text: str) -> str | None:
    """Return what is wrong with a reason; None where it says something.

    A reason is a clause: at least three different words of two letters or more, ten letters
    together, none of them a placeholder. Whether it is true, a reviewer has to say.
    """
    words = {word.casefold() for word in _WORD.findall(text)}
    if len(words) < _LEAST_WORDS or sum(map(len, words)) < _LEAST_LETTERS:
        return f"{text!r} is no reason: say in words why"
    if found := _PLACEHOLDERS.search(text):
        return f"{found[0]!r} is a placeholder, no reason"
    return None
