"""Attacks on those who keep an index, and on what its readers take for one statement."""

from __future__ import annotations

import copy
import http.server
import json
import os
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tuf.api.metadata import Metadata

from elpython.release.errors import BadIndexError, SigningError
from elpython.release.index import client
from elpython.release.index.client import read_index
from elpython.release.index.keys import load_key, new_key
from elpython.release.index.record import Revocation, dump_record, parse_record
from index_keepers import FIRST, NOW, SECOND, Keepers, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TWINS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "other": lambda _keyid: "f" * 64,
    "space": lambda keyid: f"{keyid} ",
}


@pytest.fixture
def keepers(tmp_path: Path) -> Keepers:
    made = Keepers(tmp_path)
    made.begin()
    made.put(record(FIRST))
    return made


def _signed_twice(path: Path, keepers: Keepers, alias: str) -> None:
    """Sign metadata by one key, and name the signature under two ids."""
    metadata: Metadata[Any] = Metadata.from_file(str(path))
    metadata.signatures.clear()
    made = metadata.sign(keepers.signer("root1"), append=True).signature
    data = json.loads(metadata.to_bytes())
    own = keepers.signer("root1").public_key.keyid
    data["signatures"] = [{"keyid": own, "sig": made}, {"keyid": alias, "sig": made}]
    path.write_text(json.dumps(data))


@pytest.mark.parametrize("form", TWINS)
def test_a_root_of_trust_whose_threshold_one_key_meets_alone_is_refused(
    keepers: Keepers, form: str
) -> None:
    """The library counts ids: two of them for one key would be two people."""
    own = keepers.signer("root1").public_key.keyid
    alias = TWINS[form](own)
    root = keepers.folder / "metadata" / "1.root.json"
    data = json.loads(root.read_text())
    keys, roles = data["signed"]["keys"], data["signed"]["roles"]
    keys[alias] = keys[own]
    del keys[keepers.signer("root2").public_key.keyid]
    for name in ("root", "targets"):
        roles[name]["keyids"] = [own, alias]
    root.write_text(json.dumps(data))
    for path in (root, keepers.folder / "metadata" / "1.targets.json"):
        _signed_twice(path, keepers, alias)
    with pytest.raises(BadIndexError, match="goes by another id"):
        keepers.read()


def _bare_twin(data: dict[str, Any], keepers: Keepers, form: str) -> None:
    new_key(keepers.root / "eve", "eve")
    own = load_key(keepers.root / "eve.pub").keyid
    signed = data["signed"]
    for keyid in (own, TWINS[form](own)):
        signed["keys"][keyid] = {
            "keytype": "ed25519", "scheme": "ed25519",
            "keyval": {"public": load_key(keepers.root / "eve.pub").keyval["public"]},
        }  # fmt: skip
        signed["roles"]["root"]["keyids"].append(keyid)


@pytest.mark.parametrize("form", TWINS)
def test_a_keeper_does_not_sign_a_root_that_another_keeper_spoiled(
    keepers: Keepers, form: str
) -> None:
    repository = keepers.at()
    repository.rotate("root")
    path = keepers.folder / "pending" / "root.json"
    data = json.loads(path.read_text())
    _bare_twin(data, keepers, form)
    path.write_text(json.dumps(data))
    with pytest.raises(SigningError, match="another id"):
        repository.sign([keepers.signer("root2")])
    assert not json.loads(path.read_text())["signatures"]


def _far(data: dict[str, Any]) -> None:
    data["signed"]["version"] = 1 << 40


def _long(data: dict[str, Any]) -> None:
    data["signed"]["expires"] = "2999-01-01T00:00:00Z"


def _again(data: dict[str, Any]) -> None:
    data["signed"]["version"] = 1


def _delegated(data: dict[str, Any]) -> None:
    data["signed"]["delegations"] = {"keys": {}, "roles": []}


def _further(data: dict[str, Any]) -> None:
    targets = data["signed"]["targets"]
    targets["3.13/releases.json"] = targets["3.11/releases.json"]


def _another(data: dict[str, Any]) -> None:
    data["signed"]["targets"]["3.11/releases.json"]["hashes"]["sha256"] = "0" * 64


@pytest.mark.parametrize("spoil", [_far, _long, _again, _delegated, _further, _another])
def test_a_keeper_does_not_sign_what_no_tool_of_ours_wrote(
    keepers: Keepers, spoil: Callable[[dict[str, Any]], None]
) -> None:
    repository = keepers.at()
    repository.put(record(FIRST, SECOND))
    path = keepers.folder / "pending" / "3.11.json"
    data = json.loads(path.read_text())
    spoil(data)
    path.write_text(json.dumps(data))
    with pytest.raises((SigningError, BadIndexError)):
        repository.sign([keepers.signer("one")])


def test_a_keeper_does_not_take_back_what_was_published(keepers: Keepers) -> None:
    """Not a revocation, and not a release; a tool of one's own could, and readers see it signed."""
    repository = keepers.at()
    gone = record(FIRST).with_revocation(FIRST, Revocation(date=NOW.date(), reason="back door"))
    keepers.put(gone)
    repository.put(record(FIRST))
    with pytest.raises(SigningError, match=r"takes back that 3\.11\.2\.27\.01\.0 was revoked"):
        repository.sign([keepers.signer("one")])
    repository.put(record(SECOND))
    with pytest.raises(SigningError, match=r"takes 3\.11\.2\.27\.01\.0 out of the index"):
        repository.sign([keepers.signer("one")])


def test_a_keeper_is_told_what_a_signature_changes(keepers: Keepers) -> None:
    repository = keepers.at()
    repository.rotate("root", add=[keepers.signer("eve").public_key], threshold=1)
    found = record(FIRST, SECOND).with_revocation(
        FIRST, Revocation(date=NOW.date(), reason="back door")
    )
    repository.put(found)
    changes = repository.changes()
    eve = keepers.signer("eve").public_key.keyid
    assert f"root: adds {eve[:12]} ({eve[:12]})" in changes["root"]
    assert "root: 1 of 3 have to sign" in changes["root"]
    assert "revokes 3.11.2.27.01.0: back door" in changes["3.11"]
    assert any(line.startswith(f"takes in {SECOND}") for line in changes["3.11"])


def test_files_that_nobody_knows_change_nothing(keepers: Keepers) -> None:
    for name in ("metadata/old.root.json", "metadata/0x9.3.11.json", "pending/evil.json"):
        (keepers.folder / name).parent.mkdir(exist_ok=True)
        (keepers.folder / name).write_text("{}")
    assert keepers.at().waiting() == {}
    assert [row["version"] for row in keepers.at().describe()][:2] == [1, 1]


# -- one statement -----------------------------------------------------------------------------


def _first(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["releases"][0]
    return found


def _second(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["releases"][1]
    return found


RECORDS: dict[str, Callable[[dict[str, Any]], None]] = {
    "one manifest for two": lambda data: _second(data).update(
        manifest_sha256=_first(data)["manifest_sha256"]
    ),
    "supersedes itself": lambda data: _second(data)["supersedes"].append(SECOND),
    "supersedes a later one": lambda data: _first(data)["supersedes"].append(SECOND),
    "supersedes an unknown one": lambda data: _second(data)["supersedes"].append("3.11.2.99.01.0"),
    "supersedes with a space": lambda data: _second(data).update(supersedes=[f"{FIRST} "]),
    "of another branch": lambda data: _second(data).update(version="3.13.2.27.01.1"),
    "newest first": lambda data: data["releases"].reverse(),
    "year 1": lambda data: _second(data).update(recorded="0001-01-01T00:00:00+14:00"),
    "year 9999": lambda data: _second(data).update(recorded="9999-12-31T23:59:59-14:00"),
    "revoked, misspelt": lambda data: _second(data).update(
        revokd={"date": "2027-01-01", "reason": "x"}
    ),
    "revoked, in capitals": lambda data: _second(data).update(
        Revoked={"date": "2027-01-01", "reason": "x"}
    ),
    "retired keys, misspelt": lambda data: data.update(retired_key=[]),
    "a reason that clears the screen": lambda data: _second(data).update(
        revoked={"date": "2027-01-01", "reason": "\x1b[2J gone"}
    ),
    "a reason written backwards": lambda data: _second(data).update(
        revoked={"date": "2027-01-01", "reason": "\u202egone"}
    ),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_that_says_two_things_is_refused(name: str) -> None:
    data = json.loads(dump_record(record(FIRST, SECOND)))
    assert parse_record(json.dumps(data).encode(), "3.11").current == (SECOND,)
    spoiled = copy.deepcopy(data)
    RECORDS[name](spoiled)
    with pytest.raises(BadIndexError):
        parse_record(json.dumps(spoiled).encode(), "3.11")


# -- places ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pipe", "device", "link"])
def test_a_mirror_of_pipes_and_devices_is_no_index(keepers: Keepers, kind: str) -> None:
    """A pipe would wait for ever."""
    mirror = keepers.copy("mirror")
    path = mirror / "metadata" / "timestamp.json"
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero" if kind == "device" else keepers.folder / "metadata")
    with pytest.raises(BadIndexError, match="no plain file"):
        keepers.read(mirror)


def test_a_server_that_drips_is_given_up(
    keepers: Keepers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow retrieval: a byte now and then keeps every limit on one answer from running out."""

    class Drip(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            for _ in range(100):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return
                time.sleep(0.05)

        def log_message(self, *_words: object) -> None: ...

    monkeypatch.setattr(client, "_WHOLE_SECONDS", 0.3)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Drip)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    started = time.monotonic()
    try:
        place = f"http://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(BadIndexError, match="not there after"):
            read_index(place, keepers.trusted, tmp_path / "state")
    finally:
        server.shutdown()
        server.server_close()
    assert time.monotonic() - started < 4


@pytest.mark.parametrize("place", ["", "ftp://example.org/index", "\x1b[2Jindex"])
def test_a_place_that_is_no_index_is_told(keepers: Keepers, tmp_path: Path, place: str) -> None:
    with pytest.raises(BadIndexError, match="is no index"):
        read_index(place, keepers.trusted, tmp_path / "state")


def test_a_file_where_the_last_state_belongs_is_told(keepers: Keepers, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadIndexError, match="cannot be kept"):
        read_index(str(keepers.folder), keepers.trusted, tmp_path / "file")
