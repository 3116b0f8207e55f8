"""`elpython release make` and `elpython verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.complete import complete_branch
from elpython.cli.release.trust import TrustOptions, trust_of, trust_options
from elpython.cli.render import Progress, json_option, print_json, print_table
from elpython.cli.sources import sources_option

if TYPE_CHECKING:
    from elpython.release.checks import Check, Received, Verified
    from elpython.release.model import ReleasePlan
    from elpython.release.run import ReleaseStep
    from elpython.release.trust import Trust
    from elpython.release.verify import Further

__all__ = ["release", "verify"]

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("make")
@sources_option
@click.argument("branch", required=False, shell_complete=complete_branch)
@click.option("--to", type=_FOLDER, help="Folder that gets elpython-VERSION.")
@click.option("--profile", default="release", show_default=True, help="quick, release or debug.")
@click.option("--key", type=_FILE, envvar="ELPYTHON_RELEASE_KEY", help="SSH key that signs.")
@click.option("--signers", type=_FILE, envvar="ELPYTHON_SIGNERS", help="Allowed signers.")
@click.option("--sigstore", is_flag=True, help="Have sigstore sign too.")
@click.option("--osv", type=_FOLDER, help="Hold OSV advisories against the record too.")
@click.option("--accept-age", default="", metavar="REASON", help="Release on an old record.")
@click.option("--security", is_flag=True, help="A security release out of turn.")
@click.option("--list", "listed", is_flag=True, help="List the tasks.")
@click.option("--dry-run", is_flag=True, help="Say which tasks a run would do.")
@click.option("--resume", is_flag=True, help="Only go on with a release that was begun.")
@click.option("--from", "first", default="", metavar="TASK", help="Redo from this task on.")
@click.option("--rehearse", is_flag=True, help="Remark what would refuse a release; no tag.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="Programs at once [all cores].")
@json_option
def release(branch: str | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - by name
    """Make an EL release of a branch: source archive, patches, manifest, SBOMs, signature.

    A run that is stopped, whatever by, goes on after the last task that it finished. Nothing is
    published before all tasks are done.
    """
    if given["listed"]:
        _list(as_json)
        return
    from elpython.core.store import Store
    from elpython.release.parts import OwnParts
    from elpython.release.run import ReleaseOptions, steps
    from elpython.release.run import release as run_release

    plan = _plan(branch, given)
    store = Store.default()
    if given["dry_run"]:
        _dry_run(steps(plan, ReleaseOptions(first=given["first"])), as_json)
        return
    with Progress() as bar:
        how = ReleaseOptions(
            first=given["first"],
            resume=given["resume"],
            on_step=_tell,
            reporter=bar.reporter,
        )
        made = run_release(plan, store, OwnParts(), how)
    if as_json:
        print_json(made)
        return
    how_made = "released" if made.fresh else "released already: nothing to do"
    click.echo(f"EL Python {made.version}: {how_made}")
    click.echo(f"folder {made.folder}")
    for step in made.steps:
        for remark in step.remarks:
            click.echo(f"remark {step.task}: {remark}")


def _list(as_json: bool) -> None:
    from elpython.release.tasks import TASKS

    if as_json:
        print_json([{"task": task.name, "says": task.says} for task in TASKS])
        return
    print_table(["task", "what it sees to"], [[task.name, task.says] for task in TASKS])


def _dry_run(found: list[ReleaseStep], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    print_table(["task", "state", "what it sees to"], [[s.task, s.state, s.says] for s in found])


def _tell(step: ReleaseStep) -> None:
    if step.state == "to do":
        click.echo(f"{step.task} ...", err=True)
    else:
        spent = "kept" if step.state == "kept" else f"{step.seconds:.1f} s"
        click.echo(f"{step.task}: {spent}", err=True)


def _plan(branch: str | None, given: dict[str, Any]) -> ReleasePlan:
    from elpython.build.request import profile_named
    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.release.model import ReleasePlan

    if branch is None or given["to"] is None:
        raise click.UsageError("name a branch and --to FOLDER: elpython release make 3.11 --to out")
    profile_named(given["profile"])
    folder = branches_folder()
    return ReleasePlan(
        branches=folder,
        branch=load_branch(folder, branch),
        to=given["to"].absolute(),
        profile=given["profile"],
        key=given["key"],
        signers=given["signers"],
        sigstore=given["sigstore"],
        osv=given["osv"],
        accept_age=given["accept_age"],
        security=given["security"],
        rehearsal=given["rehearse"],
        bootstrap=_bootstrap(folder),
        jobs=given["jobs"] or 0,
    )


def _bootstrap(branches: Path) -> bool:
    """Return whether the project is being founded: too few maintainers for its own rules."""
    from elpython.core.toml import Reader, read_toml

    path = branches / "maintainers.toml"
    if not path.is_file():
        return False
    problems: list[str] = []
    return Reader(read_toml(path, problems), problems, file=path.name).flag("bootstrap")


@click.command("verify")
@sources_option
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--identity", metavar="WHO", help="Whose sigstore signature must be there too.")
@click.option("--issuer", metavar="URL", help="Who vouches for that identity.")
@click.option("--rebuild", is_flag=True, help="Make the archive again from base and patches.")
@click.option("--build", "build", is_flag=True, help="Build and test what the archive holds.")
@trust_options
@json_option
def verify(
    archive: Path,
    identity: str | None,
    issuer: str | None,
    rebuild: bool,
    build: bool,
    trusted: TrustOptions,
    as_json: bool,
) -> int:
    """Verify a release by its archive, its manifest or its folder; exit code 1 when it is not good.

    In this order: signature, manifest, the digest of every file, the base, the archive's members
    and versions; with --rebuild and --build also that it comes from the base and its patches, and
    what it makes. What follows a wrong answer is not looked at: nothing is unpacked or run.
    """
    from elpython.release.seal import Identity
    from elpython.release.verify import release_of
    from elpython.release.verify import verify as run_verify

    if bool(identity) != bool(issuer):
        raise click.UsageError("--identity and --issuer go together")
    wanted = Identity(name=identity, issuer=issuer) if identity and issuer else None
    folder = release_of(archive)
    trust = trust_of(trusted)
    with Progress() as bar:
        further = _further(bar, trust, rebuild=rebuild, build=build)
        found = run_verify(folder, trust, identity=wanted, further=further)
    if as_json:
        print_json({"good": found.good, "release": found})
    else:
        _show_verified(found)
    return 0 if found.good else 1


def _further(
    bar: Progress, trust: Trust, *, rebuild: bool, build: bool
) -> list[tuple[str, Further]]:
    """Return the checks that cost more, as far as they are asked for."""
    from elpython.core.store import Store
    from elpython.release.proof import prove_archive
    from elpython.release.rebuild import reproduce_from

    store = Store.default()

    def again(received: Received) -> Check:
        return reproduce_from(store, received, trust.branches, reporter=bar.reporter)

    def proven(received: Received) -> Check:
        return prove_archive(store, received, reporter=bar.reporter)

    asked = ((rebuild, "rebuild", again), (build, "build", proven))
    return [(name, check) for wanted, name, check in asked if wanted]


def _show_verified(found: Verified) -> None:
    click.echo(f"EL Python {found.version or '?'} in {found.folder}")
    rows = [[item.name, item.verdict, item.skipped or item.note] for item in found.checks]
    print_table(["check", "", "found"], rows)
    for item in found.checks:
        for problem in item.problems:
            click.echo(f"{item.name}: {problem}")
    for remark in found.remarks:
        click.echo(f"remark {remark}")
