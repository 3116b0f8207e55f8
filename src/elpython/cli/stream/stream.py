"""`elpython stream`: run a rolling stream of pre-freeze releases (PEP 605)."""

from __future__ import annotations

import importlib
from typing import cast

import click

from elpython.core.errors import UnknownNameError
from elpython.core.suggest import hint

__all__ = ["stream"]

# name -> (module under elpython.cli, help); a subcommand's module is imported when it runs.
COMMANDS: dict[str, tuple[str, str]] = {
    "announce": ("texts", "Write the announcement of a release."),
    "check": ("check", "Check the ABI markers of a range of commits before it is merged."),
    "classify": ("release", "Say whether the next release is an alpha or a beta."),
    "flag": ("release", "Show a release's ABI tags, with the pre-freeze flag."),
    "ledger": ("release", "Show a series' last ABI change and addition, by release."),
    "next": ("release", "Say the next version, its day, and why."),
    "order": ("release", "Show what other tools sort wrong, by the tool's name."),
    "rebuild": ("publish", "Say which wheels of a folder have to be built again."),
    "record": ("release", "Write a release into the ledger."),
    "replay": ("texts", "Say how PEP 605 would have labelled real pre-releases."),
    "requires": ("publish", "Give a project's metadata after an ABI break."),
    "rollback": ("texts", "Try what an older Python reads of what a newer one wrote."),
    "whatsnew": ("texts", "Write What's New's section on the stream."),
}


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in COMMANDS:
            raise UnknownNameError(
                f"there is no command 'stream {cmd_name}'", todo=hint(cmd_name, COMMANDS)
            )
        module = importlib.import_module(f"elpython.cli.stream.{COMMANDS[cmd_name][0]}")
        return cast("click.Command", getattr(module, cmd_name.replace("-", "_") + "_command"))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


@click.group(cls=_Group)
def stream() -> None:
    """Run a rolling stream of pre-freeze releases: alpha for an ABI break, else beta (PEP 605)."""
