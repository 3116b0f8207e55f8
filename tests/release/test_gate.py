"""Forged releases: nothing of them is unpacked, configured, compiled or run, by any command."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elpython.core.errors import BadArchiveError
from elpython.release import verify as verify_module
from elpython.release.checks import Check, Received
from elpython.release.errors import BadManifestError, NoTrustError, TamperedError
from elpython.release.rebuild import reproduce_from
from elpython.release.trust import Trust, named_signers, read_signers, stored_signers, trust_places
from elpython.release.verify import admitted, verify
from elpython.upstream.archive import unpack
from examples import REPOSITORY
from release_forgery import TOP, Forgery, forgery, more, rewritten, special, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.release.checks import Verified
    from release_sample import Sample


@pytest.fixture
def forged(released: Sample, tmp_path: Path) -> Forgery:
    return forgery(released, tmp_path)


def elpython(forged: Forgery, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "ELPYTHON_BRANCHES": str(forged.sample.example.branches),
        "ELPYTHON_STORE": str(forged.root / "command-store"),
    }
    argv = [sys.executable, "-m", "elpython", *map(str, words)]
    if set(words) & {"verify", "upgrade", "rebrand", "package"} and "--unverified" not in words:
        argv += ["--branches", str(forged.sample.example.branches)]
    return subprocess.run(
        argv,
        env={**os.environ, **settings, **env},
        capture_output=True,
        text=True,
        check=False,
        cwd=forged.root,
    )


def checked(forged: Forgery) -> Verified:
    return verify(forged.folder, forged.sample.trust)


def commands(forged: Forgery) -> dict[str, list[str | Path]]:
    """Every command that takes a release from somebody else."""
    prefix = forged.root / "prefix"
    prefix.mkdir(exist_ok=True)
    archive = forged.folder / f"{TOP}.tar.xz"
    return {
        "verify --build": ["verify", archive, "--build"],
        "verify --rebuild": ["verify", archive, "--rebuild", "--build"],
        "upgrade archive": ["upgrade", prefix, "--to", archive],
        "upgrade folder": ["upgrade", prefix, "--to", forged.folder],
        "upgrade gzip": ["upgrade", prefix, "--to", forged.folder / f"{TOP}.tar.gz"],
        "rebrand": [*REBRAND, archive, "--redistributor", "acme", "--profile", "quick"],
        "package": [*PACKAGE, archive, "--to", forged.root / "packages", "--build"],
    }


REBRAND = ["release", "rebrand"]
PACKAGE = ["release", "package"]
COMMANDS = [
    "verify --build", "verify --rebuild", "upgrade archive", "upgrade folder", "upgrade gzip",
    "rebrand", "package",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_poisoned_configure_is_never_run(forged: Forgery, command: str) -> None:
    """It agrees with itself in every digest; it is only signed by somebody else."""
    forged.tree({"configure": forged.poison})
    forged.sign("attacker")
    words = commands(forged)[command]
    done = elpython(forged, *words, "--signers", forged.sample.signers)
    assert done.returncode in {1, 53}, done.stderr
    assert "the allowed signers do not list its key" in done.stdout + done.stderr
    assert not forged.marker.exists()
    made = {path.name for path in (forged.root / "command-store").glob("*")}
    assert made <= {"locks"}, "nothing of it was unpacked into the store"
    assert not (forged.root / "packages").exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_without_anybody_to_trust_nothing_is_run(forged: Forgery, command: str) -> None:
    if any((place / "allowed_signers").exists() for place in trust_places()):
        pytest.skip("this machine has a trust store")
    forged.tree({"configure": forged.poison})
    forged.sign("attacker")
    done = elpython(forged, *commands(forged)[command], HOME=str(forged.root))
    assert done.returncode == 57, done.stderr
    assert "nobody is named whose signature counts" in done.stderr
    assert not forged.marker.exists()


def test_the_poison_works_where_the_user_vouches_for_it(forged: Forgery) -> None:
    """What the tests above show not to happen does happen with `--unverified`, said loudly."""
    forged.tree({"configure": forged.poison})
    done = elpython(forged, *commands(forged)["verify --build"], "--unverified")
    assert forged.marker.exists()
    assert "UNVERIFIED" in done.stderr
    assert "signature   not looked at" in done.stdout


def test_signers_and_unverified_exclude_each_other(forged: Forgery) -> None:
    words = ["verify", forged.folder, "--unverified", "--signers", forged.sample.signers]
    assert elpython(forged, *words).returncode == 11


@pytest.mark.parametrize("who", ["none", "attacker", "namespace", "other manifest", "key of other"])
def test_a_signature_that_does_not_count_ends_it(
    forged: Forgery, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a bad signature the manifest is not even read, and no archive is opened."""
    old = (forged.folder / "release.json.sig").read_bytes()
    forged.tree({"configure": forged.poison})
    if who == "attacker":
        forged.sign()
    elif who == "namespace":
        forged.sign("maintainer", namespace="git")
    elif who == "other manifest":
        (forged.folder / "release.json.sig").write_bytes(old)
    elif who == "key of other":
        forged.sign()
        line = forged.sample.signers.read_text().replace("elpython-release", "another-purpose")
        (forged.root / "list").write_text(line)
    else:
        (forged.folder / "release.json.sig").unlink()
    for name in ("parse", "copy_files", "unpacked"):
        monkeypatch.setattr(verify_module, name, None)
    found = checked(forged)
    assert not found.good
    assert [check.name for check in found.checks if not check.skipped] == ["signature"]
    assert {check.skipped for check in found.checks[2:]} == {"signature is wrong"}


def test_a_signer_for_another_purpose_does_not_count(forged: Forgery) -> None:
    line = forged.sample.signers.read_text().replace("elpython-release", "git")
    (forged.root / "list").write_text(line)
    trust = replace(forged.sample.trust, signers=read_signers(forged.root / "list"))
    assert "do not list its key" in told(verify(forged.folder, trust))


def test_a_revoked_key_does_not_count(forged: Forgery) -> None:
    signers = forged.sample.trust.signers
    assert signers
    public = forged.sample.key.with_name("key.pub").read_bytes()
    trust = replace(forged.sample.trust, signers=replace(signers, revoked=public))
    assert "its key is revoked" in told(verify(forged.folder, trust))


def test_further_checks_stop_at_the_first_that_is_wrong(forged: Forgery) -> None:
    """An archive that does not come from base and patches is not built."""
    forged.tree({"configure": forged.poison})
    forged.sign("maintainer")
    words = commands(forged)["verify --rebuild"]
    done = elpython(forged, *words, "--signers", forged.sample.signers, "--json")
    data = json.loads(done.stdout)
    checks = {check["name"]: check for check in data["release"]["checks"]}
    assert "base and patches give the tree" in checks["rebuild"]["problems"][0]
    assert checks["build"]["skipped"] == "rebuild is wrong"
    assert (done.returncode, forged.marker.exists()) == (1, False)


BASES: dict[str, dict[str, str]] = {
    "local": {"provider": "local", "file": "{base}"},
    "git": {"provider": "git", "url": "{base}", "tag": "v3.11.2"},
    "host": {"provider": "python-org", "url": "https://python.example/ftp", "file": "x.tgz"},
    "digest": {"provider": "python-org", "file": "Python-3.11.2.tgz"},
    "suite": {"provider": "debian", "package": "python3.11", "suite": "evil"},
}


@pytest.mark.parametrize("kind", BASES)
def test_the_base_is_the_verifiers_not_the_manifests(forged: Forgery, kind: str) -> None:
    """A back door in the base, signed by an allowed key, is not "bit for bit the same"."""
    path, digest = forged.backdoored_base()

    def lie(data: dict[str, Any]) -> None:
        source = {key: value.format(base=path) for key, value in BASES[kind].items()}
        data["base"]["sources"] = [source | {"sha256": digest}]

    forged.tree({"configure": forged.poison})
    forged.manifest(lie)
    forged.sign("maintainer")
    found = checked(forged)
    assert "the base" in told(found)
    assert next(check for check in found.checks if check.name == "archive").skipped
    done = elpython(
        forged, *commands(forged)["verify --rebuild"], "--signers", forged.sample.signers
    )
    assert (done.returncode, forged.marker.exists()) == (1, False)
    assert "bit for bit" not in done.stdout


def test_a_rebuild_fetches_the_base_that_the_verifier_knows(forged: Forgery) -> None:
    """Even asked alone, without the check of the base before it."""
    path, digest = forged.backdoored_base()

    def lie(data: dict[str, Any]) -> None:
        data["base"]["sources"] = [{"provider": "local", "file": str(path), "sha256": digest}]

    forged.manifest(lie)
    from elpython.release.manifest import load

    received = Received(
        folder=forged.folder, manifest=load(forged.folder / "release.json"), signed=True
    )
    branches = forged.sample.example.branches
    found = reproduce_from(forged.sample.example.store, received, branches)
    assert "only the verifier's own branches" in found.problems[0]


def test_a_base_that_nobody_knows_is_refused(forged: Forgery, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    trust = replace(forged.sample.trust, branches=None)
    assert "only the verifier's own branches" in told(verify(forged.folder, trust))

    def newer(data: dict[str, Any]) -> None:
        data["version"], data["base"]["version"] = "3.11.99.27.01.0", "3.11.99"
        data["archive"]["top"] = "elpython-3.11.99.27.01.0"

    forged.manifest(newer)
    forged.sign("maintainer")
    assert "nobody here knows the digest of CPython 3.11.99" in told(checked(forged))


LIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "branch": (lambda data: data.update(branch="3.13"), "branch: is not the series"),
    "version": (lambda data: data.update(version="3.11.2.27.07.0"), "archive.top"),
    "base version": (lambda data: data["base"].update(version="3.11.9"), "base.version"),
    "variant": (lambda data: data.update(variant="elpython-acme"), "archive.top"),
    "no base": (lambda data: data["base"].update(sources=[]), "names no base"),
    "tree": (lambda data: data["tree"].update(id="0" * 40), "holds the tree"),
    "tar": (lambda data: data["archive"].update(tar_sha256="0" * 64), "another tar"),
    "epoch": (lambda data: data["archive"].update(epoch=1), "is not written as a release's"),
    "year": (lambda data: data["archive"].update(epoch=1 << 50), "archive.epoch"),
    "size": (lambda data: data["files"][0].update(size=1), "larger than it"),
    "huge": (lambda data: data["files"][0].update(size=1 << 50), "size"),
    "prefix": (
        lambda data: data["build"].update(configure=["--prefix=/etc"]), "build.configure"
    ),
    "variable": (
        lambda data: data["build"].update(configure=["CC=/tmp/evil"]), "build.configure"
    ),
    "shell": (
        lambda data: data["build"].update(configure=["--with-x=$(touch /tmp/x)"]),
        "build.configure",
    ),
    "folded": (
        lambda data: data["files"].append(dict(data["files"][0], name="notes.MD")), "one name"
    ),
    "below": (
        lambda data: data["files"].append(dict(data["files"][0], name="NOTES.md/x")), "lies below"
    ),
    "dotted": (
        lambda data: data["files"].append(dict(data["files"][0], name="./x")), "no name"
    ),
    "escape": (
        lambda data: data.update(remarks=["\x1b[2K\x1b[1Agood"]), "hides or obeys"
    ),
    "bidi": (
        lambda data: data["series"][0].update(title="a\u202eb"), "hides or obeys"
    ),
    "patch twice": (
        lambda data: data["series"][1].update(patch=data["series"][0]["patch"]), "two changes"
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_manifest_that_lies_is_refused_though_signed(forged: Forgery, lie: str) -> None:
    change, says = LIES[lie]
    forged.manifest(change)
    forged.sign("maintainer")
    try:
        found = checked(forged)
    except BadManifestError as error:
        answer = str(error)
    else:
        assert not found.good
        answer = told(found)
    assert says in answer


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"format": 1, "version": "3.11.2.27.01.0", "version": "3.11.2.27.07.0"}', "stands twice"),
        ('{"format": NaN}', "no number of JSON"),
        ("[" * 100_000, "is no JSON"),
        ('{"format": 1, "x": ' + "[" * 200 + "]" * 200 + "}", "nested deeper"),
        ("[]", "must be an object"),
    ],
)
def test_a_manifest_that_readers_could_read_in_two_ways_is_refused(
    forged: Forgery, text: str, says: str
) -> None:
    (forged.folder / "release.json").write_text(text)
    forged.sign("maintainer")
    with pytest.raises(BadManifestError, match=says):
        checked(forged)


MEMBERS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "second configure": (more(special("configure", tarfile.REGTYPE)), "one name on some"),
    "folded configure": (more(special("Configure", tarfile.REGTYPE)), "one name on some"),
    "hard link": (more(special("x", tarfile.LNKTYPE, f"{TOP}/configure")), "hard link"),
    "link to /": (more(special("x", tarfile.SYMTYPE, "/etc/passwd")), "points out of the tree"),
    "link above": (more(special("x", tarfile.SYMTYPE, "../../x")), "points out of the tree"),
    "through a link": (
        more(special("x", tarfile.SYMTYPE, "Lib"), special("x/y", tarfile.REGTYPE)),
        "not written as",
    ),
    "device": (more(special("x", tarfile.CHRTYPE)), "special file"),
    "pipe": (more(special("x", tarfile.FIFOTYPE)), "special file"),
    "sparse": (more(special("x", tarfile.GNUTYPE_SPARSE)), "special file"),
    "absolute": (more(special("/etc/cron.d/x", tarfile.REGTYPE)), "leaves the tree"),
    "above": (more(special("../x", tarfile.REGTYPE)), "leaves the tree"),
    "git": (more(special(".git/hooks/post-commit", tarfile.REGTYPE)), "leaves the tree"),
    "Git": (more(special(".GIT/config", tarfile.REGTYPE)), "leaves the tree"),
    "another top": (more(special("x", tarfile.DIRTYPE)), "not written as"),
    "set user id": (
        rewritten(lambda item: setattr(item, "mode", item.mode | 0o4000)), "not written as",
    ),
    "owner": (rewritten(lambda item: setattr(item, "uid", 1000)), "not written as"),
    "time": (rewritten(lambda item: setattr(item, "mtime", item.mtime + 1)), "not written as"),
    "pax": (
        rewritten(lambda item: item.pax_headers.update({"SCHILY.xattr.user.x": "y"})),
        "not written as",
    ),
    "data behind the end": (lambda tar: tar + b"\0" * 512 + b"x" * 512, "not written as"),
    "no tar": (lambda _tar: b"x" * 2048, "no whole tar"),
    "cut": (lambda tar: tar[: len(tar) // 2], ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", MEMBERS)
def test_a_tar_of_another_form_is_refused_though_signed(forged: Forgery, kind: str) -> None:
    spoil, says = MEMBERS[kind]
    forged.tar(spoil)
    forged.sign("maintainer")
    found = checked(forged)
    assert not found.good
    assert says in told(found)


def test_the_same_tar_is_good_where_nothing_was_spoiled(forged: Forgery) -> None:
    forged.tar(rewritten(lambda _item: None))
    forged.sign("maintainer")
    assert checked(forged).good


@pytest.mark.parametrize("form", ["tar.xz", "tar.gz"])
@pytest.mark.parametrize("kind", ["bomb", "two streams", "garbage", "cut", "other form"])
def test_a_compressed_file_that_is_more_than_its_tar_is_refused(
    forged: Forgery, form: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = forged.folder / f"{TOP}.{form}"
    pack = lzma.compress if form == "tar.xz" else gzip.compress
    data = path.read_bytes()
    path.write_bytes(
        {
            "bomb": pack(b"\0" * (4 << 20)),
            "two streams": data + pack(b""),
            "garbage": data + b"x",
            "cut": data[: len(data) // 2],
            "other form": (gzip.compress if form == "tar.xz" else lzma.compress)(b"x"),
        }[kind]
    )
    forged.bless()
    forged.sign("maintainer")
    if kind == "bomb":
        from elpython.release import contents

        monkeypatch.setattr(contents, "DEFAULT", None)
        limits = contents.Limits(tar=1 << 20)
        whole = contents.unpacked
        monkeypatch.setattr(verify_module, "unpacked", lambda *words: whole(*words, limits=limits))
    says = "unpacks to more than 1 MiB" if kind == "bomb" else "cannot be unpacked"
    assert says in told(checked(forged))


def test_an_archive_with_too_many_members_is_refused(forged: Forgery, tmp_path: Path) -> None:
    from elpython.release.contents import Limits, contents, unpacked

    digest = unpacked(forged.folder / f"{TOP}.tar.xz", tmp_path / "tar")
    with pytest.raises(BadArchiveError, match="more than 3 members"):
        contents(tmp_path / "tar", digest, top=TOP, epoch=1, limits=Limits(members=3))


FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "added": (lambda folder: (folder / "install.sh").write_text("x"), "does not know it"),
    "hidden": (lambda folder: (folder / ".bashrc").write_text("x"), "does not know it"),
    "missing": (lambda folder: (folder / "NOTES.md").unlink(), "is missing"),
    "folded": (lambda folder: (folder / "notes.md").write_text("x"), "does not know it"),
    "changed": (lambda folder: (folder / "whatsnew.rst").write_text("x"), "not what was signed"),
    "pipe": (
        lambda folder: [(folder / "NOTES.md").unlink(), os.mkfifo(folder / "NOTES.md")],
        "is missing",
    ),
    "link": (
        lambda folder: [
            (folder / "NOTES.md").rename(folder.parent / "real"),
            (folder / "NOTES.md").symlink_to(folder.parent / "real"),
        ],
        "is missing",
    ),
    "linked folder": (
        lambda folder: [
            (folder / "patches").rename(folder.parent / "real"),
            (folder / "patches").symlink_to(folder.parent / "real"),
        ],
        "does not know it",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_folder_with_other_files_is_refused(forged: Forgery, kind: str) -> None:
    change, says = FILES[kind]
    change(forged.folder)
    found = checked(forged)
    assert not found.good
    assert says in told(found)
    with pytest.raises(TamperedError), admitted(forged.folder, forged.sample.trust):
        pass


def test_what_is_used_is_what_was_checked(forged: Forgery) -> None:
    """The release's folder is exchanged between the check and the use."""
    whole = {
        path.relative_to(forged.folder): path.read_bytes()
        for path in forged.folder.rglob("*")
        if path.is_file()
    }

    def exchange(received: Received) -> Check:
        forged.tree({"configure": forged.poison})
        found = {
            path.relative_to(received.folder): path.read_bytes()
            for path in received.folder.rglob("*")
            if path.is_file()
        }
        assert found == whole
        return Check(name="exchange")

    found = verify(forged.folder, forged.sample.trust, further=[("exchange", exchange)])
    assert found.good
    assert not checked(forged).good
    with pytest.raises(TamperedError), admitted(forged.folder, forged.sample.trust):
        pass


def test_a_folder_that_changes_all_the_time_is_good_or_refused(forged: Forgery) -> None:
    """Whoever writes into the folder while it is checked gets nothing of theirs through."""
    good = (forged.folder / f"{TOP}.tar.xz").read_bytes()
    bad = good[:-10] + b"x" * 10
    stop = threading.Event()

    def flip() -> None:
        path = forged.folder / f"{TOP}.tar.xz"
        while not stop.is_set():
            for data in (bad, good):
                path.with_name("new").write_bytes(data)
                path.with_name("new").replace(path)

    thread = threading.Thread(target=flip)
    thread.start()
    try:
        for _ in range(20):
            seen: list[bytes] = []

            def look(received: Received, seen: list[bytes] = seen) -> Check:
                seen.append(received.archive().read_bytes())
                return Check(name="look")

            verify(forged.folder, forged.sample.trust, further=[("look", look)])
            assert set(seen) <= {good}
    finally:
        stop.set()
        thread.join()


def test_the_copy_is_closed_to_others_and_goes_away(forged: Forgery) -> None:
    with admitted(forged.folder, forged.sample.trust) as received:
        assert received.folder.stat().st_mode & 0o077 == 0
        place = received.folder
    assert not place.exists()


def test_a_trust_store_is_read(forged: Forgery, tmp_path: Path) -> None:
    places = (tmp_path / "user", tmp_path / "machine")
    with pytest.raises(NoTrustError, match="nobody is named") as caught:
        stored_signers(places)
    assert str(places[0] / "allowed_signers") in str(caught.value)
    places[1].mkdir()
    shutil.copy(forged.sample.signers, places[1] / "allowed_signers")
    assert verify(forged.folder, Trust(
        signers=stored_signers(places), branches=forged.sample.example.branches)
    ).good  # fmt: skip
    public = forged.sample.key.with_name("key.pub")
    places[0].mkdir()
    shutil.copy(public, places[0] / "revoked_keys")
    found = verify(forged.folder, Trust(
        signers=stored_signers(places), branches=forged.sample.example.branches)
    )  # fmt: skip
    assert "its key is revoked" in told(found)


@pytest.mark.parametrize("what", ["file", "folder", "owner", "link"])
def test_a_trust_store_that_others_can_change_says_nothing(
    forged: Forgery, tmp_path: Path, what: str
) -> None:
    place = tmp_path / "trust"
    place.mkdir()
    path = place / "allowed_signers"
    shutil.copy(forged.sample.signers, path)
    if what == "file":
        path.chmod(0o666)
    elif what == "folder":
        place.chmod(0o777)
    elif what == "link":
        (tmp_path / "open").mkdir()
        (tmp_path / "open").chmod(0o777)
        path.rename(tmp_path / "open" / "list")
        path.symlink_to(tmp_path / "open" / "list")
    elif os.geteuid() == 0:
        os.chown(path, 1234, 1234)
    else:
        pytest.skip("only root can give a file away")
    with pytest.raises(NoTrustError, match="others may change"):
        stored_signers((place,))


def test_no_variable_leads_to_another_trust_store(
    forged: Forgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = trust_places()
    evil = forged.root / "evil"
    for folder in (evil / ".config/elpython/trust", evil / "elpython/trust"):
        folder.mkdir(parents=True)
        (folder / "allowed_signers").write_text("")
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "ELPYTHON_SIGNERS", "ELPYTHON_TRUST")
    for name in names:
        monkeypatch.setenv(name, str(evil))
    assert trust_places() == before
    forged.sign("attacker")
    (evil / "list").write_text(
        f"x {' '.join((forged.root / 'attacker.pub').read_text().split()[:2])}\n"
    )
    env = dict.fromkeys(names, str(evil)) | {"ELPYTHON_SIGNERS": str(evil / "list")}
    done = elpython(forged, "verify", forged.folder, **env)
    assert done.returncode in {1, 57}
    assert "x, " not in done.stdout


def test_a_named_list_does_not_undo_a_revocation(forged: Forgery, tmp_path: Path) -> None:
    place = tmp_path / "trust"
    place.mkdir()
    shutil.copy(forged.sample.key.with_name("key.pub"), place / "revoked_keys")
    signers = named_signers(forged.sample.signers, (place,))
    found = verify(forged.folder, replace(forged.sample.trust, signers=signers))
    assert "its key is revoked" in told(found)


def test_branches_in_the_current_folder_do_not_tell_the_base(forged: Forgery) -> None:
    """A folder that came with the archive, or a variable, says which base is the right one."""
    path, digest = forged.backdoored_base()

    def lie(data: dict[str, Any]) -> None:
        data["base"]["sources"] = [{"provider": "local", "file": str(path), "sha256": digest}]

    forged.tree({"configure": forged.poison})
    forged.manifest(lie)
    forged.sign("maintainer")
    evil = shutil.copytree(forged.sample.example.branches, forged.root / "branches")
    toml = evil / "3.11" / "branch.toml"
    text = toml.read_text()
    toml.write_text(text.replace(forged.sample.example.sha256, digest))
    words = ["-m", "elpython", "verify", forged.folder, "--signers", forged.sample.signers]
    for env in ({}, {"ELPYTHON_BRANCHES": str(evil)}):
        done = subprocess.run(
            [sys.executable, *map(str, words), "--build"],
            env=dict(os.environ) | env, cwd=forged.root, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stdout + done.stderr
        assert "only the verifier's own branches" in done.stdout
        assert not forged.marker.exists()


def test_programs_of_ours_are_not_taken_from_the_current_folder() -> None:
    """`python -m` would import `elpython` from the folder in which the user stands."""
    sources = [path.read_text("utf-8") for path in (REPOSITORY / "src" / "elpython").rglob("*.py")]
    assert not any('sys.executable, "-m"' in text for text in sources), "-P keeps it out"


def test_only_verification_makes_what_may_be_used() -> None:
    makers = [
        path.name
        for path in (REPOSITORY / "src" / "elpython").rglob("*.py")
        if "Received(" in path.read_text("utf-8")
    ]
    assert makers == ["verify.py"]


def test_a_binary_from_elsewhere_is_not_run(forged: Forgery) -> None:
    """`upgrade --to FOLDER`: a folder that looks like a build, and is somebody else's."""
    binary = forged.root / "build" / "bin" / "python3.11"
    binary.parent.mkdir(parents=True)
    binary.write_text(forged.poison)
    binary.chmod(0o755)
    (forged.root / "prefix").mkdir()
    for to in (forged.root / "build", binary):
        done = elpython(forged, "upgrade", forged.root / "prefix", "--to", to)
        assert done.returncode == 57, done.stderr
        assert "no signature can vouch for a binary" in done.stderr
        assert not forged.marker.exists()


def test_temporary_files_where_others_could_exchange_them_are_refused(
    forged: Forgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    (forged.root / "open").mkdir()
    (forged.root / "open").chmod(0o777)
    monkeypatch.setattr(tempfile, "tempdir", str(forged.root / "open"))
    with pytest.raises(NoTrustError, match="could be exchanged"):
        checked(forged)
    (forged.root / "open").chmod(0o1777)
    assert checked(forged).good


def test_a_file_name_cannot_write_on_the_terminal(forged: Forgery) -> None:
    (forged.folder / "x\x1b[2J").write_text("x")
    Path(os.fsdecode(os.fsencode(forged.folder) + b"/\xff")).write_text("x")
    text = told(checked(forged))
    assert "\x1b" not in text
    text.encode()


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.SYMTYPE])
def test_a_second_member_of_a_name_is_refused_in_an_archive_of_ones_own(
    tmp_path: Path, kind: bytes
) -> None:
    """`upgrade --to ARCHIVE --unverified`: unpackers disagree on which of the two counts."""
    path = tmp_path / "own.tar"
    with tarfile.open(path, "w") as out:
        for _ in range(2):
            out.addfile(special("configure", kind, "x"), io.BytesIO())
    with pytest.raises(BadArchiveError, match="bad member") as caught:
        unpack(path, tmp_path / "out")
    assert "is there twice" in str(caught.value)
    assert not (tmp_path / "out").exists()
