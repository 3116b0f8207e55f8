"""`elpython schedule support`, `freezes`, `reality` and `figure`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.days import first_day, last_day, pair, range_options, slip_options, today
from elpython.cli.render import json_option, print_json, print_table, warn
from elpython.core.tls import trusted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from elpython.schedule.freezes import Age
    from elpython.schedule.slips import Slips
    from elpython.schedule.support import Candidate

__all__ = ["figure", "freezes", "reality", "refresh", "support"]

KINDS = ("calendar", "matrix", "latency")


@click.command("support")
@click.option("--rule", "names", multiple=True, default=("nep29",), show_default=True,
              help="nep29, spec0, upstream, el-lts, a window such as '48 months, at least 3', or a "
              "file (repeat).")  # fmt: skip
@click.option(
    "--on", "day", type=first_day, metavar="DAY", help="The day asked about (default: today)."
)
@click.option("--model", help="Ask about the series of a release model, not of CPython.")
@click.option("--all", "everything", is_flag=True, help="Show series out of support too.")
@json_option
def support(
    *,
    names: Sequence[str],
    day: date | None,
    model: str | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Show which series a support rule asks for on a day, and until when."""
    from elpython.schedule.facts import as_of
    from elpython.schedule.support import find_rule, windows

    on = day or today()
    rules = [find_rule(name) for name in names]
    candidates = _candidates(model, on)
    answers = []
    for rule in rules:
        found = windows(rule, candidates)
        shown = found if everything else [one for one in found if one.covers(on)]
        answers.append((rule, shown))
    if as_json:
        print_json(
            {
                "on": on,
                "model": model,
                "data_as_of": None if model else as_of(),
                "rules": [
                    {
                        "rule": rule.name,
                        "title": rule.title,
                        "series": [
                            {
                                "series": one.series,
                                "release": one.release,
                                "drop": one.drop_told,
                                "supported": one.covers(on),
                                "held_by_minimum": one.held_by_minimum,
                                "expected": one.expected,
                            }
                            for one in shown
                        ],
                    }
                    for rule, shown in answers
                ],
            }
        )
        return
    for rule, shown in answers:
        rows = [
            (
                one.series,
                f"{one.release}{' (expected)' if one.expected else ''}",
                one.drop_told,
                "yes" if one.covers(on) else "no",
                "held by the minimum" if one.held_by_minimum else "",
            )
            for one in shown
        ]
        title = f"{rule.title}, on {on}"
        print_table(["series", "released", "dropped on", "supported", ""], rows, title=title)
    if not model:
        click.echo(f"CPython's dates as of {as_of()}; later ones are expectations.", err=True)


def _candidates(model: str | None, on: date) -> list[Candidate]:
    from elpython.schedule.latency import all_of
    from elpython.schedule.load import find
    from elpython.schedule.support import from_model, from_reality

    return from_model(all_of(find(model), on, on)) if model else from_reality()


@click.command("freezes")
@click.argument("names", metavar="MODEL...", nargs=-1)
@click.option("--from", "start", type=first_day, metavar="DAY", help="First day (default: that "
              "of 3.8.0, which the models are counted from).")  # fmt: skip
@click.option("--to", "end", type=last_day, metavar="DAY", help="Last day (default: today).")
@click.option("--distribution", help="Only Ubuntu, Debian, Fedora or RHEL.")
@json_option
def freezes(
    names: Sequence[str],
    *,
    start: date | None,
    end: date | None,
    distribution: str | None,
    as_json: bool,
) -> None:
    """Show how old the newest stable Python is when a distribution freezes."""
    from elpython.core.errors import UnknownNameError
    from elpython.schedule.facts import distributions
    from elpython.schedule.freezes import ages, models_from
    from elpython.schedule.load import find

    known = sorted({one.name for one in distributions()})
    picked = [name for name in known if distribution and name.lower() == distribution.lower()]
    if distribution and not picked:
        raise UnknownNameError(f"no data on {distribution!r}", todo=f"one of {', '.join(known)}")
    rows = [
        row
        for row in ages([find(name) for name in names], start or models_from(), end or today())
        if not picked or row.distribution.name in picked
    ]
    if as_json:
        print_json({"rows": rows})
        return
    columns = ["reality", *dict.fromkeys(names)]
    table = [
        (
            f"{row.distribution.name} {row.distribution.version}",
            row.distribution.freeze,
            row.distribution.basis,
            row.distribution.shipped,
            *(_age(age) for age in row.ages.values()),
        )
        for row in rows
    ]
    print_table(["distribution", "freeze", "known as", "shipped", *columns], table)
    for name in rows[0].ages if rows else ():
        found = [age.days for row in rows if (age := row.ages[name]) is not None]
        if found:
            click.echo(f"{name}: {sum(found) / len(found):.0f} days old on average")


def _age(age: Age | None) -> str:
    return "none yet" if age is None else f"{age.series}, {age.days} days"


@click.command("reality")
@click.argument("model", default="pep602")
@click.option("--series", "names", multiple=True, help="Only this series (repeat).")
@click.option("--all", "everything", is_flag=True, help="Show every release, not only the sums.")
@json_option
def reality(model: str, *, names: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Show how far a model's planned dates lie from those of CPython's real releases."""
    from elpython.schedule.load import find
    from elpython.schedule.reality import fit
    from elpython.schedule.slips import TOLERANCE

    found = fit(find(model), names)
    if as_json:
        print_json({"model": model, "tolerance_days": TOLERANCE, "fits": found})
        return
    if not found:
        warn(f"{model} plans no series of CPython that is out")
        return
    if everything:
        rows = [(one.version, one.planned, one.real, f"{one.days:+}")
                for one in found[-1].deviations]  # fmt: skip
        print_table(["release", "planned", "real", "days"], rows)
    print_table(
        [
            "series",
            "releases",
            "mean",
            "worst",
            f"over {TOLERANCE} days",
            "maintenance",
            "not planned",
            "never came",
        ],
        [
            (
                one.series,
                len(one.deviations),
                f"{one.mean:.1f} days",
                f"{one.worst.days:+} days ({one.worst.version})",
                one.outside,
                "" if one.maintenance_mean is None else f"{one.maintenance_mean:.1f} days",
                " ".join(one.unplanned),
                " ".join(one.missing),
            )
            for one in found
        ],
    )


@click.command("figure")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("names", metavar="MODEL...", nargs=-1, required=True)
@range_options(4)
@slip_options
@click.option("-o", "--output", "outputs", type=click.Path(path_type=Path, dir_okay=False),
              multiple=True, required=True, help="An .svg or .png file (repeat).")  # fmt: skip
@click.option("--abi-break", "breaks", type=pair(":"), multiple=True, metavar="SERIES:SERIAL",
              help="Label this pre-freeze release as an ABI break (calendar).")  # fmt: skip
@click.option("--inline", is_flag=True, help="Make the SVG part of a page: without a head, in "
              "the page's colours.")  # fmt: skip
def figure(
    kind: str,
    names: Sequence[str],
    *,
    days: tuple[date, date],
    slips: Slips,
    outputs: Sequence[Path],
    breaks: Sequence[tuple[str, int]],
    inline: bool,
) -> None:
    """Draw a release calendar, a support matrix or latency curves as SVG or PNG."""
    from elpython.schedule.figures import draw
    from elpython.schedule.load import find

    models = [find(name) for name in dict.fromkeys(names)]
    draw(kind, models, days, outputs, breaks=breaks, slips=slips, inline=inline)
    for output in outputs:
        click.echo(f"wrote {output}", err=True)


@click.command("refresh")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False),
              help="Write the new data files into this folder.")  # fmt: skip
@click.option("--from", "mirror", type=click.Path(path_type=Path, file_okay=False),
              help="Folder of the sources as files: peps.toml, devguide.json, ...")  # fmt: skip
@json_option
def refresh(*, to: Path | None, mirror: Path | None, as_json: bool) -> int:
    """Ask the public sources for dates and show what differs from the data in use.

    Exit code 1 when something differs, so that a timer can tell.
    """
    import json

    from elpython.core.store import write_atomic
    from elpython.schedule.facts import as_of, data
    from elpython.schedule.renew import renew

    old = {name: data(name) for name in ("cpython", "distributions")}
    found = renew(old, _fetcher(mirror), today())
    if to is not None:
        to.mkdir(parents=True, exist_ok=True)
        for name, value in (("cpython", found.cpython), ("distributions", found.distributions)):
            text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
            write_atomic(to / f"{name}.json", text.encode())
    if as_json:
        print_json({"data_as_of": as_of(), "differences": found.differences,
                    "disagreements": found.disagreements})  # fmt: skip
    else:
        for line in found.differences or ("nothing differs",):
            click.echo(line)
        for line in found.disagreements:
            warn(f"sources disagree: {line}")
    return 1 if found.differences else 0


def _fetcher(mirror: Path | None) -> Callable[[str], bytes]:
    from elpython.schedule.errors import BadScheduleDataError
    from elpython.schedule.renew import SOURCES

    names = {address: name for name, address in SOURCES.items()}

    def fetch(address: str) -> bytes:
        if mirror is not None:
            ending = address.rpartition(".")[2]
            path = mirror / f"{names[address].lower()}.{ending}"
            try:
                return path.read_bytes()
            except OSError as error:
                raise BadScheduleDataError(
                    f"cannot be read: {error.strerror}", str(path)
                ) from error
        import httpx

        try:
            answer = httpx.get(address, verify=trusted(), timeout=30, follow_redirects=True)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise BadScheduleDataError(f"cannot be fetched: {error}", address) from error
        return answer.content

    return fetch
