"""`elpython contract check --environment`: parse, call, render."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import print_json, print_table

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.contract.check import Rules
    from elpython.contract.environment.check import EnvironmentReport
    from elpython.contract.subject import Pair, Run

__all__ = ["run_environment", "run_gather", "show"]

_MOST = 15


def run_gather(given: dict[str, Any], *, as_json: bool) -> int:
    """Gather needs by the command's options; exit code 1 when the time was up before the end."""
    from elpython.cli.render import Progress
    from elpython.contract.environment.gather import (
        Wanted,
        gather,
        private_table,
        private_text,
        read_names,
    )  # fmt: skip
    from elpython.contract.environment.model import read_all_needs
    from elpython.core.store import write_atomic

    wanted = Wanted(
        names=read_names(given["names"]), most=given["most"], wheels=given["wheels"],
        installed=given["installed"], index=given["index"], seconds=given["seconds"],
        fresh=given["fresh"],
    )  # fmt: skip
    with Progress() as bar:
        made = gather(wanted, given["target"], bar.reporter)
    if given["private"] and made.taken:
        table = private_table(read_all_needs(given["target"]))
        write_atomic(given["private"], private_text(table, len(made.taken)).encode())
    if as_json:
        print_json({
            "taken": made.taken, "fresh": made.fresh, "missing": made.missing,
            "stopped": made.stopped,
        })  # fmt: skip
        return int(made.stopped)
    click.echo(
        f"{given['target']}: needs of {len(made.taken)} packages, {len(made.fresh)} read now"
    )
    if made.missing:
        names = ", ".join(sorted(made.missing)[:_MOST])
        click.echo(f"{len(made.missing)} are missing: {names}")
    if made.stopped:
        click.echo("the time was up: the same command again goes on from here")
    return int(made.stopped)


def run_environment(
    pair: Pair, run: Run, rules: Rules, given: dict[str, Any], promises: tuple[str, ...]
) -> EnvironmentReport:
    """Check an environment by the command's options.

    Args:
        pair: the two interpreters.
        run: store, jobs, progress.
        rules: declarations.
        given: the options by name.
        promises: those asked for; empty takes the environment's own.
    """
    from elpython.contract.environment.check import PROMISES, Asked, check_environment
    from elpython.contract.environment.model import read_all_needs

    asked = Asked(
        places=_places(given["environment"]),
        commands=tuple(given["commands"]),
        needs=tuple(item for path in given["needs"] for item in read_all_needs(path)),
        promises=promises or PROMISES,
    )
    report = check_environment(pair, run, rules, asked)
    _write(report, given)
    return report


def _places(given: tuple[Path, ...]) -> tuple[Path, ...]:
    """Take a folder that holds nothing but wheels as its wheels."""
    found: list[Path] = []
    for place in given:
        wheels = sorted(place.glob("*.whl")) if place.is_dir() else []
        # A link in a path would lead out of a sandbox, and a relative one means nothing there.
        found += [path.resolve() for path in wheels or [place]]
    return tuple(found)


def _write(report: EnvironmentReport, given: dict[str, Any]) -> None:
    from elpython.contract.environment.report import html, junit
    from elpython.core.store import write_atomic

    if given["write_needs"] and report.needs:
        text = json.dumps(report.needs[0].to_json(), indent=1, sort_keys=True)
        write_atomic(given["write_needs"], f"{text}\n".encode())
    if given["junit"]:
        write_atomic(given["junit"], junit(report).encode())
    if given["html"]:
        write_atomic(given["html"], html(report).encode())


def show(report: EnvironmentReport, *, as_json: bool) -> None:
    """Print the answer, then what leads to it."""
    from elpython.contract.environment.report import as_data

    if as_json:
        print_json(as_data(report))
        return
    contract = report.contract
    click.echo(f"{report.answer}\n\nbase       {contract.base}\ncandidate  {contract.candidate}\n")
    rows = [
        (
            item.place, len(item.packages), sum(p.extensions for p in item.packages),
            len({s for p in item.packages for s in p.symbols}),
            len({n for p in item.packages for n in p.names}),
            len({n for p in item.packages for n in p.private}),
        )
        for item in report.needs
    ]  # fmt: skip
    head = ("needs of", "packages", "extension modules", "C symbols", "names", "private names")
    print_table(head, rows)
    _show_reasons("do not keep working", report.broken)
    _show_reasons("use what differs, but all that was tried works", report.reached)
    _show_reasons(
        "show nothing: all that was tried fails on both sides",
        {name: [text] for name, text in report.unshown.items()},
    )
    _show_trials(report)
    unused = sum(not item.users and not item.possible for item in report.decisions)
    times = ", ".join(f"{name} {value:.1f} s" for name, value in report.seconds.items())
    click.echo(f"\n{len(report.decisions)} differences, {unused} used by nothing here ({times})")
    for name, reason in contract.not_checked.items():
        if reason != "skipped":
            click.echo(f"{name}: not checked: {reason}")


def ending(report: EnvironmentReport, accepted: tuple[str, ...]) -> int:
    """Return the exit code: 1 when something does not keep working.

    Args:
        report: the answer.
        accepted: packages, and commands, of which nothing has to be shown.

    Raises:
        UnknownNameError: what is accepted is not one of which nothing is shown.
        NothingShownError: nothing shows of a package that it keeps working, or a command fails.
    """
    from elpython.contract.environment.model import NothingShownError
    from elpython.core.errors import UnknownNameError
    from elpython.core.suggest import hint

    unshown = report.unshown | report.unshown_commands
    for name in accepted:
        if name not in unshown:
            raise UnknownNameError(
                f"{name!r} is no package, and no command, of which nothing is shown",
                where="--accept-unshown",
                todo=hint(name, unshown) or "leave it out",
            )
    left = [name for name in unshown if name not in accepted]
    if report.broken or not left:
        return 1 if report.broken else 0
    packages = [name for name in left if name in report.unshown]
    what = "command(s) fail on the base too, so that they show nothing"
    if packages:
        what = "package(s) that they keep working: all fails on the base"
        what = f"nothing shows of {len(packages)} {what}"
        if len(packages) < len(left):
            what += f"; {len(left) - len(packages)} command(s) fail on the base too"
    else:
        what = f"{len(left)} {what}"
    raise NothingShownError(
        what,
        details=tuple(f"{name}: {' '.join(unshown[name].split())[:160]}" for name in left),
        todo="put what they lack into the environment, or accept it: --accept-unshown "
        + " --accept-unshown ".join(shlex.quote(name) for name in left[:_MOST]),
    )


def _show_reasons(title: str, found: dict[str, list[str]]) -> None:
    if not found:
        return
    click.echo(f"\n{len(found)} {title}:")
    for name, reasons in list(found.items())[:_MOST]:
        click.echo(f"  {name or 'a command'}: {' '.join(reasons[0].split())[:140]}")
        if len(reasons) > 1:
            click.echo(f"      and {len(reasons) - 1} more")
    if len(found) > _MOST:
        click.echo(f"  {len(found) - _MOST} more packages; --json, --html and --junit have all")


def _show_trials(report: EnvironmentReport) -> None:
    counts: dict[str, int] = {}
    for trial in report.trials:
        counts[trial.state] = counts.get(trial.state, 0) + 1
    if not counts:
        return
    told = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    kept = "in a sandbox" if report.sandboxed else "without a sandbox (bubblewrap is not there)"
    click.echo(f"\ntried {kept}: {told}")
    for trial in [trial for trial in report.trials if trial.state == "differs"][:_MOST]:
        click.echo(f"  differs: {trial.package}: {trial.what}")
