"""Feeds that are one text or one page: libexpat's changes, NEWS of python.org."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from elpython.core.errors import ElpythonError
from elpython.upstream.archive import unpack
from elpython.upstream.feeds.model import FeedError, Notice
from elpython.upstream.feeds.texts import from_expat_changes, from_news
from elpython.upstream.python_org import download

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.upstream.feeds.copies import Asker
    from elpython.upstream.feeds.rules import Rules

__all__ = ["ask_expat", "ask_news", "ask_python_org"]

_RELEASE = re.compile(r'href="(3\.\d+\.\d+)/?"')


def ask_expat(asker: Asker, _rules: Rules) -> list[Notice]:
    """Ask for libexpat's list of changes."""

    def keep(body: bytes) -> bytes:
        from_expat_changes(body.decode("utf-8", "replace"), "")
        return body

    body = asker.get(asker.feed.url, keep)
    return from_expat_changes(body.decode("utf-8", "replace"), asker.feed.name)


def ask_news(asker: Asker, rules: Rules) -> list[Notice]:
    """Ask for a NEWS that is served as a file."""

    def keep(body: bytes) -> bytes:
        from_news(body.decode("utf-8", "replace"), "", rules)
        return body

    body = asker.get(asker.feed.url, keep)
    return from_news(body.decode("utf-8", "replace"), asker.feed.name, rules)


def _releases(body: bytes) -> bytes:
    """Keep the newest release of each series that a folder's page lists."""
    newest: dict[str, tuple[int, int, int]] = {}
    for name in _RELEASE.findall(body.decode("utf-8", "replace")):
        major, minor, micro = map(int, name.split("."))
        series = f"{major}.{minor}"
        newest[series] = max(newest.get(series, (0, 0, 0)), (major, minor, micro))
    if not newest:
        raise FeedError("lists no release of Python 3")
    return json.dumps({name: ".".join(map(str, item)) for name, item in newest.items()}).encode()


def ask_python_org(asker: Asker, rules: Rules) -> list[Notice]:
    """Ask for the releases; read the NEWS of the newest of each series of the option `series`."""
    home = asker.feed.url.rstrip("/")
    newest = json.loads(asker.get(f"{home}/", _releases))
    notices = []
    for series in asker.feed.options.get("series", ()):
        if series not in newest:
            asker.lose(series, FeedError("no release of it is listed", where=f"{home}/"))
            continue
        try:
            news = _news_of(asker, home, newest[series])
            notices += from_news(news, asker.feed.name, rules)
        except FeedError as error:
            asker.lose(series, error)
    return notices


def _news_of(asker: Asker, home: str, version: str) -> str:
    """Return the NEWS of a release's archive; the archive itself is not kept."""

    def make(folder: Path) -> None:
        asker.requests += 1
        work = folder / ".work"
        work.mkdir()
        archive = download(f"{home}/{version}/Python-{version}.tar.xz", work / "release.tar.xz")
        unpack(archive, work / "tree", keep=lambda path: path.parts[-2:] == ("Misc", "NEWS"))
        (work / "tree" / "Misc" / "NEWS").rename(folder / "NEWS")
        for path in (archive, work / "tree" / "Misc", work / "tree", work):
            path.rmdir() if path.is_dir() else path.unlink()

    try:
        folder = asker.store.product("news", f"python-org_{version}", make)
    except ElpythonError as error:
        raise FeedError(f"NEWS of {version} cannot be had: {error.what}", where=home) from error
    return (folder / "NEWS").read_text("utf-8", "replace")
