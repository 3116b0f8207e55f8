"""`elpython stream next, order, classify, ledger, record`: which release is due, and its record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import json_option, print_json, print_table
from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.stream.classify import Classification
    from elpython.stream.ledger import Ledger
    from elpython.stream.release import Release

__all__ = [
    "classify_command",
    "flag_command",
    "layout_command",
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
        found[parse_release(version, series=series)] = _day(day)
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
    """Say the next version of a series, its day, and why it is that one."""
    from elpython.stream.ledger import read_ledger
    from elpython.stream.numbering import Changes, Plan, next_release
    from elpython.stream.order import disagreements
    from elpython.stream.policy import load_policy
    from elpython.stream.release import parse_series

    known = _dated(released, series)
    if ledger is not None:
        known |= read_ledger(ledger).dates
    plan = Plan(series=parse_series(series), released=known, final=_day(final) if final else None)
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


def _classify_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--repo", type=_PATH, help="Repository whose markers are read."),
            click.option("--since", help="Revision of the last pre-release (a tag)."),
            click.option("--head", default="HEAD", show_default=True, help="Revision to release."),
            click.option("--old", type=_PATH, help="Library of the last pre-release's build."),
            click.option("--new", type=_PATH, help="Library of the build to be released."),
            click.option("--old-headers", type=_PATH, help="Headers of the last pre-release."),
            click.option("--new-headers", type=_PATH, help="Headers of the build to be released."),
            click.option(
                "--variant",
                "variants",
                multiple=True,
                type=click.Choice(["default", "debug", "free-threaded"]),
                help="Builds that the header probe compares; default if omitted.",
            ),
            click.option("--old-debug", type=_PATH, help="Its folder of separate debug files."),
            click.option("--new-debug", type=_PATH, help="Its folder of separate debug files."),
            click.option("--series", default="", help="For the table of deprecations, like 3.13."),
            click.option("--excused", type=_PATH, help="An own table of excused changes."),
            click.option("--override", type=click.Choice(["alpha", "beta"]), help="Decide it."),
            click.option("--reason", default="", help="Why; goes on record with --override."),
            click.option("--markers-only", is_flag=True, help="A beta needs no measurement."),
        )
    ):
        function = option(function)
    return function


def _classify(options: dict[str, Any]) -> Classification:
    from elpython.stream.classify import Override, classify
    from elpython.stream.layouts import combine, disagreements

    override = None
    if options["override"]:
        if not options["reason"].strip():
            raise UsageError("an override needs its reason on record", todo="add --reason TEXT")
        override = Override(label=options["override"], reason=options["reason"].strip())
    headers, library = _by_headers(options), _by_library(options)
    return classify(
        _marked(options),
        combine(headers, library),
        override=override,
        markers_only=options["markers_only"],
        disagreements=disagreements(headers, library),
    )


def _marked(options: dict[str, Any]) -> list[Any]:
    from elpython.stream.history import open_repository, read_range
    from elpython.stream.marks import breaks, read_marks

    if not options["since"]:
        if options["repo"]:
            raise UsageError("--repo without a range", todo="add --since REV")
        return []
    repo = open_repository(options["repo"] or Path())
    return breaks(repo, read_marks(repo, read_range(repo, options["since"], options["head"])))


def _by_headers(options: dict[str, Any]) -> Any:  # noqa: ANN401 - imported when it is asked for
    old, new = options["old_headers"], options["new_headers"]
    if not (old and new):
        if (old or new) and not (options["old"] and options["new"]):
            raise UsageError("the header probe needs two sides",
                             todo="give both --old-headers and --new-headers")  # fmt: skip
        return None
    from elpython.interpreter.layout.headers import header_folders
    from elpython.stream.layouts import HeaderPair, measure_headers

    sides = [path.is_file() or header_folders(path) for path in (old, new)]
    if options["old"] and not all(sides):
        return None  # headers for abidiff alone, without a Python.h
    pair = HeaderPair(old=old, new=new, variants=options["variants"] or ("default",))
    return measure_headers(pair, series=options["series"], excused=str(options["excused"] or ""))


def _by_library(options: dict[str, Any]) -> Any:  # noqa: ANN401 - imported when it is asked for
    if not options["old"] and not options["new"]:
        return None
    if not (options["old"] and options["new"]):
        raise UsageError("a measurement needs two builds", todo="give both --old and --new")
    from elpython.stream.measure import Build, measure

    sides = [
        Build(
            library=options[side],
            headers=_folder(options[f"{side}_headers"]),
            debug=options[f"{side}_debug"],
        )
        for side in ("old", "new")
    ]
    return measure(*sides, series=options["series"], excused=str(options["excused"] or ""))


def _folder(place: Path | None) -> Path | None:
    """Return the include folder of a place; the place itself where it holds no `Python.h`."""
    from elpython.interpreter.layout.headers import header_folders

    return None if place is None else next(iter(header_folders(place)), place)


@click.command("layout")
@click.argument("place", type=_PATH)
@click.option(
    "--variant",
    type=click.Choice(["default", "debug", "free-threaded"]),
    default="default",
    show_default=True,
    help="Which build of these headers.",
)
@click.option("--compiler", default="", help="A C compiler; cc if omitted.")
@click.option("--to", type=_PATH, help="Write the layout to this file, for a later classify.")
@json_option
def layout_command(
    *, place: Path, variant: str, compiler: str, to: Path | None, as_json: bool
) -> None:
    """Measure what the public headers at PLACE fix for the modules compiled against them.

    PLACE is an include folder, a prefix, or an unpacked package (`dpkg-deb -x`).
    """
    import json

    from elpython.core.store import write_atomic
    from elpython.stream.layouts import layout_of

    layout = layout_of(place, variant, compiler)
    if to is not None:
        write_atomic(to, json.dumps(layout.as_json(), indent=1).encode() + b"\n")
    if as_json:
        print_json(layout.as_json())
        return
    click.echo(
        f"CPython {layout.version}, {layout.variant}, {layout.machine}: "
        f"{len(layout.structs)} structs, {len(layout.enumerators)} enumerators, "
        f"{len(layout.functions)} functions, {len(layout.macros)} macros, "
        f"{len(layout.inlines)} inline functions, "
        f"PYC_MAGIC_NUMBER {layout.magic or 'not known'}"
    )
    for line in layout.not_looked_at:
        click.echo(f"not looked at: {line}")


@click.command("classify")
@_classify_options
@json_option
def classify_command(as_json: bool, **options: Any) -> int:  # noqa: ANN401 - click's options
    """Say alpha or beta for what came since the last pre-release, by markers and measurement.

    Exit code 0 for an answer, 1 for `unknown` or where markers and measurement disagree.
    """
    found = _classify(options)
    if as_json:
        print_json(found)
    else:
        click.echo(f"{found.verdict} (evidence: {found.tier})")
        for reason in found.reasons:
            click.echo(f"  {reason}")
        for item in found.mismatches:
            place = f" at {item.file}:{item.line}" if item.file else ""
            click.echo(f"{item.kind}: {item.symbol or '(no symbol named)'}{place}: {item.what}")
        for line in (*found.disagreements, *found.not_looked_at):
            click.echo(line)
    return 1 if found.verdict == "unknown" or found.mismatches else 0


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
                record.release,
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
            }
            for record in ledger.records
        ],
    }


@click.command("record")
@click.argument("path", type=_PATH)
@click.argument("version")
@click.option("--date", required=True, help="The release's day, like 2020-08-02.")
@_classify_options
@json_option
def record_command(path: Path, version: str, date: str, as_json: bool, **options: Any) -> None:  # noqa: ANN401
    """Write VERSION into the ledger at PATH, with the classification of what came before it.

    The ledger is only added to; the first record of a series makes the file.
    """
    from elpython.core.store import write_atomic
    from elpython.stream.ledger import append, parse_ledger, read_ledger, record_of
    from elpython.stream.release import parse_release
    from elpython.stream.tables import parse_toml

    release = parse_release(version)
    ledger = read_ledger(path) if path.exists() else None
    text = path.read_text("utf-8") if ledger else ""
    options["series"] = options["series"] or release.series_name
    record = record_of(ledger, release, _day(date), _classify(options))
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
