"""Files of a package index: a real server on loopback, right and wrong answers."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadBranchError, DigestMismatchError, SourceUnavailableError
from elpython.upstream.index import PYPI, index_address, index_file
from elpython.upstream.source import IndexFile
from examples import Example, diff

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "spam-1.0-py3-none-any.whl"
DATA = b"PK-not really\0\xff" * 50
SHA256 = hashlib.sha256(DATA).hexdigest()
WANTED = IndexFile(project="spam", name=NAME, sha256=SHA256)
JSON = "application/vnd.pypi.simple.v1+json"


class Index(http.server.ThreadingHTTPServer):
    """Answers each path with a kind and content; counts what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[str, bytes]] = {f"/files/{NAME}": ("text/plain", DATA)}
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple"

    def lists(self, url: str) -> None:
        page = {"meta": {"api-version": "1.1"}, "name": "spam", "files": [{"url": url}]}
        self.answers["/simple/spam/"] = (JSON, json.dumps(page).encode())


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Index)
        self.server.asked.append(self.path)
        kind, data = self.server.answers.get(self.path, ("", b""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_args: object) -> None:
        """Print nothing."""


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    with Index() as server:
        monkeypatch.setenv("ELPYTHON_INDEX", server.address)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_found_in_json_kept_and_not_asked_for_again(index: Index, example: Example) -> None:
    index.lists(f"../../files/{NAME}#sha256=ignored")
    assert index_file(example.store, WANTED).read_bytes() == DATA
    asked = list(index.asked)
    assert asked == ["/simple/spam/", f"/files/{NAME}"]
    assert index_file(example.store, WANTED).name == NAME
    assert index.asked == asked


def test_found_in_html(index: Index, example: Example) -> None:
    page = f'<a data-x="1" href="/files/{NAME}#sha256=0">{NAME}</a>'
    index.answers["/simple/spam/"] = ("text/html; charset=utf-8", page.encode())
    assert index_file(example.store, WANTED).read_bytes() == DATA


def test_another_content_is_never_used(index: Index, example: Example) -> None:
    index.lists(f"/files/{NAME}")
    index.answers[f"/files/{NAME}"] = ("text/plain", DATA + b"!")
    with pytest.raises(DigestMismatchError, match=SHA256):
        index_file(example.store, WANTED)
    assert example.store.find("sources", SHA256[:32]) is None


@pytest.mark.parametrize(
    ("kind", "page", "told"),
    [
        (JSON, b"{", "no page of an index"),
        (JSON, b'{"files": [{}]}', "no page of an index"),
        (JSON, b"[]", "no page of an index"),
        (JSON, b'{"files": [{"url": "spam-1.1-py3-none-any.whl"}]}', "has no file spam-1.0"),
        ("text/html", b"\xff\0<a href=>", "has no file spam-1.0"),
        ("", b"", "answers 404"),
    ],
)
def test_wrong_answers_are_told(
    index: Index, example: Example, kind: str, page: bytes, told: str
) -> None:
    index.answers["/simple/spam/"] = (kind, page)
    with pytest.raises(SourceUnavailableError, match=told):
        index_file(example.store, WANTED)


def test_an_index_out_of_reach_is_told(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELPYTHON_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(SourceUnavailableError, match="out of reach"):
        index_file(example.store, WANTED)


def test_which_index_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ELPYTHON_INDEX", "PIP_INDEX_URL", "PIP_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    settings = tmp_path / "config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True)
    settings.write_text("not a setting\n")
    assert index_address() == PYPI
    settings.write_text("[global]\nindex-url = https://mirror.example.org/a%20b/simple/\n")
    assert index_address() == "https://mirror.example.org/a%20b/simple"
    monkeypatch.setenv("PIP_INDEX_URL", "https://second.example.org/simple/")
    assert index_address() == "https://second.example.org/simple"


BUNDLED = "Lib/ensurepip/_bundled"
OLD = "spam-0.9-py3-none-any.whl"


def declares(*names: str) -> str:
    return str([f"layout:{n[0]}stdlib/ensurepip/_bundled/{n[1:]}" for n in names]).replace("'", '"')


def change(
    example: Example,
    *,
    remove: str = f"{BUNDLED}/{OLD}",
    sha256: str = SHA256,
    to: str = BUNDLED,
    declared: str = declares(f"+{NAME}", f"-{OLD}"),
    more: str = "",
) -> None:
    """Write a change that lays a wheel into the tree and takes an older one out."""
    example.add("carried", diff({}, {f"{BUNDLED}/{OLD}": "old\n"}))
    path = example.add(
        "wheels",
        None,
        kind="security",
        toml=f'\n[source]\nprovider = "index"\nto = "{to}"\nremove = ["{remove}"]\n'
        f'\n[[source.files]]\nname = "{NAME}"\nsha256 = "{sha256}"\n{more}',
    )
    path.write_text(f"declares = {declared}\n{path.read_text()}")


def problems(example: Example) -> str:
    with pytest.raises(BadBranchError) as caught:
        example.load()
    return str(caught.value)


def test_a_change_lays_it_into_the_tree(index: Index, example: Example) -> None:
    index.lists(f"/files/{NAME}")
    change(example)
    tree = example.prepare()
    assert (tree.folder / BUNDLED / NAME).read_bytes() == DATA
    assert not (tree.folder / BUNDLED / OLD).exists()
    assert [commit.change for commit in tree.commits] == ["carried", "wheels"]


def test_what_it_replaces_has_to_be_there(index: Index, example: Example) -> None:
    index.lists(f"/files/{NAME}")
    absent = "spam-0.1-py3-none-any.whl"
    change(example, remove=f"{BUNDLED}/{absent}", declared=declares(f"+{NAME}", f"-{absent}"))
    with pytest.raises(BadBranchError, match="no such file to replace"):
        example.prepare()


@pytest.mark.parametrize(
    "remove",
    [
        "../../etc/passwd",
        "Lib/os.py",
        f"{BUNDLED}/../../os.py",
        f"{BUNDLED}/__init__.py",
        f"/{BUNDLED}/{OLD}",
    ],
)
def test_nothing_but_wheels_is_taken_out(example: Example, remove: str) -> None:
    change(example, remove=remove, sha256="0")
    told = problems(example)
    assert "is no wheel in Lib/ensurepip/_bundled" in told
    assert "64 hex digits" in told


@pytest.mark.parametrize("to", ["Lib", "Lib/ensurepip", "Lib/site-packages", "../x", ""])
def test_wheels_go_to_ensurepip_alone(example: Example, to: str) -> None:
    change(example, to=to)
    assert "source.to" in problems(example)


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (declares(f"-{OLD}"), f"lacks 'layout:+stdlib/ensurepip/_bundled/{NAME}'"),
        (declares(f"+{NAME}"), f"lacks 'layout:-stdlib/ensurepip/_bundled/{OLD}'"),
        ("[]", "which [source] does"),
        (declares(f"+{NAME}", f"-{OLD}", "+eggs-1-py3-none-any.whl"), "is nothing that [source]"),
        (declares(f"+{NAME}", "-pip-23.0-py3-none-any.whl"), "is nothing that [source] does"),
        (declares(f"+{NAME}", f"-{OLD}", "-x/pip-23.0-py3-none-any.whl"), "is nothing that"),
    ],
)
def test_what_it_declares_is_what_it_does(example: Example, declared: str, told: str) -> None:
    change(example, declared=declared)
    assert told in problems(example)


def test_another_source_declares_no_wheel(example: Example) -> None:
    path = example.add("patched", diff({"Lib/eggs.py": "VALUE = 1\n"}, {"Lib/eggs.py": "V = 2\n"}))
    path.write_text(f"declares = {declares(f'-{OLD}')}\n{path.read_text()}")
    assert "is nothing that [source] does" in problems(example)


@pytest.mark.parametrize(
    ("name", "sha256", "told"),
    [
        (NAME, SHA256, "spam is there twice"),
        (NAME, "0" * 64, "spam is there twice"),
        ("Spam-9.9-py3-none-any.whl", "0" * 64, "spam is there twice"),
        ("eggs-1.0-py3-none-any.whl", SHA256, "is another file's"),
        ("eggs-1.0-cp311-cp311-linux_x86_64.whl", "0" * 64, "is not of the form"),
        (OLD, "0" * 64, "is added too"),
    ],
)
def test_a_project_comes_once(example: Example, name: str, sha256: str, told: str) -> None:
    change(example, more=f'\n[[source.files]]\nname = "{name}"\nsha256 = "{sha256}"\n')
    assert told in problems(example)
