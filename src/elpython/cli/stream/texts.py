"""`elpython stream announce, whatsnew, replay, rollback`: texts, history, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import json_option, print_json, print_table, warn
from elpython.core.errors import UsageError

if TYPE_CHECKING:
    import datetime as dt

    from elpython.stream.ledger import Ledger
    from elpython.stream.news import NewsRelease
    from elpython.stream.release import Release
    from elpython.stream.texts import Coming

__all__ = ["announce_command", "replay_command", "rollback_command", "whatsnew_command"]

_PATH = click.Path(path_type=Path)


def _news(path: Path) -> list[NewsRelease]:
    from elpython.stream.news import parse_merged

    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error
    return parse_merged(text, name=str(path))


def _coming(
    ledger: Ledger | None, series: tuple[int, int], policy: str, final_day: dt.date | None = None
) -> Coming:
    """Ask the numbering for the next release, taking the ledger's word for what is out."""
    from elpython.stream.numbering import Changes, NumberPlan, foreign_calendar, next_release
    from elpython.stream.policy import load_policy
    from elpython.stream.release import BadReleaseError
    from elpython.stream.texts import Coming

    rules = load_policy(policy)
    released = ledger.dates if ledger else {}
    foreign = foreign_calendar(rules, NumberPlan(series=series, released=released, final=final_day))
    if released and foreign:
        warn(f"no day of a coming release is told: {foreign}")
        return Coming()
    final = final_day or rules.calendar.final(series)
    freeze = rules.calendar.freeze(final)
    try:
        plan = NumberPlan(series=series, released=released, final=final_day)
        answer = next_release(rules, plan, Changes())
    except BadReleaseError:
        return Coming(freeze=freeze, final=final)
    return Coming(release=answer.version, date=answer.due, freeze=freeze, final=final)


@click.command("announce")
@click.argument("version")
@click.option("--ledger", type=_PATH, help="The series' ledger: release before, changes, next.")
@click.option("--news", type=_PATH, help="A merged Misc/NEWS: the release's entries.")
@click.option("--policy", default="pep605", show_default=True, help="For the next release's day.")
@click.option("--final", help="The final release's day, where the policy's calendar has another.")
@click.option("--product", default="Python", show_default=True, help="The product's name.")
@click.option("--break", "broken", multiple=True, help="A breaking change, in one line.")
@click.option("--text", "as_plain", is_flag=True, help="Plain text instead of Markdown.")
@json_option
def announce_command(
    *,
    version: str,
    ledger: Path | None,
    news: Path | None,
    policy: str,
    final: str | None,
    product: str,
    broken: tuple[str, ...],
    as_plain: bool,
    as_json: bool,
) -> None:
    """Write the announcement of VERSION: first, beta, alpha, candidate or final release."""
    from elpython.stream.ledger import read_ledger
    from elpython.stream.release import parse_release
    from elpython.stream.texts import Announcement, Coming, announce, as_text, change_lines, kind_of

    release = parse_release(version)
    known = read_ledger(ledger) if ledger else None
    if known is not None and release not in known.dates:
        raise UsageError(
            f"the ledger has no {release}: there is no evidence that it could be announced with",
            where=str(ledger),
            todo=f"write it first: elpython stream record {ledger} {release} ...",
        )
    previous = _previous(known, release)
    entries = [item.entries for item in _news(news) if item.release == release] if news else []
    breaks = broken + (change_lines(known, release, "break") if known and previous else ())
    if release.level == "alpha" and previous is not None and not breaks:
        raise UsageError(
            f"{release} is an alpha, and nothing says what it breaks",
            todo="give --ledger with its record, or --break LINE",
        )
    markdown = announce(
        Announcement(
            product=product,
            release=release,
            previous=previous,
            breaks=breaks,
            additions=change_lines(known, release, "addition") if known else (),
            tier=_tier(known, release),
            broken_since_rc1=_broken_since_rc1(known, release),
            decisions=_decisions(known, release),
            requires=_requires(known, release) if breaks and release.is_pre_freeze else "",
            entries=entries[0] if entries else (),
            coming=(
                _coming(_upto(known, release), release.series, policy, _day(final))
                if known
                else Coming(final=_day(final))
            ),
        )
    )
    text = as_text(markdown) if as_plain else markdown
    if as_json:
        kind = kind_of(release, previous)
        print_json({"version": str(release), "kind": kind, "breaks": breaks, "text": text})
    else:
        click.echo(text, nl=False)


def _day(text: str | None) -> dt.date | None:
    import datetime as dt

    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", todo="write it as 2027-08-02") from error


def _tier(known: Ledger | None, release: Release) -> str:
    """Return the evidence behind a release, as the ledger has it; empty when it has none."""
    records = known.standing if known else ()
    return next((one.tier for one in records if one.release == release), "")


def _broken_since_rc1(known: Ledger | None, release: Release) -> tuple[Release, ...]:
    """Return the later candidates that broke the freeze: wheels built before them are concerned."""
    return tuple(
        one.release
        for one in (known.standing if known else ())
        if one.release.level == "candidate"
        and one.release.serial > 1
        and one.release < release
        and any(change.kind == "break" for change in one.changes)
    )


def _decisions(known: Ledger | None, release: Release) -> tuple[str, ...]:
    records = known.standing if known else ()
    return tuple(
        reason.removeprefix("decided by the release manager: ")
        for one in records
        if one.release == release
        for reason in one.reasons
        if reason.startswith("decided by the release manager: ")
    )


def _previous(known: Ledger | None, release: Release) -> Release | None:
    """Return the release before: from the ledger, else the beta with the serial before."""
    from dataclasses import replace

    if known is not None:
        return max((item for item in known.dates if item < release), default=None)
    if release.is_pre_freeze and release.serial > 1:
        first = release.serial == 2
        return replace(release, level="alpha" if first else "beta", serial=release.serial - 1)
    return None


def _upto(known: Ledger | None, release: Release) -> Ledger | None:
    from dataclasses import replace

    if known is None:
        return None
    return replace(known, records=tuple(r for r in known.records if r.release <= release))


def _requires(known: Ledger | None, release: Release) -> str:
    from elpython.stream.requires import advise, likely_releases

    releases = list(known.dates) if known and release in known.dates else likely_releases(release)
    advice = advise(release, releases)
    return next(offer.line for offer in advice.offers if offer.name == "marker")


@click.command("whatsnew")
@click.option("--series", required=True, help="The series, like 3.9.")
@click.option("--ledger", type=_PATH, help="The series' ledger: its ABI breaks.")
@click.option("--policy", default="pep605", show_default=True, help="For the days.")
@click.option("--final", help="The final release's day, where the policy's calendar has another.")
@click.option("--product", default="Python", show_default=True, help="The product's name.")
@click.option("--text", "as_plain", is_flag=True, help="Plain text instead of Markdown.")
@json_option
def whatsnew_command(
    *,
    series: str,
    ledger: Path | None,
    policy: str,
    final: str | None,
    product: str,
    as_plain: bool,
    as_json: bool,
) -> None:
    """Write the section of What's New that explains the stream of a series."""
    from elpython.stream.ledger import read_ledger
    from elpython.stream.release import parse_series
    from elpython.stream.texts import as_text, whats_new

    known = read_ledger(ledger) if ledger else None
    coming = _coming(known, parse_series(series), policy, _day(final))
    markdown = whats_new(product, series, known, coming)
    text = as_text(markdown) if as_plain else markdown
    if as_json:
        print_json({"series": series, "text": text})
    else:
        click.echo(text, nl=False)


@click.command("replay")
@click.option("--news", type=_PATH, multiple=True, help="A merged Misc/NEWS; else a branch's.")
@click.option("--branch", default="3.13", show_default=True, help="Whose base has the NEWS.")
@click.option("--series", multiple=True, help="Only these series, like 3.9.")
@click.option("--entries", is_flag=True, help="Show the entries that decided each label.")
@json_option
def replay_command(
    *, news: tuple[Path, ...], branch: str, series: tuple[str, ...], entries: bool, as_json: bool
) -> None:
    """Show how PEP 605 would have labelled real pre-releases, from their NEWS entries.

    Without --news, Misc/NEWS is taken from the source that a branch is based on.
    """
    from elpython.stream.release import parse_series
    from elpython.stream.replay import replay

    found = replay(
        [item for path in news or [_branch_news(branch)] for item in _news(path)],
        [parse_series(text) for text in series],
    )
    if not found:
        raise UsageError("no pre-release of these series is in these files")
    if as_json:
        print_json([_replayed(item) for item in found])
        return
    print_table(
        ("real", "date", "PEP 605", "breaks", "excused", "decided by"),
        [
            (
                item.release,
                item.date or "",
                item.label,
                len(item.decided),
                len(item.excused),
                "; ".join(one.entry.issue or one.reading.rule for one in item.decided),
            )
            for item in found
        ],
    )
    if entries:
        from elpython.stream.replay import plain

        for item in found:
            for one in item.decided:
                click.echo(f"{item.release} ({one.reading.kind}): {plain(one.entry.text)}")


def _branch_news(name: str) -> Path:
    """Return Misc/NEWS of a branch's base; its source is fetched where the store has it not."""
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.prepare.tree import TreeRequest, prepare

    folder = branches_folder()
    request = TreeRequest(branches=folder, branch=load_branch(folder, name), length=0)
    return prepare(Store.default(), request).folder / "Misc" / "NEWS"


def _replayed(item: Any) -> dict[str, Any]:  # noqa: ANN401 - imported when it is asked for
    def told(decisions: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        return [
            {
                "issue": one.entry.issue,
                "line": one.entry.line,
                "text": one.entry.text,
                "kind": one.reading.kind,
                "rule": one.reading.rule,
                "reason": one.reading.reason,
            }
            for one in decisions
        ]

    return {
        "release": str(item.release),
        "date": item.date,
        "label": str(item.label),
        "decided": told(item.decided),
        "excused": told(item.excused),
    }


@click.command("rollback")
@click.option("--new", type=_PATH, required=True, help="The pre-freeze interpreter.")
@click.option("--old", type=_PATH, required=True, help="The last stable interpreter.")
@json_option
def rollback_command(*, new: Path, old: Path, as_json: bool) -> int:
    """Try what the old interpreter can read of what the new one wrote.

    Exit code 1 when something cannot be read back.
    """
    from elpython.stream.rollback import try_back

    found = try_back(new, old)
    if as_json:
        print_json(found)
    else:
        names = {True: "yes", False: "no", None: "not written"}
        print_table(
            ("data", "module", "read back", "why not"),
            [(item.label, item.detail, names[item.readable], item.reason) for item in found],
        )
    return 1 if any(item.readable is False for item in found) else 0
