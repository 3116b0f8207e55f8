"""Paths that users name: what could be read for ever is refused before anything opens it."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import click

from elpython.core.devices import is_device

__all__ = ["NamedPath", "guard_paths"]

_NEVER = (errno.ELOOP, errno.ENAMETOOLONG)


class NamedPath(click.Path):
    """A path as `click.Path` takes it, but no device: `/dev/zero` and `/dev/full` have no end."""

    @classmethod
    def of(cls, given: click.Path) -> NamedPath:
        """Return the same type with this check in it."""
        return cls(
            exists=given.exists,
            file_okay=given.file_okay,
            dir_okay=given.dir_okay,
            writable=given.writable,
            readable=given.readable,
            resolve_path=given.resolve_path,
            allow_dash=given.allow_dash,
            path_type=given.type,
            executable=given.executable,
        )

    def convert(
        self,
        value: Any,  # noqa: ANN401 - click's own signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Any:  # noqa: ANN401
        """Return the path; `/dev/null`, terminals, pipes and FIFOs are files like others."""
        path = super().convert(value, param, ctx)
        name = os.fsdecode(path)
        try:
            device = is_device(Path(name))
        except ValueError:
            device = False
        except OSError as error:
            # Whatever else is wrong with it is told by the command, which knows what it is for.
            if error.errno in _NEVER:
                self.fail(f"{name[:80]!r}: {error.strerror}", param, ctx)
            device = False
        if device:
            self.fail(f"{name!r} is a device: name a file or a folder", param, ctx)
        return path


def guard_paths(command: click.Command) -> None:
    """Put the check into every parameter of a command, and of those below it, that is a path."""
    for parameter in command.params:
        if type(parameter.type) is click.Path:
            parameter.type = NamedPath.of(parameter.type)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            guard_paths(below)
