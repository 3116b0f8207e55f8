"""Counts of the restored behaviours that a run really used, by the caller's file and line."""

from __future__ import annotations

from minpython.scope import asker

counting = False
counts: dict[tuple[str, str, int], int] = {}


def note(behaviour: str) -> None:
    """Count one use of ``behaviour`` by the code that asks; nothing unless counting is on."""
    if not counting:
        return
    frame = asker(1)
    if frame is None:
        key = (behaviour, "<unknown>", 0)
    else:
        key = (behaviour, frame.f_code.co_filename, frame.f_lineno)
    counts[key] = counts.get(key, 0) + 1
