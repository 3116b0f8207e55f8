"""Copies of what feeds answered, in the store: used where the feed is out of reach or unchanged.

A copy is replaced only by an answer that could be read, whole or not at all. It lies below
`feeds/<feed>/` as `<key>.json` (validators, time, digest) and `<key>.body`, and the first names the
digest of the second, so that a pair that does not fit is no copy.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from elpython.core.errors import DiskFullError, StoreError
from elpython.core.store import Store, key_of, write_atomic
from elpython.core.strict_json import load_json
from elpython.upstream.feeds.http import Limits, request
from elpython.upstream.feeds.model import Feed, FeedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Asker", "Copy"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A kept answer.

    Attributes:
        body: what was kept of it.
        when: when it was last known to be current.
        etag, modified: validators.
        digest: of the whole answer as it came, for servers that know no validators.
    """

    body: bytes
    when: dt.datetime
    etag: str = ""
    modified: str = ""
    digest: str = ""


@dataclass(slots=True)
class Asker:
    """Asks for the documents of one feed; what it learned about their age and state adds up here.

    Attributes:
        store: keeps the copies.
        feed: the feed.
        offline: whether copies alone may serve.
        when: age of the oldest document that was used.
        problems: why copies had to serve.
        requests: how many were made.
        fresh: whether a document has changed.
        lost: parts of the answer of which nothing is known, neither anew nor from a copy.
    """

    store: Store
    feed: Feed
    offline: bool = False
    when: dt.datetime | None = None
    problems: list[str] = field(default_factory=list)
    requests: int = 0
    fresh: bool = False
    lost: list[str] = field(default_factory=list)

    def lose(self, what: str, error: Exception) -> None:
        """Keep that a part of the answer is missing; the rest counts all the same."""
        self.lost.append(what)
        self.problems.append(f"{what}: {error}".replace("\n", " "))

    def get(self, url: str, keep: Callable[[bytes], bytes], *, post: bytes | None = None) -> bytes:
        """Return what is kept of a document: asked for anew, unchanged, or from the copy.

        Args:
            url: the document.
            keep: reads an answer and returns what is to be kept of it; raises `FeedError` for one
                that cannot be used, which then replaces nothing.
            post: body of a POST; its answers are kept under url and body.

        Raises:
            FeedError: out of reach, or unusable, and there is no copy.
        """
        key = key_of([url, None if post is None else post.decode()])
        copy = self._load(key)
        try:
            if self.offline:
                raise FeedError("not asked (--offline)", where=url)
            fresh = self._ask(url, post, copy, keep)
        except FeedError as error:
            if copy is None:
                raise
            self.problems.append(str(error))
            self._used(copy.when)
            return copy.body
        if copy is None or fresh.digest != copy.digest:
            self.fresh = True
        self._save(key, fresh)
        self._used(fresh.when)
        return fresh.body

    def once(self, url: str, keep: Callable[[bytes], bytes], *, mark: str) -> bytes:
        """Return a document that does not change as long as its mark stays the same.

        Args:
            url: the document.
            keep: as in `get`.
            mark: time of the last change, as another document tells it.
        """
        key = key_of([url, mark])
        copy = self._load(key)
        if copy is not None:
            return copy.body
        if self.offline:
            raise FeedError("not asked (--offline)", where=url)
        fresh = self._ask(url, None, None, keep)
        self.fresh = True
        self._save(key, fresh)
        return fresh.body

    def call(self, name: str, ask: Callable[[bytes | None], bytes]) -> bytes:
        """Return what a program fetched, or the copy where it could not.

        Args:
            name: of the copy.
            ask: takes the copy's body (None for none) and returns the new one; raises `FeedError`.
        """
        key = key_of([self.feed.url, name])
        copy = self._load(key)
        try:
            if self.offline:
                raise FeedError("not asked (--offline)", where=self.feed.url)
            body = _kept(lambda _body: ask(copy.body if copy else None), b"", self.feed.url)
        except FeedError as error:
            if copy is None:
                raise
            self.problems.append(str(error))
            self._used(copy.when)
            return copy.body
        self.fresh = self.fresh or copy is None or copy.body != body
        now = dt.datetime.now(tz=dt.UTC).replace(microsecond=0)
        self._save(key, Copy(body=body, when=now))
        self._used(now)
        return body

    def _ask(
        self, url: str, post: bytes | None, copy: Copy | None, keep: Callable[[bytes], bytes]
    ) -> Copy:
        limits = Limits(size=self.feed.megabytes * 1_000_000, seconds=self.feed.seconds)
        etag, modified = (copy.etag, copy.modified) if copy else ("", "")
        self.requests += 1
        reply = request(url, limits, etag=etag, modified=modified, post=post)
        now = dt.datetime.now(tz=dt.UTC).replace(microsecond=0)
        if reply.body is None:
            if copy is None:
                raise FeedError("answers that nothing has changed, to a first question", where=url)
            return Copy(body=copy.body, when=now, etag=reply.etag or copy.etag,
                        modified=reply.modified or copy.modified, digest=copy.digest)  # fmt: skip
        digest = hashlib.sha256(reply.body).hexdigest()
        same = copy is not None and copy.digest == digest
        body = copy.body if copy is not None and same else _kept(keep, reply.body, url)
        return Copy(body=body, when=now, etag=reply.etag, modified=reply.modified, digest=digest)

    def _used(self, when: dt.datetime) -> None:
        self.when = when if self.when is None else min(self.when, when)

    def _place(self, key: str) -> Path:
        return self.store.path("feeds", self.feed.name) / key

    def _load(self, key: str) -> Copy | None:
        place = self._place(key)
        try:
            about = load_json(place.with_suffix(".json").read_text("utf-8"))
            body = place.with_suffix(".body").read_bytes()
            if hashlib.sha256(body).hexdigest() != about["kept"]:
                return None
            return Copy(
                body=body,
                when=dt.datetime.fromisoformat(about["when"]),
                etag=about["etag"],
                modified=about["modified"],
                digest=about["digest"],
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _save(self, key: str, copy: Copy) -> None:
        place = self._place(key)
        about = {
            "url": self.feed.url,
            "when": copy.when.isoformat(timespec="seconds"),
            "etag": copy.etag,
            "modified": copy.modified,
            "digest": copy.digest,
            "kept": hashlib.sha256(copy.body).hexdigest(),
        }
        try:
            with self.store.lock("feeds", self.feed.name):
                write_atomic(place.with_suffix(".body"), copy.body)
                write_atomic(place.with_suffix(".json"), json.dumps(about).encode())
        except (DiskFullError, StoreError) as error:
            self.problems.append(f"its copy could not be kept: {error.what}")


def _kept(keep: Callable[[bytes], bytes], body: bytes, url: str) -> bytes:
    """Return what is kept of an answer; whatever goes wrong with it is the answer's fault."""
    try:
        return keep(body)
    except FeedError as error:
        raise FeedError(error.what, where=url) from error
    except DiskFullError:
        raise
    except Exception as error:
        raise FeedError(f"cannot be read: {type(error).__name__}: {error}", where=url) from error
