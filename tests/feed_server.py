"""A server on loopback for feeds, answers and files."""

from __future__ import annotations

import hashlib
import http.server
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Server"]


class Server:
    """A server on loopback that answers as a test wants it to."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                path = self.path.partition("?")[0]
                owner.asked.append(path)
                answer = owner.answers.get(path, 404)
                if callable(answer):
                    answer(self)
                elif isinstance(answer, int):
                    self.send_error(answer)
                else:
                    owner.send(self, answer)

            do_POST = do_GET  # noqa: N815 - the name that the library calls

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_address[1]}"

    @staticmethod
    def send(handler: http.server.BaseHTTPRequestHandler, body: bytes | str) -> None:
        """Answer with a body, or that it has not changed."""
        data = body.encode() if isinstance(body, str) else body
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if handler.headers.get("If-None-Match") == etag:
            handler.send_response(304)
            handler.end_headers()
            return
        handler.send_response(200)
        handler.send_header("ETag", etag)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def serve_folder(self, folder: Path, prefix: str) -> None:
        """Answer with the files of a folder."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.answers[f"{prefix}/{path.relative_to(folder)}"] = path.read_bytes()

    def close(self) -> None:
        """Stop it."""
        self.http.shutdown()
        self.http.server_close()
