"""Debian's suites: changelogs and NEWS of the packages that build CPython and libexpat.

One request a suite: its signed `InRelease`. Only where that has changed is apt asked for the lists,
and only packages with another version than before are fetched.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.core.errors import ElpythonError
from elpython.core.store import key_of
from elpython.upstream.debian import mirror_of, take_file
from elpython.upstream.debian_binary import Binary, binaries, texts_of
from elpython.upstream.feeds.model import FeedError, Notice
from elpython.upstream.feeds.products import of_package
from elpython.upstream.feeds.texts import from_changelog, from_expat_changes, from_news

if TYPE_CHECKING:
    from elpython.upstream.feeds.copies import Asker
    from elpython.upstream.feeds.rules import Rules

__all__ = ["ask"]

# Raised whenever the texts are read in another way.
_READER = 1


def _state(asker: Asker, suite: str) -> str:
    """Return the digest of a suite's `InRelease`: it only tells whether something has changed."""
    asker.requests += 1
    with tempfile.TemporaryDirectory(prefix="elpython-watch-") as folder:
        url = f"{mirror_of(suite)}/dists/{suite}/InRelease"
        body = take_file(asker.store, url, Path(folder) / "InRelease").read_bytes()
    if b"\nSHA256:" not in body:
        raise FeedError("is no InRelease", where=url)
    return hashlib.sha256(body).hexdigest()


def ask(asker: Asker, rules: Rules) -> list[Notice]:
    """Ask for the options `suites` (one) and `packages`."""
    (suite,) = asker.feed.options["suites"]
    body = asker.call("packages", lambda kept: _packages(asker, suite, kept))
    notices = []
    for row in json.loads(body)["packages"]:
        binary = Binary(**row)
        try:
            notices += _notices(asker, binary, rules)
        except (FeedError, ElpythonError) as error:
            asker.lose(f"{binary.package} {binary.version}", error)
    return notices


def _packages(asker: Asker, suite: str, kept: bytes | None) -> bytes:
    try:
        state = _state(asker, suite)
        known: dict[str, Any] = json.loads(kept) if kept else {}
        wanted = list(asker.feed.options["packages"])
        if kept is not None and (known["state"], known["asked"]) == (state, wanted):
            return kept
        asker.requests += 1
        rows = [
            {"package": item.package, "version": item.version, "url": item.url,
             "sha256": item.sha256}
            for item in binaries(asker.store, suite, wanted)
        ]  # fmt: skip
    except FeedError:
        raise
    except ElpythonError as error:
        raise FeedError(error.what, where=f"Debian {suite}") from error
    return json.dumps({"state": state, "asked": wanted, "packages": rows}).encode()


def _notices(asker: Asker, binary: Binary, rules: Rules) -> list[Notice]:
    """Return what a package's texts tell; read once, and kept for as long as the rules stay."""

    def make(folder: Path) -> None:
        rows = [dataclasses.asdict(item) for item in _read(asker, binary, rules)]
        (folder / "notices.json").write_text(json.dumps(rows, default=str), "utf-8")

    key = key_of([_READER, binary.sha256, rules.key])
    folder = asker.store.product("debian-notices", key, make)
    rows = json.loads((folder / "notices.json").read_text("utf-8"))
    return [_notice(row, asker.feed.name) for row in rows]


def _notice(row: dict[str, Any], feed: str) -> Notice:
    values: dict[str, Any] = {
        key: tuple(item) if isinstance(item, list) else item for key, item in row.items()
    }
    if values["public"]:
        values["public"] = dt.date.fromisoformat(values["public"])
    return Notice(**values | {"feed": feed})


def _read(asker: Asker, binary: Binary, rules: Rules) -> list[Notice]:
    product = of_package("Debian", binary.package)
    texts = texts_of(asker.store, binary)
    notices = from_changelog(texts.get("changelog", ""), "", product, since=rules.since)
    if product == "cpython" and "NEWS" in texts:
        notices += from_news(texts["NEWS"], "", rules)
    if product == "libexpat" and "upstream" in texts:
        notices += from_expat_changes(texts["upstream"], "")
    return notices
