"""`elpython release rebrand`, `package` and `diff`: what others do with a release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from elpython.cli.release.trust import TrustOptions, trust_of, trust_options
from elpython.cli.render import Progress, json_option, print_json, print_table

if TYPE_CHECKING:
    from elpython.release.diff import Difference
    from elpython.release.package import Package

__all__ = ["diff", "package", "rebuild_release"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_ANY = click.Path(path_type=Path)


@click.command("rebrand")
@click.argument("archive", type=_ANY)
@click.option("--redistributor", required=True, help="Who rebuilds it: sets elpython-NAME.")
@click.option("--profile", default="release", show_default=True, help="quick, release or debug.")
@click.option("--to", type=_FOLDER, help="Folder that gets the release under the new name.")
@click.option("--key", type=_FILE, help="SSH key that signs it.")
@click.option("--prefix", type=_ANY, help="Where the interpreter will live.")
@click.option("--destdir", type=_FOLDER, help="Copy it there, below its prefix.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Compilers at once [all cores].")
@trust_options
@json_option
def rebuild_release(
    archive: Path,
    redistributor: str,
    profile: str,
    to: Path | None,
    key: Path | None,
    prefix: Path | None,
    destdir: Path | None,
    jobs: int | None,
    trusted: TrustOptions,
    as_json: bool,
) -> None:
    """Rebuild a release from its archive under a redistributor's name."""
    from elpython.build.build import copy_build
    from elpython.build.request import profile_named
    from elpython.core.store import Store
    from elpython.prepare.tree import check_redistributor
    from elpython.release.derive import Wish, derive
    from elpython.release.verify import admitted

    check_redistributor(redistributor)
    chosen = profile_named(profile)
    trust = trust_of(trusted)
    wish = Wish(
        redistributor=redistributor,
        profile=chosen,
        to=to,
        key=key,
        prefix=prefix,
        jobs=jobs or 0,
    )
    with Progress() as bar, admitted(archive, trust) as received:
        made = derive(Store.default(), received, wish, bar.reporter)
    place = copy_build(made.build, destdir or Path("/")) if prefix or destdir else made.build.root
    if as_json:
        print_json({"release": made, "installed": place})
        return
    click.echo(f"{made.variant} {made.version}, profile {made.build.profile}")
    click.echo(f"interpreter {place / 'bin' / made.build.python.name}")
    if made.folder is not None:
        click.echo(f"release     {made.folder}")


@click.command("package")
@click.argument("archive", type=_ANY)
@click.option("--kind", "kinds", multiple=True, help="debian, rpm, container [all].")
@click.option("--to", type=_FOLDER, required=True, help="Folder that gets one folder a kind.")
@click.option("--build", "built", is_flag=True, help="Build the .deb and the .rpm too.")
@click.option("--maintainer", default="EL Python <elpython@localhost>", show_default=True)
@click.option("--prefix", default="", help="Where it installs [/opt/VARIANT-SERIES].")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Compilers at once [all cores].")
@click.option("--repository", type=_FOLDER, help="Add what is built to apt/ and dnf/ there.")
@click.option("--repository-key", default="", help="OpenPGP key that signs the repository.")
@trust_options
@json_option
def package(
    archive: Path,
    kinds: tuple[str, ...],
    to: Path,
    built: bool,
    maintainer: str,
    prefix: str,
    jobs: int | None,
    repository: Path | None,
    repository_key: str,
    trusted: TrustOptions,
    as_json: bool,
) -> None:
    """Write a Debian source package, an RPM spec and a Containerfile that build from an archive.

    With --repository what is built joins a signed apt and dnf repository.
    """
    from elpython.core.errors import UsageError
    from elpython.release.package import KINDS, Package, build_deb, build_rpm, choose, write
    from elpython.release.verify import admitted

    chosen = choose(kinds or KINDS)
    if repository is not None and not (built and repository_key):
        raise UsageError(
            "needs --build and --repository-key: apt and dnf take nothing that is not signed",
            where="--repository",
        )
    trust = trust_of(trusted)
    files: list[Path] = []
    builders = {"debian": build_deb, "rpm": build_rpm}
    with Progress() as bar, admitted(archive, trust) as received:
        item = Package(received=received, maintainer=maintainer, prefix=prefix)
        variant = received.manifest.variant
        for kind in chosen:
            files += write(item, kind, to.absolute())
            if built and kind in builders:
                place = to.absolute() / kind
                made = builders[kind](item, place, jobs=jobs or 0, reporter=bar.reporter)
                files += made
                if repository is not None:
                    files += _publish(item, kind, made, repository.absolute(), repository_key)
    if as_json:
        print_json({"package": variant, "files": files})
        return
    for path in files:
        click.echo(path)


def _publish(item: Package, kind: str, made: list[Path], repository: Path, key: str) -> list[Path]:
    """Add built packages to the repository of their kind."""
    import datetime as dt

    from elpython.release.repository.apt import publish_debs
    from elpython.release.repository.dnf import Update, publish_rpms

    if kind == "debian":
        debs = [path for path in made if path.suffix == ".deb"]
        return publish_debs(debs, repository / "apt", key)
    manifest = item.manifest
    update = Update(
        name=f"EL-{manifest.version}",
        version=str(manifest.version),
        issued=dt.datetime.fromtimestamp(manifest.epoch, tz=dt.UTC),
        cves=tuple(sorted({cve for entry in manifest.series for cve in entry.cves})),
        publisher=item.maintainer,
    )
    rpms = [path for path in made if path.suffix == ".rpm"]
    return publish_rpms(rpms, repository / "dnf", key, update)


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--releases", type=_FOLDER, default=".", show_default=True, help="Folder that holds releases."
)
@click.option("--branch", default="", help="Where several branches have the release.")
@json_option
def diff(old: str, new: str, releases: Path, branch: str, as_json: bool) -> None:
    """Show what differs between two releases: named by version, or by folder or archive."""
    from elpython.release.diff import compare, find_release
    from elpython.release.manifest import MANIFEST, load
    from elpython.release.verify import release_of

    manifests = []
    for word in (old, new):
        path = Path(word)
        folder = release_of(path) if path.exists() else find_release(word, releases, branch)
        manifests.append(load(folder / MANIFEST))
    found = compare(*manifests)
    if as_json:
        print_json(found)
        return
    _show_diff(found)


def _show_diff(found: Difference) -> None:
    click.echo(f"EL Python {found.old} -> {found.new}")
    if found.base:
        click.echo(f"base CPython {found.base[0]} -> {found.base[1]}")
    rows = [
        [sign, entry.id, entry.kind, entry.title]
        for sign, entries in (
            ("added", found.added),
            ("altered", found.altered),
            ("removed", found.removed),
        )
        for entry in entries
    ]
    if rows:
        print_table(["", "change", "kind", "title"], rows)
    lists = {
        "new features": found.features_added,
        "features gone": found.features_removed,
        "vulnerabilities fixed": found.cves_fixed,
        "fixes gone": found.cves_lost,
        "still open": found.cves_open,
        "declared of the contract": found.declares_added,
    }
    for title, names in lists.items():
        if names:
            click.echo(f"{title}: {', '.join(names)}")
    for name, pair in {**found.identity, **found.promises}.items():
        click.echo(f"{name}: {pair[0]} -> {pair[1]}")
    if found.moved:
        click.echo("changes that both have stand in another order")
    if not rows and not found.base:
        click.echo("the same changes")
