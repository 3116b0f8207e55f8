"""An apt repository: a pool of packages, `Packages` by hash, a signed `Release` that expires.

The form is that of Debian's wiki, "DebianRepository/Format".
"""

from __future__ import annotations

import datetime as dt
import email.utils
import gzip
import hashlib
import lzma
from typing import TYPE_CHECKING

from elpython.core.process import require, run
from elpython.core.store import disk_errors, file_digest, write_atomic
from elpython.release.errors import TamperedError
from elpython.release.repository.openpgp import clear_sign, detach_sign, export_key, own_text
from elpython.release.repository.pool import refuse_strangers, take

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["SUITE", "publish_debs"]

SUITE = "elpython"
_COMPONENT = "main"
_SECONDS = 60.0
_FORMS = ("Packages", "Packages.gz", "Packages.xz")
_KEPT_FORMS = 3  # states of an index whose files by hash stay for clients in the middle of a run


def _control(package: Path) -> dict[str, str]:
    """Return the fields of a package, folded lines with their values."""
    text = run([require("dpkg-deb"), "-f", package], timeout=_SECONDS).stdout
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line[:1].isspace():
            found[name] += f"\n{line}"
        else:
            name, _, value = line.partition(":")
            found[name] = value.strip()
    return found


def _stanza(package: Path, root: Path) -> tuple[str, str]:
    fields = _control(package)
    more = {
        "Filename": package.relative_to(root).as_posix(),
        "Size": str(package.stat().st_size),
        "SHA256": file_digest(package),
    }
    text = "".join(f"{name}: {value}\n" for name, value in (fields | more).items())
    return fields["Architecture"], text


def _published(root: Path) -> dict[str, str]:
    """Return the packages that the last signed `Release` vouches for: name -> sha256.

    Raises:
        TamperedError: it is not signed by one's own key, or a list is not the one that it names.
    """
    release = root / "dists" / SUITE
    if not (release / "InRelease").is_file():
        return {}
    found: dict[str, str] = {}
    for line in own_text(release / "InRelease").splitlines():
        digest, _, name = line.strip().partition(" ")
        name = name.strip().partition(" ")[2]
        if not line.startswith(" ") or not name.endswith("/Packages"):
            continue
        path = release / name
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if hashlib.sha256(data).hexdigest() != digest:
            raise TamperedError("is not the list that was signed", where=str(path))
        for stanza in data.decode("utf-8").split("\n\n"):
            fields = dict(part.split(": ", 1) for part in stanza.splitlines() if ": " in part)
            found[fields["Filename"]] = fields["SHA256"]
    return found


def publish_debs(
    packages: Iterable[Path],
    root: Path,
    key: str,
    *,
    days: int = 30,
    now: dt.datetime | None = None,
) -> list[Path]:
    """Add packages to an apt repository, and sign it anew.

    Args:
        packages: `.deb` files; none: it is only signed anew.
        root: the repository's folder, made where it is missing.
        key: the OpenPGP key that signs.
        days: how long apt takes it for fresh.
        now: the time that it tells.

    Returns:
        The files that clients read first.

    Raises:
        SigningError: the key cannot sign.
        TamperedError: what lies there is not what was published.
        MissingProgramError: no `dpkg-deb` or `gpg`.
    """
    packages = list(packages)
    with disk_errors(root):
        pool = root / "pool" / _COMPONENT
        pool.mkdir(parents=True, exist_ok=True)
        refuse_strangers(pool.glob("*.deb"), root, _published(root), packages)
        for package in packages:
            take(package, pool)
        stanzas: dict[str, list[str]] = {}
        for package in sorted(pool.glob("*.deb")):
            architecture, text = _stanza(package, root)
            stanzas.setdefault(architecture, []).append(text)
        release = root / "dists" / SUITE
        for architecture, texts in stanzas.items():
            _write_packages(release, architecture, "\n".join(texts).encode())
        text = _release(release, sorted(stanzas), days, now or dt.datetime.now(tz=dt.UTC))
        write_atomic(release / "Release", text.encode())
        for name, sign in (("InRelease", clear_sign), ("Release.gpg", detach_sign)):
            sign(release / "Release", release / f".{name}.new", key)
            (release / f".{name}.new").replace(release / name)
        export_key(root / "elpython.asc", key)
    return [release / "InRelease", root / "elpython.asc"]


def _write_packages(release: Path, architecture: str, data: bytes) -> None:
    folder = release / _COMPONENT / f"binary-{architecture}"
    by_hash = folder / "by-hash" / "SHA256"
    by_hash.mkdir(parents=True, exist_ok=True)
    forms = dict(
        zip(_FORMS, (data, gzip.compress(data, mtime=0), lzma.compress(data)), strict=True)
    )
    for name, content in forms.items():
        write_atomic(by_hash / hashlib.sha256(content).hexdigest(), content)
        write_atomic(folder / name, content)
    old = sorted(by_hash.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in old[_KEPT_FORMS * len(forms) :]:
        path.unlink()


def _release(release: Path, architectures: list[str], days: int, now: dt.datetime) -> str:
    # Only what was written now: a list that somebody else laid there is not signed.
    files = [
        release / _COMPONENT / f"binary-{architecture}" / name
        for architecture in architectures
        for name in _FORMS
    ]
    sums = "".join(
        f" {file_digest(path)} {path.stat().st_size} {path.relative_to(release).as_posix()}\n"
        for path in files
    )
    until = now + dt.timedelta(days=days)
    fields = {
        "Origin": "EL Python",
        "Label": "EL Python",
        "Suite": SUITE,
        "Codename": SUITE,
        "Date": _time(now),
        "Valid-Until": _time(until),
        "Acquire-By-Hash": "yes",
        "Architectures": " ".join(architectures),
        "Components": _COMPONENT,
    }
    head = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"{head}SHA256:\n{sums}"


def _time(when: dt.datetime) -> str:
    return email.utils.format_datetime(when.astimezone(dt.UTC), usegmt=True).replace("GMT", "UTC")
