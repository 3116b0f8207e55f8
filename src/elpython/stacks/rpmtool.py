"""What is asked of RPM's own programs: `rpm --eval`, `rpmspec -P`, `rpmbuild`, `rpm -q`."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import MissingProgramError, ProgramFailedError
from elpython.core.machine import way_out
from elpython.core.process import require, run
from elpython.stacks.errors import BadSpecError, MacroError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Built", "evaluate", "package_facts", "parse_problem", "rpmbuild"]


def _tool(name: str) -> str:
    """Return the path of one of RPM's programs; all of them come with the package of rpmbuild.

    Raises:
        MissingProgramError: it is not installed; the message has the line that installs it.
    """
    return shutil.which(name) or require(name, todo=way_out("rpmbuild"))


def _options(files: Sequence[Path], defines: Mapping[str, str]) -> list[str]:
    options = [f"--load={path}" for path in files]
    for name, value in defines.items():
        options += ["--define", f"{name} {value}"]
    return options


def evaluate(
    expressions: Sequence[str],
    files: Sequence[Path] = (),
    defines: Mapping[str, str] | None = None,
    *,
    configuration: Sequence[Path] | None = None,
) -> tuple[str, ...]:
    """Return what RPM makes of each expression.

    Args:
        expressions: for example `%{python3_version}`; each on one line.
        files: macro files read after RPM's own configuration, so that theirs win.
        defines: macros set on the command line.
        configuration: macro files read instead of RPM's own list, in this order.

    Raises:
        MissingProgramError: RPM is not installed.
        MacroError: RPM refused an expression.
    """
    program = _tool("rpm")
    asked = [program]
    if configuration is not None:
        asked.append("--macros=" + ":".join(str(path) for path in configuration))
    asked += _options(files, defines or {})
    # One process for all: between two marks stands one answer, whatever lines it has.
    mark = "<elpython-answer>"
    asked += ["--eval", mark.join(expressions)]
    done = run(asked, check=False, timeout=60)
    if done.returncode != 0 or done.stderr.strip():
        raise MacroError(
            "RPM refused a macro", "rpm --eval", details=tuple(done.stderr.splitlines()[:5])
        )
    return tuple(answer.strip("\n") for answer in done.stdout.rstrip("\n").split(mark))


def parse_problem(
    spec: Path, files: Sequence[Path], defines: Mapping[str, str] | None = None
) -> str | None:
    """Return the first error of `rpmspec -P`, or None when the spec file is read.

    Raises:
        MissingProgramError: RPM is not installed.
    """
    program = _tool("rpmspec")
    done = run(
        [program, "-P", *_options(files, defines or {}), str(spec)], check=False, timeout=120
    )
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if "error:" in line]
    return (lines or done.stderr.splitlines() or ["rpmspec failed and said nothing"])[0]


def rpmbuild(
    spec: Path,
    *,
    files: Sequence[Path],
    defines: Mapping[str, str],
    log: Path,
    source_only: bool = False,
) -> tuple[Path, ...]:
    """Build a spec file's packages and give their paths.

    Args:
        spec: the spec file.
        files: macro files.
        defines: must set `_topdir`.
        log: gets all output.
        source_only: build the source package alone.

    Raises:
        BadSpecError: the build failed; the message has the end of the log.
    """
    program = require("rpmbuild")
    argv = [program, "-bs" if source_only else "-ba", "--nodeps", *_options(files, defines)]
    written: list[Path] = []

    def note(line: str) -> None:
        if line.startswith("Wrote: "):
            written.append(type(spec)(line.removeprefix("Wrote: ").strip()))

    try:
        run([*argv, str(spec)], log=log, on_line=note, timeout=900)
    except ProgramFailedError as error:
        raise BadSpecError(
            "rpmbuild failed", str(spec), f"the whole log is {log}", details=error.details
        ) from error
    return tuple(written)


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """A built package and what it needs.

    Attributes:
        name: the package's name.
        requires: its requirements with their versions, as RPM prints them.
        files: the paths that it owns.
        evr: its version: `[EPOCH:]VERSION-RELEASE`.
        source: name of the source package that it was built from.
        provides: its capabilities, without versions.
    """

    name: str
    requires: tuple[str, ...]
    files: tuple[str, ...]
    evr: str = ""
    source: str = ""
    provides: tuple[str, ...] = ()


def package_facts(package: Path) -> Built:
    """Ask a built package for its name, requirements and files.

    Raises:
        BadSpecError: the file is no RPM package.
    """
    program = _tool("rpm")
    form = (
        "%{NAME}\\n%{EVR}\\n%{SOURCERPM}\\n--\\n[%{REQUIRENEVRS}\\n]--\\n[%{FILENAMES}\\n]"
        "--\\n[%{PROVIDENAME}\\n]"
    )
    try:
        text = run([program, "-qp", "--nosignature", "--qf", form, package], timeout=60).stdout
    except MissingProgramError:
        raise
    except ProgramFailedError as error:
        raise BadSpecError(
            "is no RPM package that can be read", str(package), details=error.details
        ) from error
    head, requires, files, provides = text.split("--\n")
    name, evr, source = head.splitlines()
    return Built(
        name=name,
        evr=evr,
        source=source.removesuffix(".src.rpm").removesuffix(".nosrc.rpm").rsplit("-", 2)[0],
        provides=tuple(provides.split("\n")[:-1]),
        requires=tuple(requires.split("\n")[:-1]),
        files=tuple(files.split("\n")[:-1]),
    )
