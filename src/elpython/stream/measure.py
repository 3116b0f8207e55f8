"""Measuring by abidiff: two builds, public part only, with our own list of what to leave out."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core import process
from elpython.core.errors import ElpythonError
from elpython.stream.elf import read_elf
from elpython.stream.excuses import excuses, judge, public_headers, public_names
from elpython.stream.measured import Measured, Measurement, read_report
from elpython.stream.tables import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Build", "MeasureError", "measure", "suppressions"]


class MeasureError(ElpythonError):
    """A measurement that could not be made."""

    exit_code = 65


# abidiff's exit code is a set of bits (abidiff(1), "Return values").
_ERROR, _USAGE, _CHANGE, _INCOMPATIBLE = 1, 2, 4, 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """One side of a measurement.

    Attributes:
        library: the shared library (`libpython3.13.so.1.0`) or an executable that exports the API.
        headers: its `Include` folder or the installed one; None when there is none.
        debug: folder of separate debug files; None when the library carries its own.
    """

    library: Path
    headers: Path | None = None
    debug: Path | None = None


@cache
def suppressions() -> str:
    """Return abidiff's suppression file as text, each entry with its reason as a comment."""
    root = read_toml("suppressions.toml")
    parts = []
    for row in root.tables("suppress"):
        section = row.choice("section", ("suppress_type", "suppress_function", "suppress_variable"))
        lines = [f"# {row.text('reason')}", f"[{section}]"]
        lines += [f"  {key} = {row.text(key)}" for key in ("name", "name_regexp") if row.has(key)]
        row.done()
        parts.append("\n".join(lines))
    root.end()
    return "\n\n".join(parts) + "\n"


def measure(old: Build, new: Build, *, series: str = "", excused: str = "") -> Measurement:
    """Compare the ABI of two builds.

    Args:
        old: the build of the last pre-release.
        new: the build to be released.
        series: `3.13`: deprecations count as excuses for the series that may remove them.
        excused: path of a table of excuses; empty takes the package's own.

    Raises:
        MissingProgramError: abidiff is not installed.
        MeasureError: abidiff could not read a file.
        BadBinaryError: a library that is no ELF file.
    """
    program = process.require("abidiff")
    missing = [side for side in (old, new) if not _has_debug(side)]
    tool = process.run([program, "--version"]).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="elpython-abi-") as name:
        folder = Path(name)
        words = [program, *_options(old, new, folder), str(old.library), str(new.library)]
        ran = process.run(words, check=False)
    if ran.returncode & (_ERROR | _USAGE) or ran.returncode < 0:
        raise MeasureError(
            f"abidiff ended with exit code {ran.returncode}",
            where=f"{old.library} and {new.library}",
            details=tuple((ran.stderr or ran.stdout).strip().splitlines()[:8]),
        )
    table = excuses(excused)
    public = public_names(old.headers)
    public_now = public_names(new.headers) | public
    changes = [
        judge(_tiered(change, public_now, degraded=bool(missing)), table, series, public)
        for change in read_report(ran.stdout, table.typedefs)
    ]
    if ran.returncode & _CHANGE and not changes:
        changes = [_unread(ran.stdout)]
    both = bool(old.headers and new.headers)
    return Measurement(
        changes=tuple(changes),
        known=not missing,
        tier="symbols only" if missing else ("headers" if both else "DWARF"),
        exit_code=ran.returncode,
        tool=tool,
        notes=tuple(
            f"{side.library} has no debug info: changes of structs and signatures cannot be seen"
            for side in missing
        ),
    )


def _unread(report: str) -> Measured:
    """Keep a change that abidiff counts and this reader cannot name: it still is a break."""
    head = next((line for line in report.splitlines() if line.strip()), "")
    return Measured(kind="type", symbol="(unnamed)", what=f"abidiff reports a change: {head}")


def _has_debug(side: Build) -> bool:
    elf = read_elf(side.library.read_bytes(), side.library) if side.library.is_file() else None
    if elf is None:
        raise MeasureError("there is no such file", where=str(side.library))
    if elf.has_debug or side.debug is None:
        return elf.has_debug
    parted = side.debug / ".build-id" / elf.build_id[:2] / f"{elf.build_id[2:]}.debug"
    return parted.is_file() or any(side.debug.rglob(f"{side.library.name}*.debug"))


def _options(old: Build, new: Build, folder: Path) -> list[str]:
    words = ["--leaf-changes-only", "--impacted-interfaces", "--no-default-suppression"]
    listed = folder / "left-out.abignore"
    listed.write_text(suppressions(), "utf-8")
    words += ["--suppressions", str(listed)]
    # Not --drop-private-types too: abidiff 2.2 dies of it (signal 11) on a real CPython; changes of
    # types that no public header defines are left out by the folders of headers alone.
    if old.headers and new.headers:
        for number, side in enumerate((old, new), 1):
            if side.headers is not None:
                words += [
                    f"--headers-dir{number}",
                    str(_public(side.headers, folder / f"h{number}")),
                ]
    for number, side in enumerate((old, new), 1):
        if side.debug is not None:
            words += [f"--debug-info-dir{number}", str(side.debug)]
    return words


def _public(headers: Path, target: Path) -> Path:
    """Copy the public headers alone: abidiff takes every file below the folder that it is given."""
    if not headers.is_dir():
        raise MeasureError("there is no such folder of headers", where=str(headers))
    for path in public_headers(headers):
        place = target / path.relative_to(headers)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return target


def _tiered(change: Measured, public: Mapping[str, int], *, degraded: bool) -> Measured:
    if change.tier == "symbols only" or degraded:
        return replace(change, tier="symbols only")
    return replace(change, tier="headers" if public.get(change.symbol) else change.tier)
