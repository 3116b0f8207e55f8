"""Sources come from the first provider that has them; wrong content is never used."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.server
import shutil
import subprocess
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from elpython.core.errors import DigestMismatchError, SourceUnavailableError
from elpython.core.report import Reporter
from elpython.core.store import Store, file_digest
from elpython.upstream import DistroPatch, Source, debian, distro_patch, fetch, python_org
from elpython.upstream.git import commit_patch
from feed_server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def local(path: Path, sha256: str) -> Source:
    return Source(provider="local", version="3.11.2", sha256=sha256, file=str(path))


def test_the_first_provider_that_has_it_serves(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(b"content")
    digest = file_digest(path)
    said: list[str] = []
    store = Store(tmp_path / "store")
    sources = [local(tmp_path / "absent", digest), local(path, digest)]
    assert fetch(store, sources, reporter=Reporter(say=said.append)).read_bytes() == b"content"
    assert said == ["skipped local: there is no such file"]
    path.unlink()
    assert fetch(store, sources).read_bytes() == b"content"


def test_all_failing_lists_each_and_why(tmp_path: Path) -> None:
    sources = [
        local(tmp_path / "one", "0" * 64),
        Source(provider="git", version="3.11.2", sha256="0" * 64, url="/nowhere/x", tag="v1"),
    ]
    with pytest.raises(SourceUnavailableError) as caught:
        fetch(Store(tmp_path / "store"), sources)
    text = str(caught.value)
    assert "one: there is no such file" in text
    assert "git /nowhere/x" in text
    assert "name a local archive" in text


def test_a_wrong_digest_is_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(b"tampered")
    store = Store(tmp_path / "store")
    with pytest.raises(DigestMismatchError, match=r"\.refused"):
        fetch(store, [local(path, hashlib.sha256(b"content").hexdigest())])
    aside = list((tmp_path / "store" / "refused").iterdir())
    assert [item.read_bytes() for item in aside] == [b"tampered"]
    assert not list((tmp_path / "store" / "sources").glob("[0-9a-f]*"))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A server on loopback that cuts every first download in the middle and knows ranges."""
    data = bytes(range(256)) * 400
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.headers.get("Range", "whole"))
            if "absent" in self.path:
                self.send_error(404)
                return
            start = int(self.headers.get("Range", "bytes=0-")[6:-1])
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            stop = len(data) if start else 30_000
            self.wfile.write(data[start:stop])
            self.close_connection = True

        def log_message(self, *_arguments: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        (tmp_path / "expected").write_bytes(data)
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()


def test_a_cut_download_goes_on(tmp_path: Path, server: tuple[str, list[str]]) -> None:
    url, asked = server
    path = python_org.download(f"{url}/file", tmp_path / "file")
    assert path.read_bytes() == (tmp_path / "expected").read_bytes()
    assert asked == ["whole", "bytes=30000-"]


def test_an_absent_file_says_so(tmp_path: Path, server: tuple[str, list[str]]) -> None:
    with pytest.raises(SourceUnavailableError, match="404"):
        python_org.download(f"{server[0]}/absent", tmp_path / "file")
    with pytest.raises(SourceUnavailableError, match="out of reach"):
        python_org.download("http://127.0.0.1:9/file", tmp_path / "file")


@pytest.fixture
def answers() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def _endless(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"x" * 65536)


def test_endless_data_is_cut(
    answers: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was written until the disk was full."""
    answers.answers["/file"] = _endless
    monkeypatch.setattr(python_org, "_LARGEST", 1 << 20)
    with pytest.raises(SourceUnavailableError, match="still sends after 1 MiB"):
        python_org.download(f"{answers.url}/file", tmp_path / "file")
    assert (tmp_path / "file").stat().st_size == 0
    monkeypatch.setattr(python_org, "_WHOLE_SECONDS", 0.0)
    with pytest.raises(SourceUnavailableError, match="still sends after 0 s"):
        python_org.download(f"{answers.url}/file", tmp_path / "file")


def test_an_archive_is_what_lies_there_whatever_the_server_calls_its_encoding(
    answers: Server, tmp_path: Path
) -> None:
    """Servers send a `.tgz` as `Content-Encoding: gzip`; it was unpacked, and its digest wrong."""
    data = gzip.compress(b"the tar")

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    answers.answers["/file.tgz"] = answer
    path = python_org.download(f"{answers.url}/file.tgz", tmp_path / "file.tgz")
    assert path.read_bytes() == data


def test_a_part_that_was_not_asked_for_is_not_put_behind_what_is_there(
    answers: Server, tmp_path: Path
) -> None:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(206)
        handler.send_header("Content-Range", "bytes 0-3/4")
        handler.send_header("Content-Length", "4")
        handler.end_headers()
        handler.wfile.write(b"abcd")

    answers.answers["/file"] = answer
    (tmp_path / "file").write_text("ab")
    with pytest.raises(SourceUnavailableError, match="another part than from byte 2 on"):
        python_org.download(f"{answers.url}/file", tmp_path / "file")
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize("url", ["http://[", "http://a:b/c", "http://host\x00/"])
def test_what_is_no_address_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(SourceUnavailableError):
        python_org.download(url, tmp_path / "file")


def test_a_redirect_to_plain_http_is_not_followed(tmp_path: Path) -> None:
    first = httpx.Response(302, request=httpx.Request("GET", "https://example.org/file"))
    last = httpx.Response(
        200, request=httpx.Request("GET", "http://example.org/file"), history=[first]
    )
    with pytest.raises(SourceUnavailableError, match="from https to http"):
        python_org._write(last, tmp_path / "file", 0, 0.0)
    assert not (tmp_path / "file").exists()


def test_pre_releases_lie_with_their_release() -> None:
    source = Source(provider="python-org", version="3.14.0rc1", sha256="", file="x.tar.xz")
    assert python_org.archive_url(source).endswith("/python/3.14.0/x.tar.xz")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A git repository with a tag and a commit after it."""
    folder = tmp_path / "clone"
    folder.mkdir()

    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)

    git("init", "-q")
    git("config", "user.email", "someone@example.org")
    git("config", "user.name", "Someone")
    (folder / "file").write_text("one\n")
    git("add", ".")
    git("commit", "-qm", "one")
    git("tag", "v3.11.2")
    (folder / "file").write_bytes(b"two\xff\n")
    git("commit", "-qam", "two")
    return folder


def test_a_tag_as_archive_and_a_commit_as_patch(tmp_path: Path, clone: Path) -> None:
    words = [
        "git",
        "-C",
        str(clone),
        "archive",
        "--format=tar",
        "--prefix=Python-3.11.2/",
        "v3.11.2",
    ]
    tar = subprocess.run(words, check=True, capture_output=True).stdout
    source = Source(
        provider="git",
        version="3.11.2",
        sha256=hashlib.sha256(tar).hexdigest(),
        url=str(clone),
        tag="v3.11.2",
    )
    store = Store(tmp_path / "store")
    assert fetch(store, [source]).read_bytes() == tar
    head = subprocess.run(
        ["git", "-C", str(clone), "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    text = commit_patch(store, str(clone), head)
    assert b"-one\n" in text
    with pytest.raises(SourceUnavailableError, match="cannot be taken"):
        commit_patch(store, str(clone), "0" * 40)


@pytest.mark.slow
def test_real_debian_source(real_store: Store) -> None:
    """A named patch of a real source package, by its digest, though its pinned version is gone."""
    if shutil.which("apt-get") is None:
        pytest.skip("Debian's source packages need apt-get")
    versions = debian.package_versions(real_store, "bookworm", "python3.11")
    assert any(version.startswith("3.11.2-") for version in versions)
    tar = debian.fetch_debian_tar(real_store, "bookworm", "python3.11", versions[-1])
    from elpython.upstream.archive import read_members

    members = read_members(tar, lambda name: name.endswith("patches/series"))
    name = next(
        line.split()[0]
        for line in next(iter(members.values())).decode().splitlines()
        if line.startswith("CVE-")
    )
    data = next(iter(read_members(tar, lambda item: item.endswith(f"patches/{name}")).values()))
    patch = DistroPatch(
        package="python3.11",
        suites=("bookworm",),
        version="3.11.2-6+deb12u0",
        name=name,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    assert distro_patch(real_store, patch) == data
    wrong = DistroPatch(
        package="python3.11",
        suites=("bookworm",),
        version="3.11.2-6+deb12u0",
        name=name,
        sha256="0" * 64,
    )
    with pytest.raises(SourceUnavailableError, match="another content"):
        distro_patch(real_store, wrong)
