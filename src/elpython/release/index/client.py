"""Read an index as somebody who trusts nothing but a root of trust, handed over once.

python-tuf's client holds thresholds, versions and expiry; what it has seen is kept, so that nobody
can show this machine an older state again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import pwd
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from elpython.core.store import disk_errors
from elpython.core.text import hides
from elpython.core.tls import trusted
from elpython.release.errors import BadIndexError
from elpython.release.index.plan import twin_problems
from elpython.release.index.record import Index, Record, parse_record
from elpython.release.receive import open_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_index", "state_folder"]

_CHUNK = 1 << 16
_NOT_FOUND = 404
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 30.0
# For one file, however lively its bytes drip.
_WHOLE_SECONDS = 120.0
_LARGEST = 1 << 22


def state_folder(root: bytes) -> Path:
    """Return where this user keeps what was seen of an index; no variable leads elsewhere."""
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    name = hashlib.sha256(root).hexdigest()[:32]
    return home / ".local" / "state" / "elpython" / "index" / name


class _Fetcher(FetcherInterface):
    """Fetches from a folder or over HTTP."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        parts = urlsplit(url)
        return self._file(unquote(parts.path)) if parts.scheme == "file" else self._http(url)

    @staticmethod
    def _file(path: str) -> Iterator[bytes]:
        stream = open_plain(Path(path))
        if stream is None:
            raise DownloadHTTPError(f"{path}: is no plain file, or not there", _NOT_FOUND)

        def chunks() -> Iterator[bytes]:
            with stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk

        return chunks()

    @staticmethod
    def _http(url: str) -> Iterator[bytes]:
        import httpx

        timeout = httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS)
        end = time.monotonic() + _WHOLE_SECONDS
        headers = {"Accept-Encoding": "identity"}
        try:
            with (
                httpx.Client(verify=trusted(), timeout=timeout, headers=headers) as client,
                client.stream("GET", url) as answer,
            ):
                if answer.status_code != httpx.codes.OK:
                    raise DownloadHTTPError(
                        f"{url} answers {answer.status_code}", answer.status_code
                    )
                for chunk in answer.iter_raw():
                    if time.monotonic() > end:
                        raise DownloadError(f"{url}: not there after {_WHOLE_SECONDS:.0f} s")
                    yield chunk
        except httpx.HTTPError as error:
            raise DownloadError(f"{url}: {type(error).__name__} {error}") from error


def _url(place: str) -> str:
    if place.startswith(("http://", "https://", "file://")):
        return place.rstrip("/")
    if not place or "://" in place or hides(place):
        raise BadIndexError(
            f"{place!r} is no index: name a folder, or an address that begins with https://",
            where="--index, or the file `index` of a trust store",
        )
    return Path(place).expanduser().absolute().as_uri()


def read_index(place: str, root: bytes, state: Path | None = None) -> Index:
    """Read and verify an index.

    Args:
        place: a URL, or a folder.
        root: the root of trust, as it was handed over; later ones follow from it.
        state: where the last seen state is kept; the user's own place if omitted.

    Raises:
        BadIndexError: it cannot be reached, is expired, older than what was seen, or not signed
            by enough of its keys.
    """
    state = state or state_folder(root)
    url = _url(place)
    try:
        with disk_errors(state):
            state.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BadIndexError(
            f"what was seen of an index cannot be kept: {error.strerror}",
            where=str(state),
            todo="make it a folder that you can write to",
        ) from error
    try:
        with disk_errors(state), tempfile.TemporaryDirectory(prefix="elpython-index-") as scratch:
            updater = Updater(
                str(state),
                f"{url}/metadata",
                scratch,
                f"{url}/targets",
                fetcher=_Fetcher(),
                config=UpdaterConfig(targets_max_length=_LARGEST),
                bootstrap=root,
            )
            updater.refresh()
            _refuse_twins(state)
            records = {branch: _record(updater, branch) for branch in _branches(state)}
        timestamp = Metadata[Timestamp].from_file(str(state / "timestamp.json")).signed
    except DownloadError as error:
        raise BadIndexError(
            f"cannot be read: {error}",
            where=place,
            todo="without it nobody can tell whether a release is current; name a copy: --index",
        ) from error
    except (RepositoryError, ValueError) as error:
        raise BadIndexError(
            f"is not to be trusted: {error}",
            where=place,
            todo="ask its keepers; a mirror may be stale, or somebody may keep news from you",
        ) from error
    return Index(
        place=place,
        records={name: record for name, record in records.items() if record is not None},
        expires=timestamp.expires,
        read=dt.datetime.now(tz=dt.UTC),
    )


def _refuse_twins(state: Path) -> None:
    """Refuse keys that count twice: the library counts ids, whatever key stands behind them."""
    root = Metadata[Root].from_file(str(state / "root.json")).signed
    targets = Metadata[Targets].from_file(str(state / "targets.json")).signed
    held = [root.keys, targets.delegations.keys if targets.delegations else {}]
    problems = [problem for keys in held for problem in twin_problems(keys)]
    if problems:
        raise ValueError("; ".join(problems))


def _branches(state: Path) -> list[str]:
    """Return the branches whose record is published, after the metadata that was verified."""
    targets = Metadata[Targets].from_file(str(state / "targets.json")).signed
    snapshot = Metadata[Snapshot].from_file(str(state / "snapshot.json")).signed
    roles = targets.delegations.roles if targets.delegations else None
    return [branch for branch in roles or {} if f"{branch}.json" in snapshot.meta]


def _record(updater: Updater, branch: str) -> Record | None:
    info = updater.get_targetinfo(f"{branch}/releases.json")
    if info is None:
        return None
    return parse_record(Path(updater.download_target(info)).read_bytes(), branch)
