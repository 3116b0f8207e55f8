"""`elpython stream check`: the pre-merge check."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.render import json_option, print_json
from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from elpython.stream.check import StreamReport

__all__ = ["check_command"]


@click.command("check")
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The repository.")
@click.option(
    "--base", envvar="PRE_COMMIT_FROM_REF", help="Revision before the range (a branch, tag, hash)."
)
@click.option(
    "--head",
    envvar="PRE_COMMIT_TO_REF",
    default="HEAD",
    show_default=True,
    help="Last revision of the range.",
)
@click.option(
    "--message",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Check what is staged, with this commit message file (for a commit-msg hook).",
)
@click.argument("message_file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--sarif", type=click.Path(path_type=Path), help="Write a SARIF log to this file.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    show_default=True,
    help="How findings are printed; github: annotations of its runners.",
)
@json_option
def check_command(
    *,
    repo: Path,
    base: str | None,
    head: str,
    message: Path | None,
    message_file: Path | None,
    sarif: Path | None,
    style: str,
    as_json: bool,
) -> int:
    """Check the ABI markers, NEWS entries, stable ABI and ledger of a range of commits.

    All findings are shown at once. Exit code 1 when one of them is an error.
    """
    from elpython.stream.check import check_range, check_staged
    from elpython.stream.findings import worst

    said = message or message_file
    if said is not None:
        report = check_staged(repo, _read(said), index=os.environ.get("GIT_INDEX_FILE", ""))
    elif base:
        report = check_range(repo, base, head)
    else:
        raise UsageError("no range is given", todo="give --base REV, or --message FILE in a hook")
    if sarif is not None:
        _write_sarif(report, sarif)
    _show(report, "json" if as_json else style)
    return 1 if worst(list(report.findings)) == "error" else 0


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError as error:
        raise UsageError(
            f"the message cannot be read: {error.strerror}", where=str(path)
        ) from error


def _write_sarif(report: StreamReport, path: Path) -> None:
    from elpython.core.store import write_atomic
    from elpython.stream.render import sarif

    write_atomic(path, json.dumps(sarif(report.findings), indent=2).encode() + b"\n")


def _show(report: StreamReport, style: str) -> None:
    if style == "json":
        print_json(report)
        return
    if style == "github":
        from elpython.stream.render import annotation_lines

        for line in annotation_lines(report.findings):
            click.echo(line)
        return
    from elpython.stream.findings import rule_table

    table = rule_table()
    for item in report.findings:
        place = f"{item.path}:{item.line}" if item.line else item.path
        commit = f"{item.commit[:12]} {item.summary!r}" if item.commit else item.summary
        click.echo(f"{item.level}: {' '.join(filter(None, (place, commit)))}: {item.message}")
    for rule in dict.fromkeys(item.rule for item in report.findings):
        click.echo(f"  {rule}: {table[rule].help}")
    for standing in report.breaks:
        click.echo(f"ABI break: {standing.commit[:12] or '(staged)'} {standing.summary}")
    commits = f"{report.commits} commit{'' if report.commits == 1 else 's'}"
    counts = {level: sum(item.level == level for item in report.findings) for level in
              ("error", "warning", "note")}  # fmt: skip
    told = ", ".join(f"{count} {level}{'' if count == 1 else 's'}"
                     for level, count in counts.items() if count)  # fmt: skip
    click.echo(f"{commits} checked: {told or 'nothing found'}")
