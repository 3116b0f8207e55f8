"""One guarded request: limits on time, size and redirects; conditional where a copy is there."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.tls import trusted
from elpython.upstream.feeds.model import FeedError

if TYPE_CHECKING:
    import httpx

__all__ = ["Limits", "Reply", "request"]

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 20.0
_REDIRECTS = 5
_NOT_MODIFIED = 304


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one request may cost.

    Attributes:
        size: bytes of the answer, unpacked.
        seconds: from the first connection to the last byte.
    """

    size: int
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        body: its bytes; None where the copy is still good.
        etag, modified: its validators.
    """

    body: bytes | None
    etag: str = ""
    modified: str = ""


def request(
    url: str, limits: Limits, *, etag: str = "", modified: str = "", post: bytes | None = None
) -> Reply:
    """Ask for a document.

    Args:
        url: http or https; a redirect never leads from https to http.
        limits: what it may cost.
        etag: validator of the copy; empty for none.
        modified: the same, `Last-Modified`.
        post: the body of a POST; None for a GET.

    Raises:
        FeedError: out of reach, too slow, too large, an error status, a bad certificate, a loop.
    """
    import httpx

    headers = {"User-Agent": "elpython-watch", "Accept-Encoding": "gzip, identity"}
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": modified} if modified else {}
    if post is not None:
        headers["Content-Type"] = "application/json"
    read = min(_READ_SECONDS, limits.seconds)
    timeout = httpx.Timeout(read, connect=min(_CONNECT_SECONDS, limits.seconds))
    end = time.monotonic() + limits.seconds
    try:
        with httpx.Client(verify=trusted(), timeout=timeout, max_redirects=_REDIRECTS) as client:
            method = "GET" if post is None else "POST"
            return _follow(client, client.build_request(method, url, headers=headers, content=post),
                           limits, end)  # fmt: skip
    except httpx.InvalidURL as error:
        raise FeedError(f"is no address: {error}", where=url) from error
    except httpx.HTTPError as error:
        raise FeedError(f"out of reach: {_reason(error)}", where=url) from error


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _follow(client: httpx.Client, asked: httpx.Request, limits: Limits, end: float) -> Reply:
    first = asked.url
    for _ in range(_REDIRECTS + 1):
        if asked.url.scheme not in {"http", "https"}:
            raise FeedError(f"redirects to {asked.url.scheme}", where=str(first))
        if first.scheme == "https" and asked.url.scheme != "https":
            raise FeedError("redirects from https to http", where=str(first))
        answer = client.send(asked, stream=True, follow_redirects=False)
        try:
            if answer.next_request is not None:
                asked = answer.next_request
                continue
            return _read(answer, limits, end)
        finally:
            answer.close()
    raise FeedError(f"redirects more than {_REDIRECTS} times", where=str(first))


def _read(answer: httpx.Response, limits: Limits, end: float) -> Reply:
    url = str(answer.url)
    validators = {
        "etag": answer.headers.get("etag", ""),
        "modified": answer.headers.get("last-modified", ""),
    }
    if answer.status_code == _NOT_MODIFIED:
        return Reply(body=None, **validators)
    if not answer.is_success:
        raise FeedError(f"answers {answer.status_code}", where=url)
    told = answer.headers.get("content-length", "")
    if told.isdigit() and int(told) > limits.size:
        raise FeedError(f"would send {int(told):,} bytes, more than {limits.size:,}", where=url)
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > limits.size:
            raise FeedError(f"sends more than {limits.size:,} bytes", where=url)
        if time.monotonic() > end:
            raise FeedError(f"still sends after {limits.seconds:.0f} s", where=url)
    return Reply(body=bytes(body), **validators)
