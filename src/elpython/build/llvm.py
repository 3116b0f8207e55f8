"""LLVM's tools by the version of the compiler that they work for.

Object files of link-time optimisation, and profiles, can be read only by tools of the compiler's
own version; `llvm-ar` without a number may be of another.
"""

from __future__ import annotations

import re
import shutil

from elpython.core.process import run

__all__ = ["clang_version", "compile_flags", "tool", "variables"]

_CLANG = re.compile(r"\bclang version (\d+)\.")
_VERSION = re.compile(r"\bversion (\d+)\.")
# BOLT must find each function in one piece; clang leaves them so, and does not know the flag.
_GCC_FLAGS = ("-fno-reorder-blocks-and-partition",)


def clang_version(compiler: str) -> str:
    """Return the major version of clang; empty for every other compiler.

    Args:
        compiler: first line of what the compiler's `--version` prints.
    """
    found = _CLANG.search(compiler)
    return found[1] if found else ""


def compile_flags(compiler: str) -> tuple[str, ...]:
    """Return the flags that make what a compiler writes fit for BOLT."""
    return () if clang_version(compiler) else _GCC_FLAGS


def tool(name: str, version: str) -> str | None:
    """Return the path of a tool of a version of LLVM; None if there is none.

    Args:
        name: `llvm-ar`.
        version: major version, `19`.
    """
    numbered = shutil.which(f"{name}-{version}")
    if numbered:
        return numbered
    plain = shutil.which(name)
    if plain is None:
        return None
    said = _VERSION.search(run([plain, "--version"], check=False, timeout=60).stdout)
    return plain if said and said[1] == version else None


def variables(compiler: str) -> dict[str, str]:
    """Return what configure must be told of a compiler's tools: `LLVM_AR`, `LLVM_PROFDATA`.

    Nothing for other compilers than clang, and nothing for a tool that is not there: configure then
    looks itself, and says what it lacks.
    """
    version = clang_version(compiler)
    if not version:
        return {}
    paths = {
        "LLVM_AR": tool("llvm-ar", version),
        "LLVM_PROFDATA": tool("llvm-profdata", version),
    }
    return {name: path for name, path in paths.items() if path}
