"""Write proposals as change files, and put them into a branch's series."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from elpython.core.store import write_atomic

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.security.distro import Proposal

__all__ = ["add_to_series", "change_toml", "write_proposal"]


def _text(value: str) -> str:
    # JSON's strings are TOML's basic strings.
    return json.dumps(value, ensure_ascii=False)


def _list(values: Sequence[str]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"


def change_toml(
    proposal: Proposal, *, package: str, suites: Sequence[str], version: str, day: dt.date
) -> str:
    """Return the change file of a proposal."""
    lines = [
        f"title = {_text(proposal.title)}",
        f"kind = {_text(proposal.kind)}",
    ]
    if proposal.tests:
        lines.append(f"tests = {_list(proposal.tests)}")
    lines += ["", "[upstream]"]
    if proposal.first_in:
        lines.append(f"first-in = {_text(proposal.first_in)}")
    for key, values in (
        ("issues", proposal.issues),
        ("commits", proposal.commits),
        ("cves", proposal.cves),
    ):
        if values:
            lines.append(f"{key} = {_list(values)}")
    lines += [
        "",
        "[source]",
        'provider = "distro"',
        f"package = {_text(package)}",
        f"suites = {_list(suites)}",
        f"version = {_text(version)}",
    ]
    for patch in proposal.patches:
        lines += [
            "",
            "[[source.patches]]",
            f"name = {_text(patch.name)}",
            f"sha256 = {_text(patch.sha256)}",
        ]
    origins = [patch.origin for patch in proposal.patches if patch.origin]
    lines += ["", "[dep3]"]
    authors = [patch.author for patch in proposal.patches if patch.author]
    if authors:
        lines.append(f"author = {_text(authors[0])}")
    if origins:
        lines.append(f"origin = {_text(' '.join(origins[0].split()))}")
    lines += ['forwarded = "not-needed"', f"last-update = {day.isoformat()}"]
    return "\n".join(lines) + "\n"


def write_proposal(branch: Path, change: str, text: str) -> Path:
    """Write the file of a change.

    Args:
        branch: the branch's folder.
        change: its id.
        text: what `change_toml` returned.

    Returns:
        Its path.
    """
    path = branch / "changes" / f"{change}.toml"
    path.parent.mkdir(exist_ok=True)
    write_atomic(path, text.encode())
    return path


def add_to_series(branch_toml: Path, ids: Sequence[str]) -> list[str]:
    """Put ids at the end of a branch's security fixes; give those that were not there yet.

    The rest of the file stays byte for byte.

    Args:
        branch_toml: the file; its series is an array over several lines.
        ids: in order.
    """
    text = branch_toml.read_text("utf-8")
    match = re.search(r"^series = \[\n(?P<body>(?:.*\n)*?)\]", text, re.MULTILINE)
    if match is None:
        raise ValueError(f"{branch_toml} has no series over several lines")
    known = set(re.findall(r'"([^"]+)"', match["body"]))
    new = [name for name in ids if name not in known]
    body = match["body"] + "".join(f'    "{name}",\n' for name in new)
    start, end = match.span("body")
    write_atomic(branch_toml, (text[:start] + body + text[end:]).encode())
    return new
