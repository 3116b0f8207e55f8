"""What can be downloaded: releases of a folder, each verified, as plain data for the web pages."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from elpython.core.store import file_digest
from elpython.core.version import ElVersion
from elpython.release.errors import BadManifestError, TamperedError
from elpython.release.manifest import BUNDLE, MANIFEST, SIGNATURE, load
from elpython.release.verify import verify

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elpython.release.index.record import Index
    from elpython.release.trust import Trust

__all__ = ["downloads"]

_WHAT = (
    (".tar.xz", "source archive"),
    (".tar.gz", "source archive, gzip"),
    (".spdx.json", "bill of materials, SPDX"),
    (".cdx.json", "bill of materials, CycloneDX"),
    (".openvex.json", "vulnerabilities, OpenVEX"),
)
_NAMES: Mapping[str, str] = {
    MANIFEST: "manifest: the digest of every file",
    SIGNATURE: "signature over the manifest",
    BUNDLE: "sigstore's bundle over the manifest",
    "NOTES.md": "notes",
    "contract.json": "report of the contract",
}


def downloads(folder: Path, trust: Trust, index: Index | None) -> list[dict[str, Any]]:
    """Return the releases of a folder, newest first, with their files, digests and signers.

    Args:
        folder: holds the folders that `elpython release make` made, side by side.
        trust: whose signatures count. Each release is verified; its state is told from the index.
        index: which releases are current; without it, only the newest one can be told.

    Raises:
        BadManifestError: there is no release in it.
        TamperedError: one does not verify: nothing may be offered that its readers refuse.
    """
    places = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
    if not places:
        raise BadManifestError(
            "there is no release in it", where=str(folder),
            todo="name the folder that `elpython release make --to` wrote into",
        )  # fmt: skip
    found = [_release(place, trust) for place in places]
    found.sort(key=lambda one: ElVersion.parse(one["version"]), reverse=True)
    newest: set[str] = set()
    for one in found:
        one["state"], one["why"] = _state(one, newest, index)
        if not one["rehearsal"]:
            newest.add(one["branch"])
    return found


def _release(place: Path, trust: Trust) -> dict[str, Any]:
    verified = verify(place, trust)
    if not verified.good:
        raise TamperedError(
            "does not verify, so it is not offered", where=str(place),
            details=tuple(text for check in verified.checks for text in check.problems),
        )  # fmt: skip
    manifest = load(place / MANIFEST)
    files = {name: digest for name, digest in manifest.files.items() if "/" not in name}
    for name in (MANIFEST, SIGNATURE, BUNDLE):
        if (place / name).is_file():
            files[name] = file_digest(place / name)
    told = [
        {
            "name": name,
            "what": what,
            "size": (place / name).stat().st_size,
            "sha256": digest,
        }
        for name, digest in files.items()
        if (what := _what(name))
    ]
    order = [text for _, text in _WHAT] + list(_NAMES.values())
    told.sort(key=lambda one: order.index(str(one["what"])))
    return {
        "version": str(manifest.version),
        "branch": str(manifest.data["branch"]),
        "folder": place.name,
        "date": str(manifest.data["date"]),
        "rehearsal": bool(manifest.data.get("rehearsal")),
        "signer": verified.signature.signer,
        "key": verified.signature.key,
        "manifest_sha256": files[MANIFEST],
        "files": told,
    }


def _what(name: str) -> str:
    """Return what a file of a release is; empty for what nobody downloads by itself."""
    if name in _NAMES:
        return _NAMES[name]
    return next((what for end, what in _WHAT if PurePosixPath(name).name.endswith(end)), "")


def _state(one: Mapping[str, Any], newest: set[str], index: Index | None) -> tuple[str, str]:
    """Return a release's state, and why."""
    if one["rehearsal"]:
        return "rehearsal", "made with --rehearse: for trying the release itself"
    if index is None:
        first = one["branch"] not in newest
        return ("newest", "") if first else ("older", "a newer one of the branch is here")
    known = index.by_manifest(one["manifest_sha256"])
    if known is None:
        return "not listed", "the index does not have it"
    record, row = known
    if row.revoked:
        return "revoked", f"on {row.revoked.date}: {row.revoked.reason}"
    newer = record.superseded.get(row.version)
    return ("superseded", f"by {newer}") if newer else ("current", "")
