"""What planning has found out so far, so that a plan that was stopped goes on from there.

One line of JSON for each answer, appended when it is known; a line that was cut off by a stop is
not read. The file belongs to one question (the whole request with its options) and to one day:
answers of an index get old.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elpython.core.store import disk_errors, key_of
from elpython.core.strict_json import load_json

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Notes", "open_notes"]

_KEPT_SECONDS = 24 * 3600.0


@dataclass(slots=True)
class Notes:
    """Answers by the hash of their question; safe to use from several threads.

    Attributes:
        path: the file.
        known: the answers.
        reused: how many answers were taken from an earlier attempt.
    """

    path: Path
    known: dict[str, Any] = field(default_factory=dict)
    reused: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, question: object) -> Any:  # noqa: ANN401 - JSON
        """Return the answer that was put, or None."""
        with self._lock:
            found = self.known.get(key_of(question))
            self.reused += found is not None
        return found

    def put(self, question: object, answer: object) -> None:
        """Keep an answer.

        Raises:
            DiskFullError: no space left.
        """
        key = key_of(question)
        with self._lock, disk_errors(self.path):
            self.known[key] = answer
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, answer]) + "\n")

    def drop(self) -> None:
        """Remove the file: the plan is made."""
        self.path.unlink(missing_ok=True)


def open_notes(path: Path, request: object) -> Notes:
    """Open the notes of a request; those of another request, or of another day, are dropped.

    Raises:
        DiskFullError: no space left.
    """
    wanted = key_of(request)
    rows: list[Any] = []
    if path.is_file():
        for line in path.read_text("utf-8", "replace").splitlines():
            try:
                rows.append(load_json(line))
            except ValueError:
                continue
    head = rows[0] if rows and isinstance(rows[0], dict) else {}
    fresh = time.time() - float(head.get("made", 0)) < _KEPT_SECONDS
    if head.get("request") == wanted and fresh:
        return Notes(path, known={row[0]: row[1] for row in rows[1:] if isinstance(row, list)})
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"request": wanted, "made": time.time()}) + "\n", "utf-8")
    return Notes(path)
