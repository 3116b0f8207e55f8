"""`elpython stream release, plan`: the gates before a release, and a series' own calendar."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import json_option, print_json, print_table
from elpython.core.errors import UsageError

if TYPE_CHECKING:
    from elpython.stream.gates import Answer, Gate
    from elpython.stream.release import Release

__all__ = ["plan_command", "release_command"]

_PATH = click.Path(path_type=Path)


@click.command("release")
@click.argument("version")
@click.option("--ledger", type=_PATH, help="The ledger of the series.")
@click.option("--repo", type=_PATH, help="Repository whose commits are checked.")
@click.option("--since", help="Revision of the last release (a tag).")
@click.option("--head", default="HEAD", show_default=True, help="Revision to release.")
@click.option("--old-headers", type=_PATH, help="Headers of the last release.")
@click.option("--new-headers", type=_PATH, help="Headers of the build to be released.")
@click.option("--builders", help="Status of the builders: a JSON file or address.")
@click.option("--blockers", help="Issues with their labels: a JSON file or address.")
@click.option("--provisional", type=_PATH, help="List of the provisional APIs, for users.")
@click.option("--new", type=_PATH, help="The interpreter to be released, for the roll-back check.")
@click.option("--old", type=_PATH, help="The last stable interpreter, for the roll-back check.")
@click.option("--override", default="", help="Release all the same: the reason, for the record.")
@json_option
def release_command(version: str, as_json: bool, **options: Any) -> int:  # noqa: ANN401
    """Walk the gates before the release of VERSION: each `yes`, `no` or `not told`.

    Exit code 1 when a gate says no or is not told, unless --override gives a reason.
    """
    from elpython.core.errors import UsageError
    from elpython.core.reason import reason_problem
    from elpython.stream.gates import Answer, gate_table
    from elpython.stream.release import parse_release

    if options["override"] and (told := reason_problem(options["override"])):
        raise UsageError(told, where="--override")
    release = parse_release(version)
    answers = [
        Answer(gate=gate, answer=word, why=why)
        for gate in gate_table()
        for word, why in [_ask(gate, release, options)]
    ]
    closed = [one for one in answers if one.answer != "yes"]
    if as_json:
        print_json(
            {
                "version": str(release),
                "gates": [
                    {
                        "id": one.gate.id,
                        "title": one.gate.title,
                        "answer": one.answer,
                        "why": one.why,
                        "source": one.gate.source,
                    }
                    for one in answers
                ],
                "may_release": not closed or bool(options["override"]),
                "override": options["override"],
            }
        )
    else:
        _show(release, answers, closed, options["override"])
    return 1 if closed and not options["override"] else 0


def _show(release: Release, answers: list[Answer], closed: list[Answer], override: str) -> None:
    print_table(
        ("gate", "answer", "why"),
        [(one.gate.title, one.answer, one.why) for one in answers],
        title=f"gates before {release}",
    )
    if not closed:
        click.echo(f"{release} may be released")
    elif override:
        click.echo(f"{release} is released all the same: {override}")
    else:
        click.echo(f"{release} may not be released: {len(closed)} of {len(answers)} gates closed")


def _ask(gate: Gate, release: Release, options: dict[str, Any]) -> tuple[str, str]:
    from elpython.stream.gates import read_status, status_answer

    if gate.kind in {"builders", "blockers"}:
        place = options[gate.kind]
        if not place:
            return "not told", f"give --{gate.kind} FILE or address"
        return status_answer(gate.kind, read_status(place))
    if gate.kind == "review":
        path = options["provisional"]
        if path is None:
            return "not told", "give --provisional FILE"
        lines = [line for line in _lines(path) if line.strip() and not line.startswith("#")]
        return "yes", f"{len(lines)} provisional APIs are listed"
    if gate.kind == "rollback":
        return _roll_back(options)
    if gate.kind == "ledger":
        return _sequence(release, options)
    return _checked(gate, options)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=str(path)) from error


def _roll_back(options: dict[str, Any]) -> tuple[str, str]:
    from elpython.stream.rollback import try_back

    if not (options["new"] and options["old"]):
        return "not told", "give --new and --old, two interpreters"
    lost = [one.label for one in try_back(options["new"], options["old"]) if one.readable is False]
    return ("no", f"not read back: {', '.join(lost)}") if lost else ("yes", "all is read back")


def _sequence(release: Release, options: dict[str, Any]) -> tuple[str, str]:
    from elpython.stream.ledger import read_ledger
    from elpython.stream.sequence import sequence_problems

    if options["ledger"] is None:
        return "not told", "give --ledger FILE"
    path: Path = options["ledger"]
    standing = read_ledger(path).standing if path.exists() else ()
    problems = sequence_problems(standing[-1].release if standing else None, release)
    return ("no", "; ".join(problems)) if problems else ("yes", "it follows")


def _checked(gate: Gate, options: dict[str, Any]) -> tuple[str, str]:
    """Answer the gates that commits and headers answer."""
    from elpython.stream.check import check_range

    if not (options["repo"] and options["since"]):
        return "not told", "give --repo and --since"
    report = check_range(options["repo"], options["since"], options["head"])
    begins = {"markers": ("marker-", "revert-", "ledger-", "news-entry"), "freeze": ("freeze-",),
              "stable": ("stable-",)}[gate.kind]  # fmt: skip
    # An exception of the freeze is for the release manager to decide, with --override.
    bad = [
        one.message
        for one in report.findings
        if one.rule.startswith(begins) and (one.level == "error" or one.rule == "freeze-exception")
    ]
    if bad:
        return "no", "; ".join(bad[:3])
    if gate.kind == "stable":
        return "yes", "nothing that was shipped is lost"
    return _measured(gate, options, report.breaks)


def _measured(gate: Gate, options: dict[str, Any], marked: Any) -> tuple[str, str]:  # noqa: ANN401
    from elpython.stream.classify import classify
    from elpython.stream.freeze import freeze_problems, frozen_since
    from elpython.stream.history import git, open_repository
    from elpython.stream.layouts import HeaderPair, measure_headers

    old, new = options["old_headers"], options["new_headers"]
    repo = open_repository(options["repo"])
    tags = git(repo, "tag", "--list", "--merged", options["since"], "v*").stdout.split()
    last = frozen_since([*tags, options["since"]])
    if gate.kind == "freeze" and last is None:
        return "yes", "the ABI is not frozen yet"
    if not (old and new):
        return "not told", "commits agree; give --old-headers and --new-headers to measure"
    found = classify(marked, measure_headers(HeaderPair(old=old, new=new)),
                     frozen=last is not None)  # fmt: skip
    if gate.kind == "freeze":
        problems = freeze_problems(found)
        if problems:
            return "no", "; ".join(problems[:3])
        return ("not told", found.reasons[-1]) if found.verdict == "unknown" else ("yes", "it does")
    differ = [f"{one.kind}: {one.symbol}" for one in found.mismatches]
    return ("no", "; ".join(differ[:3])) if differ else ("yes", "they agree, by headers")


@click.command("plan")
@click.argument("series")
@click.option("--final", required=True, help="The day of the final release, like 2027-08-02.")
@click.option("--first", help="The day of the first alpha; two months after the series before.")
@click.option("--policy", default="pep605", show_default=True, help="pep605 or a file.")
@click.option("--to", type=_PATH, help="Write the policy with this series' days to a file.")
@json_option
def plan_command(
    series: str, *, final: str, first: str | None, policy: str, to: Path | None, as_json: bool
) -> None:
    """Plan SERIES from its final release: every pre-release with its day.

    The file that --to writes is a policy with the series' own calendar: give it to
    `elpython stream next --policy FILE`, and to `announce`.
    """
    from elpython.core.store import write_atomic
    from elpython.stream.plan import dated, plan_series
    from elpython.stream.policy import load_policy
    from elpython.stream.release import parse_series

    rules = load_policy(policy)
    own = dated(rules, parse_series(series), _day(final), _day(first) if first else None)
    rows = plan_series(own, parse_series(series))
    if to is not None:
        from elpython.stream.plan import policy_text

        write_atomic(to, policy_text(own).encode())
    if as_json:
        print_json({"series": series, "releases": [{"version": v, "date": d} for v, d in rows]})
        return
    print_table(("release", "day"), rows, title=f"{series}, as {rules.name} has it")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no date", todo="write it as 2026-11-21") from error
