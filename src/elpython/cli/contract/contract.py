"""`elpython contract`: check, promises."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.render import Progress, json_option, print_json, print_table, warn
from elpython.cli.sources import sources_option
from elpython.core.suggest import near

if TYPE_CHECKING:
    from elpython.contract.check import Rules
    from elpython.contract.model import ContractReport
    from elpython.contract.resolve import Named
    from elpython.contract.subject import Run
    from elpython.core.store import Store

__all__ = ["contract"]

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_PLACE = click.Path(path_type=Path, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("contract")
def contract() -> None:
    """Prove that nothing users built for the base has to be rebuilt."""


@contract.command("promises")
@json_option
def promises(as_json: bool) -> None:
    """List the promises."""
    from elpython.contract.promises import PROMISES, summary

    rows = [(name, summary(name)) for name in PROMISES]
    if as_json:
        print_json([{"promise": name, "says": says} for name, says in rows])
        return
    print_table(("promise", "what it says"), rows)


@contract.command("record")
@sources_option
@click.argument("python")
@click.option("--to", "target", required=True, type=_FILE, help="The file to write.")
@click.option("--source", type=_FOLDER, help="The interpreter's source tree.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Programs at once [all cores].")
@json_option
def record(python: str, target: Path, source: Path | None, jobs: int, as_json: bool) -> None:
    """Record a base in a file; later checks take the file as --base and need no interpreter."""
    import os

    from elpython.contract.promises import NEEDS_BASE
    from elpython.contract.reference import record as write
    from elpython.contract.resolve import resolve
    from elpython.contract.subject import Run
    from elpython.core.store import Store

    store = Store.default()
    with Progress() as bar:
        named = resolve(python, role="base", store=store, source=source, reporter=bar.reporter)
        run = Run(store=store, jobs=jobs or len(os.sched_getaffinity(0)), reporter=bar.reporter)
        made = write(named.subject, target, run)
    if as_json:
        print_json({
            "file": str(target), "sha256": made.sha256, "name": made.name,
            "recorded": made.recorded, "promises": list(made.promises),
            "missing": made.missing, "need_the_base": NEEDS_BASE,
        })  # fmt: skip
        return
    click.echo(f"{target}: {made.name}, {target.stat().st_size // 1024} KB, sha256 {made.sha256}")
    click.echo(f"holds what these promises compare: {', '.join(made.promises)}")
    for name, why in made.missing.items():
        warn(f"{name}: not recorded whole: {why}")
    click.echo(f"need the base itself: {', '.join(NEEDS_BASE)}")


@contract.command("gather")
@click.option("--names", required=True, type=_FILE, help="Projects, the most used first.")
@click.option("--to", "target", required=True, type=click.Path(path_type=Path, file_okay=False),
              help="The folder of needs.")  # fmt: skip
@click.option("--most", type=click.IntRange(min=1), default=500, show_default=True,
              help="How many packages.")  # fmt: skip
@click.option("--wheels", multiple=True, type=_FOLDER, help="A folder of wheels.")
@click.option("--installed", multiple=True, type=_FOLDER, help="An environment.")
@click.option("--index", is_flag=True, help="Let pip download what is in neither.")
@click.option("--seconds", type=float, help="Begin nothing after so many; run again to go on.")
@click.option("--fresh", is_flag=True, help="Read again what was read.")
@click.option("--private", type=_FILE, help="Also write the table of private names they use.")
@json_option
def gather(as_json: bool, **given: Any) -> int:  # noqa: ANN401 - click's options by name
    """Write what the most used packages need of Python: names and counts, no code."""
    from elpython.cli.contract.environment import run_gather

    return run_gather(given, as_json=as_json)


@contract.command("check")
@sources_option
@click.option(
    "--base",
    required=True,
    help="A Python, a branch's bare base (3.11@base), a reference file, or packages.",
)
@click.option("--candidate", required=True, help="A Python, or a branch: 3.11.")
@click.option("--only", multiple=True, help="Only this promise; more than once, or with commas.")
@click.option("--skip", multiple=True, help="Not this promise; more than once, or with commas.")
@click.option("--sample", is_flag=True, help="behaviour: a quick part of the base's test suite.")
@click.option("--test", "tests", multiple=True, help="behaviour: only this test module.")
@click.option("--declare", multiple=True, help="A declaration, PROMISE:NAME.")
@click.option("--declares", type=_FILE, help="A TOML file with declarations.")
@click.option("--write-declares", type=_FILE, help="Write what is found as declarations.")
@click.option("--base-source", type=_FOLDER, help="The base's source tree.")
@click.option("--candidate-source", type=_FOLDER, help="The candidate's source tree.")
@click.option("--no-network", is_flag=True, help="Ask no package index.")
@click.option("--fresh", is_flag=True, help="Look again, also where nothing changed.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Programs at once [all cores].")
@click.option("--blame", is_flag=True, help="Find the change that brought each difference.")
@click.option(
    "--environment", multiple=True, type=_PLACE, help="A virtual environment, folder or wheel."
)
@click.option(
    "--run", "commands", multiple=True, help="With --environment: a command for both sides."
)
@click.option(
    "--needs", multiple=True, type=_PLACE, help="A file or folder of needs; more than once."
)
@click.option(
    "--write-needs", type=_FILE, help="Write what the environment needs: names and counts."
)
@click.option("--accept-unshown", "accepted", multiple=True, metavar="NAME",
              help="With --environment: what fails on the base too.")  # fmt: skip
@click.option("--junit", type=_FILE, help="Write JUnit XML.")
@click.option("--html", type=_FILE, help="Write one HTML page.")
@json_option
def check(as_json: bool, **given: Any) -> int:  # noqa: ANN401 - click's options by name
    """Compare a candidate with its base, promise by promise; exit code 1 when one is broken."""
    from elpython.contract.resolve import resolve
    from elpython.core.process import stop_on_terminate
    from elpython.core.store import Store

    _refuse_without_environment(given)
    chosen = _chosen(given["only"], given["skip"])
    store = Store.default()
    texts = _given_declarations(given["declare"], given["declares"])
    with stop_on_terminate(), Progress() as bar:
        sides = [
            resolve(
                given[role], role=role, store=store, source=given[f"{role}_source"],
                reporter=bar.reporter,
            )
            for role in ("base", "candidate")
        ]  # fmt: skip
        run = _run(store, given, bar)
        if given["environment"] or given["needs"]:
            return _environment(sides, run, texts, given, as_json)
        report = _checked(sides, run, texts, chosen, given)
    _write(report, given)
    if as_json:
        from elpython.contract.report import as_data

        print_json(as_data(report))
    else:
        _show(report)
    return 1 if report.broken else 0


def _chosen(only: tuple[str, ...], skip: tuple[str, ...]) -> list[str]:
    from elpython.contract.promises import PROMISES
    from elpython.core.errors import UnknownNameError

    wanted, unwanted = ([name for text in texts for name in text.split(",") if name]
                        for texts in (only, skip))  # fmt: skip
    for name in [*wanted, *unwanted]:
        if name not in PROMISES:
            hint = near(name, PROMISES) or "see: elpython contract promises"
            raise UnknownNameError(f"there is no promise {name!r}", todo=hint)
    return [name for name in (wanted or PROMISES) if name not in unwanted]


def _given_declarations(single: tuple[str, ...], file: Path | None) -> list[tuple[str, str]]:
    from elpython.contract.declarations import read_file

    return [*((text, "--declare") for text in single), *(read_file(file) if file else [])]


def _run(store: Store, given: dict[str, Any], bar: Progress) -> Run:
    import os

    from elpython.contract.subject import Run

    return Run(
        store=store,
        jobs=given["jobs"] or len(os.sched_getaffinity(0)),
        network=not given["no_network"],
        sample=given["sample"],
        tests=tuple(given["tests"]),
        refreshed=set() if given["fresh"] else None,
        reporter=bar.reporter,
    )


def _checked(
    sides: list[Named],
    run: Run,
    texts: list[tuple[str, str]],
    chosen: list[str],
    given: dict[str, Any],
) -> ContractReport:
    from elpython.contract.check import check
    from elpython.contract.subject import Pair

    base, candidate = sides
    rules = _rules(sides, texts)
    pair = Pair(base=base.subject, candidate=candidate.subject)
    report = check(pair, run, rules, chosen)
    return _blamed(report, sides, run, rules) if given["blame"] else report


def _rules(sides: list[Named], texts: list[tuple[str, str]]) -> Rules:
    from elpython.contract.check import Rules
    from elpython.contract.declarations import parse_all

    return Rules(
        declarations=parse_all([*sides[1].declares, *texts]),
        declare_additions=sides[1].branch is not None,
    )


def _refuse_without_environment(given: dict[str, Any]) -> None:
    """Refuse options that say nothing where no environment is named.

    Raises:
        UsageError: there is such an option.
    """
    from elpython.core.errors import UsageError

    if given["environment"]:
        return
    for option, name in (("--accept-unshown", "accepted"), ("--run", "commands")):
        if given[name]:
            raise UsageError(
                "goes with an environment, of which something is tried",
                where=option,
                todo="name one: --environment VENV",
            )
    if given["write_needs"] and not given["needs"]:
        raise UsageError(
            "there is nothing of which needs could be written",
            where="--write-needs",
            todo="name it: --environment VENV",
        )


def _environment(
    sides: list[Named],
    run: Run,
    texts: list[tuple[str, str]],
    given: dict[str, Any],
    as_json: bool,
) -> int:
    """Ask of an environment; exit code 1 when something of it does not keep working."""
    from elpython.cli.contract.environment import ending, run_environment, show
    from elpython.contract.subject import Pair

    asked = tuple(_chosen(given["only"], given["skip"])) if given["only"] or given["skip"] else ()
    pair = Pair(base=sides[0].subject, candidate=sides[1].subject)
    report = run_environment(pair, run, _rules(sides, texts), given, asked)
    show(report, as_json=as_json)
    return ending(report, given["accepted"])


def _blamed(report: ContractReport, sides: list[Named], run: Run, rules: Rules) -> ContractReport:
    from elpython.contract.blame import BlameJournal, blame
    from elpython.contract.check import check
    from elpython.contract.resolve import build_branch
    from elpython.contract.subject import Pair, code_digest, load
    from elpython.core.errors import UsageError
    from elpython.core.store import key_of

    branch = sides[1].branch
    if branch is None:
        raise UsageError(
            "--blame needs a branch: an interpreter given by its path has no series of changes",
            where="--candidate",
        )

    def at(length: int, promises: Any) -> ContractReport:  # noqa: ANN401 - a sequence of names
        tree, made = build_branch(run.store, branch, length, run.reporter)
        side = load(made.python, role="candidate", store=run.store, source=tree.folder)
        return check(Pair(base=sides[0].subject, candidate=side), run, rules, promises)

    digests = [side.subject.digest for side in sides]
    promises = [outcome.promise for outcome in report.outcomes]
    place = run.store.root / "contract-blame" / key_of([*digests, promises, code_digest()])
    journal = BlameJournal() if run.refreshed is not None else BlameJournal.read(place)
    told = blame(report, [change.id for change in branch.series], at, journal=journal)
    if journal.fresh:
        warn(f"bisected with {journal.fresh} builds")
    return told


def _write(report: ContractReport, given: dict[str, Any]) -> None:
    from elpython.contract.report import html, junit
    from elpython.core.store import write_atomic

    if given["junit"]:
        write_atomic(given["junit"], junit(report).encode())
    if given["html"]:
        write_atomic(given["html"], html(report).encode())
    if given["write_declares"]:
        lines = sorted(
            f"    {_quoted(f'{outcome.promise}:{item.difference.declaration}')},"
            for outcome in report.outcomes
            for item in outcome.judged
            if item.state.value != "listed" and item.difference.kind.value != "unmatched"
        )
        head = f"# {report.candidate} against {report.base}: what is meant to differ."
        text = "\n".join([head, "declares = [", *lines, "]", ""])
        write_atomic(given["write_declares"], text.encode())


def _quoted(text: str) -> str:
    import json

    return json.dumps(text)


_MOST = 12


def _show(report: ContractReport) -> None:
    from elpython.contract.model import State, Verdict

    rows = [
        (
            outcome.promise,
            outcome.verdict.value,
            outcome.checked,
            outcome.count(State.BROKEN),
            outcome.count(State.DECLARED),
            outcome.count(State.LISTED),
            "from the store" if outcome.remembered else f"{outcome.seconds:.1f} s",
        )
        for outcome in report.outcomes
    ]
    click.echo(f"{report.headline}\n\nbase       {report.base}\ncandidate  {report.candidate}\n")
    print_table(("promise", "verdict", "compared", "broken", "declared", "listed", "time"), rows)
    for outcome in report.outcomes:
        if outcome.verdict is Verdict.BROKEN:
            _show_broken(outcome)
        for gap in outcome.gaps:
            click.echo(f"{outcome.promise}: not checked: {gap}")
    kept = "broken" if report.broken else "not broken"
    click.echo(f"\nthe contract is {kept} ({report.seconds:.1f} s)")


def _show_broken(outcome: Any) -> None:  # noqa: ANN401 - Outcome, imported late
    from elpython.contract.model import State

    broken = [item for item in outcome.judged if item.state is State.BROKEN]
    click.echo("")
    for item in broken[:_MOST]:
        found = item.difference
        cause = f" [{item.caused_by}]" if item.caused_by else ""
        whom = f" (breaks {found.breaks})" if found.breaks else ""
        click.echo(f"{outcome.promise}:{found.declaration}: {found.what}{whom}{cause}")
        for side, text in (("base", found.old), ("candidate", found.new)):
            if text:
                click.echo(f"    {side:9} {_short(text)}")
    if len(broken) > _MOST:
        warn(f"{outcome.promise}: {len(broken) - _MOST} more; --json, --html and --junit have all")


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= 160 else f"{one[:157]}..."
