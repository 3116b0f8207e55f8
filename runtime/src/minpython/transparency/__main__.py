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

from minpython.transparency import compare

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
                found = [
                    each
                    for each in compare.differences(
                        bare, compare.survey(python, scope, folder, modules)
                    )
                    if each[0] not in restless
                ]
                rows.append(_row(running, version, scope, found, options, bare))
    return rows


def _row(
    running: str,
    version: str,
    scope: compare.Scope,
    found: list[tuple[str, str, str]],
    options: argparse.Namespace,
    bare: Any,
) -> dict[str, Any]:
    """Return what was found for one combination, and print it."""
    table = compare.declared() if not scope.foreign() else {}
    undeclared = [each for each in found if not _is_declared(each, table, bare)]
    if not options.json:
        declared = len(found) - len(undeclared)
        sys.stdout.write(
            f"{running} as {version}, {scope.name}: {len(undeclared)} undeclared differences"
            + (f", {declared} declared\n" if table else "\n")
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


def _is_declared(each: tuple[str, str, str], table: dict[str, list[str]], bare: Any) -> bool:
    """Tell whether the table has a behaviour for what differs.

    That is so for a module of the table, for what another module has from such a one, and for what
    named tuples and enumerations get when they are made.
    """
    path, before, after = each
    if not table:
        return False
    if path.startswith(("interpreter", "frames")) or path.endswith(("._source", ".__format__")):
        return True
    if (
        after == "+['_source']"
        or before == "-['__format__']"
        or path.startswith("runpy.exec")
        or after == "+['exec']"
    ):
        return True
    words = path.split(" ")[0].split(".")
    if any(".".join(words[:count]) in table for count in range(1, len(words) + 1)):
        return True
    homes = {_home(facts) for module in table for facts in bare.get(module, {}).values()}
    for count in range(1, len(words)):
        facts = bare.get(".".join(words[:count]), {}).get("." + words[count])
        home = _home(facts)
        if home is not None and (home in homes or home[0] in table):
            return True
    return False


def _home(facts: Any) -> tuple[str, str] | None:
    """Return the module and the name that a callable gives for itself."""
    return (facts["module"], facts["qualname"]) if isinstance(facts, dict) else None


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


if __name__ == "__main__":
    sys.exit(main())
