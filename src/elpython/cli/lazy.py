"""Groups of commands that import a command's module when it runs, so that `--help` stays fast."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import click

from elpython.cli.paths import guard_paths
from elpython.core.errors import UnknownNameError
from elpython.core.suggest import near

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LazyGroup", "Rows", "lazy_group"]

# name -> (module under elpython.cli, attribute, help in one line)
Rows = dict[str, tuple[str, str, str]]


class LazyGroup(click.Group):
    """A group whose commands stand in a table.

    Attributes:
        rows: the table.
        sections: headings of `--help` with the names below them; one heading if empty.
        elsewhere: name -> commands of other groups that are called so, for near misses.
    """

    rows: Rows
    sections: Sequence[tuple[str, Sequence[str]]] = ()
    elsewhere: Mapping[str, Sequence[str]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the table, sorted."""
        del ctx
        return sorted(self.rows)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; an unknown name gets a near-miss hint."""
        if cmd_name not in self.rows:
            if ctx.resilient_parsing:
                # A shell completes: a word that means nothing has nothing behind it.
                return None
            words = ctx.command_path.split()[1:]
            asked = " ".join([*words, cmd_name])
            raise UnknownNameError(f"there is no command {asked!r}", todo=self._hint(ctx, cmd_name))
        module, attribute, _ = self.rows[cmd_name]
        command = getattr(importlib.import_module(f"elpython.cli.{module}"), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"elpython.cli.{module}.{attribute} is not a command")
        guard_paths(command)
        return command

    def _hint(self, ctx: click.Context, name: str) -> str:
        if others := self.elsewhere.get(name):
            return "did you mean " + " or ".join(f"'elpython {other}'" for other in others) + "?"
        # `import` and `export` are close as words and opposite as commands.
        opposite = {"import": "export", "export": "import"}.get(name)
        known = [word for word in self.rows if word != opposite]
        return near(name, known) or f"see {ctx.command_path} --help"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table alone."""
        del ctx
        for heading, names in self.sections or [("Commands", sorted(self.rows))]:
            with formatter.section(heading):
                formatter.write_dl([(name, self.rows[name][2]) for name in names])


def lazy_group(name: str, text: str, rows: Rows) -> LazyGroup:
    """Return a group of that name.

    Args:
        name: how it is called.
        text: its help.
        rows: its commands.
    """
    group = LazyGroup(
        name=name, help=text, context_settings={"help_option_names": ["-h", "--help"]}
    )
    group.rows = rows
    return group
