"""Count how often legacy behaviour is used, and by which module; tell it at exit."""

from __future__ import annotations

import atexit
import os
import sys
from _thread import allocate_lock

from _elpython import _table, toggles

__all__ = ["count", "lines", "record", "start"]

EVENT = "elpython.legacy"  # raised by the interpreter's core, with the toggle's name

_counts: dict[tuple[str, str], int] = {}
_lock = allocate_lock()


def _module_using(name: str) -> str:
    """Give the module whose call led here, past those that the toggle lies in."""
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


def _hear(event: str, args: tuple[object, ...]) -> None:
    if event == EVENT and toggles.toggle(str(args[0])).legacy:
        count(str(args[0]))


def _in_force() -> list[toggles.Toggle]:
    return [item for item in toggles.everything() if item.legacy]


def record() -> list[dict[str, object]]:
    """Give a record for each legacy behaviour in force: value, source, count and modules."""
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
    """Give the report for people."""
    if not records:
        return ["elpython: no legacy behaviour is in force"]
    text = []
    for item in records:
        modules = item["modules"]
        by = ", ".join(f"{name} ({times})" for name, times in modules.items())  # type: ignore[attr-defined]
        used = f"used {item['used']} time(s), by {by}" if by else "not used"
        text.append(f"elpython: {item['toggle']}={item['value']} ({item['source']}): {used}")
    return text


def _tell(place: str) -> None:
    records = record()
    if place == "1":
        text = "".join(f"{line}\n" for line in lines(records))
        target = 2
    else:
        import json

        text = json.dumps({"pid": os.getpid(), "argv": sys.argv, "legacy": records}) + "\n"
        try:
            target = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            os.write(2, f"elpython: {place}: cannot be written: {error.strerror}\n".encode())
            return
    os.write(target, text.encode("utf-8", "backslashreplace"))
    if target != 2:
        os.close(target)


def start(place: str) -> None:
    """Begin to count, and tell at exit.

    Args:
        place: ``1`` for the standard error stream; else a file, which a line of JSON is added to.
    """
    toggles.count_with(count)
    sys.addaudithook(_hear)
    os.register_at_fork(after_in_child=_counts.clear)
    atexit.register(_tell, place)
