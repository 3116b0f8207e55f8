"""One guarded request: limits on time, size and redirects; conditional where a copy is there."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from elpython.core.tls import trusted
from elpython.upstream.feeds.model import FeedError

if TYPE_CHECKING:
    import httpx

__all__ = ["Limits", "Reply", "request"]

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 20.0
_REDIRECTS = 5
_NOT_MODIFIED = 304
_VALIDATOR, _DIGITS = 1000, 18
# The limits of single steps come first: they tell better what was slow.
_GRACE = 1.0


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
    # What cannot be sent back is no validator: it must not keep us from asking.
    headers |= {"If-None-Match": etag} if _sendable(etag) else {}
    headers |= {"If-Modified-Since": modified} if _sendable(modified) else {}
    if post is not None:
        headers["Content-Type"] = "application/json"
    read = min(_READ_SECONDS, limits.seconds)
    timeout = httpx.Timeout(read, connect=min(_CONNECT_SECONDS, limits.seconds))
    end = time.monotonic() + limits.seconds
    clock = _Clock()
    timer = threading.Timer(limits.seconds + _GRACE, clock.stop)
    timer.daemon = True
    timer.start()
    try:
        with httpx.Client(verify=trusted(), timeout=timeout, max_redirects=_REDIRECTS) as client:
            method = "GET" if post is None else "POST"
            asked = client.build_request(
                method, url, headers=headers, content=post, extensions={"trace": clock.trace}
            )
            return _follow(client, asked, limits, end)
    except httpx.InvalidURL as error:
        raise FeedError(f"is no address: {error}", where=url) from error
    except FeedError:
        raise
    except Exception as error:
        # A header that cannot be read, or a number beyond all bounds: the answer's fault.
        if clock.stopped:
            raise FeedError(f"still sends after {limits.seconds:.0f} s", where=url) from error
        raise FeedError(f"out of reach: {_reason(error)}", where=url) from error
    finally:
        timer.cancel()


@dataclass(slots=True)
class _Clock:
    """Cuts the connections of a request when its time is over, whatever part of it is slow.

    Attributes:
        sockets: the connections that were made.
        stopped: whether the time is over.
    """

    sockets: list[socket.socket] = field(default_factory=list)
    stopped: bool = False

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Take a connection from httpx's trace of what it does."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            made = info["return_value"].get_extra_info("socket")
            if isinstance(made, socket.socket):
                self.sockets.append(made)
            if self.stopped:
                self.stop()

    def stop(self) -> None:
        """End it: whoever waits for a byte gets none."""
        self.stopped = True
        for made in list(self.sockets):
            with contextlib.suppress(OSError):
                # Not that of a TLS socket, which would forget its state under the reader's hands.
                socket.socket.shutdown(made, socket.SHUT_RDWR)


def _sendable(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable() and len(text) <= _VALIDATOR


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _follow(client: httpx.Client, asked: httpx.Request, limits: Limits, end: float) -> Reply:
    first, trace = asked.url, asked.extensions.get("trace")
    for _ in range(_REDIRECTS + 1):
        if asked.url.scheme not in {"http", "https"}:
            raise FeedError(f"redirects to {asked.url.scheme}", where=str(first))
        if first.scheme == "https" and asked.url.scheme != "https":
            raise FeedError("redirects from https to http", where=str(first))
        answer = client.send(asked, stream=True, follow_redirects=False)
        try:
            if answer.next_request is not None:
                asked = answer.next_request
                asked.extensions |= {"trace": trace} if trace else {}
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
    if told.isdigit() and int(told[:_DIGITS]) > limits.size:
        size = int(told[:_DIGITS])
        raise FeedError(f"would send {size:,} bytes, more than {limits.size:,}", where=url)
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > limits.size:
            raise FeedError(f"sends more than {limits.size:,} bytes", where=url)
        if time.monotonic() > end:
            raise FeedError(f"still sends after {limits.seconds:.0f} s", where=url)
    if time.monotonic() > end:
        # A connection that was cut looks like the end of an answer without a length.
        raise FeedError(f"still sends after {limits.seconds:.0f} s", where=url)
    return Reply(body=bytes(body), **validators)
