"""Serve a rebuild over HTTP: its index to installers, its depot to workers elsewhere."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import tempfile
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.store import file_digest
from elpython.mass_rebuild.depot import BLOB, RECORD, StoreDepot
from elpython.mass_rebuild.model import Artifact
from elpython.mass_rebuild.plain import from_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from elpython.mass_rebuild.tls import Tls

__all__ = ["depot_server", "index_server", "mark_store"]

_BLOB = re.compile(r"/blob/([0-9a-f]{64})(?:/([A-Za-z0-9][A-Za-z0-9._+~^!-]*))?")
_RECORD = re.compile(r"/record/([0-9a-f]{32})")
_LIMIT = 4 * 1024**3
_JSON = "application/vnd.pypi.simple.v1+json"


@dataclass(frozen=True, slots=True)
class _Served:
    """What a depot handler needs to know."""

    depot: StoreDepot
    token: str


class _DepotHandler(BaseHTTPRequestHandler):
    """GET and PUT of blobs by digest and of records by content key, with a token."""

    served: _Served

    def log_message(self, *_words: object) -> None:
        """Say nothing: the journal is the log."""

    def _allowed(self) -> bool:
        given = self.headers.get("Authorization", "")
        if secrets.compare_digest(given, f"Bearer {self.served.token}"):
            return True
        self.send_error(HTTPStatus.FORBIDDEN)
        return False

    def do_GET(self) -> None:
        """Answer with a blob or a record."""
        if not self._allowed():
            return
        store = self.served.depot.store
        found: Path | None = None
        if match := _BLOB.fullmatch(self.path):
            folder = store.find(BLOB, match[1])
            found = next(iter(sorted(folder.iterdir()))) if folder else None
        elif match := _RECORD.fullmatch(self.path):
            folder = store.find(RECORD, match[1])
            found = folder / "product.json" if folder else None
        if found is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(found.stat().st_size))
        self.end_headers()
        with found.open("rb") as stream:
            while part := stream.read(1 << 20):
                self.wfile.write(part)

    def do_PUT(self) -> None:
        """Take a blob (whose digest must be what the address says) or a record."""
        size = int(self.headers.get("Content-Length", "0"))
        if not self._allowed():
            return
        if size > _LIMIT:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        if (match := _BLOB.fullmatch(self.path)) and match[2]:
            self._take_blob(match[1], match[2], size)
        elif match := _RECORD.fullmatch(self.path):
            rows = json.loads(self.rfile.read(size))
            self.served.depot.keep(match[1], [from_plain(Artifact, row) for row in rows])
            self._done(HTTPStatus.CREATED)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _take_blob(self, digest: str, name: str, size: int) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, name)
            with path.open("wb") as sink:
                left = size
                while left and (part := self.rfile.read(min(left, 1 << 20))):
                    sink.write(part)
                    left -= len(part)
            if file_digest(path) != digest:
                self.send_error(HTTPStatus.CONFLICT)
                return
            self.served.depot.put(path)
        self._done(HTTPStatus.CREATED)

    def _done(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


class _IndexHandler(SimpleHTTPRequestHandler):
    """Files of an index; a client that asks for PEP 691 gets the JSON form of the same page."""

    def log_message(self, *_words: object) -> None:
        """Say nothing."""

    def send_head(self) -> object:  # type: ignore[override]
        """Choose between the two forms of a page by the Accept header."""
        accept = self.headers.get("Accept", "")
        if self.path.endswith("/") and _JSON in accept:
            page = Path(self.translate_path(self.path + "index.json"))
            if page.is_file():
                stream = page.open("rb")
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", _JSON)
                self.send_header("Content-Length", str(page.stat().st_size))
                self.send_header("Vary", "Accept")
                self.end_headers()
                return stream
        return super().send_head()


@contextlib.contextmanager
def depot_server(
    depot: StoreDepot, host: str = "127.0.0.1", port: int = 0, tls: Tls | None = None
) -> Iterator[dict[str, str]]:
    """Serve a depot while the context lasts; yield what tasks name it by."""
    token = secrets.token_urlsafe(24)
    handler = type("Handler", (_DepotHandler,), {"served": _Served(depot, token)})
    listening = ThreadingHTTPServer((host, port), handler)
    if tls is not None:
        # The handshake is left to the thread of each connection: a silent client stops nobody.
        listening.socket = tls.server().wrap_socket(
            listening.socket, server_side=True, do_handshake_on_connect=False
        )
    with _serving(listening) as server:
        yield {
            "store": str(depot.store.root),
            "mark": mark_store(depot),
            "http": f"{'https' if tls else 'http'}://{host}:{server.server_address[1]}",
            "token": token,
        }


@contextlib.contextmanager
def index_server(folder: Path, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an index while the context lasts; return its address."""

    def handler(*words: object) -> _IndexHandler:
        return _IndexHandler(*words, directory=str(folder))  # type: ignore[arg-type]

    with _serving(ThreadingHTTPServer((host, port), handler)) as server:
        yield f"http://{host}:{server.server_address[1]}/simple/"


@contextlib.contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[ThreadingHTTPServer]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def mark_store(depot: StoreDepot) -> str:
    """Return a secret name that the store carries, by which a worker knows a shared folder."""

    def write(folder: Path) -> None:
        (folder / "mark").write_text(secrets.token_hex(16), "utf-8")

    return (depot.store.product("depot-mark", "mark", write) / "mark").read_text("utf-8")
