"""Optimise a linked interpreter with LLVM's BOLT: instrument, train, lay the code out anew.

After `--enable-bolt` of CPython 3.12 and later, for every branch: those that the base's configure
does not know it for get it too.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import MissingProgramError, ProgramFailedError
from elpython.core.machine import way_out
from elpython.core.process import run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LINK_FLAGS", "find_bolt", "optimise"]

RUNTIME = "libbolt_rt_instr.a"

# BOLT needs the linker's relocations.
LINK_FLAGS = ("-Wl,--emit-relocs",)

_LAYOUT = (
    "-update-debug-sections",
    "-reorder-blocks=ext-tsp",
    "-reorder-functions=hfsort+",
    "-split-functions",
    "-icf=1",
    "-inline-all",
    "-split-eh",
    "-reorder-functions-use-hot-size",
    "-peepholes=none",
    "-jump-tables=aggressive",
    "-inline-ap",
    "-indirect-call-promotion=all",
    "-use-gnu-stack",
    "-frame-opt=hot",
)
# For what BOLT cannot lay out with all of them: it crashes in one version, with one compiler.
_FEWER = ("-reorder-blocks=ext-tsp", "-reorder-functions=hfsort", "-split-functions", "-icf=1")


def find_bolt(version: str = "") -> tuple[str, str] | None:
    """Return the paths of `llvm-bolt` and `merge-fdata`, the newest version; None without them.

    Args:
        version: clang's major version, whose own BOLT comes first; empty for other compilers.

    The paths are those behind symbolic links, since BOLT looks for its runtime library from its
    own place; one without that library cannot instrument, and does not count.
    """
    own = (f"-{version}",) if version else ()
    for suffix in (*own, "", "-21", "-20", "-19", "-18", "-17", "-16"):
        names = (f"llvm-bolt{suffix}", f"merge-fdata{suffix}")
        found = [Path(path).resolve() for path in map(shutil.which, names) if path]
        if len(found) == 2 and (found[0].parents[1] / "lib" / RUNTIME).is_file():
            return str(found[0]), str(found[1])
    return None


def optimise(
    objects: Path,
    skip: Sequence[str],
    env: Mapping[str, str],
    log: Path,
    *,
    shared: str = "",
    version: str = "",
) -> float:
    """Optimise the executable (or the shared library) of a finished build in its place.

    Args:
        objects: the build folder, which holds `python`.
        skip: functions that BOLT is known to miscompile: left as they are, in every clone that
            the compiler made of them.
        env: environment for the programs.
        log: gets their output.
        shared: name of the shared library to optimise instead of the executable.
        version: clang's major version; empty for other compilers.

    Returns:
        Wall time in seconds.

    Raises:
        MissingProgramError: BOLT is not there; says which packages have it.
        ProgramFailedError: with the end of its output; the executable is as it was.
    """
    found = find_bolt(version)
    if found is None:
        raise MissingProgramError("BOLT is not installed", todo=way_out("bolt"))
    bolt, merge = found
    target = objects / (shared or "python")
    plain = target.with_name(f"{target.name}.plain")
    shutil.copy2(target, plain)
    names = [form for name in skip for form in (name, f"{name}/.*", rf"{name}\..*")]
    left_out = [f"-skip-funcs={','.join(names)}"] if names else []
    seconds = 0.0

    def step(*argv: str | Path) -> None:
        nonlocal seconds
        seconds += run(argv, cwd=objects, env=env, log=log, timeout=4 * 3600).seconds

    profile = objects / "bolt.fdata"
    try:
        step(
            bolt,
            plain,
            "-instrument",
            "-instrumentation-file-append-pid",
            f"-instrumentation-file={objects / 'bolt.instr'}",
            "-o",
            target,
            *left_out,
        )
        step("make", "run_profile_task")
        parts = sorted(objects.glob("bolt.instr.*.fdata")) or sorted(objects.glob("bolt.instr*"))
        merged = run([merge, *parts], env=env).stdout
        profile.write_text(merged)
        try:
            step(bolt, plain, f"-data={profile}", "-o", target, *_LAYOUT, *left_out)
        except ProgramFailedError:
            step(bolt, plain, f"-data={profile}", "-o", target, *_FEWER, *left_out)
    except BaseException:
        shutil.copy2(plain, target)
        raise
    return seconds
