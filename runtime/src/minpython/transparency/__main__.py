"""``python -m minpython.transparency``: hold the contract on this and other interpreters.

For each interpreter, version and scope: what a program sees of the standard library, the frames
above it and the interpreter's own lists, compared to the same interpreter without minpython. For
``installed only`` and whoever else asks nothing may differ; for the whole program only modules for
which the table declares something.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time

from minpython.transparency import compare, declared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

VERSIONS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12")
SHOWN = 20


def main(argv: list[str] | None = None) -> int:
    """Return 0 when the contract holds, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m minpython.transparency", description=__doc__)
    parser.add_argument("--python", action="append", help="an interpreter; again for another")
    parser.add_argument("--version", action="append", help="a version to ask for; all without")
    parser.add_argument("--scope", action="append", help="a scope to look at; all without")
    parser.add_argument("--module", action="append", default=[], help="only this module")
    parser.add_argument("--all", action="store_true", help="on every interpreter of the machine")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    options = parser.parse_args(argv)
    started = time.time()
    rows = []
    pythons = options.python or (compare.interpreters() if options.all else [sys.executable])
    for python in pythons:
        rows += _interpreter(python, options)
    failed = [row for row in rows if row["undeclared"]]
    if options.json:
        sys.stdout.write(json.dumps({"schema": "minpython-transparency/1", "rows": rows}) + "\n")
    else:
        sys.stdout.write(
            f"{len(rows)} combinations, {len(failed)} with undeclared differences, "
            f"{time.time() - started:.0f} s\n"
        )
    if not rows:
        sys.stderr.write("minpython.transparency: nothing was compared\n")
        return 2
    return 1 if failed else 0


def _interpreter(python: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return one row for each version and scope in an interpreter."""
    running = compare.version_of(python)
    rows = []
    modules = tuple(options.module)
    with tempfile.TemporaryDirectory(prefix="minpython-transparency-") as folder:
        bare = compare.survey(python, None, folder, modules)
        again = compare.survey(python, None, folder, modules)
        # What differs between two runs without anything tells nothing.
        restless = {path for path, _old, _new in compare.differences(bare, again)}
        for version in options.version or VERSIONS:
            if _number(version) >= _number(running):
                continue
            compare.write_packages(folder, version)
            for scope in compare.scopes(version):
                if options.scope and scope.name not in options.scope:
                    continue
                if scope.name == "installed only" and version != (options.version or VERSIONS)[0]:
                    continue
                places: dict[str, list[str]] = {}
                asked = compare.survey(python, scope, folder, modules, places)
                told = declared.Declared(places, bare)
                found = [
                    each for each in compare.differences(bare, asked) if each[0] not in restless
                ]
                rows.append(_row(running, version, scope, found, options, told))
    return rows


def _row(
    running: str,
    version: str,
    scope: compare.Scope,
    found: list[tuple[str, str, str]],
    options: argparse.Namespace,
    told: declared.Declared,
) -> dict[str, Any]:
    """Return what was found for one combination, and print it."""
    undeclared = [each for each in found if scope.foreign() or not told.by(each)]
    if not options.json:
        count = len(found) - len(undeclared)
        sys.stdout.write(
            f"{running} as {version}, {scope.name}: {len(undeclared)} undeclared differences"
            + ("\n" if scope.foreign() else f", {count} declared\n")
        )
        for path, before, after in undeclared[:SHOWN]:
            sys.stdout.write(f"    {path}: {before} -> {after}\n")
        if len(undeclared) > SHOWN:
            sys.stdout.write(f"    and {len(undeclared) - SHOWN} more\n")
        sys.stdout.flush()
    return {
        "python": running,
        "version": version,
        "scope": scope.name,
        "differences": len(found),
        "undeclared": [" ".join(each) for each in undeclared],
    }


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


if __name__ == "__main__":
    sys.exit(main())
