"""Texts of others, which a terminal is going to show."""

from __future__ import annotations

import unicodedata

__all__ = ["hides"]

# Control and format characters, halves of characters, private and unassigned ones, line ends.
_HIDING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_PLAIN = {"\t", "\n"}


def hides(text: str) -> bool:
    """Return whether a text has characters that a terminal obeys, or shows as something else."""
    if text.isascii() and text.isprintable():
        return False
    return any(
        unicodedata.category(character) in _HIDING for character in text if character not in _PLAIN
    )
