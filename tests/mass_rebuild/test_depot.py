"""The depot, beside us and over HTTP: digests, records, tokens."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import DigestMismatchError, SourceUnavailableError
from elpython.core.store import Store, file_digest
from elpython.mass_rebuild.depot import HttpDepot, StoreDepot, open_depot
from elpython.mass_rebuild.model import Artifact
from elpython.mass_rebuild.serve import depot_server

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def depot(store: Store) -> StoreDepot:
    return StoreDepot(store)


def test_files_come_back_by_digest(depot: StoreDepot, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("words")
    kept = depot.put(path)
    assert depot.get(kept).read_text() == "words"
    again = tmp_path / "b.txt"
    again.write_text("words")
    assert depot.put(again).sha256 == kept.sha256
    assert depot.get(depot.put(again)).name == "b.txt"


def test_what_is_fetched_must_be_what_was_pinned(depot: StoreDepot, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("words")
    good = Artifact(filename="a.txt", sha256=file_digest(path), url=path.as_uri())
    assert depot.get(good).read_text() == "words"
    wrong = Artifact(filename="a.txt", sha256="0" * 64, url=path.as_uri())
    with pytest.raises(DigestMismatchError, match="pinned is 0000"):
        depot.get(wrong)
    assert not depot.has("0" * 64)
    for url in ("", (tmp_path / "none").as_uri(), "http://127.0.0.1:9/x"):
        with pytest.raises(SourceUnavailableError):
            depot.get(Artifact(filename="x", sha256="1" * 64, url=url))


def test_a_record_without_its_files_is_none(depot: StoreDepot, tmp_path: Path) -> None:
    path = tmp_path / "a.whl"
    path.write_text("wheel")
    kept = depot.put(path)
    depot.keep("f" * 32, [kept])
    assert depot.record("f" * 32) == (kept,)
    depot.store.drop("rebuild-blob", kept.sha256)
    assert depot.record("f" * 32) is None
    assert depot.record("e" * 32) is None


def test_the_same_over_http(
    depot: StoreDepot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELPYTHON_STORE", str(tmp_path / "elsewhere"))
    path = tmp_path / "a.txt"
    path.write_text("words")
    with depot_server(depot) as where:
        assert isinstance(open_depot(where), StoreDepot)  # it can see our folder
        far = open_depot(where | {"store": str(tmp_path / "not-shared")})
        assert isinstance(far, HttpDepot)
        kept = far.put(path)
        assert depot.get(kept).read_text() == "words"
        far.keep("a" * 32, [kept])
        assert far.record("a" * 32) == (kept,)
        assert far.record("b" * 32) is None
        other = tmp_path / "b.txt"
        other.write_text("there only")
        assert far.get(depot.put(other)).read_text() == "there only"
        assert str(tmp_path / "elsewhere") in str(far.get(kept))


@pytest.mark.parametrize(
    ("method", "path", "token", "code"),
    [
        ("GET", "/blob/" + "0" * 64, "wrong", 403),
        ("PUT", "/record/" + "0" * 32, "wrong", 403),
        ("GET", "/blob/" + "0" * 64, None, 404),
        ("GET", "/../etc/passwd", None, 404),
        ("PUT", "/blob/" + "0" * 64 + "/evil", None, 409),
        ("PUT", "/blob/" + "0" * 64 + "/../x", None, 404),
    ],
)
def test_the_server_refuses(
    depot: StoreDepot, method: str, path: str, token: str | None, code: int
) -> None:
    with depot_server(depot) as where:
        request = urllib.request.Request(
            where["http"] + path,
            data=b"body" if method == "PUT" else None,
            method=method,
            headers={"Authorization": f"Bearer {token or where['token']}"},
        )
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        assert caught.value.code == code
        caught.value.close()
