"""`elpython fix watch`: ask every feed what became known, and tell what nobody has decided."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import Progress, json_option, print_json, print_table, warn
from elpython.core.report import SILENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from elpython.define.branch import Branch
    from elpython.define.vulnerability import Record
    from elpython.security.deadlines import Kept
    from elpython.security.lookout import Look

__all__ = ["watch"]

_WIDTH = 70
_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("watch")
@click.option("--feeds", type=_FILE, help="Another table of feeds [branches/feeds.toml].")
@click.option("--without", multiple=True, metavar="FEED", help="Leave a feed out on purpose.")
@click.option("--offline", is_flag=True, help="Ask nobody: copies alone.")
@click.option("--as-of", metavar="DAY", help="Take the record as it was on a day: 2026-11-21.")
@click.option("--propose", type=_FOLDER, help="Write a file for each new thing into a folder.")
@click.option("--atom", type=_FILE, help="Write an Atom feed.")
@click.option("--report", is_flag=True, help="Show how the promise in days was kept.")
@click.option("--done", is_flag=True, help="Record today as the day of the last check.")
@json_option
def watch(as_json: bool, **given: Any) -> int:  # noqa: ANN401 - by name
    """Ask every feed, and list what the vulnerability record lacks.

    A feed that is out of reach is told, with the age of the copy that serves instead. Nothing is
    decided and nothing is changed: a person decides in branches/vulnerabilities. Made for cron.

    Exit code 1 when something is new, a fix is overdue, or a feed has not answered for more than a
    week, or never.
    """
    from elpython.define.branch import load_all
    from elpython.define.folder import branches_folder, own_branches
    from elpython.define.vulnerability_read import read_record
    from elpython.security.deadlines import report

    folder = own_branches() if given["done"] else branches_folder()
    branches, problems = load_all(folder)
    for problem in problems:
        warn(problem)
    record = read_record(folder)
    if given["as_of"]:
        record = record.as_of(_day(given["as_of"]))
    now = dt.datetime.now(tz=dt.UTC)
    names = [branch.name for branch in branches]
    rows = report(record, names, now.date())
    if given["report"]:
        return _report(rows, as_json)
    found = _look(folder, branches, record, given, now.date())
    overdue = [item for item in rows if item.verdict == "overdue"]
    stale = found.stale(now.date())
    _write(found, names, given, now)
    if as_json:
        _json(found, overdue, stale)
    else:
        _print(found, overdue, now)
    if stale:
        warn(f"a copy that is older than a week stands for: {', '.join(stale)}")
    clean = not (found.news or found.follow_ups or found.blind or stale or problems)
    if given["done"]:
        _done(folder, found, given, clean=clean, day=now.date())
    return 0 if clean and not overdue else 1


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--as-of: {text!r} is no day (2026-11-21)") from error


def _look(
    folder: Path,
    branches: list[Branch],
    record: Record,
    given: dict[str, Any],
    today: dt.date,
) -> Look:
    from elpython.core.errors import UnknownNameError
    from elpython.core.store import Store
    from elpython.core.suggest import hint
    from elpython.security.lookout import look
    from elpython.upstream.feeds.rules import read_rules
    from elpython.upstream.feeds.run import ask_all
    from elpython.upstream.feeds.settings import FEEDS, read_feeds

    table = read_feeds(given["feeds"] or folder / FEEDS)
    names = [feed.name for feed in table]
    for name in given["without"]:
        if name not in names:
            raise UnknownNameError(f"there is no feed {name!r}", todo=hint(name, names))
    feeds = [feed for feed in table if feed.name not in given["without"]]
    with Progress() as bar:
        answers = ask_all(
            Store.default(),
            feeds,
            read_rules(folder),
            offline=given["offline"],
            # What cron runs speaks only of what it found.
            reporter=bar.reporter if sys.stderr.isatty() else SILENT,
        )
    return look(answers, record, branches, today)


def _write(found: Look, names: list[str], given: dict[str, Any], now: dt.datetime) -> None:
    from elpython.core.store import write_atomic
    from elpython.security.watch_out import atom, propose

    if given["atom"]:
        write_atomic(given["atom"], atom(found, now=now).encode())
    if given["propose"]:
        written, left = propose(found, given["propose"], names, now.date())
        warn(f"{len(written)} proposal(s) in {given['propose']}: each is for a person to decide")
        for name in left:
            warn(f"{name}: its id names no file; look it up by hand")


def _done(folder: Path, found: Look, given: dict[str, Any], *, clean: bool, day: dt.date) -> None:
    from elpython.core.errors import UsageError
    from elpython.security.record_write import write_checked

    if not clean or given["offline"]:
        raise UsageError(
            "something is new, or a feed has not answered: the record is not checked",
            where="--done",
            todo="decide what is listed above, or leave a feed out by --without, and run it again",
        )
    asked = [item.feed for item in found.answers if not item.problem]
    copies = [item.feed for item in found.answers if item.problem]
    write_checked(folder, day, asked=asked, unasked=[*copies, *given["without"]])


def _json(found: Look, overdue: list[Kept], stale: Sequence[str]) -> None:
    print_json(
        {
            "news": found.news,
            "follow_ups": found.follow_ups,
            "remarks": found.remarks,
            "overdue": overdue,
            "known": found.known,
            "left_out": found.left_out,
            "blind": found.blind,
            "stale": stale,
            "feeds": [
                {"feed": item.feed, "when": item.when, "problem": item.problem,
                 "notices": len(item.notices), "seconds": item.seconds,
                 "requests": item.requests, "fresh": item.fresh}
                for item in found.answers
            ],
        }
    )  # fmt: skip


def _age(when: dt.datetime | None, now: dt.datetime) -> str:
    if when is None:
        return "never answered"
    days = (now - when).days
    return "clock went back" if days < -1 else "today" if days < 1 else f"{days} day(s) old"


def _print(found: Look, overdue: list[Kept], now: dt.datetime) -> None:
    from elpython.security.watch_out import plain

    rows = [
        [item.feed, len(item.notices), _age(item.when, now), item.requests, item.problem or "-"]
        for item in found.answers
    ]
    print_table(["feed", "notices", "answer", "requests", "problem"], rows)
    if found.news:
        print_table(
            ["new", "severity", "age", "fix by", "told by", "patch", "what"],
            [
                [item.id, item.severity, "?" if item.age is None else f"{item.age} d",
                 item.deadline or "next release", "; ".join(item.where[:3]),
                 "; ".join(item.patches[:2]) or "-", json.dumps(item.title[:_WIDTH])[1:-1]]
                for item in found.news
            ],
        )  # fmt: skip
        for item in found.news:
            told = "; ".join(f"{name}: {text}" for name, text in item.proposals.items())
            click.echo(f"{item.id}: {told}{''.join(f' | {text}' for text in item.remarks)}")
    for text in found.follow_ups:
        click.echo(f"follow-up of {plain(text)}")
    for text in found.remarks:
        click.echo(f"look at {plain(text)}")
    for late in overdue:
        click.echo(f"overdue: {late.id} on {late.branch}, {late.severity}, due {late.deadline}")
    left = ", ".join(f"{count} {why}" for why, count in sorted(found.left_out.items())) or "none"
    click.echo(
        f"{len(found.news)} new, {len(found.follow_ups)} follow-up(s), {len(overdue)} overdue; "
        f"{found.known} notice(s) are decided; left out: {left}"
    )
    if found.blind:
        click.echo(f"never answered, so nobody knows what they tell: {', '.join(found.blind)}")


def _report(rows: list[Kept], as_json: bool) -> int:
    bad = [item for item in rows if item.verdict in {"missed", "overdue"}]
    if as_json:
        print_json({"promise": rows})
        return 1 if bad else 0
    print_table(
        ["vulnerability", "branch", "severity", "public", "due", "fixed", "days", "promise"],
        [
            [item.id, item.branch, item.severity, item.public, item.deadline or "next release",
             item.fixed or "-", item.days, item.verdict]
            for item in rows
        ],
    )  # fmt: skip
    counts = {item.verdict: 0 for item in rows}
    for item in rows:
        counts[item.verdict] += 1
    click.echo(", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "nothing")
    return 1 if bad else 0
