"""`elpython fix`: propose changes from what others have backported."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.render import json_option, print_json, print_table, warn

if TYPE_CHECKING:
    from elpython.security.distro import Proposal

__all__ = ["import_command"]


@click.command("import")
@click.option(
    "--distro", required=True, metavar="PACKAGE=VERSION", help="python3.11=3.11.2-6+deb12u8"
)
@click.option("--branch", "name", help="The branch [the package's series].")
@click.option("--suite", "suites", multiple=True, help="Debian suites that have it, in order.")
@click.option(
    "--newer",
    type=click.Path(path_type=Path, exists=True),
    help="Later source: its Misc/NEWS tells first releases.",
)
@click.option(
    "--osv", type=click.Path(path_type=Path, exists=True), help="Advisories: CVE ids of issues."
)
@click.option("--cve", "known", multiple=True, metavar="ISSUE=CVE", help="A CVE id.")
@click.option("--leave-out", multiple=True, metavar="PATCH", help="A patch not to take.")
@click.option("--write", is_flag=True, help="Write the change folders and the series.")
@json_option
def import_command(
    distro: str,
    name: str | None,
    suites: tuple[str, ...],
    newer: Path | None,
    osv: Path | None,
    known: tuple[str, ...],
    leave_out: tuple[str, ...],
    write: bool,
    as_json: bool,
) -> None:
    """Propose a change for each fix that a Debian source package has backported.

    Reads debian/patches/series, leaves out what is packaging, and puts together the patches that
    are one fix. The patches themselves stay outside: a change names package and patch, and pins
    the patch's sha256.
    """
    from elpython.core.errors import UsageError
    from elpython.core.store import Store
    from elpython.define.branch import load_branch
    from elpython.define.folder import own_branches
    from elpython.security.distro import left_out, propose, read_packaging, taken_by
    from elpython.upstream.debian import fetch_debian_tar
    from elpython.upstream.news import first_releases, read_news

    package, mark, version = distro.partition("=")
    if not mark or not version:
        raise UsageError(
            "name package and version", where="--distro", todo="python3.11=3.11.2-6+deb12u8"
        )
    folder = own_branches()
    branch = load_branch(folder, name or package.removeprefix("python"))
    places = suites or tuple(source.suite for source in branch.sources if source.suite)
    if not places:
        raise UsageError("name at least one suite", where="--suite")
    tar = _first(Store.default(), places, package, version, fetch_debian_tar)
    patches = [patch for patch in read_packaging(tar) if patch.name not in leave_out]
    cves_of = _cves_of(osv) if osv else {}
    for pair in known:
        issue, _, cve = pair.partition("=")
        cves_of.setdefault(issue, []).append(cve)
    first = first_releases(read_news(newer / "Misc" / "NEWS")) if newer else {}
    proposals = propose(patches, first_in=first, cves_of=cves_of)
    taken = {item.id: change for item in proposals if (change := taken_by(item, branch))}
    packaging = [item.name for item in left_out(patches)]
    if as_json:
        print_json({"proposals": proposals, "left_out": packaging, "taken": taken})
    else:
        _print(proposals, packaging, taken)
    if write:
        new = [item for item in proposals if item.id not in taken]
        _write(folder / branch.name, new, package, places, version)


def _first(
    store: object, suites: tuple[str, ...], package: str, version: str, fetch: object
) -> Path:
    from elpython.core.errors import ElpythonError, SourceUnavailableError

    reasons = []
    for suite in suites:
        try:
            path = fetch(store, suite, package, version)  # type: ignore[operator]
        except ElpythonError as error:
            reasons.append(error.what)
        else:
            return Path(path)
    raise SourceUnavailableError(f"{package} {version} is not to be had", details=tuple(reasons))


def _cves_of(folder: Path) -> dict[str, list[str]]:
    """Return issue -> CVE ids, from the references of advisories in OSV format."""
    import re

    found: dict[str, list[str]] = {}
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text("utf-8"))
        cves = [alias for alias in data.get("aliases", []) if alias.startswith("CVE-")]
        text = json.dumps(data.get("references", []))
        issues = [f"gh-{number}" for number in re.findall(r"/cpython/issues/(\d+)", text)]
        issues += [f"bpo-{number}" for number in re.findall(r"bugs\.python\.org/issue(\d+)", text)]
        for issue in issues:
            found.setdefault(issue, []).extend(cves)
    return found


def _print(proposals: list[Proposal], packaging: list[str], taken: dict[str, str]) -> None:
    rows = [
        [
            item.id,
            item.kind,
            item.title,
            " ".join(item.cves) or "-",
            " ".join(item.issues[:1]) or "-",
            item.first_in or "-",
            len(item.patches),
            taken.get(item.id, "-"),
        ]
        for item in proposals
    ]
    headers = ["change", "kind", "title", "CVEs", "issue", "first in", "patches", "taken by"]
    print_table(headers, rows)
    count = sum(len(item.patches) for item in proposals)
    click.echo(
        f"{len(proposals)} change(s) of {count} patch(es), {len(taken)} of them taken already; "
        f"{len(packaging)} are packaging"
    )


def _write(
    folder: Path, proposals: list[Proposal], package: str, suites: tuple[str, ...], version: str
) -> None:
    from elpython.security.write import add_to_series, change_toml, write_proposal

    today = dt.datetime.now(tz=dt.UTC).date()
    written = []
    for proposal in proposals:
        if (folder / "changes" / f"{proposal.id}.toml").exists():
            warn(f"{proposal.id}: is there already, left as it is")
            continue
        text = change_toml(proposal, package=package, suites=suites, version=version, day=today)
        write_proposal(folder, proposal.id, text)
        written.append(proposal.id)
    add_to_series(folder / "branch.toml", written)
    click.echo(f"{len(written)} change(s) written; now: elpython branch lock {folder.name}")
