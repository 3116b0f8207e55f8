"""A dnf repository: packages, `createrepo_c`'s metadata, advisories, a signed `repomd.xml`."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.process import require, run
from elpython.core.store import disk_errors, file_digest
from elpython.release.errors import TamperedError
from elpython.release.repository.openpgp import detach_sign, export_key, refuse_unsigned
from elpython.release.repository.pool import refuse_strangers, take

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

__all__ = ["Update", "publish_rpms", "update_info"]

_SECONDS = 600.0
_RECORD = "updateinfo.xml"
_REPOMD = "{http://linux.duke.edu/metadata/repo}"
_COMMON = "{http://linux.duke.edu/metadata/common}"
_FORM = "%{NAME}\n%{EPOCHNUM}\n%{VERSION}\n%{RELEASE}\n%{ARCH}\n%{SOURCERPM}\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """What a release fixes, for those who ask `dnf updateinfo`.

    Attributes:
        name: `EL-3.11.2.27.01.0`.
        version: the EL version.
        issued: when the release was made.
        cves: what it fixes.
        publisher: who packages it.
    """

    name: str
    version: str
    issued: dt.datetime
    cves: tuple[str, ...]
    publisher: str


def _element(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    found = ET.SubElement(parent, tag, attributes)
    found.text = text or None
    return found


def update_info(update: Update, packages: Sequence[tuple[Path, Sequence[str]]]) -> ET.Element:
    """Return a release's advisory as `updateinfo.xml` has it.

    Args:
        update: what it fixes.
        packages: file, and its name, epoch, version, release, architecture and source package.
    """
    kind = "security" if update.cves else "bugfix"
    root = ET.Element(
        "update", {"from": update.publisher, "status": "final", "type": kind, "version": "1"}
    )
    _element(root, "id", update.name)
    _element(root, "title", f"EL Python {update.version}")
    _element(root, "release", "EL Python")
    _element(root, "issued", date=f"{update.issued:%Y-%m-%d %H:%M:%S}")
    if update.cves:
        _element(root, "severity", "Important")
    _element(
        root, "description", f"EL Python {update.version}: {', '.join(update.cves) or 'fixes'}"
    )
    references = _element(root, "references")
    for cve in update.cves:
        _element(
            references, "reference", id=cve, title=cve, type="cve",
            href=f"https://www.cve.org/CVERecord?id={cve}",
        )  # fmt: skip
    collection = _element(_element(root, "pkglist"), "collection", short="elpython")
    _element(collection, "name", "EL Python")
    for path, (name, epoch, version, release, arch, source) in packages:
        item = _element(
            collection, "package", name=name, epoch=epoch, version=version, release=release,
            arch=arch, src=source,
        )  # fmt: skip
        _element(item, "filename", path.name)
    return root


def _facts(package: Path) -> list[str]:
    words: list[str | Path] = [require("rpm"), "-qp", "--nosignature", "--qf", _FORM, package]
    return run(words, timeout=_SECONDS).stdout.splitlines()


def _part(root: Path, kind: str) -> ET.Element | None:
    """Return a part of a repository's metadata that its `repomd.xml` names; None for none.

    Raises:
        TamperedError: it is not the one that `repomd.xml` tells the digest of.
    """
    listed = ET.parse(root / "repodata" / "repomd.xml").getroot()  # noqa: S314 - verified
    for data in listed.iter(f"{_REPOMD}data"):
        if data.get("type") != kind:
            continue
        place = data.find(f"{_REPOMD}location")
        path = root / (place.get("href", "") if place is not None else "")
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if hashlib.sha256(content).hexdigest() != data.findtext(f"{_REPOMD}checksum"):
            raise TamperedError("is not the list that was signed", where=str(path))
        return ET.fromstring(gzip.decompress(content))  # noqa: S314 - its digest is signed
    return None


def _packages(root: Path) -> dict[str, str]:
    """Return the packages of a repository's metadata: name -> sha256."""
    primary = _part(root, "primary")
    found: dict[str, str] = {}
    for item in primary.iter(f"{_COMMON}package") if primary is not None else ():
        place, digest = item.find(f"{_COMMON}location"), item.findtext(f"{_COMMON}checksum")
        if place is not None:
            found[place.get("href", "")] = digest or ""
    return found


def _published(root: Path) -> tuple[dict[str, str], ET.Element]:
    """Return the packages that the last signature vouches for, and the advisories.

    Raises:
        TamperedError: the metadata is not what one's own key has signed.
    """
    path = root / "repodata" / "repomd.xml"
    if not path.is_file():
        return {}, ET.Element("updates")
    refuse_unsigned(path, path.with_name("repomd.xml.asc"))
    advisories = _part(root, "updateinfo")
    return _packages(root), ET.Element("updates") if advisories is None else advisories


def publish_rpms(
    packages: Iterable[Path], root: Path, key: str, update: Update | None = None
) -> list[Path]:
    """Add packages to a dnf repository with what they fix, and sign it anew.

    Args:
        packages: `.rpm` files.
        root: the repository's folder, made where it is missing.
        key: the OpenPGP key that signs.
        update: what the release fixes; None to tell nothing about it.

    Returns:
        The files that clients read first.

    Raises:
        SigningError: the key cannot sign.
        TamperedError: what lies there is not what was published.
        MissingProgramError: no `createrepo_c`, `rpm` or `gpg`.
    """
    createrepo = require("createrepo_c")
    modify = require("modifyrepo_c")
    packages = list(packages)
    with disk_errors(root):
        folder = root / "Packages"
        folder.mkdir(parents=True, exist_ok=True)
        allowed, advisories = _published(root)
        refuse_strangers(root.rglob("*.rpm"), root, allowed, packages)
        added = [take(package, folder) for package in packages]
        allowed |= {f"Packages/{path.name}": file_digest(path) for path in packages}
        _advise(advisories, added, update)
        run([createrepo, "--quiet", "--general-compress-type=gz", root], timeout=_SECONDS)
        data = root / "repodata"
        with tempfile.TemporaryDirectory(prefix="elpython-updateinfo-") as name:
            path = Path(name) / _RECORD
            ET.ElementTree(advisories).write(path, "utf-8", xml_declaration=True)
            words: list[str | Path] = [
                modify,
                "--mdtype=updateinfo",
                "--compress-type=gz",
                path,
                data,
            ]
            run(words, timeout=_SECONDS)
        if _packages(root) != {name: allowed.get(name) for name in _packages(root)}:
            raise TamperedError(
                "changed while it was published: nothing is signed", where=str(root)
            )
        detach_sign(data / "repomd.xml", data / "repomd.xml.asc", key)
        export_key(root / "elpython.asc", key)
    return [data / "repomd.xml", root / "elpython.asc"]


def _advise(found: ET.Element, added: Sequence[Path], update: Update | None) -> None:
    """Add the new advisory to those that the repository has."""
    if update is None:
        return
    for old in [item for item in found if item.findtext("id") == update.name]:
        found.remove(old)
    binaries = [(path, _facts(path)) for path in added if ".src." not in path.name]
    found.append(update_info(update, binaries))
