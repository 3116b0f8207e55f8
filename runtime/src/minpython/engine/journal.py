"""The records of a run: every change made to it, with the way back, and the uses, when counted."""

import os

from minpython.engine.scope import asker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

counting = False
"""Whether uses are counted, for ``minpython report``."""
counts: "dict[tuple[str, str, int], int]" = {}
"""How often each behaviour was used, by the caller's file and line."""
failed: "dict[str, str]" = {}
"""Why a behaviour could not be restored, by its name."""
_entries: "list[tuple[str, Callable[[], object]]]" = []
places: "dict[str, set[tuple[int, str]]]" = {}
"""Where each behaviour has changed something: the owner, by its ``id`` in `owners`, and a name."""
owners: "dict[int, Any]" = {}


def note(behaviour: str, undo: "Callable[[], object]") -> None:
    """Remember ``undo``, which takes back one change that ``behaviour`` just made.

    An undo leaves the place alone when something else has changed it since.
    """
    _entries.append((behaviour, undo))


def at(behaviour: str, owner: "Any", name: str) -> None:
    """Remember that ``behaviour`` has changed ``owner.name``; for those who compare."""
    owners[id(owner)] = owner
    places.setdefault(behaviour, set()).add((id(owner), name))


def mark() -> int:
    """Return the point in the record to which `undo_to` can go back."""
    return len(_entries)


def undo_to(point: int) -> "list[Exception]":
    """Take back everything done since ``point``, last change first; return what went wrong."""
    failures: list[Exception] = []
    while len(_entries) > point:
        _call(_entries.pop()[1], failures)
    return failures


def undo_behaviour(behaviour: str) -> "list[Exception]":
    """Take back what one behaviour did, last change first; return what went wrong."""
    failures: list[Exception] = []
    for at in range(len(_entries) - 1, -1, -1):
        if _entries[at][0] == behaviour:
            _call(_entries.pop(at)[1], failures)
    return failures


def _call(undo: "Callable[[], object]", failures: "list[Exception]") -> None:
    try:
        undo()
    except Exception as error:  # noqa: BLE001 - the rest must be taken back all the same
        failures.append(error)


def count(behaviour: str) -> None:
    """Count one use of ``behaviour`` by the code that asks; nothing unless counting is on.

    What the standard library does of itself is no use: it goes on without the behaviour.
    """
    if not counting:
        return
    frame = asker(1)
    if frame is None:
        count_file(behaviour, "<unknown>")
    elif not _of_library(frame.f_code.co_filename):
        count_file(behaviour, frame.f_code.co_filename, frame.f_lineno)


def _of_library(file: str) -> bool:
    """Return whether a file is one of the standard library, which other packages lie below."""
    if file.startswith("<frozen "):
        return True
    folder = os.path.dirname(os.__file__) + os.sep
    return file.startswith(folder) and "site-packages" not in file[len(folder) :]


def count_file(behaviour: str, file: str, line: int = 1) -> None:
    """Count one use of ``behaviour`` by a file and line."""
    key = (behaviour, file, line)
    counts[key] = counts.get(key, 0) + 1
