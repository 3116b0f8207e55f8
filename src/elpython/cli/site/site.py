"""`elpython site`: the web pages put together from what the other commands answer."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from elpython.cli.days import first_day, today
from elpython.cli.render import Progress, json_option, print_json, warn

if TYPE_CHECKING:
    from datetime import date

    from elpython.cli.release.trust import TrustOptions

__all__ = ["site"]

CALENDAR = "elpython.ics"
RULES = ("upstream", "el-lts", "nep29", "spec0")


@click.command("site")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--data", "folders", type=click.Path(path_type=Path), multiple=True,
              help="Folder with JSON that commands wrote, and report pages (repeat).")  # fmt: skip
@click.option("--on", "day", type=first_day, metavar="DAY", help="Told as of this day (today).")
@click.option("--years", type=click.IntRange(1, 20), default=4, show_default=True,
              help="How many years of the schedule are shown.")  # fmt: skip
@click.option("--docs", type=click.Path(path_type=Path), metavar="DIR",
              help="The folder docs of a checkout: a manual with a search.")  # fmt: skip
@click.option("--url", default="", help="The site's address, for feeds and the sitemap.")
@click.option(
    "--releases",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Releases to offer, as `release make` wrote them; each is verified.",
)
@click.option("--downloads-url", default="", help="Where these releases can be downloaded.")
@click.option(
    "--signers",
    type=click.Path(path_type=Path),
    help="Whose signature on them counts [the trust stores].",
)
@click.option(
    "--index",
    metavar="URL|FOLDER",
    default="",
    help="Which of them are current [the trust stores].",
)
@click.option("--index-root", type=click.Path(path_type=Path),
              help="The index's root of trust [likewise].")  # fmt: skip
@json_option
def site(
    folder: Path,
    *,
    folders: tuple[Path, ...],
    day: date | None,
    years: int,
    docs: Path | None,
    url: str,
    releases: Path | None,
    downloads_url: str,
    signers: Path | None,
    index: str,
    index_root: Path | None,
    as_json: bool,
) -> None:
    """Put static pages into FOLDER: branches, features, schedule, support, and what --data holds.

    Beside the pages: our advisories under advisories/ (a page, an OSV record and a CSAF document
    each), JSON with schemas under api/, Atom feeds, a calendar with the ends of support, with
    --docs the manual under manual/, with --url a sitemap, and with --releases a page of downloads
    with digests and signatures.
    """
    from elpython.cli.release.trust import TrustOptions
    from elpython.define.folder import branches_folder
    from elpython.site.data import read
    from elpython.site.manual import manual
    from elpython.site.pages import ADVISORIES, render
    from elpython.site.write import write

    on = day or today()
    # The pages are made from these branches: whoever makes them vouches for their bases too.
    own = branches_folder() if releases else None
    trusted = TrustOptions(signers=signers, index=index, index_root=index_root, branches=own)
    offered = _offered(releases, downloads_url, trusted)
    with tempfile.TemporaryDirectory(prefix="elpython-site-") as scratch:
        (Path(scratch) / "manual").mkdir()
        # First: what is wrong with the documents is told before minutes of questions.
        book = manual(docs, Path(scratch) / "manual") if docs else {}
        gathered = Path(scratch) / "answers"
        gathered.mkdir()
        if (folder / CALENDAR).is_file():
            (gathered / CALENDAR).write_bytes((folder / CALENDAR).read_bytes())
        if offered:
            (gathered / "downloads.json").write_text(json.dumps(offered), "utf-8")
        with Progress(enabled=not as_json) as progress:
            known = _gather(gathered, on, years, progress)
        told = _advisories(folder, Path(scratch) / ADVISORIES, url) if known else {}
        pages = render(read(gathered, *folders), on, url, manual=book, advisories=told)
    changed = write(folder, pages)
    if as_json:
        print_json({"folder": folder, "pages": sorted(pages), "changed": changed})
    else:
        click.echo(f"{len(pages)} pages in {folder}, {len(changed)} of them changed")


def _offered(folder: Path | None, url: str, trusted: TrustOptions) -> dict[str, Any]:
    """Return what can be downloaded, and from where; empty without a folder of releases."""
    from elpython.cli.release.trust import index_of, trust_of
    from elpython.core.errors import UsageError

    if folder is None:
        if url:
            raise UsageError("--downloads-url goes with --releases")
        return {}
    if not url.startswith(("https://", "http://")):
        raise UsageError(
            "--releases needs --downloads-url", todo="the address under which the folders lie"
        )
    from elpython.release.downloads import downloads

    trust = trust_of(trusted, with_index=False)
    return {"url": url.rstrip("/") + "/", "releases": downloads(folder, trust, index_of(trusted))}


def _advisories(site: Path, into: Path, url: str) -> dict[str, bytes]:
    """Return our advisories as files; those of the site's last time tell the versions.

    Raises:
        ProgramFailedError: the record says something that nothing shows; told as it was said.
    """
    from elpython.site.pages import ADVISORIES

    if (site / ADVISORIES).is_dir():
        shutil.copytree(site / ADVISORIES, into)
    address = f"{url.rstrip('/')}/{ADVISORIES}" if url else ""
    more = ["--up", "../index.html", *(["--url", address] if address else [])]
    answer = json.loads(_run(["fix", "advisories", "--to", str(into), *more, "--json"]))
    if not answer["advisories"]:
        # Documents about nothing would say another day each time.
        return {}
    files = (path for path in sorted(into.rglob("*")) if path.is_file())
    return {path.relative_to(into).as_posix(): path.read_bytes() for path in files}


def _gather(into: Path, on: date, years: int, progress: Progress) -> list[str]:
    """Run the commands whose answers have pages of their own, each into a file.

    Returns:
        The branches.
    """
    end = min(on.year + years, 2400)
    days = ("--from", on.replace(day=1).isoformat(), "--to", f"{end}")
    rules = [word for rule in RULES for word in ("--rule", rule)]
    wanted: dict[str, list[str]] = {
        "branches": ["branch", "list", "--json"],
        "schedule": ["schedule", "show", "elpython", *days, "--json"],
        "support": ["schedule", "support", *rules, "--on", on.isoformat(), "--all", "--json"],
        "features": ["project", "features", "--json"],
        "freezes": ["schedule", "freezes", "pep602", "pep605", "--to", on.isoformat(), "--json"],
    }
    figure = ["figure", "calendar", "elpython", *days, "--inline", "-o", str(into / "schedule.svg")]
    calendar = ["show", "elpython", *days, "--format", "ical", "-o", str(into / CALENDAR)]
    branches = _branches(into, wanted.pop("branches"))
    for name in branches:
        wanted[f"branch-{name}"] = ["branch", "show", name, "--json"]
        wanted[f"status-{name}"] = ["fix", "status", name, "--json"]
        _speed(into, name)
    total = len(wanted) + 2
    for done, (name, words) in enumerate(wanted.items()):
        progress.update("commands asked", done, total)
        _answer(into / f"{name}.json", words)
    progress.update("commands asked", total - 2, total)
    _run(["schedule", *figure])
    _run(["schedule", *calendar])
    progress.update("commands asked", total, total)
    return branches


def _speed(into: Path, name: str) -> None:
    """Write what was counted of a branch's speed, where anything was."""
    from dataclasses import asdict

    from elpython.define.branch import load_branch
    from elpython.define.folder import branches_folder
    from elpython.security.speed import read_speed

    found = read_speed(load_branch(branches_folder(), name))
    if found:
        rows = [asdict(row) for row in found.values()]
        (into / f"speed-{name}.json").write_text(json.dumps(rows), "utf-8")


def _branches(into: Path, words: list[str]) -> list[str]:
    """Ask for the branches; without any, the site has no page of them, and says so."""
    from elpython.core.errors import ProgramFailedError

    try:
        _answer(into / "branches.json", words)
    except ProgramFailedError as error:
        warn(f"no page of branches: {error.what}")
        return []
    _answer(into / "pending.json", [*words, "--pending"])
    found: list[dict[str, Any]] = json.loads((into / "branches.json").read_text("utf-8"))
    return [str(one["branch"]) for one in found]


def _answer(path: Path, words: list[str]) -> None:
    path.write_text(_run(words), "utf-8")


def _run(words: list[str]) -> str:
    """Run one of our own commands; return what it printed."""
    from elpython.core.errors import ProgramFailedError
    from elpython.core.process import run

    argv = [sys.executable, "-P", "-m", "elpython", *words]
    # `fix status` answers with 1 where something is not decided: that belongs on the page.
    done = run(argv, check=words[:2] != ["fix", "status"])
    if done.returncode not in {0, 1} or (done.returncode and not done.stdout.strip()):
        raise ProgramFailedError(
            f"{' '.join(words)} gave no answer", details=tuple(done.stderr.splitlines()[-8:])
        )
    return done.stdout
