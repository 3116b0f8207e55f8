"""Checkpoints: what each task gave, and the digests of the files that it wrote."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from elpython.core.store import file_digest, write_atomic
from elpython.core.strict_json import load_json
from elpython.release.model import TaskOutcome

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["drop", "read", "sweep", "write"]


def _path(folder: Path, task: str) -> Path:
    return folder / f"{task}.json"


def write(folder: Path, task: str, outcome: TaskOutcome, files: Path, key: str) -> None:
    """Record that a task is done.

    Args:
        folder: holds the checkpoints.
        task: its name.
        outcome: what it gave.
        files: the folder that holds the files that it wrote.
        key: hash of the plan; a checkpoint of another plan counts for nothing.
    """
    digests = {name: file_digest(files / name) for name in outcome.files}
    data = {"key": key, **asdict(outcome), "digests": digests}
    text = json.dumps(data, indent=1, ensure_ascii=False)
    write_atomic(_path(folder, task), text.encode())


def read(folder: Path, task: str, files: Path, key: str) -> TaskOutcome | None:
    """Return a task's outcome; None when it is not done or its files changed since."""
    try:
        data = load_json(_path(folder, task).read_text("utf-8"))
        whole = data["key"] == key and all(
            file_digest(files / name) == digest for name, digest in data["digests"].items()
        )
        return (
            TaskOutcome(
                result=data["result"], files=tuple(data["files"]), remarks=tuple(data["remarks"])
            )
            if whole
            else None
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def drop(folder: Path, tasks: Iterable[str]) -> None:
    """Forget that tasks are done."""
    for task in tasks:
        _path(folder, task).unlink(missing_ok=True)


def sweep(files: Path, known: set[str]) -> None:
    """Remove what tasks that never ended left behind: every file that no checkpoint vouches for."""
    for path in sorted(files.rglob("*"), reverse=True):
        name = path.relative_to(files).as_posix()
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in known:
            path.unlink()
