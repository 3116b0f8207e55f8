"""`elpython fix status`: what a branch does about each known vulnerability."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import click

from elpython.cli.render import json_option, print_json, print_table, warn

__all__ = ["cve"]


@click.command("status")
@click.argument("branch")
@click.option(
    "--osv", required=True, type=click.Path(path_type=Path), help="Folder of OSV advisories."
)
@click.option("--state", "states", multiple=True, help="Only these: fixed, open, unknown ...")
@click.option("--vex", is_flag=True, help="Print an OpenVEX document.")
@json_option
def cve(branch: str, osv: Path, states: tuple[str, ...], vex: bool, as_json: bool) -> int:
    """Say for each CVE: fixed by a change, not affected, open, or unknown.

    Exit code 1 when one is unknown, or open without a reason.
    """
    from elpython.core.store import Store
    from elpython.define.branch import load_all, load_branch
    from elpython.define.folder import branches_folder
    from elpython.security.advisories import join, openvex, read_advisories, read_overrides
    from elpython.upstream import release_folder
    from elpython.upstream.news import read_news

    advisories = read_advisories(osv)
    loaded = load_branch(branches_folder(), branch)
    others, _problems = load_all(branches_folder())
    base = release_folder(Store.default(), loaded.sources, say=warn)
    findings = join(
        loaded,
        advisories,
        news=read_news(base / "Misc" / "NEWS"),
        overrides=read_overrides(loaded.folder / "cve.toml", f"branches/{branch}/cve.toml"),
        others=others,
    )
    shown = [item for item in findings if not states or item.state in states]
    counts = Counter(item.state for item in findings)
    if vex:
        when = dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
        print_json(openvex(loaded, shown, when=when))
    elif as_json:
        print_json({"branch": branch, "counts": dict(counts), "findings": shown})
    else:
        rows = [[item.cve, item.state, item.because] for item in shown]
        print_table(["CVE", "state", "because"], rows)
        click.echo(", ".join(f"{count} {state}" for state, count in sorted(counts.items())))
    return 1 if counts["unknown"] else 0
