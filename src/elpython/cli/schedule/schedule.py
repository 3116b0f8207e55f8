"""`elpython schedule`: release models shown, compared, drawn, exported and checked."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.days import pair, range_options, slip_options
from elpython.cli.render import json_option, print_json, print_table, warn
from elpython.cli.schedule.facts import figure, freezes, reality, refresh, support

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from elpython.schedule.measures import Comparison, Measures
    from elpython.schedule.slips import Slip, Slips
    from elpython.schedule.timeline import Timeline

__all__ = ["schedule"]

FORMATS = ("table", "months", "markdown", "csv", "json", "ical")


@click.group("schedule")
def schedule() -> None:
    """Plan releases: models as data, compared by what they cost and give."""


@schedule.command("models")
@json_option
def models(as_json: bool) -> None:
    """List the release models that come with the toolchain."""
    from elpython.schedule.load import builtin_names, find

    found = [find(name) for name in builtin_names()]
    rows = [(model.name, model.title, model.source) for model in found]
    if as_json:
        keys = ("name", "title", "source")
        print_json([dict(zip(keys, row, strict=True)) for row in rows])
    else:
        print_table(["model", "what it is", "source"], rows)


@schedule.command("check")
@click.argument("files", nargs=-1, required=True)
@json_option
def check(files: tuple[str, ...], as_json: bool) -> None:
    """Check model files: unknown words, wrong values, rules that contradict each other."""
    from elpython.core.errors import ElpythonError
    from elpython.schedule.errors import BadModelError
    from elpython.schedule.load import find

    findings: list[str] = []
    for name in files:
        try:
            find(name)
        except ElpythonError as error:
            findings += error.details or (f"{name}: {error.what}",)
    if as_json:
        print_json({"files": files, "findings": findings})
    if findings:
        details = () if as_json else tuple(findings)
        raise BadModelError(
            f"{len(findings)} problem(s) in {len(files)} model(s)",
            todo="the words of a model file are told in docs/reference/schedule-models.md",
            details=details,
        )
    if not as_json:
        click.echo(f"{len(files)} model(s) without a contradiction")


@schedule.command("show")
@click.argument("model")
@range_options(2)
@click.option("--abi-break", "breaks", type=pair(":"), multiple=True, metavar="SERIES:SERIAL",
              help="Label this pre-freeze release as an ABI break (repeat).")  # fmt: skip
@click.option("--late", type=pair("="), multiple=True, metavar="VERSION=DAYS",
              help="Let this release come so many days late (repeat).")  # fmt: skip
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
              help="Write to this file; an existing calendar file is taken on from.")  # fmt: skip
@json_option
def show(
    model: str,
    *,
    days: tuple[date, date],
    breaks: Sequence[tuple[str, int]],
    late: Sequence[tuple[str, int]],
    form: str,
    output: Path | None,
    as_json: bool,
) -> None:
    """Show what MODEL (a name or a file) plans: every release with its date."""
    from elpython.schedule.load import find
    from elpython.schedule.slips import slip
    from elpython.schedule.timeline import lay_out, relabel

    timeline = lay_out(find(model), *days)
    if breaks:
        timeline = relabel(timeline, breaks)
    timeline, moved = slip(timeline, dict(late))
    form = "json" if as_json else form
    if form == "table" and output is None:
        rows = [(one.date, one.version, one.phase, one.note) for one in timeline.releases]
        print_table(["date", "release", "phase", "note"], rows, title=timeline.model.title)
    else:
        _put(_written(timeline, form, output), output)
    for one in moved:
        warn(_moved(one))


def _moved(one: Slip) -> str:
    from elpython.schedule.slips import TOLERANCE

    days = (one.after - one.before).days
    verdict = "" if one.in_tolerance else f", more than the tolerance of {TOLERANCE} days"
    return f"{one.version} moves from {one.before} to {one.after} ({days:+} days{verdict})"


def _written(timeline: Timeline, form: str, output: Path | None) -> str:
    """Return a timeline in a format."""
    import json

    from elpython.schedule import export

    rows = [[getattr(one, name) for name in export.COLUMNS] for one in timeline.releases]
    if form == "ical":
        from elpython.schedule.errors import BadModelError
        from elpython.schedule.ical import calendar_text

        old = output is not None and output.is_file()
        previous = export.read_text(output, BadModelError) if output and old else ""
        return calendar_text(timeline, datetime.now(UTC).replace(microsecond=0), previous)
    if form == "json":
        return json.dumps(export.plain(timeline), default=str, indent=2) + "\n"
    if form == "csv":
        return export.csv_text(export.COLUMNS, rows)
    if form == "months":
        return export.markdown_months(timeline)
    return export.markdown_table(export.COLUMNS, rows)


def _put(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file in one step."""
    if output is None:
        click.echo(text, nl=False)
        return
    from elpython.schedule.export import save

    save(output, text.encode("utf-8"))
    click.echo(f"wrote {output}", err=True)


@schedule.command("compare")
@click.argument("names", metavar="MODEL...", nargs=-1, required=True)
@range_options(20)
@slip_options
@click.option("--rule", default="nep29", show_default=True,
              help="Support rule that says which series a library tests.")  # fmt: skip
@click.option("--project-releases", type=click.IntRange(0), default=6, show_default=True,
              help="Releases a year of the project whose wheels are counted.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "markdown", "csv", "json"]),
              default="table", show_default=True)  # fmt: skip
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False),
              help="Write a web page with the figures to this file.")  # fmt: skip
@json_option
def compare(
    names: Sequence[str],
    *,
    days: tuple[date, date],
    slips: Slips,
    rule: str,
    project_releases: int,
    form: str,
    report: Path | None,
    as_json: bool,
) -> None:
    """Compare release models: latency of features, versions to test, work for publishers."""
    from elpython.schedule.load import find
    from elpython.schedule.measures import Question
    from elpython.schedule.measures import compare as measure
    from elpython.schedule.support import find_rule

    question = Question(
        start=days[0],
        end=days[1],
        rule=find_rule(rule),
        project_releases=project_releases,
        slips=slips,
    )
    found = [find(name) for name in dict.fromkeys(names)]
    result = measure(found, question)
    _print_comparison(result, "json" if as_json else form)
    if report:
        from elpython.schedule.report import page

        _put(page(found, result), report)


COMPARED = ("model", "audience", "mean wait", "95 % wait", "in support", "at most", "to test",
            "at most", "releases/year", "rebuilds/year", "wheels/year", "late")  # fmt: skip


def _compared(row: Measures) -> list[object]:
    return [
        row.model,
        row.audience,
        f"{row.latency_mean:.0f} days",
        f"{row.latency_p95:.0f} days",
        f"{row.supported.mean:.1f}",
        row.supported.greatest,
        f"{row.tested.mean:.1f}",
        row.tested.greatest,
        f"{row.releases_a_year:.1f}",
        f"{row.rebuilds_a_year:.1f}",
        f"{row.wheels_a_year:.1f}",
        f"{row.late:.1%}",
    ]


def _print_comparison(result: Comparison, form: str) -> None:
    from elpython.schedule import export

    question = result.question
    rows: Iterable[list[object]] = [_compared(row) for row in result.rows]
    if form == "json":
        slips = question.slips
        print_json(
            {
                "from": question.start,
                "to": question.end,
                "rule": question.rule.name,
                "project_releases": question.project_releases,
                "slips": slips,
                "rows": result.rows,
            }
        )
    elif form == "csv":
        click.echo(export.csv_text(COMPARED, rows), nl=False)
    elif form == "markdown":
        click.echo(export.markdown_table(COMPARED, rows), nl=False)
    else:
        title = f"{question.start} to {question.end}, tested by {question.rule.name}"
        print_table(COMPARED, rows, title=title)


schedule.add_command(figure)
schedule.add_command(freezes)
schedule.add_command(reality)
schedule.add_command(refresh)
schedule.add_command(support)
