"""Read what a user asks for: requirement lines, a lock file, or what an interpreter has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from elpython.core.process import run
from elpython.mass_rebuild.errors import BadInputError
from elpython.mass_rebuild.resolve import find_uv, read_lock

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.mass_rebuild.model import Interpreter

__all__ = ["installed", "parse_requirements", "read_requirements"]


def read_requirements(path: Path) -> tuple[str, ...]:
    """Read a requirements file or a lock file (`pylock.toml`, PEP 751).

    Raises:
        BadInputError: all lines that are no requirement, with their numbers; the same package
            twice with different pins.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"cannot be read: {error}", where=str(path)) from error
    if path.suffix == ".toml":
        return tuple(f"{name}=={version}" for name, version in read_lock(text, path.parent))
    return parse_requirements(text, str(path))


def parse_requirements(text: str, where: str) -> tuple[str, ...]:
    """Read requirement lines: comments, continuations and hashes are passed over."""
    problems: list[str] = []
    seen: dict[str, tuple[int, str]] = {}
    joined = text.replace("\\\n", " ")
    for number, raw in enumerate(joined.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", raw)
        line = re.sub(r"\s--hash=\S+", "", line).strip()
        if not line:
            continue
        if line.startswith("-"):
            problems.append(f"line {number}: options are given on the command line: {line}")
            continue
        try:
            wanted = Requirement(line)
        except InvalidRequirement as error:
            problems.append(f"line {number}: {str(error).splitlines()[0]}")
            continue
        if wanted.url:
            problems.append(f"line {number}: an address is no pin: {line}")
            continue
        name = canonicalize_name(wanted.name)
        mark = f"{name};{wanted.marker or ''}"
        if mark in seen and seen[mark][1] != str(wanted.specifier):
            first = seen[mark]
            problems.append(
                f"line {number}: {name} is asked for as {wanted.specifier or 'any'} here and as "
                f"{first[1] or 'any'} in line {first[0]}"
            )
            continue
        seen[mark] = (number, str(wanted.specifier))
    if problems:
        raise BadInputError(
            f"{len(problems)} lines cannot be taken", where=where, details=tuple(problems)
        )
    if not seen:
        raise BadInputError("asks for no package", where=where)
    lines = []
    for mark, (_, specifier) in seen.items():
        wanted_name, _, marker = mark.partition(";")
        lines.append(f"{wanted_name}{specifier}" + (f" ; {marker}" if marker else ""))
    return tuple(lines)


def installed(interpreter: Interpreter) -> tuple[str, ...]:
    """Return everything that is installed for an interpreter, as pins."""
    done = run([find_uv(), "pip", "freeze", "--quiet", "--python", interpreter.path], timeout=120)
    lines = [line for line in done.stdout.splitlines() if "==" in line]
    if not lines:
        raise BadInputError("nothing is installed there", where=interpreter.path)
    return tuple(lines)
