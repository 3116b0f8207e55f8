"""The command line: parse, call, render; nothing else.

The table below is all that `elpython --help` reads: a command's module is imported when the
command runs, so that asking for help stays fast.
"""

from __future__ import annotations

import difflib
import errno
import importlib
import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from elpython import __version__
from elpython.core.errors import DiskFullError, ElpythonError, InterruptedRunError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

# name -> (module under elpython.cli, attribute, help); sorted by name, a test holds it.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "backport": ("fix.backport", "backport", "Bring fixes into a branch."),
    "branches": ("branch.branches", "branches", "List the branches."),
    "build": ("build.build", "build", "Build a branch's interpreter."),
    "contract": ("contract.contract", "contract", "Prove that nothing has to be rebuilt."),
    "cve": ("fix.cve", "cve", "Say what a branch does about each known vulnerability."),
    "demo": ("info.demo", "demo", "Show a built branch in a short table."),
    "diff": ("release.redistribute", "diff", "Say what differs between two EL releases."),
    "doctor": ("build.build", "doctor", "Say what this machine lacks for building."),
    "export": ("branch.branches", "export", "Write a branch's changes as a quilt series."),
    "features": ("project.features", "features", "Tell what is available where, since when."),
    "identity": (
        "info.identity",
        "identity",
        "Tell what a Python is: CPython, EL Python, another.",
    ),
    "lint-branches": ("branch.branches", "lint_branches", "Report every problem of every branch."),
    "lock": ("branch.branches", "lock", "Record the content of each branch's changes."),
    "matrix": ("project.needs", "matrix", "Give a project's test matrix."),
    "needs": ("project.needs", "needs", "Say which Pythons a project needs, and what forces them."),
    "new-branch": ("branch.branches", "new_branch", "Open a branch on a new base."),
    "package": (
        "release.redistribute",
        "package",
        "Write and build packages from a release's archive.",
    ),
    "policy": ("branch.policy", "policy", "Hold the rules of what a branch may take."),
    "prepare": ("branch.branches", "prepare", "Prepare a branch's source tree."),
    "rebuild": (
        "mass_rebuild.rebuild",
        "rebuild",
        "Rebuild packages for a new interpreter, at scale.",
    ),
    "rebuild-release": (
        "release.redistribute",
        "rebuild_release",
        "Rebuild a release under your name.",
    ),
    "release": (
        "release.release",
        "release",
        "Make an EL release: archive, patches, SBOMs, signature.",
    ),
    "rollback": (
        "install.upgrade",
        "rollback",
        "Put back the interpreter that a prefix had before.",
    ),
    "schedule": (
        "schedule.schedule",
        "schedule",
        "Plan releases: models compared, drawn and exported.",
    ),
    "show": ("branch.branches", "show", "Show a branch: its series in order."),
    "site": ("site.site", "site", "Put the static web pages together."),
    "stack": (
        "stack.stack",
        "stack",
        "Keep python3X stacks side by side: transition, macros, specs.",
    ),
    "stream": ("stream.stream", "stream", "Run a rolling stream of pre-freeze releases (PEP 605)."),
    "test": ("fix.test", "test", "Run the tests that come with a branch's changes."),
    "toggles": ("branch.toggles", "toggles", "List the behaviours that administrators can switch."),
    "upgrade": (
        "install.upgrade",
        "upgrade",
        "Replace a prefix's interpreter by an EL Python, in place.",
    ),
    "upstream-watch": (
        "fix.upstream_watch",
        "upstream_watch",
        "List what a later CPython has and a branch lacks.",
    ),
    "verify": ("release.release", "verify", "Verify a release that somebody published."),
    "versions": (
        "info.identity",
        "versions",
        "Parse, order and convert EL versions; tell the next.",
    ),
    "wheel": ("project.wheel", "wheel", "Mark wheels that need EL Python; say what a wheel needs."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of the table."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; an unknown name gets a near-miss hint."""
        del ctx
        if cmd_name not in COMMANDS:
            near = difflib.get_close_matches(cmd_name, COMMANDS, 1)
            hint = f"did you mean {near[0]!r}?" if near else "see elpython --help"
            raise UnknownNameError(f"there is no command {cmd_name!r}", todo=hint)
        module, attribute, _ = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(f"elpython.cli.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"elpython.cli.{module}.{attribute} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table alone."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][2]) for name in sorted(COMMANDS)])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="elpython")
def cli() -> None:
    """Keep one Python for ten years: define, build, prove, release and publish EL Python."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Exit codes: 0 for success, 1 for a check whose answer is no, 2 for wrong usage, else the code
    that the error's class owns (`docs/reference/exit-codes.md`).
    """
    sys.exit(_run(argv))


def _run(argv: Sequence[str] | None) -> int:
    try:
        outcome = cli.main(args=None if argv is None else list(argv), standalone_mode=False)
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
