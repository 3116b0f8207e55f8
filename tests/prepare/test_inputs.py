"""A mirror holds every pinned input; with it nobody else is asked, and nothing wrong is taken."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import DigestMismatchError, SourceUnavailableError, UsageError
from elpython.core.store import Store
from elpython.prepare.inputs import availability, inputs_of, mirror
from elpython.prepare.tree import TreeRequest, prepare
from elpython.upstream import DistroPatch, Source, distro_patch, fetch
from elpython.upstream.mirror import FOLDER, PLACE
from elpython.upstream.past import fetch_past
from examples import BASE_FILES, Example, diff, make_archive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPAM = BASE_FILES["Lib/spam.py"]


def git(folder: Path, *words: str) -> str:
    argv = ["git", "-C", str(folder), "-c", "user.name=x", "-c", "user.email=x@y", *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def lab(example: Example) -> Example:
    """A branch with a base, a release, and a commit as inputs."""
    later = example.root / "later.tar.gz"
    digest = make_archive(later, {**BASE_FILES, "Lib/new.py": "NEW = 1\n"}, "Python-3.12.1")
    (example.branches / "sources.toml").write_text(
        f'[[release."3.12.1".source]]\nprovider = "local"\nfile = "{later}"\nsha256 = "{digest}"\n'
    )
    pinned = hashlib.sha256(b"Lib/new.py\nNEW = 1\n").hexdigest()
    example.add(
        "takes", None,
        toml='\n[source]\nprovider = "release"\nversion = "3.12.1"\n'
        f'sha256 = "{pinned}"\n\n[[source.parts]]\npath = "Lib/new.py"\n',
    )  # fmt: skip
    clone = example.root / "clone"
    (clone / "Lib").mkdir(parents=True)
    (clone / "Lib" / "spam.py").write_text(SPAM)
    git(clone, "init", "-q")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "one")
    (clone / "Lib" / "spam.py").write_text(SPAM.replace("return 1", "return 10"))
    git(clone, "commit", "-qam", "two")
    commit = git(clone, "rev-parse", "HEAD").strip()
    text = git(clone, "diff-tree", "-p", "--binary", "--full-index", "--no-commit-id", commit)
    example.add(
        "commit", None,
        toml=f'\n[source]\nprovider = "commit"\ncommit = "{commit}"\nrepository = "{clone}"\n'
        f'sha256 = "{hashlib.sha256(text.encode()).hexdigest()}"\n',
    )  # fmt: skip
    return example


def lose_everything(lab: Example) -> None:
    """What the branch was made of is gone from where it was."""
    for name in ("base.tar.gz", "later.tar.gz"):
        (lab.root / name).unlink()
    (lab.root / "clone").rename(lab.root / "gone")


def make_mirror(lab: Example) -> Path:
    target = lab.root / "mirror"
    mirror(lab.store, inputs_of(lab.branches, lab.load()), target)
    return target


def again(lab: Example) -> str:
    """Prepare the branch on a machine that has nothing."""
    store = Store(lab.root / "fresh")
    tree = prepare(store, TreeRequest(branches=lab.branches, branch=lab.load()))
    return (tree.folder / "Lib" / "spam.py").read_text() + str(tree.head)


def test_every_input_once_and_checked(lab: Example) -> None:
    inputs = inputs_of(lab.branches, lab.load())
    assert [item.name.split()[0] for item in inputs] == ["CPython", "CPython", "commit"]
    target = lab.root / "mirror"
    first = mirror(lab.store, inputs, target)
    assert [item.new for item in first] == [True, True, True]
    for item in first:
        data = (target / FOLDER / item.sha256).read_bytes()
        assert hashlib.sha256(data).hexdigest() == item.sha256
    assert set(json.loads((target / "index.json").read_text())) == {one.sha256 for one in first}
    # A file that was cut is written again; the others stay.
    (target / FOLDER / first[1].sha256).write_bytes(b"cut")
    assert [item.new for item in mirror(lab.store, inputs, target)] == [False, True, False]


def test_a_folder_is_enough(lab: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    here = lab.prepare()
    place = make_mirror(lab)
    lose_everything(lab)
    with pytest.raises(SourceUnavailableError):
        again(lab)
    monkeypatch.setenv(PLACE, str(place))
    assert again(lab).endswith(here.head)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_words: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_web_server_is_enough(lab: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    here = lab.prepare()
    place = make_mirror(lab)
    lose_everything(lab)
    with served(place) as address:
        monkeypatch.setenv(PLACE, address)
        assert again(lab).endswith(here.head)


def test_a_mirror_that_lies_is_found_out(lab: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    place = make_mirror(lab)
    monkeypatch.setenv(PLACE, str(place))
    (place / FOLDER / lab.sha256).write_bytes(b"something else")
    with pytest.raises(DigestMismatchError, match="sha256 is"):
        again(lab)
    assert not list((lab.root / "fresh" / "sources").iterdir())


def test_what_the_mirror_lacks_comes_from_elsewhere(
    lab: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = lab.prepare()
    place = make_mirror(lab)
    (place / FOLDER / lab.sha256).unlink()
    monkeypatch.setenv(PLACE, str(place))
    assert again(lab).endswith(here.head)


def test_a_mirror_that_is_not_there(lab: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE, str(lab.root / "nowhere"))
    with pytest.raises(UsageError, match="there is no such folder"):
        again(lab)


def test_availability_says_what_is_gone_and_from_where(lab: Example) -> None:
    inputs = inputs_of(lab.branches, lab.load())
    assert [item.problem for item in availability(inputs)] == ["", "", ""]
    (lab.root / "later.tar.gz").unlink()
    found = {item.name: item.problem for item in availability(inputs)}
    assert found["CPython 3.11.2"] == ""
    assert "there is no such file" in found["CPython 3.12.1"]


def network_can_be_cut() -> bool:
    done = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    return done.returncode == 0


@pytest.mark.skipif(not network_can_be_cut(), reason="no network namespaces here")
def test_with_the_network_cut_the_option_is_enough(lab: Example) -> None:
    here = lab.prepare()
    place = make_mirror(lab)
    lose_everything(lab)
    env = dict(os.environ) | {
        "ELPYTHON_BRANCHES": str(lab.branches), "ELPYTHON_STORE": str(lab.root / "fresh"),
    }  # fmt: skip
    argv = ["unshare", "-rn", sys.executable, "-m", "elpython", "branch", "prepare", "3.11",
            "--sources", str(place), "--json"]  # fmt: skip
    done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["tree"]["head"] == here.head


class Past(http.server.BaseHTTPRequestHandler):
    """Recorded answers of Debian's snapshot archive, and its archive of past releases."""

    answers: dict[str, bytes]

    def do_GET(self) -> None:
        body = self.answers.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_words: object) -> None:
        pass


@contextlib.contextmanager
def past(answers: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    handler = type("Recorded", (Past,), {"answers": answers})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("ELPYTHON_DEBIAN_SNAPSHOT", address)
        monkeypatch.setenv("ELPYTHON_DEBIAN_ARCHIVE", f"{address}/debian")
        # No mirror has anything.
        monkeypatch.setenv("ELPYTHON_DEBIAN_MIRROR", f"{address}/empty/debian")
        yield
        server.shutdown()


def snapshot(name: str, data: bytes, versions: tuple[str, ...]) -> dict[str, bytes]:
    """What the snapshot archive answers about a package with one file of interest."""
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    rows = [{"version": item} for item in versions]
    info = {sha1: [{"name": name}], "0" * 40: [{"name": "python3.9_3.9.2-1.dsc"}]}
    home = "/mr/package/python3.9/"
    return {
        home: json.dumps({"package": "python3.9", "result": rows}).encode(),
        f"{home}{versions[0]}/srcfiles?fileinfo=1": json.dumps({"fileinfo": info}).encode(),
        f"/file/{sha1}": data,
    }


def test_an_archive_that_left_the_mirrors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.tar.gz"
    digest = make_archive(path, BASE_FILES, "Python-3.9.2")
    name = "python3.9_3.9.2.orig.tar.xz"
    source = Source(provider="debian", version="3.9.2", sha256=digest, file=name,
                    package="python3.9", suite="bullseye")  # fmt: skip
    with past(snapshot(name, path.read_bytes(), ("3.9.2-1", "3.9.1-1")), monkeypatch):
        assert fetch(Store(tmp_path / "one"), [source]).read_bytes() == path.read_bytes()
    # The archive of past releases, where the snapshot archive has nothing or something else.
    place = {f"/debian/pool/main/p/python3.9/{name}": path.read_bytes()}
    wrong = snapshot(name, b"another file", ("3.9.2-1",))
    with past(wrong | place, monkeypatch):
        assert fetch(Store(tmp_path / "two"), [source]).read_bytes() == path.read_bytes()
    with past(wrong, monkeypatch), pytest.raises(SourceUnavailableError) as caught:
        fetch(Store(tmp_path / "three"), [source])
    assert "another content than is pinned" in str(caught.value)


def test_a_patch_that_left_the_mirrors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = diff({"Lib/spam.py": SPAM}, {"Lib/spam.py": SPAM.replace("return 1", "return 3")})
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:xz") as tar:
        member = tarfile.TarInfo("debian/patches/x.patch")
        member.size = len(text)
        tar.addfile(member, io.BytesIO(text.encode()))
    patch = DistroPatch(
        package="python3.9",
        suites=("bullseye",),
        version="3.9.2-1",
        name="x.patch",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )
    answers = snapshot("python3.9_3.9.2-1.debian.tar.xz", raw.getvalue(), ("3.9.2-1",))
    with past(answers, monkeypatch):
        assert distro_patch(Store(tmp_path / "store"), patch) == text.encode()


@pytest.mark.parametrize(
    "answers", [{}, {"/mr/package/python3.9/": b"<html>"}, {"/mr/package/python3.9/": b"[]"}]
)
def test_strange_answers_are_no_tracebacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: dict[str, bytes]
) -> None:
    with past(answers, monkeypatch), pytest.raises(SourceUnavailableError, match="no archive of"):
        fetch_past("python3.9", "3.9.2", "orig", tmp_path)
