"""Where files are fetched by digest and products are pushed to.

A blob is a file under its sha256; a record says which blobs a content key gave. Both are products
of the store: made beside their place and renamed when whole. A worker on another machine reaches
the same depot over HTTP (`serve.py`), with a store of its own as cache.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from elpython.core.errors import DigestMismatchError, SourceUnavailableError
from elpython.core.store import Store, file_digest
from elpython.core.tls import trusted
from elpython.mass_rebuild.model import Artifact
from elpython.mass_rebuild.plain import from_plain, to_plain
from elpython.mass_rebuild.tls import Tls

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Depot", "HttpDepot", "StoreDepot", "open_depot"]

BLOB, RECORD = "rebuild-blob", "rebuild-product"
_TIMEOUT = 60.0


class Depot(Protocol):
    """What a worker needs of a depot."""

    def get(self, artifact: Artifact) -> Path:
        """Return a local path of a file, its digest checked when it came from elsewhere."""

    def put(self, path: Path) -> Artifact:
        """Keep a file."""

    def record(self, key: str) -> tuple[Artifact, ...] | None:
        """Return what a content key gave, or None."""

    def keep(self, key: str, products: Sequence[Artifact]) -> None:
        """Say what a content key gave; a second time changes nothing."""


@dataclass(frozen=True, slots=True)
class StoreDepot:
    """A depot in a store of this machine."""

    store: Store

    def has(self, digest: str) -> bool:
        """Return whether a blob is there."""
        return self.store.find(BLOB, digest) is not None

    def get(self, artifact: Artifact) -> Path:
        """Return a blob's path; it is fetched from the artifact's address when it is not there.

        Raises:
            DigestMismatchError: what came is not what was pinned.
            SourceUnavailableError: it is not here and cannot be fetched.
        """

        def fetch(folder: Path) -> None:
            target = folder / artifact.filename
            _download(artifact, target)
            _check(artifact, target)

        return self.store.product(BLOB, artifact.sha256, fetch) / artifact.filename

    def put(self, path: Path) -> Artifact:
        """Keep a copy of a file."""
        digest = file_digest(path)

        def copy(folder: Path) -> None:
            shutil.copyfile(path, folder / path.name)

        kept = self.store.product(BLOB, digest, copy)
        names = [item.name for item in kept.iterdir()]
        if path.name not in names:
            # The same bytes under another name: both names are given.
            (kept / path.name).hardlink_to(kept / names[0])
        return Artifact(filename=path.name, sha256=digest, size=path.stat().st_size)

    def record(self, key: str) -> tuple[Artifact, ...] | None:
        """Return what a content key gave, or None; None too when a blob of it was removed."""
        found = self.store.find(RECORD, key)
        if found is None:
            return None
        rows = json.loads((found / "product.json").read_text("utf-8"))
        products = tuple(from_plain(Artifact, row) for row in rows)
        return products if all(self.has(item.sha256) for item in products) else None

    def keep(self, key: str, products: Sequence[Artifact]) -> None:
        """Say what a content key gave."""

        def write(folder: Path) -> None:
            text = json.dumps([to_plain(item) for item in products])
            (folder / "product.json").write_text(text, "utf-8")

        self.store.product(RECORD, key, write)


def _download(artifact: Artifact, target: Path) -> None:
    if not artifact.url:
        raise SourceUnavailableError(
            f"the depot does not hold {artifact.filename}", where=artifact.sha256
        )
    if artifact.url.startswith("file://"):
        from urllib.parse import unquote, urlsplit

        local = Path(unquote(urlsplit(artifact.url).path))
        if not local.is_file():
            raise SourceUnavailableError("is not there", where=str(local))
        shutil.copyfile(local, target)
        return
    import httpx

    try:
        with (
            httpx.stream(
                "GET", artifact.url, verify=trusted(), follow_redirects=True, timeout=_TIMEOUT
            ) as reply,
            target.open("wb") as sink,
        ):
            reply.raise_for_status()
            for part in reply.iter_bytes():
                sink.write(part)
    except httpx.HTTPError as error:
        raise SourceUnavailableError(
            f"cannot be fetched: {error}",
            where=artifact.filename,
            todo="is the network there? run again: what was fetched is kept",
        ) from error


def _check(artifact: Artifact, path: Path) -> None:
    digest = file_digest(path)
    if digest != artifact.sha256:
        raise DigestMismatchError(
            f"has digest {digest}, pinned is {artifact.sha256}",
            where=artifact.filename,
            todo="the file was not used; make a new plan when the index really changed it",
        )


@dataclass(frozen=True, slots=True)
class HttpDepot:
    """A depot on another machine, with a local store as its cache."""

    address: str
    token: str
    local: StoreDepot
    tls: Tls | None = None

    def _ask(self, path: str, data: bytes | None = None) -> bytes | None:
        request = urllib.request.Request(  # noqa: S310 - the address is the run's own
            f"{self.address}/{path}",
            data=data,
            method="GET" if data is None else "PUT",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        try:
            with urllib.request.urlopen(  # noqa: S310
                request, timeout=_TIMEOUT, context=self.tls.client() if self.tls else None
            ) as reply:
                body: bytes = reply.read()
                return body
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise SourceUnavailableError(
                f"the depot answers {error.code}", where=f"{self.address}/{path}"
            ) from error
        except OSError as error:
            raise SourceUnavailableError(
                f"the depot cannot be reached: {error}", where=self.address
            ) from error

    def get(self, artifact: Artifact) -> Path:
        """Return a blob's path in the cache; fetched from the depot, else from its address."""

        def fetch(folder: Path) -> None:
            target = folder / artifact.filename
            body = self._ask(f"blob/{artifact.sha256}")
            if body is None:
                _download(artifact, target)
            else:
                target.write_bytes(body)
            _check(artifact, target)

        store = self.local.store
        return store.product(BLOB, artifact.sha256, fetch) / artifact.filename

    def put(self, path: Path) -> Artifact:
        """Keep a file here and there."""
        artifact = self.local.put(path)
        self._ask(f"blob/{artifact.sha256}/{artifact.filename}", path.read_bytes())
        return artifact

    def record(self, key: str) -> tuple[Artifact, ...] | None:
        """Return what a content key gave there, or None."""
        body = self._ask(f"record/{key}")
        if body is None:
            return None
        return tuple(from_plain(Artifact, row) for row in json.loads(body))

    def keep(self, key: str, products: Sequence[Artifact]) -> None:
        """Say there what a content key gave."""
        text = json.dumps([to_plain(item) for item in products])
        self._ask(f"record/{key}", text.encode())


def open_depot(where: dict[str, str]) -> Depot:
    """Return the depot that a task names: `{"store": path}` or `{"http": address, "token": ...}`.

    `ca`, `cert` and `key` are the worker's own TLS files. A worker that can read the store's
    folder itself takes it instead of HTTP.
    """
    shared = where.get("store", "")
    if shared and (not where.get("http") or _same_store(where)):
        return StoreDepot(Store(Path(shared)))
    tls = None
    if where.get("ca"):
        tls = Tls(ca=where["ca"], cert=where["cert"], key=where["key"])
    return HttpDepot(where["http"], where.get("token", ""), StoreDepot(Store.default()), tls)


def _same_store(where: dict[str, str]) -> bool:
    """Return whether the folder of that name is the run's store, not another one of that name."""
    with contextlib.suppress(OSError):
        mark = Path(where["store"]) / "depot-mark" / "mark" / "mark"
        return mark.read_text("utf-8") == where.get("mark")
    return False
