"""Feeds are asked with limits; whatever one answers, nothing is lost, nothing written outside."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import ssl
import subprocess
import threading
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from elpython.core.errors import BadBranchError, DiskFullError
from elpython.core.store import Store
from elpython.upstream.feeds import copies
from elpython.upstream.feeds.http import Limits, request
from elpython.upstream.feeds.model import Feed, FeedAnswer, FeedError
from elpython.upstream.feeds.rules import read_rules
from elpython.upstream.feeds.run import KINDS, ask_all
from elpython.upstream.feeds.settings import read_feeds
from examples import REPOSITORY
from feed_server import Server

if TYPE_CHECKING:
    import http.server
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from elpython.upstream.feeds.copies import Asker
    from elpython.upstream.feeds.model import Notice
    from elpython.upstream.feeds.rules import Rules

RULES = read_rules(REPOSITORY / "branches")

CHANGES = """\
Release 2.8.5 Tue September 22 2026
        Security fixes:
           #1282  CVE-2026-93990 -- Reject high surrogates that stand alone
                    Upstream CVSS 3.1 vector:
                    AV:N (CVSS score: 9.8)

        Other changes:
           #1  lib: nothing about CVE-2020-1
Release 2.8.4 Mon August 31 2026
        Security fixes:
     #1321 #1331  CVE-2026-66046, CVE-2026-76641 -- Fix a quadratic run time
"""
OSV = {
    "id": "CVE-2026-1000",
    "modified": "2026-11-01T00:00:00Z",
    "published": "2026-10-30T00:00:00Z",
    "affected": [{"package": {"ecosystem": "Bitnami", "name": "python"}}],
    "summary": "A flaw",
}
TRACKER = {
    "python3.11": {
        "CVE-2026-1000": {
            "description": "A flaw",
            "releases": {
                "bookworm": {
                    "status": "resolved",
                    "fixed_version": "3.11.2-6+deb12u9",
                    "urgency": "medium",
                }
            },
        }
    },
    "php8.2": {"CVE-2026-5000": {"releases": {}}},
}
LISTED = [{"CVE": "CVE-2026-1000", "severity": "important", "public_date": "2026-10-30T00:00:00Z"}]
CSAF = {
    "document": {"csaf_version": "2.0", "title": "x"},
    "vulnerabilities": [
        {"cve": "CVE-2026-1000", "scores": [{"cvss_v3": {"vectorString": "CVSS:3.1/AV:N"}}]}
    ],
}


def zipped(**files: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/"), text)
    return data.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def ask(store: Store, *feeds: Feed, offline: bool = False) -> list[FeedAnswer]:
    return ask_all(store, feeds, RULES, offline=offline)


def expat(server: Server, megabytes: int = 64, seconds: float = 40.0) -> Feed:
    url = f"{server.url}/Changes"
    return Feed(
        name="libexpat", kind="expat-changes", url=url, megabytes=megabytes, seconds=seconds
    )


def test_libexpat_is_read_with_scores_and_releases(server: Server, store: Store) -> None:
    server.answers["/Changes"] = CHANGES
    (answer,) = ask(store, expat(server))
    told = {item.id: (item.fixed_in, item.severity, item.public) for item in answer.notices}
    assert told == {
        "CVE-2026-93990": (("expat-2.8.5",), "critical", dt.date(2026, 9, 22)),
        "CVE-2026-66046": (("expat-2.8.4",), "", dt.date(2026, 8, 31)),
        "CVE-2026-76641": (("expat-2.8.4",), "", dt.date(2026, 8, 31)),
    }


def feeds_of(server: Server) -> list[Feed]:
    """One feed of each kind that a plain server can serve."""
    url = server.url
    return [
        expat(server),
        Feed(
            name="osv",
            kind="osv-api",
            url=url,
            options={"queries": ("Bitnami/python", "GIT@" + "a" * 40)},
        ),
        Feed(name="archive", kind="osv-archive", url=f"{url}/all.zip"),
        Feed(name="tracker", kind="debian-tracker", url=f"{url}/json"),
        Feed(name="news", kind="news", url=f"{url}/NEWS"),
        Feed(
            name="red-hat",
            kind="redhat",
            url=f"{url}/cve.json?package={{package}}",
            options={
                "packages": ("python3.11",),
                "documents": (f"{url}/vex/{{year}}/{{cve}}.json",),
            },
        ),
    ]


NEWS = """\
What's New in Python 3.13.16 final?
===================================

*Release date: 2026-09-30*

Security
--------

- gh-1: A hole is closed.

Library
-------

- gh-2: Fix quadratic time of something.

- gh-3: A new colour.

Documentation
-------------

- gh-4: Quadratic documentation.
"""


def serve_all(server: Server) -> None:
    found = {"results": [{"vulns": [{"id": OSV["id"], "modified": OSV["modified"]}]}, {}]}
    server.answers |= {
        "/Changes": CHANGES,
        "/v1/querybatch": json.dumps(found),
        "/v1/vulns/CVE-2026-1000": json.dumps(OSV),
        "/NEWS": NEWS,
        "/all.zip": zipped(**{"a.json": json.dumps(OSV), "__readme": "x"}),
        "/json": json.dumps(TRACKER),
        "/cve.json": json.dumps(LISTED),
        "/vex/2026/cve-2026-1000.json": json.dumps(CSAF),
    }


def test_every_kind_is_read(server: Server, store: Store) -> None:
    serve_all(server)
    answers = {item.feed: item for item in ask(store, *feeds_of(server))}
    assert [item.problem for item in answers.values()] == [""] * 6
    for name in ("osv", "archive", "tracker", "red-hat"):
        assert [item.id for item in answers[name].notices] == ["CVE-2026-1000"]
    assert answers["tracker"].notices[0].patch == "python3.11 3.11.2-6+deb12u9"
    assert answers["red-hat"].notices[0].score == "CVSS:3.1/AV:N"
    assert [item.id for item in answers["news"].notices] == ["gh-1", "gh-2"]


def test_nothing_new_costs_one_request_a_feed(server: Server, store: Store) -> None:
    serve_all(server)
    ask(store, *feeds_of(server))
    server.asked.clear()
    started = time.monotonic()
    answers = ask(store, *feeds_of(server))
    assert time.monotonic() - started < 3
    assert [item.requests for item in answers] == [1] * 6
    assert len(server.asked) == 6
    assert not any(item.fresh for item in answers)


def _endless(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        while True:
            handler.wfile.write(b"x" * 65536)


def _dripping(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):
        for _ in range(200):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)


def _slow_header(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nX-Slow: ")
    with contextlib.suppress(OSError):
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.1)


def _bad_place(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 302 Found\r\nLocation: http://[::1\xff\xfe/\r\n\r\n")


def _beyond_numbers(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nx")


def _silent(_handler: http.server.BaseHTTPRequestHandler) -> None:
    time.sleep(4)


def _two_gigabytes(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(2_000_000_000))
    handler.end_headers()


def _half(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(CHANGES)))
    handler.end_headers()
    handler.wfile.write(CHANGES.encode()[: len(CHANGES) // 2])


def _redirect(to: str) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.end_headers()

    return answer


def _bomb(handler: http.server.BaseHTTPRequestHandler) -> None:
    import gzip

    data = gzip.compress(b"0" * 30_000_000)
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


HOSTILE: dict[str, tuple[Any, str]] = {
    "500": (500, "answers 500"),
    "garbage": (b"\x00\xff\x17garbage", "no list of libexpat"),
    "empty": (b"", "no list of libexpat"),
    "half": (_half, "out of reach"),
    "endless": (_endless, "sends more than"),
    "dripping": (_dripping, "still sends"),
    "silent": (_silent, "Timeout"),
    "slow header": (_slow_header, "still sends"),
    "bad place": (_bad_place, "out of reach"),
    "beyond numbers": (_beyond_numbers, "bad Content-Length"),
    "2 GB": (_two_gigabytes, "would send 2,000,000,000 bytes"),
    "bomb": (_bomb, "sends more than"),
    "loop": (_redirect("/Changes"), "redirects more than"),
    "file": (_redirect("file:///etc/passwd"), "redirects to file"),
    "nowhere": (_redirect("http://127.0.0.1:9/"), "out of reach"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_answer_is_told_and_the_copy_serves(
    server: Server, store: Store, kind: str
) -> None:
    answer, told = HOSTILE[kind]
    feed = expat(server, megabytes=1, seconds=2.0)
    server.answers["/Changes"] = CHANGES
    (good,) = ask(store, feed)
    kept = {path: path.read_bytes() for path in store.root.rglob("*.body")}
    server.answers["/Changes"] = answer
    started = time.monotonic()
    (bad,) = ask(store, feed)
    assert time.monotonic() - started < 8
    assert told in bad.problem
    assert bad.notices == good.notices
    assert bad.when == good.when
    assert {path: path.read_bytes() for path in store.root.rglob("*.body")} == kept
    empty = Store(store.root / "empty")
    (none,) = ask(empty, feed)
    assert (none.notices, none.when) == ((), None)
    assert told in none.problem


def test_a_validator_that_cannot_be_sent_back_keeps_nobody_from_asking(
    server: Server, store: Store
) -> None:
    def odd(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b'HTTP/1.0 200 OK\r\nETag: "\xff\xe9"\r\n\r\n' + CHANGES.encode())

    server.answers["/Changes"] = odd
    for _ in range(2):
        (answer,) = ask(store, expat(server))
        assert not answer.problem
        assert answer.notices


def test_one_broken_record_loses_no_other(server: Server, store: Store) -> None:
    """The API names two; one cannot be read: it is told by its id, and the other counts."""
    names = [{"id": f"CVE-2026-100{number}", "modified": "1"} for number in (0, 1)]
    server.answers["/v1/querybatch"] = json.dumps({"results": [{"vulns": names}]})
    server.answers["/v1/vulns/CVE-2026-1000"] = json.dumps(OSV)
    server.answers["/v1/vulns/CVE-2026-1001"] = 500
    feed = Feed(name="osv", kind="osv-api", url=server.url, options={"queries": ("Bitnami/p",)})
    (answer,) = ask(store, feed)
    assert [item.id for item in answer.notices] == ["CVE-2026-1000", "CVE-2026-1001"]
    assert answer.lost == ("CVE-2026-1001",)


@pytest.mark.parametrize("place", [6, 8, 36])
def test_whatever_is_wrong_with_an_archive_the_copy_serves(
    server: Server, store: Store, place: int
) -> None:
    """Encrypted, packed in an unknown way, or spoilt: the reader's own errors are many."""
    good = zipped(**{"CVE-2026-1000.json": json.dumps(OSV)})
    feed = Feed(name="archive", kind="osv-archive", url=f"{server.url}/all.zip")
    server.answers["/all.zip"] = good
    assert ask(store, feed)[0].notices
    spoilt = bytearray(good)
    central = spoilt.find(b"PK\x01\x02")
    for start in (place, central + place + 2 if place < 30 else place + 14):
        spoilt[start : start + 1] = b"\x63"
    server.answers["/all.zip"] = bytes(spoilt)
    (answer,) = ask(store, feed)
    assert answer.problem
    assert [item.id for item in answer.notices] == ["CVE-2026-1000"]
    assert answer.when is not None


def test_what_breaks_behind_the_answer_is_blind(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that came and could not be read to its end tells nothing: no copy's day stands."""

    def broken(asker: Asker, _rules: Rules) -> list[Notice]:
        asker.get(asker.feed.url, lambda body: body)
        raise ValueError("behind the copy")

    server.answers["/Changes"] = CHANGES
    monkeypatch.setitem(KINDS, "expat-changes", broken)
    (answer,) = ask(store, expat(server))
    assert answer.when is None


@pytest.mark.parametrize(
    ("kind", "path", "answer", "told"),
    [
        ("osv", "/v1/querybatch", '{"results": 3}', "cannot be read"),
        (
            "osv",
            "/v1/querybatch",
            '{"results": [{"vulns": [{"id": "../../x", "modified": ""}]}]}',
            "no id",
        ),
        (
            "osv",
            "/v1/vulns/CVE-2026-1000",
            '{"id": "CVE-2026-1000", "schema_version": "7"}',
            "schema version 7",
        ),
        ("archive", "/all.zip", b"PK no zip", "no zip archive"),
        ("archive", "/all.zip", zipped(**{"a.json": "{"}), "cannot be read"),
        ("archive", "/all.zip", zipped(**{"a.json": " " * 5_000_000}), "more than can be meant"),
        ("tracker", "/json", "[]", "no tracker data"),
        ("tracker", "/json", '{"php": {}}', "none of our packages"),
        ("tracker", "/json", '{"python3.11": {"CVE-2026-1000": {}}}', "cannot be read"),
        ("tracker", "/json", "[" * 100_000, "cannot be read"),
        ("red-hat", "/cve.json", '{"a": 1}', "no list of CVEs"),
        (
            "red-hat",
            "/vex/2026/cve-2026-1000.json",
            '{"document": {"csaf_version": "3.0"}}',
            "'3.0'",
        ),
        ("news", "/NEWS", "<html>", "no NEWS"),
    ],
)
def test_another_schema_is_told(
    server: Server, store: Store, kind: str, path: str, answer: bytes | str, told: str
) -> None:
    serve_all(server)
    server.answers[path] = answer
    found = next(item for item in ask(store, *feeds_of(server)) if item.feed == kind)
    assert told in found.problem


def test_a_feed_steers_no_terminal(server: Server, store: Store) -> None:
    serve_all(server)
    bad = json.dumps(OSV | {"schema_version": "\x1b[2J\x07\u202e"})
    server.answers["/v1/vulns/CVE-2026-1000"] = bad
    found = next(item for item in ask(store, *feeds_of(server)) if item.feed == "osv")
    assert "schema version" in found.problem
    assert found.problem.isprintable()


def test_a_bad_certificate_is_told(tmp_path: Path, store: Store, server: Server) -> None:
    key, certificate = tmp_path / "key", tmp_path / "cert"
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    subprocess.run(words, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    url = f"https://127.0.0.1:{server.http.server_address[1]}/Changes"
    (answer,) = ask(store, Feed(name="x", kind="expat-changes", url=url))
    assert "certificate verify failed" in answer.problem.lower()


def test_https_never_leads_to_http() -> None:
    """Held by a look at the rule itself: the first address decides."""
    import httpx

    from elpython.upstream.feeds import http as module

    def answer(asked: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": "http://127.0.0.1/x"}, request=asked)

    client = httpx.Client(transport=httpx.MockTransport(answer))
    asked = client.build_request("GET", "https://127.0.0.1/")
    with pytest.raises(FeedError, match="from https to http"):
        module._follow(client, asked, Limits(size=1, seconds=5), time.monotonic() + 5)


def test_a_damaged_copy_is_no_copy(server: Server, store: Store) -> None:
    server.answers["/Changes"] = CHANGES
    ask(store, expat(server))
    for path in store.root.rglob("*.body"):
        path.write_bytes(path.read_bytes()[:-1])
    (offline,) = ask(store, expat(server), offline=True)
    assert (offline.notices, offline.when) == ((), None)
    (again,) = ask(store, expat(server))
    assert len(again.notices) == 3


def test_two_looks_at_once_keep_whole_copies(server: Server, store: Store) -> None:
    serve_all(server)
    found: list[list[FeedAnswer]] = []
    threads = [
        threading.Thread(target=lambda: found.append(ask(store, *feeds_of(server))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    offline = ask(store, *feeds_of(server), offline=True)
    assert [len(item.notices) for item in offline] == [len(item.notices) for item in found[0]]


def test_a_full_disk_is_told_and_the_answer_counts(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _data: bytes) -> None:
        raise DiskFullError("no space left on the disk", where=str(path))

    server.answers["/Changes"] = CHANGES
    monkeypatch.setattr(copies, "write_atomic", full)
    (answer,) = ask(store, expat(server))
    assert len(answer.notices) == 3
    assert "could not be kept: no space left" in answer.problem


def test_one_broken_feed_keeps_no_other_from_answering(server: Server, store: Store) -> None:
    serve_all(server)
    dead = Feed(name="dead", kind="expat-changes", url="http://127.0.0.1:9/", seconds=2.0)
    bad = Feed(name="bad", kind="git", url="http://127.0.0.1:9/x.git", seconds=5.0)
    answers = ask(store, dead, *feeds_of(server), bad)
    assert [bool(item.problem) for item in answers] == [True, *[False] * 6, True]


def _git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True)


def _repository(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A")
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    _git(folder, *who, "commit", "-qm", "x")
    _git(folder, "update-server-info")


def test_a_repository_of_advisories_is_read(server: Server, store: Store, tmp_path: Path) -> None:
    work = tmp_path / "work"
    _repository(work, {"advisories/python/PSF-2026-1.json": json.dumps(OSV | {"id": "PSF-2026-1"})})
    server.serve_folder(work / ".git", "/db.git")
    feed = Feed(
        name="psf",
        kind="git",
        url=f"{server.url}/db.git",
        options={"folder": ("advisories/python",)},
    )
    (answer,) = ask(store, feed)
    assert ([item.id for item in answer.notices], answer.problem) == (["PSF-2026-1"], "")
    (again,) = ask(store, feed)
    assert (again.requests, again.fresh) == (1, False)
    server.answers.clear()
    (copy,) = ask(store, feed)
    assert [item.id for item in copy.notices] == ["PSF-2026-1"]
    assert "out of reach" in copy.problem


def test_a_hostile_address_runs_nothing(store: Store, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for url in (f"ext::sh -c touch% {mark}", f"file://{tmp_path}", "--upload-pack=touch"):
        (answer,) = ask(store, Feed(name="psf", kind="git", url=url))
        assert answer.problem
    assert not mark.exists()


def test_a_request_for_no_address_is_told() -> None:
    for url in ("ftp://127.0.0.1/", "http://[", "nothing"):
        with pytest.raises(FeedError):
            request(url, Limits(size=10, seconds=2))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[feed]]\nname = "a"\nkind = "nws"\nurl = "https://x"\n', "did you mean 'news'"),
        ('[[feed]]\nname = "a"\nkind = "news"\n', "url: is missing"),
        ('[[feed]]\nname = "a"\nkind = "news"\nurl = "file:///x"\n', "not of the form"),
        ('[[feed]]\nname = "../a"\nkind = "news"\nurl = "https://x"\n', "not of the form"),
        ('[[feed]]\nname = "a"\nkind = "debian-packages"\n', "suites: is missing"),
        ('[[feed]]\nname = "a"\nkind = "news"\nurl = "https://x"\n' * 2, "is there twice"),
        ("", "feed: is missing"),
    ],
)
def test_a_wrong_table_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "feeds.toml").write_text(text)
    with pytest.raises(BadBranchError) as caught:
        read_feeds(tmp_path / "feeds.toml")
    assert told in str(caught.value)


def test_the_real_table_and_rules_are_whole() -> None:
    feeds = read_feeds(REPOSITORY / "branches" / "feeds.toml")
    assert {feed.kind for feed in feeds} | {"news"} == set(KINDS)
    suites = {suite for feed in feeds for suite in feed.options.get("suites", ())}
    assert {"bookworm-security", "trixie-security", "bullseye-security"} <= suites


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_stood_wrong_is_told_and_loses_nothing(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """A copy of another time serves offline with its own day; the next answer sets it right."""
    server.answers["/Changes"] = CHANGES
    real = dt.datetime

    class Wrong(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
            return real.now(tz) + dt.timedelta(days=days)

    with monkeypatch.context() as patch:
        patch.setattr(copies.dt, "datetime", Wrong)
        ask(store, expat(server))
    (copy,) = ask(store, expat(server), offline=True)
    assert copy.when is not None
    assert abs((copy.when - real.now(dt.UTC)).days - days) <= 1
    assert len(copy.notices) == 3
    (again,) = ask(store, expat(server))
    assert again.when is not None
    assert abs((again.when - real.now(dt.UTC)).days) <= 1
    assert again.notices == copy.notices
