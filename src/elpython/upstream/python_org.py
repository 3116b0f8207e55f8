"""Release archives of python.org over HTTPS, resumed where a download was cut."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from elpython.core.errors import SourceUnavailableError
from elpython.core.store import disk_errors
from elpython.core.tls import trusted

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from elpython.upstream.source import Source

__all__ = ["archive_url", "download", "fetch"]

_HOME = "https://www.python.org/ftp/python"
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0
_TRIES = 3
_PARTIAL = 206
# CPython's archives have 30 MB. A server that sends more, or drips, has something else in mind.
_LARGEST = 1 << 29
_WHOLE_SECONDS = 3600.0
# Files as they lie there: servers call a `.tgz` an encoding of its tar, and httpx would undo it.
_HEADERS = {"Accept-Encoding": "identity"}


def archive_url(source: Source) -> str:
    """Return an archive's address; pre-releases lie in the folder of their final release."""
    release = re.sub(r"(a|b|rc)\d+$", "", source.version)
    return f"{source.url or f'{_HOME}/{release}'}/{source.file}"


def fetch(source: Source, folder: Path) -> Path:
    """Download a release archive into a folder.

    Raises:
        SourceUnavailableError: the site is out of reach or has no such file.
    """
    return download(archive_url(source), folder / source.file)


def download(url: str, target: Path) -> Path:
    """Download one file; a cut download goes on where it stopped, at most three tries.

    Raises:
        SourceUnavailableError: out of reach, the server's answer is an error, larger than any
            archive, not there after an hour, or a redirect leads from https to http.
        DiskFullError: no space left.
    """
    import httpx

    timeout = httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    end = time.monotonic() + _WHOLE_SECONDS
    problem = ""
    with httpx.Client(verify=trusted(), timeout=timeout, follow_redirects=True) as client:
        for _ in range(_TRIES):
            have = target.stat().st_size if target.exists() else 0
            headers = _HEADERS | ({"Range": f"bytes={have}-"} if have else {})
            try:
                with client.stream("GET", url, headers=headers) as answer:
                    if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                        return target
                    answer.raise_for_status()
                    _write(answer, target, have, end)
                return target
            except httpx.HTTPStatusError as error:
                raise SourceUnavailableError(
                    f"answers {error.response.status_code}", where=url
                ) from error
            except httpx.InvalidURL as error:
                raise SourceUnavailableError(f"is no address: {error}", where=url) from error
            except httpx.ConnectError as error:
                problem = str(error)
                break
            except httpx.HTTPError as error:
                problem = f"{type(error).__name__}: {error}"
    raise SourceUnavailableError(f"out of reach: {problem}", where=url)


def _write(answer: httpx.Response, target: Path, have: int, end: float) -> None:
    """Write an answer's bytes behind those that are there, or anew."""
    where = str(answer.url)
    if answer.url.scheme == "http" and any(item.url.scheme == "https" for item in answer.history):
        raise SourceUnavailableError("a redirect leads from https to http", where=where)
    resumed = answer.status_code == _PARTIAL
    told = answer.headers.get("Content-Range", f"bytes {have}-")
    if resumed and not told.startswith(f"bytes {have}-"):
        # It does not fit, so what is there is given up.
        target.unlink()
        raise SourceUnavailableError(f"gives another part than from byte {have} on", where=where)
    size = have if resumed else 0
    with disk_errors(target), target.open("ab" if resumed else "wb") as out:
        for chunk in answer.iter_raw():
            size += len(chunk)
            if size > _LARGEST or time.monotonic() > end:
                limit = f"{_LARGEST >> 20} MiB" if size > _LARGEST else f"{_WHOLE_SECONDS:.0f} s"
                out.truncate(0)
                raise SourceUnavailableError(f"still sends after {limit}", where=where)
            out.write(chunk)
