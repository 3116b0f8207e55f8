"""Attacks that readers of different minds make possible: names, keys, numbers and links."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from elpython.core.errors import BadArchiveError, BadVersionError, UsageError
from elpython.core.version import ElVersion
from elpython.release.errors import BadIndexError, BadManifestError, NoTrustError, SigningError
from elpython.release.index.keys import load_key, new_key
from elpython.release.index.plan import IndexPlan
from elpython.release.index.record import dump_record, parse_record
from elpython.release.trust import Trust, read_signers, stored_signers
from elpython.release.verify import verify
from elpython.upstream.archive import unpack
from index_keepers import FIRST, SECOND, Keepers, record
from release_forgery import TOP, Forgery, forgery, more, rewritten, special, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from release_sample import Sample


@pytest.fixture
def forged(released: Sample, tmp_path: Path) -> Forgery:
    return forgery(released, tmp_path)


@pytest.fixture
def keepers(tmp_path: Path) -> Keepers:
    made = Keepers(tmp_path)
    made.begin()
    made.put(record(FIRST))
    return made


# -- the index ---------------------------------------------------------------------------------


def test_an_older_record_under_a_newer_snapshot_is_refused(keepers: Keepers) -> None:
    """The stolen online key signs a snapshot of a higher number that names yesterday's record."""
    old = keepers.copy("old")
    keepers.put(record(FIRST, SECOND))
    assert keepers.read().records["3.11"].current == (SECOND,)
    for name in ("2.snapshot.json", "timestamp.json"):
        shutil.copy(keepers.folder / "metadata" / name, old / "metadata" / name)
    repository = Keepers(keepers.root).at()
    repository.folder = old
    repository.refresh(keepers.signer("online"))
    assert (old / "metadata" / "3.snapshot.json").is_file()
    with pytest.raises(BadIndexError, match="version"):
        keepers.read(old)


def test_a_threshold_is_not_met_by_one_key_under_two_names(tmp_path: Path) -> None:
    """Whoever writes another id into a copy of their public key counts once."""
    for name in ("ada", "release", "online"):
        new_key(tmp_path / name, name)
    data = json.loads((tmp_path / "ada.pub").read_text())
    data["keyid"], data["x-elpython-name"] = "f" * 64, "bob"
    (tmp_path / "bob.pub").write_text(json.dumps(data))
    with pytest.raises(SigningError, match="another key's id"):
        load_key(tmp_path / "bob.pub")
    data["keyid"] = load_key(tmp_path / "ada.pub").keyid
    (tmp_path / "bob.pub").write_text(json.dumps(data))
    root = [load_key(tmp_path / "ada.pub"), load_key(tmp_path / "bob.pub")]
    plan = IndexPlan(
        root=root, root_threshold=2,
        release=[load_key(tmp_path / "release.pub")], release_threshold=1,
        online=load_key(tmp_path / "online.pub"),
    )  # fmt: skip
    with pytest.raises(UsageError, match="would count as two people"):
        plan.check()


def test_a_signature_that_stands_twice_counts_once(tmp_path: Path) -> None:
    keepers = Keepers(tmp_path)
    keepers.begin(release_threshold=2)
    keepers.put(record(FIRST), "one", "two")
    repository = keepers.at()
    repository.put(record(FIRST, SECOND))
    repository.sign([keepers.signer("one")])
    data = json.loads((keepers.folder / "pending" / "3.11.json").read_text())
    (one,) = data["signatures"]
    data["signatures"] = [one, one]
    (keepers.folder / "metadata" / "2.3.11.json").write_text(json.dumps(data))
    with pytest.raises(BadIndexError):
        repository.refresh(keepers.signer("online"))
    data["signatures"][1] = data["signatures"][1] | {
        "keyid": keepers.signer("two").public_key.keyid
    }
    (keepers.folder / "metadata" / "2.3.11.json").write_text(json.dumps(data))
    repository.refresh(keepers.signer("online"))
    with pytest.raises(BadIndexError, match="signed by 1/2 keys"):
        keepers.read()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace('"branch"', '"branch": "3.13", "branch"', 1), "stands twice"),
        (lambda text: text.replace('"format": 1', '"format": NaN'), "no number of JSON"),
        (lambda text: text.replace('"format": 1', '"format": 1' + "0" * 5000), "JSON|format"),
        (lambda text: text.replace("27.01.0", "27.0\N{ARABIC-INDIC DIGIT ONE}.0"), "problem"),
        (lambda text: text.replace("27.01.0", "27.01.0\\n"), "problem"),
    ],
)
def test_a_record_that_readers_could_read_in_two_ways_is_refused(
    change: Callable[[str], str], says: str
) -> None:
    text = dump_record(record(FIRST)).decode()
    assert change(text) != text
    with pytest.raises(BadIndexError, match=says):
        parse_record(change(text).encode(), "3.11")


# -- keys and signatures -----------------------------------------------------------------------

REVOKED = {
    "comment": lambda key: f"{key} stolen on 2027-02-01, see the minutes\n",
    "windows": lambda key: f"{key} stolen\r\n",
    "no line end": lambda key: key,
    "among others": lambda key: f"# stolen\n\n{key}\n",
}


@pytest.mark.parametrize("form", REVOKED)
def test_a_revoked_key_is_known_in_every_spelling(
    forged: Forgery, tmp_path: Path, form: str
) -> None:
    """What editors do to a line does not bring a stolen key back."""
    store = tmp_path / "trust"
    store.mkdir()
    shutil.copy(forged.sample.signers, store / "allowed_signers")
    public = " ".join(
        forged.sample.key.with_name(f"{forged.sample.key.name}.pub").read_text().split()[:2]
    )
    (store / "revoked_keys").write_bytes(REVOKED[form](public).encode())
    found = verify(forged.folder, Trust(signers=stored_signers((store,))))
    assert not found.good
    assert told(found) != ""
    (store / "revoked_keys").unlink()
    assert stored_signers((store,)).revoked == b""


@pytest.mark.parametrize("form", ["twice", "behind", "before", "comment", "spaces", "windows"])
def test_a_signature_file_that_holds_more_than_a_signature_is_refused(
    forged: Forgery, form: str
) -> None:
    path = forged.folder / "release.json.sig"
    good = path.read_bytes()
    forged.sign("attacker")
    other = path.read_bytes()
    path.write_bytes(
        {
            "twice": good + good,
            "behind": good + other,
            "before": other + good,
            "comment": b"# signed by ada\n" + good,
            "spaces": good.rstrip(b"\n") + b" \n",
            "windows": good.replace(b"\n", b"\r\n"),
        }[form]
    )
    found = verify(forged.folder, forged.sample.trust)
    assert "the signature file is damaged" in told(found)


@pytest.mark.parametrize("where", ["store", "above", "revoked"])
def test_a_trust_store_that_is_a_link_into_somebody_elses_folder_says_nothing(
    forged: Forgery, tmp_path: Path, where: str
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    shutil.copy(forged.sample.signers, theirs / "allowed_signers")
    (theirs / "revoked_keys").write_text("")
    theirs.chmod(0o777)
    store = tmp_path / "trust"
    if where == "store":
        store.symlink_to(theirs)
    elif where == "above":
        (tmp_path / "config").symlink_to(theirs)
        (theirs / "trust").mkdir()
        shutil.copy(forged.sample.signers, theirs / "trust" / "allowed_signers")
        store = tmp_path / "config" / "trust"
    else:
        store.mkdir()
        shutil.copy(forged.sample.signers, store / "allowed_signers")
        (store / "revoked_keys").symlink_to(theirs / "revoked_keys")
    with pytest.raises(NoTrustError, match="others may change"):
        stored_signers((store,))


# -- names and numbers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["3.11.2.27.0\N{ARABIC-INDIC DIGIT ONE}.0", "3.1\N{FULLWIDTH DIGIT ONE}.2.27.01.0"]
)
def test_a_version_has_digits_of_ascii_only(text: str) -> None:
    """`int` reads the digits of every script: two texts would be one version."""
    with pytest.raises(BadVersionError):
        ElVersion.parse(text)


def _named(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["files"][0].update(name=name)


NAMES: dict[str, Callable[[dict[str, Any]], None]] = {
    "cyrillic file": _named("\N{CYRILLIC SMALL LETTER A}-notes.md"),
    "full width file": _named("NOTES\N{FULLWIDTH LATIN SMALL LETTER M}.md"),
    "dot of another script": _named("NOTES\N{ONE DOT LEADER}md"),
    "cyrillic top": lambda data: data["archive"].update(top=TOP.replace("e", "\u0435", 1)),
    "digit of another script": lambda data: data.update(
        version="3.11.2.27.0\N{ARABIC-INDIC DIGIT ONE}.0"
    ),
    "huge epoch": lambda data: data["archive"].update(epoch=10**4000),
    "epoch with a fraction": lambda data: data["archive"].update(epoch=1.5),
    "epoch that is true": lambda data: data["archive"].update(epoch=True),
    "size below zero": lambda data: data["files"][0].update(size=-1),
    "digest in capitals": lambda data: data["files"][0].update(
        sha256=data["files"][0]["sha256"].upper()
    ),
    "digest with a line end": lambda data: data["files"][0].update(
        sha256=data["files"][0]["sha256"] + "\n"
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_manifest_with_confusable_names_and_numbers_is_refused_though_signed(
    forged: Forgery, name: str
) -> None:
    forged.manifest(NAMES[name])
    forged.sign("maintainer")
    with pytest.raises(BadManifestError):
        verify(forged.folder, forged.sample.trust)


@pytest.mark.parametrize("number", ["1e999", "-Infinity", "9" * 5000])
def test_a_number_that_is_none_or_far_too_large_is_refused(forged: Forgery, number: str) -> None:
    text = (forged.folder / "release.json").read_text()
    epoch = json.loads(text)["archive"]["epoch"]
    changed = text.replace(f'"epoch": {epoch}', f'"epoch": {number}', 1)
    assert changed != text
    (forged.folder / "release.json").write_text(changed)
    forged.sign("maintainer")
    with pytest.raises(BadManifestError):
        verify(forged.folder, forged.sample.trust)


# -- archives ----------------------------------------------------------------------------------


def pax(**headers: str) -> Callable[[bytes], bytes]:
    """Have a pax header say something else than the member's own."""

    def change(item: tarfile.TarInfo) -> None:
        if item.name.endswith("/configure"):
            item.pax_headers.update(headers)

    return rewritten(change)


def global_pax(tar: bytes) -> bytes:
    """Have a global header rename what follows, for the readers that obey it."""
    stream = io.BytesIO()
    with tarfile.open(
        fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": f"{TOP}/evil"}
    ):
        pass
    head = stream.getvalue()
    return head[: 512 * 2] + tar


TARS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "hard link to itself": (
        more(special("x", tarfile.LNKTYPE, f"{TOP}/x")), "hard link",
    ),
    "hard link to a file above": (more(special("x", tarfile.LNKTYPE, "../x")), "hard link"),
    "pax path above": (pax(path="../../etc/cron.d/x"), "leaves the tree"),
    "pax path within": (pax(path=f"{TOP}/Lib/site.py"), "not written as"),
    "pax comment": (pax(comment="x"), "not written as"),
    "global path": (global_pax, ""),
    "link that leads out by a detour": (
        more(
            special("here", tarfile.SYMTYPE, "."),
            special("out", tarfile.SYMTYPE, "here/here/here/../../../../etc"),
        ),
        "points out of the tree",
    ),
    "link that leads out through another": (
        more(
            special("here", tarfile.SYMTYPE, "."),
            special("out", tarfile.SYMTYPE, "here/here/here/../../.."),
        ),
        "points out of the tree",
    ),
    "contiguous file": (more(special("x", tarfile.CONTTYPE)), ""),
    "composed twice": (
        more(
            special("caf\N{LATIN SMALL LETTER E WITH ACUTE}", tarfile.REGTYPE),
            special("cafe\N{COMBINING ACUTE ACCENT}", tarfile.REGTYPE),
        ),
        "one name on some",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", TARS)
def test_a_tar_that_readers_could_read_in_two_ways_is_refused_though_signed(
    forged: Forgery, kind: str
) -> None:
    spoil, says = TARS[kind]
    forged.tar(spoil)
    forged.sign("maintainer")
    found = verify(forged.folder, forged.sample.trust)
    assert not found.good
    assert says in told(found)


def test_ones_own_archive_with_a_link_that_leads_out_by_a_detour_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.tar"
    with tarfile.open(path, "w") as out:
        for name, target in (("top/here", "."), ("top/out", "here/here/here/../../../../etc")):
            item = tarfile.TarInfo(name)
            item.type, item.linkname = tarfile.SYMTYPE, target
            out.addfile(item)
    with pytest.raises(BadArchiveError, match="1 bad member"):
        unpack(path, tmp_path / "tree")
    assert not (tmp_path / "tree").exists()


def test_one_signature_does_not_serve_two_archives(forged: Forgery) -> None:
    """The attacker's archive beside a good release, under a name that sounds like it."""
    evil = forged.folder / f"{TOP}-fixed.tar.xz"
    shutil.copy(forged.folder / f"{TOP}.tar.xz", evil)
    found = verify(forged.folder, forged.sample.trust)
    assert "does not know it" in told(found)
    evil.unlink()
    assert verify(forged.folder, forged.sample.trust).good


def test_an_archive_of_another_form_that_holds_another_tar_is_refused(forged: Forgery) -> None:
    """Whoever takes the gzip file gets what whoever looked at the xz file has seen."""
    xz = (forged.folder / f"{TOP}.tar.xz").read_bytes()
    forged.tar(lambda tar: tar.replace(b"#!/bin/sh\n", b"#!/bin/ls\n", 1))
    (forged.folder / f"{TOP}.tar.xz").write_bytes(xz)
    forged.bless()
    forged.sign("maintainer")
    found = verify(forged.folder, forged.sample.trust)
    assert "another tar than the manifest says" in told(found)


def test_a_manifest_signed_for_one_release_does_not_serve_under_the_name_of_another(
    forged: Forgery,
) -> None:
    """The folder is called 27.07; what it says of itself is what counts and is told."""
    newer = forged.folder.with_name(TOP.replace("27.01", "27.07"))
    forged.folder.rename(newer)
    done = subprocess.run(["ls", str(newer)], capture_output=True, text=True, check=True)
    assert f"{TOP}.tar.xz" in done.stdout
    found = verify(newer, forged.sample.trust)
    assert found.version == "3.11.2.27.01.0"
    (newer / f"{TOP}.tar.xz").rename(newer / f"{newer.name}.tar.xz")
    assert not verify(newer, forged.sample.trust).good


def test_signers_by_a_principal_of_several_names_are_told(forged: Forgery, tmp_path: Path) -> None:
    """A pattern in the list of signers does not let a stranger's key in."""
    forged.sign("attacker")
    (tmp_path / "signers").write_text(
        forged.sample.signers.read_text().replace("release@example.org", "*@example.org,*")
    )
    found = verify(forged.folder, Trust(signers=read_signers(tmp_path / "signers")))
    assert not found.good
