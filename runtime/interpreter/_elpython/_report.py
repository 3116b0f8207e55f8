"""Count how often legacy behaviour is used, and by which module.

The standard error stream is told at exit. A file has a line for each process, which is kept true at
every use: a process that is ended by ``os._exit`` or a signal has told what it used all the same.
"""

from __future__ import annotations

import atexit
import os
import sys
from _thread import allocate_lock

from _elpython import _table, toggles

__all__ = ["count", "lines", "record", "start"]

EVENT = "elpython.legacy"  # raised by the interpreter's core, with the toggle's name

ROOM = 1024  # bytes of a line, as long as they suffice: what is counted later is written in place

_counts: dict[tuple[str, str], int] = {}
_lock = allocate_lock()


class _Line:
    """Where the line of this process is in the file.

    The file is opened at every use: a descriptor that is kept may be closed by the program, and
    stand for something else afterwards.
    """

    __slots__ = ("at", "path", "size")

    def __init__(self) -> None:
        self.path = ""
        self.at = -1
        self.size = 0

    def forget(self) -> None:
        """Begin anew, in a child."""
        self.at = -1
        _counts.clear()

    def write(self, text: bytes) -> None:
        """Put the line into the file, in place of what it was before."""
        if self.at >= 0 and len(text) < self.size:
            self._put(text)
            return
        former = self.at >= 0
        if former:
            self._put(b"")
        size = max(ROOM, 2 * len(text))
        target = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(target, text.ljust(size - 1) + b"\n")
            self.at, self.size = os.lseek(target, 0, os.SEEK_CUR) - size, size
        finally:
            os.close(target)

    def _put(self, text: bytes) -> None:
        target = os.open(self.path, os.O_WRONLY)
        try:
            os.pwrite(target, text.ljust(self.size - 1), self.at)
        finally:
            os.close(target)


_line = _Line()
_to_file: list[str] = []


def _module_using(name: str) -> str:
    """Return the module whose call led here, past those that the toggle lies in."""
    own = ("_elpython", *_table.TOGGLES[name]["modules"])
    frame = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", "?"))
        if not any(module == item or module.startswith(f"{item}.") for item in own):
            return module
        frame = frame.f_back  # type: ignore[assignment]
    return "(unknown)"


def count(name: str) -> None:
    """Count one use of a toggle's legacy behaviour."""
    key = name, _module_using(name)
    with _lock:
        _counts[key] = _counts.get(key, 0) + 1
        if _line.path:
            _write()


def _hear(event: str, args: tuple[object, ...]) -> None:
    if event == EVENT and toggles.toggle(str(args[0])).legacy:
        count(str(args[0]))


def _in_force() -> list[toggles.Toggle]:
    return [item for item in toggles.everything() if item.legacy]


def record() -> list[dict[str, object]]:
    """Return a record for each legacy behaviour in force: value, source, count and modules."""
    found: list[dict[str, object]] = []
    for item in _in_force():
        by = {module: times for (name, module), times in _counts.items() if name == item.name}
        order = sorted(by.items(), key=lambda pair: (-pair[1], pair[0]))
        found.append(
            {
                "toggle": item.name,
                "value": item.value,
                "source": item.source,
                "used": sum(by.values()),
                "modules": dict(order),
            }
        )
    return found


def lines(records: list[dict[str, object]]) -> list[str]:
    """Return the report for people."""
    if not records:
        return ["elpython: no legacy behaviour is in force"]
    text = []
    for item in records:
        modules = item["modules"]
        by = ", ".join(f"{name} ({times})" for name, times in modules.items())  # type: ignore[attr-defined]
        used = f"used {item['used']} time(s), by {by}" if by else "not used"
        text.append(f"elpython: {item['toggle']}={item['value']} ({item['source']}): {used}")
    return text


def _write() -> None:
    import json

    text = json.dumps({"pid": os.getpid(), "argv": getattr(sys, "argv", []), "legacy": record()})
    try:
        _line.write(text.encode("ascii", "backslashreplace"))
    except OSError as error:
        os.write(2, f"elpython: {_line.path}: cannot be written: {error.strerror}\n".encode())
        _line.path = ""


def _tell() -> None:
    if _line.path:
        _write()
    elif not _to_file:
        text = "".join(f"{line}\n" for line in lines(record()))
        os.write(2, text.encode("utf-8", "backslashreplace"))


def start(place: str) -> None:
    """Begin to count, and tell at every use (a file) and at exit.

    Args:
        place: ``1`` for the standard error stream; else a file, which a line of JSON is added to.
    """
    if place != "1":
        import json  # noqa: F401 - here, and not in the middle of a use

        _line.path = os.path.abspath(place)
        _to_file.append(place)
    toggles.count_with(count)
    sys.addaudithook(_hear)
    os.register_at_fork(after_in_child=_line.forget)
    atexit.register(_tell)
