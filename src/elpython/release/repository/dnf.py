"""A dnf repository: packages, `createrepo_c`'s metadata, advisories, a signed `repomd.xml`."""

from __future__ import annotations

import shutil
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.process import require, run
from elpython.core.store import disk_errors
from elpython.release.repository.openpgp import detach_sign, export_key
from elpython.release.repository.pool import take

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

__all__ = ["Update", "publish_rpms", "update_info"]

_SECONDS = 600.0
_RECORD = "updateinfo.xml"
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
        MissingProgramError: no `createrepo_c`, `rpm` or `gpg`.
    """
    createrepo = require("createrepo_c")
    modify = require("modifyrepo_c")
    with disk_errors(root):
        folder = root / "Packages"
        folder.mkdir(parents=True, exist_ok=True)
        added = [take(package, folder) for package in packages]
        advisories = _advisories(root, added, update)
        run([createrepo, "--quiet", "--general-compress-type=gz", root], timeout=_SECONDS)
        data = root / "repodata"
        with tempfile.TemporaryDirectory(prefix="elpython-updateinfo-") as name:
            path = Path(name) / _RECORD
            ET.ElementTree(advisories).write(path, "utf-8", xml_declaration=True)
            run([modify, "--mdtype=updateinfo", path, data], timeout=_SECONDS)
            shutil.copyfile(path, root / f".{_RECORD}")
        detach_sign(data / "repomd.xml", data / "repomd.xml.asc", key)
        export_key(root / "elpython.asc", key)
    return [data / "repomd.xml", root / "elpython.asc"]


def _advisories(root: Path, added: Sequence[Path], update: Update | None) -> ET.Element:
    """Return all advisories: those that the repository has, and the new one."""
    kept = root / f".{_RECORD}"
    found = ET.parse(kept).getroot() if kept.is_file() else ET.Element("updates")  # noqa: S314 - ours
    if update is None:
        return found
    for old in [item for item in found if item.findtext("id") == update.name]:
        found.remove(old)
    binaries = [(path, _facts(path)) for path in added if ".src." not in path.name]
    found.append(update_info(update, binaries))
    return found
