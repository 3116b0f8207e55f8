"""`elpython stream requires, rebuild`: what a publisher of packages does after an ABI break."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import Progress, json_option, print_json, print_table
from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from elpython.stream.installers import Observation
    from elpython.stream.requires import Advice

__all__ = ["rebuild_command", "requires_command"]

_PATH = click.Path(path_type=Path)


@click.command("requires")
@click.option("--series", required=True, help="The series, like 3.9.")
@click.option("--abi-break", "broke", required=True, help="The alpha that broke it, like a5.")
@click.option("--ledger", type=_PATH, help="The series' releases; else a1, betas and the break.")
@click.option("--lowest", default="", help="The oldest Python that the project supports.")
@click.option("--project", default="example", show_default=True, help="The project's name.")
@click.option("--try", "trying", is_flag=True, help="Run pip and uv to see what they really do.")
@click.option("--python", type=_PATH, help="Interpreter for --try, best of the same series.")
@json_option
def requires_command(
    *,
    series: str,
    broke: str,
    ledger: Path | None,
    lowest: str,
    project: str,
    trying: bool,
    python: Path | None,
    as_json: bool,
) -> None:
    """Show the metadata for a project that was rebuilt after an ABI break, and whom it lets in."""
    from elpython.stream.ledger import read_ledger
    from elpython.stream.release import parse_release
    from elpython.stream.requires import advise, likely_releases

    alpha = parse_release(broke, series=series)
    releases = list(read_ledger(ledger).dates) if ledger else likely_releases(alpha)
    advice = advise(alpha, releases, lowest=lowest, project=project)
    observed = _try(advice, python) if trying else []
    if as_json:
        print_json(_json(advice, observed))
    else:
        _show(advice, observed)


def _try(advice: Advice, python: Path | None) -> list[Observation]:
    import sys

    from elpython.stream.installers import Trial, observe

    own = [item for item in advice.interpreters if item.series == advice.broke.series]
    with tempfile.TemporaryDirectory(prefix="elpython-try-") as folder, Progress() as progress:
        trial = Trial(
            python=python or Path(sys.executable),
            folder=Path(folder),
            offers=advice.offers,
            releases=own,
        )
        return observe(trial, lambda done, total: progress.update("installer runs", done, total))


def _json(advice: Advice, observed: list[Observation]) -> dict[str, Any]:
    return {
        "abi_break": str(advice.broke),
        "interpreters": [str(item) for item in advice.interpreters],
        "wanted": [str(item) for item in advice.wanted],
        "problems_of_the_literal_line": advice.problems,
        "offers": [
            {
                "name": offer.name,
                "line": offer.line,
                "valid": offer.valid,
                "note": offer.note,
                "accepts": [str(item) for item in offer.accepts],
            }
            for offer in advice.offers
        ],
        "observed": [
            {
                "installer": item.installer,
                "interpreter": str(item.release),
                "installs_the_rebuilt_version": dict(item.took),
                "said": item.said,
            }
            for item in observed
        ],
    }


def _show(advice: Advice, observed: list[Observation]) -> None:
    for offer in advice.offers:
        click.echo(f"{offer.name}{'' if offer.valid else ' (not valid)'}:")
        click.echo(f"    {offer.line}")
        click.echo(f"    {offer.note}")
        if not offer.valid:
            for problem in advice.problems:
                click.echo(f"    - {problem}")
    installers = list(dict.fromkeys(item.installer for item in observed))
    valid = [offer.name for offer in advice.offers if offer.valid]
    seen = {(item.installer, item.release): item.took for item in observed}
    headers = ["interpreter", "wanted", *(offer.name for offer in advice.offers)]
    headers += [f"{installer}: {name}" for installer in installers for name in valid]
    rows = []
    for item in advice.interpreters:
        row: list[str] = [str(item), _yes(item in advice.wanted)]
        row += [_yes(item in offer.accepts) for offer in advice.offers]
        for installer in installers:
            took = seen.get((installer, item), {})
            row += [_yes(took.get(name)) for name in valid]
        rows.append(row)
    print_table(headers, rows, title="who gets the rebuilt version")
    for told in dict.fromkeys(item.said for item in observed if item.said):
        click.echo(f"an installer failed: {told}", err=True)


def _yes(value: bool | None) -> str:
    return {True: "yes", False: "no"}.get(value, "-") if value is not None else "-"


@click.command("rebuild")
@click.argument("wheelhouse", type=_PATH)
@click.option("--ledger", type=_PATH, required=True, help="The ledger of the series.")
@click.option("--since", required=True, help="Release that the wheels were built with, like b4.")
@click.option("--to", required=True, help="Release that they shall run on, like a5.")
@json_option
def rebuild_command(*, wheelhouse: Path, ledger: Path, since: str, to: str, as_json: bool) -> int:
    """Show which wheels below WHEELHOUSE have to be built again, so that only those are.

    Exit code 1 when a wheel has to be, or cannot be judged.
    """
    from elpython.stream.ledger import read_ledger
    from elpython.stream.rebuild import ANSWERS, advise_rebuild
    from elpython.stream.release import parse_release

    known = read_ledger(ledger)
    first, last = (parse_release(text, series=known.series) for text in (since, to))
    for release in (first, last):
        if release not in known.dates:
            raise UsageError(f"{release} is not in the ledger", where=str(ledger))
    if last < first:
        raise UsageError(f"{last} comes before {first}", todo="swap --since and --to")
    answers = advise_rebuild(wheelhouse, known.between(first, last))
    if as_json:
        print_json({"since": str(first), "to": str(last), "wheels": answers})
    else:
        print_table(
            ("wheel", "answer", "why"),
            [
                (item.wheel, item.answer, " ".join([item.reason, *item.symbols[:6]]))
                for item in answers
            ],
        )
        counts = {name: sum(item.answer == name for item in answers) for name in ANSWERS}
        click.echo(", ".join(f"{count} {name}" for name, count in counts.items()))
    return 1 if any(item.answer != "keep" for item in answers) else 0
