"""The functions of ``locale`` that went."""

from __future__ import annotations

import locale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def format(  # noqa: A001
    percent: str, value: Any, grouping: bool = False, monetary: bool = False, *additional: Any
) -> str:
    """Format one number with one ``%`` specifier, in the way of the locale.

    Raises:
        ValueError: the format is not exactly one specifier.
    """
    match = locale._percent_re.match(percent)  # type: ignore[attr-defined]
    if not match or len(match.group()) != len(percent):
        raise ValueError(
            f"format() must be given exactly one %char format specifier, {percent!r} not valid"
        )
    values = (*additional, value) if additional else value
    return locale.format_string(percent, values, grouping, monetary)


def resetlocale(category: int = locale.LC_ALL) -> None:
    """Set the locale for a category to what the environment says."""
    locale.setlocale(category, "")
