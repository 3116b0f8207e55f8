"""Attacks on readers: bytes that mean two things, and archives made to hang or crash who looks."""

from __future__ import annotations

import lzma
import subprocess
import tarfile
import time
from typing import TYPE_CHECKING

import pytest

from elpython.core.errors import BadArchiveError
from elpython.core.strict_json import portable_json, strict_json
from elpython.release.errors import BadManifestError
from elpython.release.trust import Trust
from elpython.release.verify import verify
from elpython.upstream.archive import unpack
from release_forgery import TOP, Forgery, forgery, more, special, told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from release_sample import Sample

START = b'"format": 1'
MANIFESTS: dict[str, Callable[[bytes], bytes]] = {
    "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "UTF-32": lambda data: data.decode().encode("utf-32-be"),
    "no number": lambda data: data.replace(START, b'"x": 1e400, ' + START, 1),
    "number that doubles round": lambda data: data.replace(
        START, b'"x": 9007199254740993, ' + START, 1
    ),
    "half a character": lambda data: data.replace(START, b'"x": "\\ud800", ' + START, 1),
    "half a character, raw": lambda data: data.replace(START, b'"x": "\xed\xa0\x80", ' + START, 1),
    "key in capitals": lambda data: data.replace(START, b'"Files": [], ' + START, 1),
    "key in other letters": lambda data: data.replace(
        START, '"\N{LATIN SMALL LIGATURE FI}les": [], '.encode() + START, 1
    ),
    "digest in capitals": lambda data: data.replace(
        b'"sha256": "', b'"SHA256": "00", "sha256": "', 1
    ),
    "tag characters": lambda data: data.replace(START, '"x": "\U000e0041", '.encode() + START, 1),
    "soft hyphen": lambda data: data.replace(START, '"x": "\N{SOFT HYPHEN}", '.encode() + START, 1),
    "private character": lambda data: data.replace(START, '"x": "\ue000", '.encode() + START, 1),
    "key that clears the screen": lambda data: data.replace(
        START, b'"\\u001b[2J": "\\u001b[2J", ' + START, 1
    ),
    "larger than any": lambda data: data.replace(
        START, b'"x": [' + b"1," * (5 << 20) + b"1], " + START, 1
    ),
}


@pytest.fixture
def forged(released: Sample, tmp_path: Path) -> Forgery:
    return forgery(released, tmp_path)


def _sign(forged: Forgery) -> None:
    words = ["ssh-keygen", "-Y", "sign", "-n", "elpython-release", "-f", str(forged.sample.key)]
    data = (forged.folder / "release.json").read_bytes()
    done = subprocess.run(words, input=data, capture_output=True, check=True)
    (forged.folder / "release.json.sig").write_bytes(done.stdout)


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_another_program_would_read_otherwise_is_refused(
    forged: Forgery, name: str
) -> None:
    path = forged.folder / "release.json"
    path.write_bytes(MANIFESTS[name](path.read_bytes()))
    _sign(forged)
    with pytest.raises(BadManifestError) as caught:
        verify(forged.folder, forged.sample.trust)
    assert "\x1b" not in str(caught.value) + "".join(caught.value.details)
    alone = Trust(signers=None, unverified=True, branches=forged.sample.example.branches)
    assert not verify(forged.folder, alone).good


def test_what_is_plain_stays_readable() -> None:
    text = '{"a": [1, -2, 0.5, 1e10, "\u00fc\u6f22", "\\u00fc\\ud83d\\ude00", null, true]}'
    assert portable_json(text.encode()) == strict_json(text.encode())
    assert strict_json(b'{"Queue": 1, "queue": 18446744073709551615}')["Queue"] == 1


# -- archives ----------------------------------------------------------------------------------


def _extended(kind: bytes, data: bytes, times: int = 1) -> Callable[[bytes], bytes]:
    """Put extension headers before the first member."""
    item = tarfile.TarInfo("x")
    item.type, item.size = kind, len(data)
    head = item.tobuf(tarfile.GNU_FORMAT) + data + b"\0" * (-len(data) % 512)
    return lambda tar: head * times + tar


def _negative(tar: bytes) -> bytes:
    """A member whose end lies before its start: readers go round and round."""
    item = tarfile.TarInfo(f"{TOP}/x")
    item.size = -512
    return tar[:512] + item.tobuf(tarfile.GNU_FORMAT) + tar[512:]


HURTING: dict[str, Callable[[bytes], bytes]] = {
    "digits without an end": _extended(tarfile.XHDTYPE, b"1" * 200_000),
    "headers for headers": _extended(tarfile.GNUTYPE_LONGNAME, b"x\0", 5000),
    "a name of megabytes": _extended(tarfile.GNUTYPE_LONGNAME, b"x" * (4 << 20)),
    "a size below zero": _negative,
    "a name that no system takes": more(special("x" * 5000, tarfile.REGTYPE)),
    "folders without an end": more(special("x/" * 2000 + "x", tarfile.REGTYPE)),
    "a file below a file": more(special("Lib/spam.py/x", tarfile.REGTYPE)),
    "a file where a folder is": more(special("Lib", tarfile.REGTYPE)),
    "a link to nothing": more(special("x", tarfile.SYMTYPE, "")),
    "a name that clears the screen": more(special("x\x1b[2J", tarfile.REGTYPE)),
    "a name with a hidden letter": more(special("x\N{ZERO WIDTH SPACE}", tarfile.REGTYPE)),
    "members behind the end": lambda tar: tar + tar,
    "bytes behind the end": lambda tar: tar + b"x" * 512,
}


@pytest.mark.parametrize("name", HURTING)
def test_an_archive_made_to_hurt_is_refused_at_once(
    forged: Forgery, tmp_path: Path, name: str
) -> None:
    """Signed, and as an archive of one's own, which `--unverified` lets in."""
    forged.tar(HURTING[name])
    forged.sign("maintainer")
    started = time.process_time()
    found = verify(forged.folder, forged.sample.trust)
    assert not found.good
    assert "\x1b" not in told(found)
    with pytest.raises(BadArchiveError):
        unpack(forged.folder / f"{TOP}.tar.xz", tmp_path / "tree")
    assert not (tmp_path / "tree").exists()
    assert time.process_time() - started < 10


@pytest.mark.parametrize("form", ["cut", "damaged"])
def test_a_damaged_archive_of_ones_own_is_told(tmp_path: Path, form: str) -> None:
    path = tmp_path / "own.tar.xz"
    with tarfile.open(path, "w:xz") as out:
        item = tarfile.TarInfo("top/x")
        item.size = 100_000
        with (tmp_path / "x").open("w+b") as content:
            content.write(bytes(range(256)) * 400)
            content.seek(0)
            out.addfile(item, content)
    data = path.read_bytes()
    path.write_bytes(data[:-40] if form == "cut" else data[:60] + b"\xff" * 40 + data[100:])
    with pytest.raises(BadArchiveError):
        unpack(path, tmp_path / "tree")
    path.write_bytes(lzma.compress(b"no tar"))
    with pytest.raises(BadArchiveError):
        unpack(path, tmp_path / "tree")
