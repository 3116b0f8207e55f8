"""Files of a package index (PyPI or a mirror of it), pinned by sha256.

An index keeps a file for good: what was published under a name is never replaced. Which index is
asked is the machine's own setting for pip, else PyPI.
"""

from __future__ import annotations

import configparser
import hashlib
import html
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from elpython.core.errors import DigestMismatchError, SourceUnavailableError
from elpython.core.strict_json import load_json
from elpython.core.tls import trusted
from elpython.upstream.mirror import from_mirror
from elpython.upstream.python_org import download

if TYPE_CHECKING:
    from elpython.core.store import Store
    from elpython.upstream.source import IndexFile

__all__ = ["PYPI", "index_address", "index_file"]

PYPI = "https://pypi.org/simple"
# PEP 691; PEP 503's pages are understood too.
_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
_LINK = re.compile(r'<a\b[^>]*?\bhref\s*=\s*["\']([^"\']+)["\']', re.IGNORECASE)
# A page of a project lists every file of every release.
_MOST = 64 << 20
_SECONDS = 60.0


def index_address() -> str:
    """Return the address of the simple index that this machine uses.

    `ELPYTHON_INDEX`, then pip's own settings (`PIP_INDEX_URL`, its configuration files), then PyPI.
    """
    for name in ("ELPYTHON_INDEX", "PIP_INDEX_URL"):
        if value := os.environ.get(name):
            return value.rstrip("/")
    home = Path.home()
    configured = os.environ.get("XDG_CONFIG_HOME")
    places = [
        Path(os.environ.get("PIP_CONFIG_FILE", os.devnull)),
        (Path(configured) if configured else home / ".config") / "pip" / "pip.conf",
        home / ".pip" / "pip.conf",
        Path("/etc/pip.conf"),
    ]
    for place in places:
        settings = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            settings.read(place, "utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            # pip tells its users about it; a source is asked for at the next place.
            continue
        if value := settings.get("global", "index-url", fallback=""):
            return value.strip().rstrip("/")
    return PYPI


def index_file(store: Store, wanted: IndexFile) -> Path:
    """Return a file of the index; a kept one is used without asking anybody.

    Raises:
        SourceUnavailableError: the index is out of reach, or has no such file.
        DigestMismatchError: the index has the file with another content.
    """

    def make(folder: Path) -> None:
        if from_mirror(wanted.sha256, folder / wanted.name):
            return
        path = download(_address(wanted), folder / wanted.name)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != wanted.sha256:
            path.unlink()
            raise DigestMismatchError(f"sha256 is {digest}, not {wanted.sha256}", where=wanted.name)

    folder = store.product("sources", wanted.sha256[:32], make)
    return folder / wanted.name


def _address(wanted: IndexFile) -> str:
    """Ask the project's page where the file lies."""
    page = f"{index_address()}/{wanted.project}/"
    text, kind = _page(page)
    links = _json_links(text, page) if "json" in kind else _html_links(text)
    for link in links:
        address = urldefrag(urljoin(page, link))[0]
        if address.rpartition("/")[2] == wanted.name:
            return address
    raise SourceUnavailableError(
        f"the index has no file {wanted.name}",
        where=page,
        todo="name another index: ELPYTHON_INDEX=https://pypi.org/simple",
    )


def _page(address: str) -> tuple[str, str]:
    import httpx

    try:
        with (
            httpx.Client(verify=trusted(), timeout=_SECONDS, follow_redirects=True) as client,
            client.stream("GET", address, headers={"Accept": _ACCEPT}) as answer,
        ):
            answer.raise_for_status()
            data = bytearray()
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > _MOST:
                    raise SourceUnavailableError("the page is endless", where=address)
            return data.decode("utf-8", "replace"), answer.headers.get("content-type", "")
    except httpx.HTTPStatusError as error:
        code = error.response.status_code
        raise SourceUnavailableError(f"answers {code}", where=address) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceUnavailableError(f"out of reach: {error}", where=address) from error


def _json_links(text: str, page: str) -> list[str]:
    try:
        return [str(item["url"]) for item in load_json(text)["files"]]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceUnavailableError("its answer is no page of an index", where=page) from error


def _html_links(text: str) -> list[str]:
    return [html.unescape(link) for link in _LINK.findall(text)]
