"""The command line: parse, call, render; nothing else.

`table.py` is all that `elpython --help` reads: a command's module is imported when the command
runs, so that asking for help stays fast.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from elpython import __version__
from elpython.cli.lazy import LazyGroup
from elpython.cli.table import COMMANDS, ELSEWHERE, SECTIONS
from elpython.core.errors import DiskFullError, ElpythonError, InterruptedRunError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="elpython")
def cli() -> None:
    """Keep one Python for ten years: define, build, prove, release and publish EL Python."""


cli.rows, cli.sections, cli.elsewhere = COMMANDS, SECTIONS, ELSEWHERE


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Exit codes: 0 for success, 1 for a check whose answer is no, 2 for wrong usage, else the code
    that the error's class owns (`docs/reference/exit-codes.md`).
    """
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
        raise
    return outcome if isinstance(outcome, int) else 0


def _fail(error: ElpythonError) -> int:
    click.echo(f"elpython: {error}", err=True)
    return error.exit_code
