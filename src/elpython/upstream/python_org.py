"""Release archives of python.org over HTTPS, resumed where a download was cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.core.errors import SourceUnavailableError
from elpython.core.store import disk_errors
from elpython.core.tls import trusted

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.upstream.source import Source

__all__ = ["archive_url", "download", "fetch"]

_HOME = "https://www.python.org/ftp/python"
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0
_TRIES = 3


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
        SourceUnavailableError: out of reach, or the server's answer is an error.
        DiskFullError: no space left.
    """
    import httpx

    timeout = httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
    problem = ""
    with httpx.Client(verify=trusted(), timeout=timeout, follow_redirects=True) as client:
        for _ in range(_TRIES):
            have = target.stat().st_size if target.exists() else 0
            headers = {"Range": f"bytes={have}-"} if have else {}
            try:
                with client.stream("GET", url, headers=headers) as answer:
                    if answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                        return target
                    answer.raise_for_status()
                    resumed = answer.status_code == httpx.codes.PARTIAL_CONTENT
                    with disk_errors(target), target.open("ab" if resumed else "wb") as out:
                        for chunk in answer.iter_bytes():
                            out.write(chunk)
                return target
            except httpx.HTTPStatusError as error:
                raise SourceUnavailableError(
                    f"answers {error.response.status_code}", where=url
                ) from error
            except httpx.ConnectError as error:
                problem = str(error)
                break
            except httpx.HTTPError as error:
                problem = f"{type(error).__name__}: {error}"
    raise SourceUnavailableError(f"out of reach: {problem}", where=url)
