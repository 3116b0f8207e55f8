"""``minpython report``: what a run used of the restored, by caller, printed or written as JSON."""

from __future__ import annotations

import os
import sys

from minpython.engine import journal
from minpython.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCHEMA = "minpython-report/1"
# Names the process that owns the report's file; its children write beside it.
OWNER = "MINPYTHON_REPORT_OWNER"
PRINT = "-"


def begin(target: str) -> None:
    """Count from now on, and report at exit.

    Args:
        target: the path of the JSON file to write, or ``-`` to print on the standard error stream.
    """
    import atexit

    journal.counting = True
    owner = os.environ.setdefault(OWNER, str(os.getpid()))
    if target != PRINT:
        target = os.path.abspath(target)
        os.environ["PYTHONMINVERSION_REPORT"] = target
        if owner != str(os.getpid()):
            target = f"{target}.{os.getpid()}"
    pid = os.getpid()
    atexit.register(_end, target, pid)


def _end(target: str, pid: int) -> None:
    if target == PRINT:
        if sys.stderr is not None:
            sys.stderr.write(as_text(collect()))
        return
    if os.getpid() != pid:
        target = f"{target}.{os.getpid()}"
    try:
        _write(target, collect())
    except OSError as error:
        if sys.stderr is not None:
            sys.stderr.write(f"minpython: can't write the report: {error}\n")


def _write(target: str, content: dict[str, Any]) -> None:
    import json

    half = f"{target}.{os.getpid()}.part"
    with open(half, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
        file.write("\n")
    os.replace(half, target)


def collect() -> dict[str, Any]:
    """Return the counts so far as JSON data, most used first."""
    from minpython.engine import state

    uses = [
        {"behaviour": name, "file": file, "line": line, "count": count}
        for (name, file, line), count in journal.counts.items()
    ]
    uses.sort(key=lambda use: (-int(str(use["count"])), use["behaviour"], use["file"], use["line"]))
    return {
        "schema": SCHEMA,
        "python": ".".join(map(str, sys.version_info[:3])),
        "used_version": ".".join(map(str, state.used_version())),
        "program": (getattr(sys, "argv", None) or [""])[0],
        "uses": uses,
        "failed": dict(sorted(journal.failed.items())),
    }


def as_text(content: dict[str, Any]) -> str:
    """Return a report for people."""
    uses = content["uses"]
    if not uses:
        return "minpython: nothing restored was used\n"
    names = {use["behaviour"] for use in uses}
    total = sum(use["count"] for use in uses)
    lines = [
        (
            f"minpython: {len(names)} restored behaviour{'s' if len(names) > 1 else ''} used "
            f"{total} time{'s' if total > 1 else ''}, as on Python {content['used_version']}"
        ),
    ]
    for name in sorted(names):
        mine = [use for use in uses if use["behaviour"] == name]
        lines.append(f"  {name}: {sum(use['count'] for use in mine)}")
        lines += [f"    {use['file']}:{use['line']}: {use['count']}" for use in mine]
    return "\n".join([*lines, ""])


def merged(paths: list[str]) -> dict[str, Any]:
    """Return the reports in the files ``paths`` added up.

    Raises:
        ConfigError: a file isn't a report.
    """
    import json

    result: dict[str, Any] | None = None
    counts: dict[tuple[str, str, int], int] = {}
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                content = json.load(file)
        except (OSError, ValueError) as error:
            raise ConfigError(f"{path}: {error}") from None
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            raise ConfigError(f"{path}: this is no report of minpython")
        for use in content["uses"]:
            key = (use["behaviour"], use["file"], use["line"])
            counts[key] = counts.get(key, 0) + use["count"]
        result = result or content
    uses = [
        {"behaviour": key[0], "file": key[1], "line": key[2], "count": count}
        for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return {**(result or {}), "uses": uses}
