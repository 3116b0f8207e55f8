"""`elpython stream next, order, flag, ledger, record`: which release is due, and its record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import json_option, print_json, print_table
from elpython.cli.stream.classify import classified, classify_options, doubts_of, features_of
from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from elpython.stream.ledger import Ledger, LedgerRecord
    from elpython.stream.release import Release

__all__ = [
    "flag_command",
    "ledger_command",
    "next_command",
    "order_command",
    "record_command",
]

_PATH = click.Path(path_type=Path)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", todo="write it as 2026-11-21") from error


def _dated(texts: tuple[str, ...], series: str) -> dict[Release, dt.date]:
    from elpython.stream.release import parse_release

    found = {}
    for text in texts:
        version, mark, day = text.partition("=")
        if not mark:
            raise UsageError(f"{text!r} has no date", todo="write a release as a1=2019-12-02")
        release = parse_release(version, series=series)
        if release in found:
            raise UsageError(f"{release} is given twice", todo="name each release once")
        found[release] = _day(day)
    return found


@click.command("next")
@click.option("--series", required=True, help="The series, like 3.9.")
@click.option(
    "--policy", default="pep605", show_default=True, help="pep605, first-draft or a file."
)
@click.option("--ledger", type=_PATH, help="The releases so far: the series' ledger.")
@click.option("--released", multiple=True, help="One release so far, like a1=2019-12-02.")
@click.option("--break", "broken", multiple=True, help="An ABI break since the last release.")
@click.option("--request", default="", help="Ask for an alpha (or a further candidate): why.")
@click.option("--final", help="The final release's day; the policy's calendar has one too.")
@json_option
def next_command(
    *,
    series: str,
    policy: str,
    ledger: Path | None,
    released: tuple[str, ...],
    broken: tuple[str, ...],
    request: str,
    final: str | None,
    as_json: bool,
) -> None:
    """Show the next version of a series, its day, and why it is that one."""
    from elpython.stream.ledger import read_ledger
    from elpython.stream.numbering import Changes, NumberPlan, next_release
    from elpython.stream.order import disagreements
    from elpython.stream.policy import load_policy
    from elpython.stream.release import parse_series

    known = _dated(released, series)
    if ledger is not None:
        known |= read_ledger(ledger).dates
    plan = NumberPlan(
        series=parse_series(series), released=known, final=_day(final) if final else None
    )
    answer = next_release(load_policy(policy), plan, Changes(breaks=broken, request=request))
    warnings = [
        item for item in disagreements([*known, answer.version]) if item.later == answer.version
    ]
    if as_json:
        print_json(
            {
                "version": str(answer.version),
                "due": answer.due,
                "policy": answer.policy,
                "reasons": answer.reasons,
                "warnings": [{"tool": item.tool, "effect": item.effect} for item in warnings],
            }
        )
        return
    click.echo(f"{answer.version} on {answer.due}")
    for reason in answer.reasons:
        click.echo(f"  {reason}")
    for item in warnings:
        click.echo(f"  {item.tool}: {item.effect}")


@click.command("order")
@click.argument("releases", nargs=-1, required=True)
@json_option
def order_command(releases: tuple[str, ...], as_json: bool) -> None:
    """Sort RELEASES by release order and name what other tools get wrong."""
    from elpython.stream.order import disagreements, in_release_order
    from elpython.stream.release import parse_release

    ordered = in_release_order(parse_release(text) for text in releases)
    wrong = disagreements(ordered)
    if as_json:
        print_json(
            {
                "order": [str(item) for item in ordered],
                "disagreements": [
                    {
                        "tool": item.tool,
                        "earlier": str(item.earlier),
                        "later": str(item.later),
                        "effect": item.effect,
                    }
                    for item in wrong
                ],
            }
        )
        return
    click.echo(" ".join(str(item) for item in ordered))
    for item in wrong:
        click.echo(f"{item.tool} puts {item.later} before {item.earlier}: {item.effect}")


@click.command("flag")
@click.argument("version")
@json_option
def flag_command(version: str, as_json: bool) -> None:
    """Show the ABI tags of VERSION: with the flag `p` up to the last beta, without from rc1 on."""
    from elpython.stream.flag import tags_table
    from elpython.stream.release import parse_release

    release = parse_release(version)
    table = tags_table(release)
    if as_json:
        print_json({"version": str(release), "pre_freeze": release.is_pre_freeze, "tags": table})
        return
    print_table(
        ("build", "platform", "SOABI", "extension modules", "wheel ABI tag"),
        [(row.build, row.platform, row.soabi, row.ext_suffix, row.wheel_abi) for row in table],
    )


@click.command("ledger")
@click.argument("path", type=_PATH)
@json_option
def ledger_command(path: Path, as_json: bool) -> None:
    """Show the ledger at PATH: last ABI change and last ABI addition, release by release."""
    from elpython.stream.ledger import read_ledger

    ledger = read_ledger(path)
    if as_json:
        print_json(_ledger_json(ledger))
        return
    print_table(
        ("release", "date", "last ABI change", "last addition", "evidence", "behind it"),
        [
            (
                f"{record.release}{_standing_mark(ledger, record)}",
                record.date,
                record.last_break,
                record.last_addition,
                record.tier,
                "; ".join(
                    f"{change.kind} ({change.source}): {change.symbol or change.what}"
                    for change in record.changes
                ),
            )
            for record in ledger.records
        ],
    )


def _standing_mark(ledger: Ledger, record: LedgerRecord) -> str:
    if record not in ledger.standing:
        return " (corrected)"
    return f" (corrects {record.corrects})" if record.corrects else ""


def _ledger_json(ledger: Ledger) -> dict[str, Any]:
    return {
        "series": ledger.series,
        "releases": [
            {
                "version": str(record.release),
                "date": record.date,
                "last_break": str(record.last_break),
                "last_addition": str(record.last_addition),
                "tier": record.tier,
                "reasons": record.reasons,
                "changes": record.changes,
                "corrects": str(record.corrects) if record.corrects else None,
                "stands": record in ledger.standing,
            }
            for record in ledger.records
        ],
    }


@click.command("record")
@click.argument("path", type=_PATH)
@click.argument("version")
@click.option("--date", required=True, help="The release's day, like 2020-08-02.")
@click.option("--corrects", help="The release whose record was wrong; it stays visible.")
@classify_options
@json_option
def record_command(
    path: Path,
    version: str,
    date: str,
    corrects: str | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - click's options
) -> None:
    """Write VERSION into the ledger at PATH, with the classification of what came before it.

    The ledger is only added to; the first record of a series makes the file. What cannot be (a4
    after b2, a date to come, a break after the freeze) is refused before it is written.
    """
    from elpython.core.store import write_atomic
    from elpython.stream.ledger import LedgerEntry, append, parse_ledger, read_ledger, record_of
    from elpython.stream.release import parse_release
    from elpython.stream.tables import parse_toml

    release = parse_release(version)
    ledger = read_ledger(path) if path.exists() else None
    text = path.read_text("utf-8") if ledger else ""
    options["series"] = options["series"] or release.series_name
    entry = LedgerEntry(
        release=release,
        date=_day(date),
        today=dt.datetime.now(tz=dt.UTC).date(),
        corrects=parse_release(corrects, series=release.series_name) if corrects else None,
        features=tuple(features_of(options)),
        doubts=tuple(doubts_of(options, release)),
    )
    record = record_of(ledger, entry, classified(options))
    grown = append(text, release.series_name, record)
    parse_ledger(parse_toml(grown, str(path)))
    write_atomic(path, grown.encode())
    if as_json:
        print_json(
            {
                "version": str(release),
                "last_break": str(record.last_break),
                "last_addition": str(record.last_addition),
                "digest": record.digest,
            }
        )
        return
    click.echo(
        f"{release}: last ABI change {record.last_break}, last addition {record.last_addition}"
    )
