"""The repository folder that holds the state: `stacks.toml` and `announcements/`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from elpython.core.store import disk_errors, write_atomic
from elpython.stacks.errors import BadStateError
from elpython.stacks.load import load
from elpython.stacks.state import dump
from elpython.stacks.texts import announcement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from elpython.stacks.state import StackStep, State

__all__ = ["FILE", "create", "locked", "read", "record", "save", "take_back"]

FILE = "stacks.toml"


def read(folder: Path) -> State:
    """Read a folder's state.

    Raises:
        BadStateError: there is none, or it has problems.
    """
    path = folder / FILE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise BadStateError(
            "there is no stacks.toml", str(folder), "elpython stack init 3.11"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadStateError(f"cannot be read: {error}", str(path)) from error
    return load(text, str(path))


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time change a folder's state.

    The lock file stays: whoever removed it would let two processes hold a lock at once.
    """
    from filelock import FileLock

    path = folder / f".{FILE}.lock"
    with disk_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def save(folder: Path, state: State) -> None:
    """Write the state, whole or not at all."""
    write_atomic(folder / FILE, dump(state).encode())


def record(folder: Path, before: State, after: State) -> str:
    """Write the new last step's announcement and then the state; return the announcement.

    A run stopped between the two leaves the old state and a text that the next step replaces.
    """
    step = after.steps[-1]
    text = announcement(before, step)
    write_atomic(folder / step.text, text.encode())
    save(folder, after)
    return text


def create(folder: Path, state: State) -> str:
    """Write the first state of a folder.

    Raises:
        BadStateError: there is one already.
    """
    if (folder / FILE).exists():
        raise BadStateError("is there already", str(folder / FILE), "elpython stack show")
    return record(folder, state, state)


def take_back(folder: Path, state: State, step: StackStep) -> None:
    """Write the state before an undone step, and remove the step's announcement."""
    save(folder, state)
    (folder / step.text).unlink(missing_ok=True)


def text_of(folder: Path, step: StackStep) -> str:
    """Return a step's announcement as it was recorded; empty when its file is gone."""
    try:
        return (folder / step.text).read_text("utf-8")
    except OSError:
        return ""
