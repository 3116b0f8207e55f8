"""The table of feeds, `branches/feeds.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError
from elpython.core.toml import Reader, read_toml
from elpython.upstream.feeds.model import Feed
from elpython.upstream.feeds.run import KINDS

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FEEDS", "read_feeds"]

FEEDS = "feeds.toml"

_OPTIONS = ("suites", "packages", "queries", "series", "folder", "documents")
# What each kind cannot do without.
_NEEDED = {
    "debian-packages": ("suites", "packages"),
    "osv-api": ("url", "queries"),
    "redhat": ("url", "packages"),
    "python-org": ("url", "series"),
}


def read_feeds(path: Path) -> list[Feed]:
    """Read a table of feeds.

    Raises:
        BadBranchError: every problem of the file.
    """
    problems: list[str] = []
    file = path.name
    reader = Reader(read_toml(path, problems, name=file), problems, file=file)
    feeds: list[Feed] = []
    for table in reader.tables("feed", need=True):
        feed = Feed(
            name=table.text("name", pattern=r"[a-z0-9][a-z0-9.-]*", like="debian-trixie"),
            kind=table.choice("kind", KINDS),
            url=table.text("url", "", pattern=r"(https?://\S+)?", like="https://..."),
            options={key: words for key in _OPTIONS if (words := table.words(key))},
            megabytes=table.number("megabytes", 64),
            seconds=float(table.number("seconds", 40)),
        )
        table.done()
        for key in _NEEDED.get(feed.kind, ("url",)):
            if not (feed.url if key == "url" else feed.options.get(key)):
                table.problem(key, f"is missing (a feed of kind {feed.kind!r} needs it)")
        if feed.kind == "debian-packages" and len(feed.options.get("suites", ())) > 1:
            table.problem("suites", "must be one suite: each is a feed of its own")
        if feed.name in {other.name for other in feeds}:
            table.problem("name", f"{feed.name!r} is there twice")
        feeds.append(feed)
    reader.done()
    if problems:
        raise BadBranchError("has problems", where=str(path), details=tuple(problems))
    return feeds
