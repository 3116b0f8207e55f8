"""The command line: parse, call, render; nothing else.

`table.py` is all that `elpython --help` reads: a command's module is imported when the command
runs, so that asking for help stays fast.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from elpython.cli.lazy import LazyGroup
from elpython.cli.table import COMMANDS, ELSEWHERE, SECTIONS
from elpython.core.errors import (
    DiskFullError,
    ElpythonError,
    FileAccessError,
    InterruptedRunError,
)
from elpython.core.toolchain import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _option, asked: _print_version(context) if asked else None,
    help="Show the version of the toolchain and which branches it reads.",
)
def cli(quiet: bool) -> None:
    """Keep one Python for ten years: define, build, prove, release and publish EL Python."""
    # Progress asks for `quiet` where it is shown.
    del quiet
    _sweep_store()


def _print_version(context: click.Context) -> None:
    from elpython.define.folder import data_line

    click.echo(f"elpython {VERSION}\n{data_line()}")
    context.exit()


def _sweep_store() -> None:
    """Remove what killed runs left behind; what is wrong with the store is its users' to tell."""
    from elpython.core.shelves import sweep
    from elpython.core.store import Store

    with contextlib.suppress(OSError, ElpythonError):
        for path in sweep(Store.default()):
            click.echo(f"elpython: removed {path}: left by a run that was killed", err=True)


cli.rows, cli.sections, cli.elsewhere = COMMANDS, SECTIONS, ELSEWHERE


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Exit codes: 0 for success, 1 for a check whose answer is no, 2 for wrong usage, else the code
    that the error's class owns (`docs/reference/exit-codes.md`).
    """
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding does not have is shown as an escape, whoever asks.
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
    sys.exit(_run(argv))


def _run(argv: Sequence[str] | None) -> int:
    try:
        words = None if argv is None else list(argv)
        outcome = cli.main(args=words, prog_name="elpython", standalone_mode=False)
    except click.exceptions.Abort:
        return _fail(InterruptedRunError("stopped by the user; finished products are kept"))
    except KeyboardInterrupt:
        return _fail(InterruptedRunError("stopped by the user; finished products are kept"))
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except ElpythonError as error:
        return _fail(error)
    except BrokenPipeError:
        # The reader of our output has gone (`elpython ... | head`): nothing is wrong with us.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return _fail(
                DiskFullError("no space left on the disk", where=str(error.filename or ""))
            )
        if error.filename is not None:
            # What is wrong with a path that somebody named, wherever it is read or written.
            return _fail(_named(error))
        raise
    return outcome if isinstance(outcome, int) else 0


def _named(error: OSError) -> FileAccessError:
    name = error.filename
    return FileAccessError(
        error.strerror or str(error),
        where=os.fsdecode(name) if isinstance(name, (str, bytes)) else str(name),
        todo="name a path of the right kind that you may read and write",
    )


def _fail(error: ElpythonError) -> int:
    click.echo(f"elpython: {error}", err=True)
    return error.exit_code
