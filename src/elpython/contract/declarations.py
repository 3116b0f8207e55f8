"""Declarations: what a change says that it alters.

One declaration is `PROMISE:NAME`, with a sign before the name: `+` for what the change adds, `-`
for what it removes, none for what it changes. A name covers what lies below it, by dots or by
slashes: `behaviour:test_tarfile.TestX` covers each of the class's tests, `api:+tomllib` the whole
module. A star at the end covers every name that begins so. Nothing else is covered.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.contract.model import Kind
from elpython.contract.promises import PROMISES
from elpython.core.errors import ElpythonError
from elpython.core.suggest import near
from elpython.core.toml import load_toml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from elpython.contract.model import Difference

__all__ = ["BadDeclarationError", "Declaration", "parse_all", "read_file"]


class BadDeclarationError(ElpythonError):
    """A declaration that cannot be read, or that names no promise."""

    exit_code = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration:
    """What one change says that it alters.

    Attributes:
        promise: name of the promise.
        kind: added, removed or changed.
        name: what is altered; a star at its end stands for any rest.
        by: id of the change, or the file that declares it.
    """

    promise: str
    kind: Kind
    name: str
    by: str

    @property
    def text(self) -> str:
        """The declaration as it is written."""
        return f"{self.promise}:{self.kind.sign}{self.name}"

    def covers(self, difference: Difference) -> bool:
        """Return whether this declares exactly such a difference."""
        if difference.kind is not self.kind:
            return False
        if self.name.endswith("*"):
            return difference.key.startswith(self.name[:-1])
        rest = difference.key.removeprefix(self.name)
        return rest == "" or (rest != difference.key and rest[0] in "./")


def parse(text: str, by: str) -> Declaration:
    """Read one declaration.

    Raises:
        BadDeclarationError: it has no colon, names no promise or nothing at all.
    """
    promise, colon, rest = text.strip().partition(":")
    if not colon or not rest.strip():
        raise BadDeclarationError(
            f"{text!r} is no declaration", where=by, todo="write PROMISE:NAME, +NAME or -NAME"
        )
    if promise not in PROMISES:
        hint = near(promise, PROMISES) or f"there are: {', '.join(PROMISES)}"
        raise BadDeclarationError(f"there is no promise {promise!r}", where=by, todo=hint)
    rest = rest.strip()
    kind = {"+": Kind.ADDED, "-": Kind.REMOVED}.get(rest[0], Kind.CHANGED)
    name = rest[1:] if kind is not Kind.CHANGED else rest
    if not name:
        raise BadDeclarationError(f"{text!r} names nothing", where=by)
    return Declaration(promise=promise, kind=kind, name=name, by=by)


def parse_all(texts: Iterable[tuple[str, str]]) -> tuple[Declaration, ...]:
    """Read all declarations and report every bad one at once.

    Args:
        texts: pairs of a declaration and who makes it.

    Raises:
        BadDeclarationError: with a line for each one that cannot be read.
    """
    good, bad = [], []
    for text, by in texts:
        try:
            good.append(parse(text, by))
        except BadDeclarationError as error:
            bad.append(error)
    if len(bad) == 1:
        raise bad[0]
    if bad:
        raise BadDeclarationError(
            f"{len(bad)} declarations cannot be read",
            details=tuple(f"  {e.where}: {e.what} ({e.todo})" for e in bad),
        )
    return tuple(good)


def read_file(path: Path) -> list[tuple[str, str]]:
    """Read a file of declarations: TOML with one key, `declares`, a list of strings.

    Raises:
        BadDeclarationError: it cannot be read or has another form.
    """
    try:
        data: Mapping[str, Any] = load_toml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadDeclarationError(f"cannot be read: {error}", where=str(path)) from error
    unknown = sorted(set(data) - {"declares"})
    if unknown:
        raise BadDeclarationError(
            f"{unknown[0]}: there is no such key", where=str(path), todo="the one key is 'declares'"
        )
    listed = data.get("declares")
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise BadDeclarationError("declares: must be a list of strings", where=str(path))
    return [(item, path.name) for item in listed]
