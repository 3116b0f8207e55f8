"""What the commands print with: JSON, tables and progress, in one look for all of them."""

from __future__ import annotations

import dataclasses
import json
import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from elpython.core.report import Reporter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["WARNINGS", "Progress", "json_option", "print_json", "print_table", "warn"]

Decorated = "Callable[..., Any]"


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the `--json` switch, passed on as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(
        function
    )


def _plain(value: object) -> object:
    """Turn a value into what JSON knows; anything unknown is a bug and raises TypeError."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")


def print_json(value: object) -> None:
    """Print a value (dataclasses, paths, dates and enums included) as indented JSON."""
    click.echo(json.dumps(value, default=_plain, indent=2, ensure_ascii=False))


def print_table(
    headers: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> None:
    """Print a table; on a terminal it is fitted to its width, elsewhere lines are never cut."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False)
    with console.capture() as captured:
        console.print(table)
    text = "\n".join(line.rstrip() for line in captured.get().splitlines())
    click.echo(text.strip("\n"))


def warn(message: str) -> None:
    """Print one line to standard error."""
    click.echo(f"elpython: {message}", err=True)


# For what takes no time worth a bar: lines only.
WARNINGS = Reporter(say=warn)


def _quiet() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().params.get("quiet"))


class Progress:
    """Progress on standard error: a bar with elapsed and remaining time on a terminal, else lines.

    Use as a context manager; `update(label, done, total)` may be called at any rate. Nothing is
    shown under `elpython --quiet`.
    """

    def __init__(self, *, enabled: bool = True) -> None:
        enabled = enabled and not _quiet()
        self._enabled = enabled
        self._live = enabled and sys.stderr.isatty()
        self._bar: Any = None
        self._task: Any = None
        self._label = ""
        self._shown = -1

    def __enter__(self) -> Self:
        """Start the bar where there is a terminal."""
        if self._live:
            from rich import progress as rich_progress
            from rich.console import Console

            self._bar = rich_progress.Progress(
                rich_progress.TextColumn("{task.description}"),
                rich_progress.BarColumn(),
                rich_progress.MofNCompleteColumn(),
                rich_progress.TimeElapsedColumn(),
                rich_progress.TextColumn("left"),
                rich_progress.TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bar.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        """Take the bar off the screen."""
        if self._bar is not None:
            self._bar.stop()

    @property
    def reporter(self) -> Reporter:
        """What a task that runs under this bar reports to."""
        return Reporter(say=warn, progress=self.update)

    def update(self, label: str, done: int, total: int) -> None:
        """Say that `done` of `total` are done; a new label begins a new line or bar."""
        if self._bar is not None:
            if label != self._label:
                if self._task is not None:
                    self._bar.remove_task(self._task)
                self._task = self._bar.add_task(label, total=total)
            self._bar.update(self._task, completed=done, total=max(done, total))
        elif self._enabled:
            step = 0 if total <= 0 else done * 4 // total
            if label != self._label or step > self._shown:
                click.echo(f"  {label}: {done} of {total}", err=True)
                self._shown = step
        if label != self._label:
            self._label = label
            self._shown = 0 if total <= 0 else done * 4 // total
