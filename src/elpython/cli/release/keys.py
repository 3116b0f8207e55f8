"""`elpython release keys`: the keys of an index, and what waits for their signatures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.complete import complete_branch
from elpython.cli.render import json_option, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from securesystemslib.signer import CryptoSigner

    from elpython.release.index.repository import Repository

__all__ = ["keys", "signers_of", "tell_waiting"]

_PATH = click.Path(path_type=Path)
_INDEX = click.argument("index", type=click.Path(path_type=Path, file_okay=False))
_KEYS = click.option(
    "--key", "keys_", type=_PATH, multiple=True, help="Private key that signs; repeatable."
)
_ROLES = click.Choice(["root", "release", "online"])


@click.group("keys")
def keys() -> None:
    """Keep the keys of an index.

    Root keys vouch for all others and stay offline; release keys sign what is current; the online
    key keeps the index fresh. What lacks signatures waits in INDEX/pending: carry the folder to
    the machine of the next key, and sign.
    """


def _ask(question: str) -> str:
    return str(click.prompt(question, hide_input=True))


def signers_of(paths: tuple[Path, ...]) -> list[CryptoSigner]:
    """Return the signers in private key files; ask for their passphrases."""
    from elpython.release.index.keys import load_signer

    return [load_signer(path, _ask) for path in paths]


def _repository(index: Path) -> Repository:
    from elpython.release.index.repository import Repository

    return Repository(index)


def tell_waiting(waiting: dict[str, int]) -> None:
    """Print which roles lack signatures."""
    for role, missing in waiting.items():
        click.echo(f"{role} waits for {missing} more signature(s)")
    if not waiting:
        click.echo("nothing waits; publish: elpython release index refresh INDEX --key ONLINE-KEY")


def _change(
    index: Path, change: Callable[[Repository], object], key_files: tuple[Path, ...]
) -> None:
    repository = _repository(index)
    signers = signers_of(key_files)
    change(repository)
    tell_waiting(repository.sign(signers) if signers else repository.waiting())


@keys.command("new")
@click.argument("file", type=_PATH)
@click.option("--name", required=True, help="Whose key it is.")
@click.option("--passphrase", "locked", is_flag=True, help="Ask for a passphrase.")
def new(file: Path, name: str, locked: bool) -> None:
    """Make a key: FILE, and its public half FILE.pub."""
    from elpython.release.index.keys import new_key

    secret = ""
    if locked:
        secret = str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=True))
    key = new_key(file, name, secret)
    click.echo(f"{key.keyid}  {name}")
    click.echo(f"public half: {file}.pub")


@keys.command("init")
@_INDEX
@click.option("--root", "roots", type=_PATH, multiple=True, required=True, help="Public root key.")
@click.option("--threshold", type=click.IntRange(min=1), help="Root keys that must sign [2 of 2+].")
@click.option("--release", "releases", type=_PATH, multiple=True, required=True,
              help="Public release key.")  # fmt: skip
@click.option("--release-threshold", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--online", type=_PATH, required=True, help="Public online key.")
@click.option("--branch", "branches", multiple=True, help="A branch that it tells about.")
@_KEYS
def init(
    index: Path,
    roots: tuple[Path, ...],
    threshold: int | None,
    releases: tuple[Path, ...],
    release_threshold: int,
    online: Path,
    branches: tuple[str, ...],
    keys_: tuple[Path, ...],
) -> None:
    """Begin an index."""
    from elpython.release.index.keys import load_key
    from elpython.release.index.plan import IndexPlan

    plan = IndexPlan(
        root=[load_key(path) for path in roots],
        root_threshold=threshold or min(2, len(roots)),
        release=[load_key(path) for path in releases],
        release_threshold=release_threshold,
        online=load_key(online),
    )

    def change(repository: Repository) -> None:
        repository.init(plan)
        for branch in branches:
            repository.add_branch(branch)

    _change(index, change, keys_)


@keys.command("add-branch")
@_INDEX
@click.argument("branch", shell_complete=complete_branch)
@_KEYS
def add_branch(index: Path, branch: str, keys_: tuple[Path, ...]) -> None:
    """Let the release keys speak for one more branch; root keys sign."""
    _change(index, lambda repository: repository.add_branch(branch), keys_)


@keys.command("sign")
@_INDEX
@_KEYS
def sign(index: Path, keys_: tuple[Path, ...]) -> None:
    """Sign all that waits, as far as the keys count for it; tell what that changes.

    What no tool of a keeper would have written is refused: another version than the next, a key
    under two ids, a revocation taken back. `show` tells the same without signing.
    """
    _tell_changes(_repository(index))
    _change(index, lambda _repository: None, keys_)


def _tell_changes(repository: Repository) -> None:
    for role, lines in repository.changes().items():
        for line in lines:
            click.echo(f"{role}: {line}")


@keys.command("rotate")
@_INDEX
@click.argument("role", type=_ROLES)
@click.option("--add", type=_PATH, multiple=True, help="Public key that comes.")
@click.option("--remove", multiple=True, help="Id of the key that goes, or its beginning.")
@click.option("--threshold", type=click.IntRange(min=1), help="Keys that must sign from now on.")
@_KEYS
def rotate(
    index: Path,
    role: str,
    add: tuple[Path, ...],
    remove: tuple[str, ...],
    threshold: int | None,
    keys_: tuple[Path, ...],
) -> None:
    """Exchange keys of a role: root, release or online; root keys sign, old and new."""
    from elpython.release.index.keys import load_key

    def change(repository: Repository) -> None:
        repository.rotate(
            role,
            add=[load_key(path) for path in add],
            remove=[repository.key_id(item) for item in remove],
            threshold=threshold or 0,
        )

    _change(index, change, keys_)


@keys.command("revoke")
@_INDEX
@click.argument("fingerprint", metavar="SHA256:...")
@click.option("--reason", required=True, help="Why.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From which day on [today].")
@_KEYS
def revoke(
    index: Path,
    fingerprint: str,
    reason: str,
    since: dt.datetime | None,
    keys_: tuple[Path, ...],
) -> None:
    """Retire an SSH key that signs releases, in every branch's record; release keys sign.

    What the index took in before that day stays good.
    """
    from dataclasses import replace

    from elpython.release.index.record import Retired, check_fingerprint

    when = since.replace(tzinfo=dt.UTC) if since else dt.datetime.now(tz=dt.UTC)
    item = Retired(
        key=check_fingerprint(fingerprint), since=when.replace(microsecond=0), reason=reason
    )

    def change(repository: Repository) -> None:
        for branch in repository.branches():
            record = repository.record(branch)
            repository.put(replace(record, retired=(*record.retired, item)))

    _change(index, change, keys_)


@keys.command("show")
@_INDEX
@json_option
def show(index: Path, as_json: bool) -> None:
    """Show the keys, their thresholds, until when they count, and what waits for signatures."""
    repository = _repository(index)
    rows: list[dict[str, Any]] = repository.describe()
    if as_json:
        found = {"roles": rows, "waiting": repository.waiting(), "changes": repository.changes()}
        print_json(found)
        return
    print_table(
        ["role", "needs", "keys", "version", "expires"],
        [
            [row["role"], row["threshold"], ", ".join(row["keys"]), row["version"], row["expires"]]
            for row in rows
        ],
    )
    _tell_changes(repository)
    tell_waiting(repository.waiting())
