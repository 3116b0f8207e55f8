"""`elpython upgrade` and `elpython rollback`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.install.archive import source_archive
from elpython.cli.release.trust import TrustOptions, trust_options
from elpython.cli.render import Progress, json_option, print_json, warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.install.replace import Replacement, Steps
    from elpython.install.state import Place
    from elpython.install.subject import Subject

__all__ = ["rollback", "upgrade"]

_PROMISES = ("identity", "layout", "pyc", "in-place")
_PREFIX = click.Path(path_type=Path)


@click.command("upgrade")
@click.argument("prefix", type=_PREFIX)
@click.option("--to", required=True, help="A branch, a release, or the folder of a build.")
@click.option("--profile", default="release", show_default=True, help="How a build is compiled.")
@click.option("--force", is_flag=True, help="Also under running programs.")
@click.option("--no-network", is_flag=True, help="The contract's check asks no package index.")
@click.option("--base-news", default="", metavar="SOURCE",
              help="NEWS of what is there, where its base is newer (see fix news).")  # fmt: skip
@click.option("--check", "only_check", is_flag=True, help="Only say what would be met.")
@trust_options
@json_option
def upgrade(
    prefix: Path,
    to: str,
    profile: str,
    force: bool,
    no_network: bool,
    base_news: str,
    only_check: bool,
    trusted: TrustOptions,
    as_json: bool,
) -> int:
    """Replace the interpreter in PREFIX by an EL Python, in one step and with a way back.

    A release (its archive or folder) is verified before anything of it is unpacked. It or a branch
    is built for PREFIX first, configured as what is there. The contract's
    promises identity, layout, pyc and in-place are checked between what is there and what comes; a
    broken one refuses it. Packages, scripts and environments stay.

    A CPython that is newer than the base is replaced only where nothing of it would be lost: its
    NEWS (--base-news) is held against the branch. --check builds and changes nothing; exit code 1
    when something would refuse.
    """
    if only_check:
        return _check(prefix, to, base_news, trusted, as_json)
    from elpython.core.store import Store
    from elpython.install import replace
    from elpython.install.made import Wish, base_of, bring
    from elpython.install.state import recover
    from elpython.install.subject import check_fit, incoming, inspect

    place = _place(prefix)
    with (
        source_archive(to, trusted) as archive,
        place.lock(),
        Progress() as bar,
    ):
        _say_recovered(recover(place))
        present = inspect(place.prefix)
        if not force:
            _refuse_users(present.prefix)
        wish = Wish(to=to, profile=profile, archive=archive, reporter=bar.reporter)
        if archive is None or archive.base:
            _base(present, base_of(present, to, archive), base_news)
        folder = bring(Store.default(), present, wish)
        comes = incoming(folder, present.series)
        if not check_fit(present, comes):
            _show_nothing(present, as_json)
            return 0
        _base(present, comes.facts.release, base_news)
        steps = _steps(place, comes, bar, force=force, prove=_prover(present, comes, no_network))
        outcome = replace.upgrade(place, folder, (present.version, comes.version), steps)
    _show(outcome, as_json)
    return 0


def _base(present: Subject, base: str, base_news: str) -> str:
    """Refuse a base that is older than what is there, unless nothing would be lost."""
    from elpython.cli.install.newer import losses
    from elpython.install.newer import refuse_losses
    from elpython.install.subject import has_newer_base

    if not has_newer_base(present, base):
        return f"CPython {base}, not older than what is there"
    refuse_losses(present, base, losses(present, base, base_news))
    return f"CPython {base} is older, and has every fix of {present.facts.release}"


def _check(prefix: Path, to: str, base_news: str, trusted: TrustOptions, as_json: bool) -> int:
    """Return what an upgrade would meet; nothing is built or changed."""
    from elpython.cli.install.newer import fit, standing
    from elpython.cli.render import print_table
    from elpython.install.foresee import foresee
    from elpython.install.made import base_of
    from elpython.install.subject import inspect

    place = _place(prefix)
    with source_archive(to, trusted) as archive:
        present = inspect(place.prefix)
        found = foresee(
            present,
            [
                ("what comes", lambda: f"{to}, CPython {base_of(present, to, archive)}"),
                ("base", lambda: _base(present, base_of(present, to, archive), base_news)),
                ("vulnerabilities", lambda: standing(present.series)),
                ("build", lambda: fit(present, to, is_archive=archive is not None)),
            ],
        )
    ready = not any(item.state == "in the way" for item in found)
    if as_json:
        print_json({"prefix": present.prefix, "ready": ready, "found": found})
    else:
        print_table(["", "state", "found"], [[item.name, item.state, item.note] for item in found])
    return 0 if ready else 1


@click.command("rollback")
@click.argument("prefix", type=_PREFIX)
@click.option("--force", is_flag=True, help="Also under running programs.")
@json_option
def rollback(prefix: Path, force: bool, as_json: bool) -> None:
    """Put back the interpreter that PREFIX had before; what was installed since stays.

    A second rollback undoes the first.
    """
    from elpython.install import replace
    from elpython.install.state import recover
    from elpython.install.subject import inspect

    place = _place(prefix)
    with place.lock(), Progress() as bar:
        told = recover(place)
        if told:
            _say_recovered(told)
            warn("run elpython rollback again to go further back")
            return
        present = inspect(place.prefix)
        if not force:
            _refuse_users(present.prefix)
        steps = _steps(place, present, bar, force=force, prove=lambda _prefix: None)
        outcome = replace.roll_back(place, present.version, steps)
    _show(outcome, as_json)


def _refuse_users(prefix: Path) -> None:
    from elpython.install.subject import refuse_users

    hidden = refuse_users(prefix)
    if hidden:
        warn(f"{hidden} process(es) of other users could not be looked at: run as root to be sure")


def _place(prefix: Path) -> Place:
    """Return the place, also when an interrupted run left nothing at it."""
    from elpython.install.errors import BadPrefixError
    from elpython.install.state import Place
    from elpython.install.subject import refuse_foreign

    if prefix.expanduser().is_file():
        real = prefix.expanduser().resolve()
        raise BadPrefixError(
            "is a file", where=str(prefix), todo=f"name the prefix that holds it: {real.parents[1]}"
        )
    place = Place(prefix.expanduser().resolve())
    refuse_foreign(place.prefix)
    if not place.prefix.exists() and not place.folder.is_dir():
        raise BadPrefixError("there is no such folder", where=str(prefix))
    return place


def _steps(
    place: Place,
    comes: Subject,
    bar: Progress,
    *,
    force: bool,
    prove: Callable[[Path], None],
) -> Steps:
    from elpython.install import replace
    from elpython.install.subject import refuse_users
    from elpython.interpreter.facts import facts_of

    def free() -> None:
        if not force:
            refuse_users(place.prefix)

    def answers(prefix: Path) -> None:
        facts_of(prefix / "bin" / f"python{comes.series}")

    return replace.Steps(prove=prove, free=free, answers=answers, reporter=bar.reporter)


def _prover(present: Subject, comes: Subject, no_network: bool) -> Callable[[Path], None]:
    """Return the check of the contract between what is there and what was laid beside it."""
    import json

    from elpython.core.process import run
    from elpython.install.errors import ContractError

    def prove(laid: Path) -> None:
        words = [sys.executable, "-P", "-m", "elpython", "contract", "check", "--json"]
        words += ["--only", ",".join(_PROMISES), "--base", str(present.python)]
        words += ["--candidate", str(laid / "bin" / present.python.name)]
        # Packages stay as they are, pip's script among them, whichever Python it starts.
        kept = f"layout:content.bin/pip{present.series}"
        words += [word for text in (kept, *_declared(comes)) for word in ("--declare", text)]
        done = run(
            [*words, *(["--no-network"] if no_network else [])], env=dict(os.environ), check=False
        )
        if done.returncode not in {0, 1}:
            raise ContractError(
                "the contract could not be checked", details=tuple(done.stderr.splitlines()[-12:])
            )
        broken = _broken(json.loads(done.stdout))
        if broken:
            raise ContractError(
                f"{len(broken)} difference(s) break the contract; nothing was touched",
                where=str(present.prefix),
                details=tuple(f"  {line}" for line in broken[:12]),
                todo="elpython contract check shows them all",
            )

    return prove


def _declared(comes: Subject) -> list[str]:
    """Return what the branch of an EL Python that comes declares to differ from its base."""
    from elpython.core.errors import ElpythonError
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder

    if not str(comes.facts.implementation.get("variant", "")).startswith("elpython"):
        return []
    try:
        branch = load_branch(branches_folder(), comes.series)
    except ElpythonError:
        # A redistributor's branch may be unknown here: then nothing is excused.
        return []
    promises = tuple(f"{name}:" for name in _PROMISES)
    texts = (text for change in branch.series for text in change.declares)
    # An addition breaks nothing that is there, declared or not.
    return [
        text
        for text in dict.fromkeys(texts)
        if text.startswith(promises) and not text.partition(":")[2].startswith("+")
    ]


def _broken(report: dict[str, Any]) -> list[str]:
    """Return what breaks a promise; what only adds something breaks nothing that is there."""
    return [
        f"{promise['promise']}:{found['declaration']}: {found['what']}"
        for promise in report["promises"]
        for found in promise["differences"]
        if found["state"] == "broken" and found["kind"] not in {"added", "unmatched"}
    ]


def _say_recovered(told: str) -> None:
    if told:
        warn(told)


def _show_nothing(present: Subject, as_json: bool) -> None:
    if as_json:
        print_json({"prefix": present.prefix, "changed": False, "version": present.version})
    else:
        click.echo(f"{present.title} is there already: nothing to do")


def _show(outcome: Replacement, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "prefix": outcome.prefix,
                "changed": True,
                "version": outcome.version,
                "replaced": outcome.replaced,
                "kept": outcome.kept,
                "files": outcome.files,
                "users_files": outcome.users_files,
                "atomic": outcome.atomic,
            }
        )
        return
    click.echo(f"{outcome.prefix}: {outcome.replaced} is now {outcome.version}")
    click.echo(f"{outcome.files} files came, {outcome.users_files} of yours stayed")
    click.echo(f"the way back: elpython rollback {outcome.prefix}")
