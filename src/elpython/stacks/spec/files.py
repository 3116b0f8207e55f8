"""Spec files on disk: read and written byte for byte, with the answer of a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.store import write_atomic
from elpython.stacks.errors import BadSpecError
from elpython.stacks.names import name_of
from elpython.stacks.spec.change import Kind, main_name
from elpython.stacks.spec.convert import convert
from elpython.stacks.spec.model import read_spec

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from elpython.stacks.names import Naming
    from elpython.stacks.spec.convert import Conversion

__all__ = ["Result", "convert_file", "read_named", "read_text", "write_spec"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """A converted file.

    Attributes:
        path: where it was read.
        conversion: what the rules made of it.
        naming: what the package is called here.
    """

    path: Path
    conversion: Conversion
    naming: Naming

    def lines(self) -> list[str]:
        """Return what a person should read, one line a finding."""
        out = [
            f"{self.path}:{answer.lines[0]}: {answer.rule}: refused: {answer.reason}"
            for answer in self.conversion.refusals
        ]
        out += [
            f"{self.path}:{item.line}: {item.rule}: undecided: {item.reason}"
            for item in self.conversion.undecided
        ]
        counts: dict[str, int] = {}
        for answer in self.conversion.answers:
            counts[answer.verdict.value] = counts.get(answer.verdict.value, 0) + 1
        told = ", ".join(f"{number} {name}" for name, number in counts.items())
        out.append(
            f"{self.path}: {self.conversion.kind.value}, rules: {told}; "
            f"source package {self.naming.source} ({self.naming.why})"
        )
        return out

    def answer(self, *, with_text: bool) -> dict[str, object]:
        """Return the answer for programs."""
        return {
            "file": str(self.path),
            "kind": self.conversion.kind,
            "source": self.naming.source,
            "naming_rule": self.naming.rule,
            "refused": bool(self.conversion.refusals),
            "rules": self.conversion.answers,
            "undecided": self.conversion.undecided,
            "text": self.conversion.text if with_text else None,
        }


def read_text(path: Path) -> str:
    """Read a spec file without losing a byte.

    Raises:
        BadSpecError: it cannot be read, or it is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadSpecError(f"cannot be read: {error.strerror}", str(path)) from error
    if b"\0" in data:
        raise BadSpecError("is no spec file: it has bytes that no text has", str(path))
    return data.decode("utf-8", "surrogateescape")


def read_named(path: Path) -> tuple[str, str]:
    """Return the text of a spec file, and the name of what it packages.

    Raises:
        BadSpecError: it cannot be read, or it has no name.
    """
    text = read_text(path)
    name = main_name(read_spec(text))
    if not name:
        raise BadSpecError("is no spec file: it has no Name", str(path))
    return text, name


def write_spec(path: Path, text: str) -> None:
    """Write a spec file whole or not at all."""
    write_atomic(path, text.encode("utf-8", "surrogateescape"))


def convert_file(path: Path, *, base: Collection[str] = ()) -> Result:
    """Read and convert one file.

    Args:
        path: the spec file.
        base: source packages of the base distribution, for the name.

    Raises:
        BadSpecError: it cannot be read, or it has no name.
    """
    text, name = read_named(path)
    conversion = convert(text)
    naming = name_of(name, library=conversion.kind is Kind.LIBRARY, base=base)
    return Result(path=path, conversion=conversion, naming=naming)
