"""What a look is told as: JSON-able rows, an Atom feed, and proposals for a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from elpython.core.errors import UsageError
from elpython.core.store import write_atomic
from elpython.define.vulnerability import UNKNOWN, VULNERABILITY_ID, Standing, Vulnerability
from elpython.define.vulnerability_read import INDEX
from elpython.security.record_write import text_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.security.lookout import Look, News

__all__ = ["atom", "propose", "proposed_file"]

_PLAIN = re.compile(r"[^\w .,:;()/+<>=%@'\"`#*&-]")


def atom(look: Look, *, now: dt.datetime) -> str:
    """Return a look as an Atom feed (RFC 4287): one entry for each thing that is new."""
    stamp = now.isoformat(timespec="seconds")
    entries = "".join(_entry(item, stamp) for item in look.news)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        "<title>EL Python: vulnerabilities that are not decided</title>\n"
        "<id>urn:elpython:watch</id>\n<author><name>elpython fix watch</name></author>\n"
        f"<updated>{stamp}</updated>\n{entries}</feed>\n"
    )


def _entry(item: News, stamp: str) -> str:
    day = f"{item.public.isoformat()}T00:00:00+00:00" if item.public else stamp
    text = f"{item.severity}; told by {', '.join(item.where)}"
    term = quoteattr(item.severity)
    return (
        f"<entry><id>urn:elpython:vulnerability:{escape(item.id)}</id>"
        f"<title>{escape(plain(f'{item.id}: {item.title}'))}</title><updated>{day}</updated>"
        f"<category term={term}/><summary>{escape(plain(text))}</summary></entry>\n"
    )


def plain(text: str) -> str:
    """Return a foreign text on one line, without what could steer a terminal or a parser."""
    return _PLAIN.sub(" ", " ".join(text.split()))[:200]


def _undecided(proposed: str) -> str:
    """Return why a branch is undecided: what speaks for a state, for who decides."""
    text = plain(proposed)
    return f"nobody has decided this branch{f': {text}' if text else ''}"


def proposed_file(item: News, branches: Sequence[str], today: dt.date) -> str:
    """Return the record file that a person completes: every state in it is `unknown`."""
    products = [name for name in item.products if name != "other"]
    proposal = Vulnerability(
        id=item.id,
        title=plain(item.title) or item.id,
        product=products[0] if products else "cpython",
        public=item.public or today,
        recorded=today,
        severity=item.severity,
        severity_by=plain(item.where[0]) if item.severity != "unrated" else "",
        issues=tuple(name for name in item.issues if re.fullmatch(r"(gh|bpo)-\d+", name)),
        news=item.digests,
        sources=tuple(plain(where) for where in item.where) or ("a feed",),
        branches={
            name: Standing(
                state=UNKNOWN, since=today, because=_undecided(item.proposals.get(name, ""))
            )
            for name in branches
        },
    )
    return text_of(proposal)


def propose(
    look: Look, folder: Path, branches: Sequence[str], today: dt.date
) -> tuple[list[Path], list[str]]:
    """Write a file for each thing that is new, below a folder that is not read as the record.

    Args:
        look: what was found.
        folder: gets `<id>.toml`.
        branches: names of the branches.
        today: the day of the look.

    Returns:
        The paths, and the ids that name no file: those a person looks up by hand.

    Raises:
        UsageError: the folder is the record itself, whose files are decided.
    """
    if (folder / INDEX).is_file():
        raise UsageError(
            "is the vulnerability record: a proposal would take the place of what is decided",
            where=f"--propose {folder}",
            todo="name another folder, and move into the record what a person has completed",
        )
    written, left = [], []
    for item in look.news:
        # An id comes from outside: only the known forms become the name of a file.
        if not re.fullmatch(VULNERABILITY_ID, item.id):
            left.append(plain(item.id))
            continue
        path = folder / f"{item.id}.toml"
        text = proposed_file(item, branches, today)
        if not path.is_file() or path.read_bytes() != text.encode():
            write_atomic(path, text.encode())
        written.append(path)
    return written, left
