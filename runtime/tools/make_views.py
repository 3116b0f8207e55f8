"""Make ``minpython/_views.py``: the names that restored behaviours have to do with.

Every restorer that can work for single packages is called in each interpreter of the machine, with
tools that only note what they are asked for. The result is the union, so that the compiled look-ups
of a package are the same whatever the interpreter.

Usage: python runtime/tools/make_views.py [--check]
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNTIME = Path(__file__).resolve().parents[1]
TARGET = RUNTIME / "src" / "minpython" / "_views.py"
sys.path.insert(0, str(RUNTIME / "tests"))

RECORD = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
import types
stub = types.ModuleType("minpython._views")
stub.NAMES = {}
sys.modules["minpython._views"] = stub
from minpython import table
from minpython.engine import state, views
from minpython._index import BEHAVIOURS, CHANGED_IN, INSECURE, PER_PACKAGE, TARGETED
from minpython.engine.scope import Scope
found, failed = [], {}
for target, behaviours in TARGETED.items():
    try:
        module = importlib.import_module(target)
    except ImportError:
        continue
    for name in behaviours.split():
        row = BEHAVIOURS[name]
        if not row[PER_PACKAGE] or sys.version_info < row[CHANGED_IN] or not views.works(name):
            continue
        patch = views.ViewPatch(name, Scope(packages=frozenset(["oldlib"])))
        before = {key: list(value) for key, value in views.added.items()}
        try:
            state.restorer(name)(patch, module)
        except Exception as error:
            failed[name] = f"{target}: {type(error).__name__}: {error}"
for kind, tables in (("added", views.added), ("replaced", views.replaced)):
    for name, entries in tables.items():
        for entry in entries:
            owner = entry.owner
            module = owner.__name__ if isinstance(owner, types.ModuleType) else ""
            cls = owner.__name__ if isinstance(owner, type) else ""
            found.append([name, entry.patch.name, kind, module, cls])
print(json.dumps([found, failed]))
"""


def record(python: str) -> tuple[list[list[str]], dict[str, str]]:
    """Return what an interpreter's restorers were asked for, and which failed."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env["PYTHONPATH"] = str(RUNTIME / "src")
    done = subprocess.run(
        [python, "-S", "-c", RECORD], env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found, failed = json.loads(done.stdout)
    return found, failed


def _by_behaviours(names: dict[str, set[str]]) -> Iterator[str]:
    """Yield a line for each set of behaviours, with the names that it has to do with."""
    groups: dict[str, list[str]] = {}
    for name in sorted(names):
        groups.setdefault(" ".join(sorted(names[name])), []).append(name)
    for behaviours, group in sorted(groups.items()):
        yield f"{behaviours}: {' '.join(group)}"


def text(rows: list[list[str]]) -> str:
    """Return the source of the module."""
    names: dict[str, set[str]] = {}
    sources: dict[str, set[str]] = {}
    classes: set[str] = set()
    builtin = {"compile", "eval", "exec", "getattr", "hasattr"}
    for name, behaviour, kind, module, cls in rows:
        names.setdefault(name, set()).add(behaviour)
        if module:
            sources.setdefault(module, set()).add(name)
        if module == "builtins":
            builtin.add(name)
        if kind == "replaced" and name in ("__init__", "__new__"):
            classes.add(cls)
    lines = [
        '"""Made by runtime/tools/make_views.py from what the restorers do; run that again."""',
        "",
        "# Each name that is looked up by a view, and the behaviours that have to do with it.",
        'NAMES: "dict[str, tuple[str, ...]]" = {}',
        '_BY_BEHAVIOURS = """\\',
        *_by_behaviours(names),
        '"""',
        "for _line in _BY_BEHAVIOURS.splitlines():",
        '    _behaviours, _, _names = _line.partition(": ")',
        "    NAMES.update(dict.fromkeys(_names.split(), tuple(_behaviours.split())))",
        "# Those of them that lie in a module.",
        'SOURCES: "dict[str, frozenset[str]]" = {',
        *(f"    {module!r}: frozenset({sorted(sources[module])!r})," for module in sorted(sources)),
        "}",
        "# Built-in names, and classes whose construction changed.",
        f"BUILTINS = frozenset({sorted(builtin)!r})",
        f"CLASSES = frozenset({sorted(classes)!r})",
        "",
    ]
    return "\n".join(lines)


def main(argv: list[str]) -> int:
    """See the module's docstring."""
    import interpreters

    rows: list[list[str]] = []
    for version, python in interpreters.found().items():
        found, failed = record(python)
        rows += found
        for name, reason in failed.items():
            sys.stderr.write(f"{version[0]}.{version[1]}: {name}: {reason}\n")
    made = text(rows)
    if "--check" in argv:
        return 0 if TARGET.read_text("utf-8") == made else 1
    TARGET.write_text(made, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
