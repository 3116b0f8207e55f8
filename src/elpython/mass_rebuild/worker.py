"""A slot of the process pool: tasks as JSON lines in, outcomes as JSON lines out.

Run as `python -m elpython.mass_rebuild.worker`. When its standard input closes (the run was
killed) it stops its build and ends, so that nothing is left behind.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading

from elpython.mass_rebuild.model import BuildTask
from elpython.mass_rebuild.perform import perform
from elpython.mass_rebuild.plain import from_plain, to_plain

__all__ = ["main"]


def _read(lines: queue.Queue[str | None], gone: threading.Event) -> None:
    for line in sys.stdin:
        lines.put(line)
    gone.set()
    lines.put(None)


def main() -> int:
    """Do tasks until the input ends."""
    lines: queue.Queue[str | None] = queue.Queue()
    gone = threading.Event()
    threading.Thread(target=_read, args=(lines, gone), daemon=True).start()
    # What a library prints must not be taken for an outcome.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    while (line := lines.get()) is not None:
        number, data = json.loads(line)
        outcome = perform(from_plain(BuildTask, data), gone.is_set)
        if gone.is_set():
            break
        answers.write(json.dumps([number, to_plain(outcome)]) + "\n")
        answers.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
