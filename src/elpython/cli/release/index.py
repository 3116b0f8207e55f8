"""`elpython release index`: which releases are current, superseded, revoked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from elpython.cli.release.keys import signers_of, tell_waiting
from elpython.cli.release.trust import TrustOptions, trust_of
from elpython.cli.render import json_option, print_json, print_table

__all__ = ["index"]

_PATH = click.Path(path_type=Path)
_INDEX = click.argument("folder", metavar="INDEX", type=click.Path(path_type=Path, file_okay=False))
_KEYS = click.option(
    "--key", "keys_", type=_PATH, multiple=True, help="Private release key; repeatable."
)


@click.group("index")
def index() -> None:
    """Show which releases are current, superseded, revoked; served by any web server."""


@index.command("add")
@_INDEX
@click.argument("release", type=_PATH)
@_KEYS
@click.option("--signers", type=_PATH, help="Whose signature counts [the trust stores].")
@click.option("--branches", type=_PATH, help="A folder of branches whose bases count too.")
def add(
    folder: Path,
    release: Path,
    keys_: tuple[Path, ...],
    signers: Path | None,
    branches: Path | None,
) -> None:
    """Take a verified release in; it supersedes what was current on its branch."""
    from elpython.core.store import file_digest
    from elpython.release.index.repository import Repository
    from elpython.release.manifest import MANIFEST
    from elpython.release.verify import admitted

    repository = Repository(folder)
    key_signers = signers_of(keys_)
    with admitted(
        release, trust_of(TrustOptions(signers=signers, branches=branches), with_index=False)
    ) as received:
        version = received.manifest.version
        digest = file_digest(received.folder / MANIFEST)
    record = repository.record(version.series)
    repository.put(record.with_release(str(version), digest, repository.now))
    click.echo(f"{version}: current from now on")
    tell_waiting(repository.sign(key_signers) if key_signers else repository.waiting())


@index.command("revoke")
@_INDEX
@click.argument("version")
@click.option("--reason", required=True, help="Why it must not be used.")
@_KEYS
def revoke(folder: Path, version: str, reason: str, keys_: tuple[Path, ...]) -> None:
    """Revoke a release: nobody who reads the index uses it any more."""
    from elpython.core.version import ElVersion
    from elpython.release.index.record import Revocation
    from elpython.release.index.repository import Repository

    repository = Repository(folder)
    signers = signers_of(keys_)
    record = repository.record(ElVersion.parse(version).series)
    revocation = Revocation(date=repository.now.date(), reason=reason)
    repository.put(record.with_revocation(version, revocation))
    click.echo(f"{version}: revoked")
    tell_waiting(repository.sign(signers) if signers else repository.waiting())


@index.command("refresh")
@_INDEX
@click.option("--key", type=_PATH, required=True, help="Private online key.")
@click.option("--days", type=click.IntRange(min=1, max=365), default=14, show_default=True,
              help="How long it is fresh.")  # fmt: skip
def refresh(folder: Path, key: Path, days: int) -> None:
    """Sign what is published once more, so that it stays fresh; run it every day."""
    from elpython.release.index.repository import Repository

    expires = Repository(folder).refresh(signers_of((key,))[0], days)
    click.echo(f"fresh until {expires:%Y-%m-%d %H:%M} UTC")


@index.command("show")
@click.argument("place", metavar="URL|FOLDER")
@click.option("--index-root", type=_PATH, help="The root of trust [the trust stores].")
@json_option
def show(place: str, index_root: Path | None, as_json: bool) -> None:
    """Show what an index says, verified from its root of trust on."""
    from elpython.release.errors import NoTrustError
    from elpython.release.index.client import read_index
    from elpython.release.trust import stored_index

    named = stored_index(place, index_root)
    if named is None:
        raise NoTrustError("no index is named")
    found = read_index(named.place, named.root)
    if as_json:
        print_json(found)
        return
    now = dt.datetime.now(tz=dt.UTC)
    rows = []
    for record in found.records.values():
        superseded = record.superseded
        for row in record.rows:
            state = "current"
            if row.version in superseded:
                state = f"superseded by {superseded[row.version]}"
            if row.revoked:
                state = f"revoked {row.revoked.date}: {row.revoked.reason}"
            rows.append([record.branch, row.version, f"{row.recorded:%Y-%m-%d}", state])
    print_table(["branch", "release", "recorded", "state"], rows)
    click.echo(f"fresh for {(found.expires - now).days} more day(s)")
