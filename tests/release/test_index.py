"""The signed index: each attack that The Update Framework's specification names, and our rules.

https://theupdateframework.github.io/specification/latest/#goals-to-protect-against-specific-attacks
"""

from __future__ import annotations

import datetime as dt
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import jsonschema
import pytest

from elpython.core.errors import UsageError
from elpython.core.store import file_digest
from elpython.release.errors import BadIndexError, SigningError
from elpython.release.index.client import read_index, state_folder
from elpython.release.index.keys import load_key, load_signer, new_key
from elpython.release.index.plan import IndexPlan
from elpython.release.index.record import (
    Index,
    Record,
    Retired,
    Revocation,
    check_fingerprint,
    parse_record,
)
from elpython.release.trust import read_signers
from elpython.release.verify import verify
from examples import REPOSITORY
from index_keepers import FIRST, NOW, SECOND, Keepers, digest, record
from release_sample import Sample, make_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def check(name: str, data: object) -> None:
    path = REPOSITORY / "docs" / "reference" / "schemas" / f"{name}.schema.json"
    jsonschema.Draft202012Validator(json.loads(path.read_text())).validate(data)


@pytest.fixture
def keepers(tmp_path: Path) -> Keepers:
    made = Keepers(tmp_path)
    made.begin()
    made.put(record(FIRST))
    return made


def test_an_index_tells_what_is_current(keepers: Keepers) -> None:
    keepers.put(record(FIRST, SECOND))
    found = keepers.read()
    assert found.records["3.11"].current == (SECOND,)
    assert found.problems(digest("b")) == ()
    assert f"superseded by {SECOND}" in found.problems(digest("a"))[0]
    assert found.problems(digest("a"), allow_downgrade=True) == ()
    assert "no release with this manifest" in found.problems(digest("f"))[0]


def test_a_revoked_release_is_refused_with_reason_and_date(keepers: Keepers) -> None:
    """What it superseded counts again, and no option takes it all the same."""
    both = record(FIRST, SECOND)
    gone = Revocation(date=dt.date(2027, 2, 1), reason="the build machine was broken into")
    keepers.put(both.with_revocation(SECOND, gone))
    found = keepers.read()
    assert found.problems(digest("b"), allow_downgrade=True) == (
        f"{SECOND} was revoked on 2027-02-01: the build machine was broken into",
    )
    assert found.problems(digest("a")) == ()


def test_an_arbitrary_record_is_refused(keepers: Keepers) -> None:
    """Arbitrary software: whoever owns the server puts a record of their own there."""
    mirror = keepers.copy("mirror")
    for path in (mirror / "targets").rglob("*.json"):
        path.write_bytes(path.read_bytes().replace(digest("a").encode(), digest("e").encode()))
    with pytest.raises(BadIndexError, match="not to be trusted"):
        keepers.read(mirror)


def test_a_record_that_a_stranger_signed_is_refused(keepers: Keepers) -> None:
    evil = Keepers(keepers.root / "evil")
    evil.begin()
    evil.put(record(FIRST, SECOND))
    with pytest.raises(BadIndexError, match="not to be trusted"):
        keepers.read(evil.folder)


def test_a_record_that_the_online_key_signed_is_refused(keepers: Keepers) -> None:
    """Key compromise: who has the online key can't say what is current."""
    repository = keepers.at()
    repository.put(record(FIRST, SECOND))
    with pytest.raises(SigningError, match="counts for nothing"):
        repository.sign([keepers.signer("online")])
    forged = json.loads((keepers.folder / "pending" / "3.11.json").read_text())
    payload = keepers.signer("online")
    from tuf.api.metadata import Metadata

    metadata = Metadata.from_dict(forged)
    metadata.sign(payload)
    (keepers.folder / "metadata" / "2.3.11.json").write_bytes(metadata.to_bytes())
    keepers.at().refresh(payload)
    with pytest.raises(BadIndexError, match="signed by 0/1 keys"):
        keepers.read()


def test_one_key_of_two_is_not_enough(tmp_path: Path) -> None:
    """Key compromise: a threshold of two is not met by one key, nor by one key twice."""
    keepers = Keepers(tmp_path)
    keepers.begin(release_threshold=2)
    keepers.put(record(FIRST), "one", "two")
    repository = keepers.at()
    repository.put(record(FIRST, SECOND))
    one = keepers.signer("one")
    assert repository.sign([one]) == {"3.11": 1}
    assert repository.sign([one]) == {"3.11": 1}
    shutil.copy(keepers.folder / "pending" / "3.11.json", keepers.folder / "metadata/2.3.11.json")
    repository.refresh(keepers.signer("online"))
    with pytest.raises(BadIndexError, match="signed by 1/2 keys"):
        keepers.read()
    (keepers.folder / "metadata/2.3.11.json").unlink()
    assert repository.sign([keepers.signer("two")]) == {}
    assert keepers.read().records["3.11"].current == (SECOND,)


def test_one_root_key_of_two_changes_nothing(keepers: Keepers) -> None:
    repository = keepers.at()
    stranger = keepers.signer("stranger")
    repository.rotate("release", add=[stranger.public_key])
    assert repository.sign([keepers.signer("root1")]) == {"targets": 1, "3.11": 1}
    assert keepers.read().records["3.11"].current == (FIRST,)


def test_an_older_state_is_refused(keepers: Keepers) -> None:
    """Roll-back: a mirror shows what was current once, with every signature good."""
    old = keepers.copy("old")
    keepers.put(record(FIRST, SECOND))
    keepers.read()
    with pytest.raises(BadIndexError, match="version"):
        keepers.read(old)
    assert keepers.read(old, who="another client").records["3.11"].current == (FIRST,)


@pytest.mark.parametrize("role", ["timestamp", "3.11", "targets", "root"])
def test_a_state_that_is_too_old_is_refused(tmp_path: Path, role: str) -> None:
    """Indefinite freeze: a mirror shows the same state for ever, and it expires."""
    keepers = Keepers(tmp_path)
    keepers.begin(days={"root": -400, "targets": -400}.get(role, 0))
    days = {"timestamp": -20, "3.11": -210}.get(role, 0)
    keepers.put(record(FIRST), days=days)
    if role != "timestamp":
        keepers.at().refresh(keepers.signer("online"))
    with pytest.raises(BadIndexError, match="expired"):
        keepers.read()


def test_parts_of_two_states_are_refused(keepers: Keepers) -> None:
    """Mix-and-match: the record of yesterday under the snapshot of today."""
    old = keepers.copy("old")
    keepers.put(record(FIRST, SECOND))
    mixed = keepers.copy("mixed")
    shutil.copy(old / "metadata" / "1.3.11.json", mixed / "metadata" / "2.3.11.json")
    with pytest.raises(BadIndexError, match="not to be trusted"):
        keepers.read(mixed)


def test_the_snapshot_of_another_state_is_refused(keepers: Keepers) -> None:
    old = keepers.copy("old")
    keepers.put(record(FIRST, SECOND))
    mixed = keepers.copy("mixed")
    shutil.copy(old / "metadata" / "1.snapshot.json", mixed / "metadata" / "2.snapshot.json")
    with pytest.raises(BadIndexError, match="not to be trusted"):
        keepers.read(mixed)


def test_the_record_of_another_branch_is_refused(keepers: Keepers) -> None:
    """Wrong software: a record that is signed, for 3.13, in the place of 3.11's."""
    repository = keepers.at()
    repository.add_branch("3.13")
    repository.sign([keepers.signer("root1"), keepers.signer("root2")])
    keepers.put(Record(branch="3.13"))
    shutil.copy(
        keepers.folder / "metadata" / "1.3.13.json", keepers.folder / "metadata" / "1.3.11.json"
    )
    try:
        assert "3.11" not in keepers.read().records
    except BadIndexError as error:
        assert "not to be trusted" in str(error)  # noqa: PT017 - either way it is not used
    with pytest.raises(BadIndexError, match=r"must be '3\.11'"):
        parse_record(b'{"format": 1, "branch": "3.13"}', "3.11")


def test_endless_data_is_cut(keepers: Keepers) -> None:
    """Endless data: a mirror sends a file that never ends."""
    mirror = keepers.copy("mirror")
    (mirror / "metadata" / "timestamp.json").unlink()
    (mirror / "metadata" / "timestamp.json").symlink_to("/dev/zero")
    with pytest.raises(BadIndexError, match="cannot be read"):
        keepers.read(mirror)


def test_a_server_that_never_answers_is_given_up(
    keepers: Keepers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow retrieval: the answer stops in the middle."""
    from elpython.release.index import client

    monkeypatch.setattr(client, "_READ_SECONDS", 0.3)
    stop = threading.Event()

    class Slow(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"{")
            stop.wait(10)

        def log_message(self, *_words: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with pytest.raises(BadIndexError):
            read_index(
                f"http://127.0.0.1:{server.server_port}", keepers.trusted, keepers.root / "state"
            )
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_mirror_that_is_away_is_told(keepers: Keepers) -> None:
    """Malicious mirrors: what can't be read is a failure, never silence."""
    with pytest.raises(BadIndexError, match="cannot be read"):
        keepers.read(keepers.root / "nowhere")


def test_a_version_far_ahead_is_recovered_from_by_new_online_keys(keepers: Keepers) -> None:
    """Fast-forward: a thief of the online key signs version 2**31; new keys undo it."""
    from tuf.api.metadata import Metadata, Timestamp

    honest = keepers.copy("honest")
    path = keepers.folder / "metadata" / "timestamp.json"
    metadata = Metadata[Timestamp].from_bytes(path.read_bytes())
    metadata.signed.version = 2**31
    metadata.sign(keepers.signer("online"))
    path.write_bytes(metadata.to_bytes())
    keepers.read()
    with pytest.raises(BadIndexError, match="version"):
        keepers.read(honest)
    shutil.rmtree(keepers.folder)
    shutil.copytree(honest, keepers.folder)
    repository = keepers.at()
    new = keepers.signer("new online")
    repository.rotate(
        "online", add=[new.public_key], remove=[keepers.signer("online").public_key.keyid]
    )
    repository.sign([keepers.signer("root1"), keepers.signer("root2")])
    with pytest.raises(SigningError, match="not the online key"):
        repository.refresh(keepers.signer("online"))
    repository.refresh(new)
    assert keepers.read().records["3.11"].current == (FIRST,)


def test_root_keys_rotate_and_old_clients_follow(keepers: Keepers) -> None:
    """The new root is signed by the old threshold and the new one."""
    keepers.read()
    repository = keepers.at()
    third = keepers.signer("root3")
    repository.rotate(
        "root", add=[third.public_key], remove=[keepers.signer("root1").public_key.keyid]
    )
    assert repository.sign([keepers.signer("root2"), third])["root"] == 1
    assert repository.sign([keepers.signer("root1")]) == {}
    keepers.put(record(FIRST, SECOND))
    assert keepers.read().records["3.11"].current == (SECOND,)
    repository = keepers.at()
    repository.rotate("release", add=[keepers.signer("three").public_key])
    with pytest.raises(SigningError, match="counts for nothing"):
        repository.sign([keepers.signer("root1")])


def test_a_release_key_that_was_taken_away_signs_no_more(keepers: Keepers) -> None:
    repository = keepers.at()
    gone = keepers.signer("one").public_key.keyid
    repository.rotate("release", remove=[gone])
    roots = [keepers.signer("root1"), keepers.signer("root2")]
    assert repository.sign(roots) == {"3.11": 1}
    assert repository.sign([keepers.signer("two")]) == {}
    repository.refresh(keepers.signer("online"))
    assert keepers.read().records["3.11"].current == (FIRST,)
    repository.put(record(FIRST, SECOND))
    with pytest.raises(SigningError, match="counts for nothing"):
        repository.sign([keepers.signer("one")])


def test_thresholds_and_keys_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    keepers = Keepers(tmp_path)
    keys = {name: keepers.signer(name).public_key for name in ("a", "b", "c")}
    plan = IndexPlan(
        root=[keys["a"]], root_threshold=1, release=[keys["b"]], release_threshold=1,
        online=keys["c"],
    )  # fmt: skip
    for changed, says in (
        ({"root_threshold": 2}, "cannot be reached"),
        ({"root": [keys["a"], keys["a"]], "root_threshold": 2}, "named twice"),
        ({"online": keys["a"]}, "one of its own"),
        ({"release_threshold": 0}, "cannot be reached"),
    ):
        with pytest.raises(UsageError, match=says):
            keepers.at().init(replace(plan, **changed))
    keepers.at().init(plan)
    with pytest.raises(UsageError, match="already exists"):
        keepers.at().init(plan)
    with pytest.raises(SigningError, match="never overwritten"):
        new_key(tmp_path / "a", "again")


def test_a_release_does_not_go_back_and_stands_once(keepers: Keepers) -> None:
    both = record(FIRST, SECOND)
    with pytest.raises(UsageError, match="newer than"):
        both.with_release("3.11.2.26.07.0", digest("c"), NOW)
    with pytest.raises(UsageError, match="already"):
        both.with_release(SECOND, digest("c"), NOW)
    keepers.put(both)


def test_a_clock_that_is_behind_is_noticed(keepers: Keepers) -> None:
    """Who sets the clock back makes an old state look fresh."""
    found = keepers.read()
    behind = replace(found, read=NOW - dt.timedelta(days=30))
    assert "its clock is wrong" in behind.problems(digest("a"))[0]


# -- releases under an index -----------------------------------------------------------------------


def with_release(keepers: Keepers, folder: Path, **retired: dt.datetime) -> Index:
    found = Record(branch="3.11").with_release(FIRST, file_digest(folder / "release.json"), NOW)
    rows = tuple(
        Retired(key=key.replace("_", ":"), since=since, reason="left the project")
        for key, since in retired.items()
    )
    keepers.put(replace(found, retired=rows), honest=False)
    return keepers.read()


def told(sample: Sample, index: Index, **changed: object) -> tuple[bool, str]:
    found = verify(sample.folder, replace(sample.trust, index=index, **changed))
    return found.good, "\n".join(text for check in found.checks for text in check.problems)


def test_a_release_of_the_index_is_good_and_another_is_not(
    released: Sample, keepers: Keepers
) -> None:
    assert told(released, keepers.read())[1].startswith("no release with this manifest")
    assert told(released, with_release(keepers, released.folder)) == (True, "")


def test_without_an_index_that_is_said(released: Sample) -> None:
    checks = {item.name: item for item in verify(released.folder, released.trust).checks}
    assert "stale or revoked would not be noticed" in checks["index"].skipped


def test_a_key_retired_later_still_counts_for_what_it_signed(
    released: Sample, keepers: Keepers, tmp_path: Path
) -> None:
    """By the signers' list (`valid-before`) and by the index; judged as of the day it was taken in.

    Without the index's record nobody can tell when it was signed, and it does not count.
    """
    until = (NOW + dt.timedelta(days=1)).strftime("%Y%m%d")
    since = (NOW - dt.timedelta(days=1)).strftime("%Y%m%d")
    line = released.signers.read_text()
    index = with_release(keepers, released.folder)
    for day, good in ((until, True), (since, False)):
        limited = line.replace("namespaces=", f'valid-before="{day}",namespaces=')
        (tmp_path / "list").write_text(limited)
        signers = read_signers(tmp_path / "list")
        assert told(released, index, signers=signers)[0] == good
    later = replace(index.records["3.11"].rows[0], recorded=NOW - dt.timedelta(days=10))
    old = replace(index, records={"3.11": replace(index.records["3.11"], rows=(later,))})
    assert told(released, old, signers=signers)[0]
    assert not verify(released.folder, replace(released.trust, signers=signers)).good


def test_a_key_that_the_index_retired_counts_until_that_day(
    released: Sample, keepers: Keepers
) -> None:
    key = verify(released.folder, released.trust).signature.key.split()[-1].replace(":", "_", 1)
    after = {key: NOW + dt.timedelta(days=1)}
    assert told(released, with_release(keepers, released.folder, **after)) == (True, "")
    before = {key: NOW - dt.timedelta(days=1)}
    good, says = told(released, with_release(keepers, released.folder, **before))
    assert not good
    assert "its key signs no more since" in says
    assert "left the project" in says


def test_a_release_under_the_number_of_another_is_refused(
    released: Sample, keepers: Keepers
) -> None:
    """A release key says of an old manifest that it is the newest version."""
    lie = Record(branch="3.11").with_release(
        "3.11.2.27.07.0", file_digest(released.folder / "release.json"), NOW
    )
    keepers.put(lie, honest=False)
    good, says = told(released, keepers.read())
    assert not good
    assert "the index says 3.11: 3.11.2.27.07.0" in says


# -- commands --------------------------------------------------------------------------------------


@pytest.fixture
def served(keepers: Keepers) -> Iterator[str]:
    """The index, behind a plain web server."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(keepers.folder))
    handler.func.log_message = lambda *_words: None  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_whole_life_by_commands(keepers: Keepers, released: Sample, served: str) -> None:
    """Two keepers, two machines: begin, sign in turn, add, serve, verify, revoke."""
    env = {**os.environ, "ELPYTHON_BRANCHES": str(released.example.branches)}

    def elpython(*words: str | Path) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "elpython", *map(str, words)]
        return subprocess.run(
            argv, env=env, capture_output=True, text=True, check=False, cwd=keepers.root
        )

    shutil.rmtree(keepers.folder)
    for name in ("r1", "r2", "m", "o"):
        assert elpython("release", "keys", "new", name, "--name", name).returncode == 0
    words = ["--root", "r1.pub", "--root", "r2.pub", "--release", "m.pub", "--online", "o.pub"]
    done = elpython("release", "keys", "init", "index", *words, "--branch", "3.11", "--key", "r1")
    assert "root waits for 1 more signature(s)" in done.stdout, done.stderr
    assert elpython("release", "keys", "sign", "index", "--key", "r2").returncode == 0
    trust = ["--signers", released.signers, "--branches", released.example.branches]
    done = elpython("release", "index", "add", "index", released.folder, "--key", "m", *trust)
    assert f"{FIRST}: current" in done.stdout, done.stderr
    done = elpython("release", "index", "refresh", "index", "--key", "o")
    assert "fresh until" in done.stdout
    shown = json.loads(elpython("release", "keys", "show", "index", "--json").stdout)
    check("release-keys-show", shown)
    assert {row["role"]: row["threshold"] for row in shown["roles"]}["root"] == 2
    root = keepers.folder / "metadata" / "1.root.json"
    follow = [*trust, "--index", served, "--index-root", root]
    try:
        done = elpython("verify", released.folder, *follow)
        assert done.returncode == 0, done.stdout + done.stderr
        done = elpython(
            "release", "index", "revoke", "index", FIRST, "--reason", "a bad day", "--key", "m"
        )
        assert done.returncode == 0, done.stderr
        assert elpython("verify", released.folder, *follow).returncode == 0, "not yet published"
        elpython("release", "index", "refresh", "index", "--key", "o")
        done = elpython("verify", released.folder, *follow)
        assert done.returncode == 1
        assert "a bad day" in done.stdout
        words = ["release", "index", "show", served, "--index-root", root]
        assert "a bad day" in elpython(*words).stdout
        check("release-index-show", json.loads(elpython(*words, "--json").stdout))
    finally:
        shutil.rmtree(state_folder(root.read_bytes().rstrip(b"\n")), ignore_errors=True)


@pytest.mark.parametrize("text", ["AAAA", "sha256:" + "a" * 43, "SHA256:short", "MD5:aa:bb"])
def test_a_fingerprint_that_would_never_match_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no fingerprint"):
        check_fingerprint(text)
    data = {"format": 1, "branch": "3.11", "retired_keys": [
        {"key": text, "since": NOW.isoformat(), "reason": "x"}]}  # fmt: skip
    with pytest.raises(BadIndexError, match=r"retired_keys\[0\]"):
        parse_record(json.dumps(data).encode(), "3.11")


def test_a_stranger_key_file_is_told(tmp_path: Path) -> None:
    make_key(tmp_path / "ssh", "x")
    with pytest.raises(SigningError, match="no public key of an index"):
        load_key(tmp_path / "ssh.pub")
    with pytest.raises(SigningError, match="no private key"):
        load_signer(tmp_path / "ssh", lambda _question: "")
    new_key(tmp_path / "locked", "x", "secret")
    with pytest.raises(SigningError, match="passphrase is wrong"):
        load_signer(tmp_path / "locked", lambda _question: "other")
    assert load_signer(tmp_path / "locked", lambda _question: "secret")
    assert (tmp_path / "locked").stat().st_mode & 0o077 == 0
