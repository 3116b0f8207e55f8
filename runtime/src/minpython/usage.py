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
        note_file(behaviour, "<unknown>")
    else:
        note_file(behaviour, frame.f_code.co_filename, frame.f_lineno)


def note_file(behaviour: str, file: str, line: int = 1) -> None:
    """Count one use of ``behaviour`` by a file and line."""
    key = (behaviour, file, line)
    counts[key] = counts.get(key, 0) + 1
