"""``minpython try``: run a program without anything restored and with it, and say what it takes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from minpython import versions
from minpython._index import BEHAVIOURS, CHANGED_IN
from minpython.commands import report
from minpython.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCHEMA = "minpython-try/1"
_TAIL = 3


def tried(version: str, argv: list[str]) -> dict[str, Any]:
    """Run a program twice, and return what that tells as JSON data.

    What the program writes is kept back, but for the last lines of its errors. Both runs read an
    empty standard input.

    Args:
        version: the version to ask for, 3.8.
        argv: ``script.py ...``, ``-m module ...`` or ``-c code ...``.

    Raises:
        ConfigError: the version or the program can't be had.
    """
    try:
        wanted = versions.checked(versions.parse(version))
    except ValueError as error:
        raise ConfigError(f"--min: {error}") from None
    if not argv:
        raise ConfigError("no program to try: give a script, -m module or -c code")
    if argv[0] not in ("-m", "-c") and not os.path.exists(argv[0]):
        raise ConfigError(f"can't open {argv[0]!r}: no such file")
    with tempfile.TemporaryDirectory(prefix="minpython-try-") as folder:
        counts = os.path.join(folder, "report.json")
        bare = _run(argv, {})
        asked = _run(argv, {"PYTHONMINVERSION": version, "PYTHONMINVERSION_REPORT": counts})
        names = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
        written = [name for name in names if not name.endswith(".part")]
        uses = report.merged(written)["uses"] if written else []
    used = sorted({use["behaviour"] for use in uses})
    return {
        "schema": SCHEMA,
        "python": versions.text(versions.running()),
        "min_version": versions.text(wanted),
        "bare": bare,
        "asked": asked,
        "uses": uses,
        "enough": _enough(used, wanted),
    }


def _run(argv: list[str], more: dict[str, str]) -> dict[str, Any]:
    """Run the program; return its exit code and the end of what it wrote about errors."""
    own = ("PYTHONMINVERSION", "PYTHONMINVERSION_REPORT", report.OWNER)
    env = {key: value for key, value in os.environ.items() if key not in own}
    if not hasattr(sys, "set_min_python_version") or not _starts_alone():
        raise ConfigError("minpython isn't installed in this Python: new processes start without")
    done = subprocess.run(
        [sys.executable, *argv],
        env={**env, **more},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    lines = done.stderr.decode("utf-8", "backslashreplace").splitlines()
    return {"exit_code": done.returncode, "errors": lines[-_TAIL:] if done.returncode else []}


def _starts_alone() -> bool:
    """Return whether a new process has minpython from its start."""
    ask = "import sys; sys.exit(not hasattr(sys, 'set_min_python_version'))"
    done = subprocess.run([sys.executable, "-c", ask], stdin=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def _enough(used: list[str], wanted: tuple[int, int, int]) -> str | None:
    """Return the newest version that still has everything that was used; None when nothing was."""
    known = [BEHAVIOURS[name][CHANGED_IN] for name in used if name in BEHAVIOURS]
    if not known:
        return None
    first = min(known)
    return versions.text(max(wanted, (3, first[1] - 1, 0) if not first[2] else (3, first[1], 0)))


def as_text(told: dict[str, Any]) -> str:
    """Return what `tried` found for people."""
    lines = []
    for name, what in (
        ("bare", f"Python {told['python']}"),
        ("asked", f"as Python {told['min_version']}"),
    ):
        run = told[name]
        lines.append(f"{what}: exit code {run['exit_code']}")
        lines += [f"    {line}" for line in run["errors"]]
    if told["uses"]:
        lines.append("it used:")
        by_name: dict[str, list[dict[str, Any]]] = {}
        for use in told["uses"]:
            by_name.setdefault(use["behaviour"], []).append(use)
        for name in sorted(by_name):
            places = by_name[name]
            lines.append(f"  {name}: {sum(use['count'] for use in places)}")
            lines += [f"    {use['file']}:{use['line']}" for use in places]
    if told["asked"]["exit_code"]:
        lines.append(f"Python {told['min_version']} is not enough, or the program fails anyway")
    elif told["enough"] is None:
        lines.append("nothing restored was used: it takes no older version")
    else:
        lines.append(f"it takes PYTHONMINVERSION={told['enough']}")
    return "\n".join([*lines, ""])
