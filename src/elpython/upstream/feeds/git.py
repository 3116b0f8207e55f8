"""A git repository of advisories in OSV's format, as the PSF keeps one."""

from __future__ import annotations

import json
import re
import tarfile
from typing import TYPE_CHECKING, Any

from elpython.core.errors import ElpythonError
from elpython.core.process import clean_env, require, run
from elpython.core.store import disk_errors
from elpython.upstream.feeds.model import FeedError, Notice
from elpython.upstream.feeds.osv_format import notice_of

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.upstream.feeds.copies import Asker
    from elpython.upstream.feeds.rules import Rules

__all__ = ["ask"]

# What a hostile address or repository might otherwise make git do: run helpers, ask for passwords.
_GUARDS = (
    "-c", "protocol.allow=never", "-c", "protocol.https.allow=always",
    "-c", "protocol.http.allow=always", "-c", "core.hooksPath=/dev/null",
    "-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=20", "-c", "gc.auto=0",
)  # fmt: skip
_FILE_BYTES = 1_000_000


def ask(asker: Asker, _rules: Rules) -> list[Notice]:
    """Ask for the head; fetch only where it has moved. Advisories lie below the option `folder`.

    Raises:
        FeedError: out of reach or unreadable, and there is no copy.
    """
    require("git")
    copy = asker.store.path("feeds", asker.feed.name) / "repository"
    body = asker.call("head", lambda kept: _fetch(asker, copy, kept))
    return [notice_of(data, asker.feed.name) for data in json.loads(body)["advisories"]]


def _git(asker: Asker, *words: str | Path) -> str:
    env = clean_env({"GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"})
    try:
        return run(["git", *_GUARDS, *words], timeout=asker.feed.seconds, env=env).stdout
    except ElpythonError as error:
        last = error.details[-1] if error.details else error.what
        raise FeedError(f"out of reach: {last}", where=asker.feed.url) from error


def _fetch(asker: Asker, copy: Path, kept: bytes | None) -> bytes:
    asker.requests += 1
    listed = _git(asker, "ls-remote", "--exit-code", asker.feed.url, "HEAD")
    match = re.match(r"([0-9a-f]{40,64})\s", listed)
    if match is None:
        raise FeedError("names no head", where=asker.feed.url)
    if kept is not None and json.loads(kept)["head"] == match[1]:
        return kept
    asker.requests += 1
    with asker.store.lock("feeds", f"{asker.feed.name}-repository"):
        advisories = _advisories(asker, copy)
    if not advisories:
        raise FeedError("holds no advisories", where=asker.feed.url)
    return json.dumps({"head": match[1], "advisories": advisories}).encode()


def _advisories(asker: Asker, copy: Path) -> list[Any]:
    """Fetch the head and read the advisories in it; no file of the repository is checked out."""
    if not (copy / "HEAD").is_file():
        with disk_errors(copy):
            copy.mkdir(parents=True, exist_ok=True)
        _git(asker, "init", "--bare", "-q", copy)
    _git(asker, "-C", copy, "fetch", "-q", "--no-tags", asker.feed.url, "HEAD")
    tar = copy / "advisories.tar"
    folder = asker.feed.options.get("folder") or ()
    try:
        _git(asker, "-C", copy, "archive", "--format=tar", "-o", tar, "FETCH_HEAD", *folder)
        return _read(tar)
    finally:
        tar.unlink(missing_ok=True)


def _read(tar: Path) -> list[Any]:
    found = []
    with tarfile.open(tar) as archive:
        for member in archive:
            if not (member.isfile() and member.name.endswith(".json")):
                continue
            stream = archive.extractfile(member)
            if member.size > _FILE_BYTES or stream is None:
                raise FeedError(f"{member.name[:80]} is larger than an advisory")
            item = json.loads(stream.read())
            notice_of(item, "")
            found.append(item)
    return found
