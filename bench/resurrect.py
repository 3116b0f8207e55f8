"""Bring old releases of real packages back to life under the newest Python.

For each package of ``bench/data/old_packages.json``: install it with its pinned needs under the
Python it was made for and under the newest interpreter found, import it there without and with
minpython, and run its own tests. Everything made is kept under ``--cache``; a second run goes on
where the last one ended.
"""

import argparse
import datetime as dt
import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import old_packages as old_releases
from bench.machine import Machine, run
from bench.old_packages import Package

_CHANGING = re.compile(
    r"[^\[\s]*/(?:old|new)-src/|\d\d\d\d-\d\d-\d\d|\d\d-\d\d-\d{4}|\d\d:\d\d:\d\d"
)
"""What differs in a test's name from run to run: folders, dates, times."""
_PLACE = re.compile(r" \([^() ]*/[^() ]*\)")
UNSEEN = "not examined yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What became of one package."""

    name: str
    version: str
    minimum: str
    reason: str
    built_by: str = ""
    breaks_with: str = ""
    imports: bool = False
    import_error: str = ""
    old_python: str = ""
    old_passed: int | None = None
    new_passed: int | None = None
    kept: int | None = None
    lost: list[str] = field(default_factory=list)
    note: str = ""


def step(path: Path, name: str, key: str, make: Callable[[], dict[str, object]]) -> dict[str, Any]:
    """Return a step's result, made now unless it was made before from the same `key`."""
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    if known.get(name, {}).get("key") != key:
        known[name] = {"key": key, **make()}
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(known, indent=0))
        fresh.replace(path)
    result: dict[str, Any] = known[name]
    return result


def examine(
    machine: Machine, package: Package, *, old_only: bool = False, imports_only: bool = False
) -> Row:
    """Take one package through every step and return its row."""
    path = machine.cache / package.key / "state.json"
    data = hashlib.sha256(repr(package).encode()).hexdigest()[:16]
    old = step(path, "old", data, lambda: old_releases.old_side(machine, package))
    row = Row(
        name=package.name, version=package.version, minimum=package.minimum, reason=package.reason
    )
    if old_only:
        return replace(
            row,
            old_python=old.get("python", ""),
            old_passed=len(passed(old)),
            note=old.get("note", old.get("end", "")),
        )
    install = step(path, "install", data, lambda: old_releases.new_install(machine, package))
    bare = step(path, "bare", data, lambda: old_releases.bare_import(machine, package))
    key = data + old_releases.source_digest() + (" imports" if imports_only else "")
    new = step(
        path,
        "new",
        key,
        lambda: old_releases.with_minpython(machine, package, tested=not imports_only),
    )
    return told(row, package, {"old": old, "install": install, "bare": bare, "new": new})


def known(machine: Machine, package: Package) -> Row:
    """Return the row of a package from what earlier runs found, without running anything."""
    path = machine.cache / package.key / "state.json"
    state: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    row = Row(
        name=package.name, version=package.version, minimum=package.minimum, reason=package.reason
    )
    if not {"old", "install", "bare", "new"} <= state.keys():
        return replace(row, note=UNSEEN)
    return told(row, package, state)


def told(row: Row, package: Package, state: dict[str, Any]) -> Row:
    """Return a row filled in from the results of all steps."""
    old, install, bare, new = (state[name] for name in ("old", "install", "bare", "new"))
    before, after = passed(old), passed(new)
    tested = bool(package.tests and before) and ("outcomes" in new or not new["imports"])
    return replace(
        row,
        built_by=install["built_by"],
        breaks_with=bare["error"],
        imports=new["imports"],
        import_error=new.get("error", ""),
        old_python=old.get("python", ""),
        old_passed=len(before) if tested else None,
        new_passed=len(after) if tested else None,
        kept=len(before & after) if tested else None,
        lost=sorted(before - after) if tested else [],
        note="; ".join(install["problems"]) or old.get("note", ""),
    )


def passed(side: dict[str, Any]) -> set[str]:
    """Return the tests that passed on one side."""
    outcomes = side.get("outcomes", {}).items()
    return {_CHANGING.sub("", name) for name, outcome in outcomes if outcome == "passed"}


def table(rows: list[Row], machine: Machine) -> str:
    """Return the result as a Markdown table with its date and machine."""
    lines = [
        "| package | for | breaks with | imports with minpython | own tests kept | built by |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        if row.note == UNSEEN:
            continue
        tests = "not run" if row.old_passed is None else f"{row.kept} of {row.old_passed}"
        works = "yes" if row.imports else f"no: `{_shown(row.import_error)}`"
        breaks = f"`{_shown(row.breaks_with)}`" if row.breaks_with else "imports as it is"
        cells = (f"{row.name} {row.version}", row.minimum, breaks, works, tests, row.built_by)
        lines.append(f"| {' | '.join(cells)} |")
    old = sum(row.old_passed or 0 for row in rows)
    kept = sum(row.kept or 0 for row in rows)
    imported = sum(row.imports for row in rows)
    share = f"{kept} pass under {machine.newest} ({kept / max(old, 1):.1%})"
    date = dt.datetime.now(dt.UTC).date().isoformat()
    rows = [row for row in rows if row.note != UNSEEN]
    lines.append(f"\n{imported} of {len(rows)} packages import. Of {old} tests that pass on the")
    lines.append(f"old Python, {share}.\n")
    lines.append(f"Measured {date}, {os.cpu_count()}-core {platform.machine()} virtual machine,")
    lines.append(f"CPython {platform_version(machine)}.")
    return "\n".join(lines)


def _shown(error: str) -> str:
    """Return an error without the folders of this machine, fit for a table."""
    return _PLACE.sub("", error).replace("|", "\\|")


def platform_version(machine: Machine) -> str:
    """Return the full version of the newest interpreter."""
    code = "import platform; print(platform.python_version())"
    return run([str(machine.pythons[machine.newest]), "-c", code]).stdout.strip()


def main(arguments: list[str] | None = None) -> int:
    """Examine the packages and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "minpython-resurrect"
    parser.add_argument("--cache", type=Path, default=default, help="where things are kept")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument("--old-only", action="store_true", help="only the old Python's side")
    data = old_releases.HERE / "data" / "old_packages.json"
    parser.add_argument("--data", type=Path, default=data, help="the list of packages")
    parser.add_argument("--known", action="store_true", help="tell what earlier runs found")
    parser.add_argument("--imports-only", action="store_true", help="run no tests")
    parser.add_argument("--lost", action="store_true", help="name the tests that are lost")
    options = parser.parse_args(arguments)
    machine = Machine(options.cache.resolve())
    rows = []
    for package in old_releases.load(options.data, options.only):
        if options.known:
            row = known(machine, package)
        else:
            row = examine(
                machine,
                package,
                old_only=options.old_only,
                imports_only=options.imports_only,
            )
        rows.append(row)
        if not options.json:
            print(progress(row, old_only=options.old_only), flush=True)
        if options.lost:
            print(*(f"    {name}" for name in row.lost), sep="\n")
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    elif not options.old_only:
        print("\n" + table(rows, machine))
    return 0


def progress(row: Row, *, old_only: bool) -> str:
    """Return one line of progress."""
    if old_only:
        return f"{row.name} {row.version}: {row.old_passed} pass on {row.old_python} ({row.note})"
    state = "imports" if row.imports else f"fails: {row.import_error}"
    tests = "" if row.old_passed is None else f", {row.kept} of {row.old_passed} tests"
    return f"{row.name} {row.version}: {state}{tests} {row.note}"


if __name__ == "__main__":
    sys.exit(main())
