"""The difference between two EL releases, from their manifests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from elpython.core.errors import BadVersionError
from elpython.core.version import CalVer, ElVersion
from elpython.release.errors import NotReleasedError
from elpython.release.manifest import MANIFEST, Manifest, load

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from elpython.release.manifest import ManifestEntry

__all__ = ["Difference", "compare", "find_release"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What differs between two releases.

    Attributes:
        old, new: their versions.
        base: both bases where they differ; empty where they are the same.
        added, removed: changes.
        altered: changes of the same id with other content.
        moved: whether changes that both have stand in another order.
        features_added, features_removed: by import path.
        cves_fixed: fixed in the new one alone.
        cves_lost: fixed in the old one alone.
        cves_open: open in the new one.
        declares_added: what the new one alone alters of the contract.
        identity: facts that differ: name -> both values.
        promises: promises whose verdict differs: name -> both verdicts.
    """

    old: str
    new: str
    base: tuple[str, ...]
    added: tuple[ManifestEntry, ...]
    removed: tuple[ManifestEntry, ...]
    altered: tuple[ManifestEntry, ...]
    moved: bool
    features_added: tuple[str, ...]
    features_removed: tuple[str, ...]
    cves_fixed: tuple[str, ...]
    cves_lost: tuple[str, ...]
    cves_open: tuple[str, ...]
    declares_added: tuple[str, ...]
    identity: Mapping[str, tuple[Any, Any]]
    promises: Mapping[str, tuple[str, str]]


def find_release(word: str, folder: Path, branch: str = "") -> Path:
    """Find a release's folder by its version.

    Args:
        word: `3.11.2.27.01.0`, or `27.01.0` where one branch has it.
        folder: holds releases.
        branch: `3.11`, where several branches have the release.

    Raises:
        BadVersionError: the word is neither a path nor a version.
        NotReleasedError: no such release, or more than one.
    """
    try:
        wanted: ElVersion | CalVer = ElVersion.parse(word)
    except BadVersionError:
        wanted = CalVer.parse(word)
    found = []
    for path in sorted(folder.glob(f"*/{MANIFEST}")):
        manifest = load(path)
        own: ElVersion | CalVer = manifest.version
        if isinstance(wanted, CalVer):
            own = manifest.version.calver
        if own == wanted and branch in {"", manifest.version.series}:
            found.append(path.parent)
    if len(found) == 1:
        return found[0]
    what = f"there are {len(found)} releases {word}" if found else f"there is no release {word}"
    todo = "name the branch: --branch 3.11" if found else "name its folder: --releases FOLDER"
    names = tuple(str(path) for path in found)
    raise NotReleasedError(what, where=str(folder), details=names, todo=todo)


def _features(manifest: Manifest) -> dict[str, None]:
    return {name: None for entry in manifest.series for name in entry.provides}


def _fixed(manifest: Manifest) -> dict[str, None]:
    told = {item["cve"]: None for item in manifest.data.get("cves", {}).get("fixed", ())}
    return told | {cve: None for entry in manifest.series for cve in entry.cves}


def _promises(manifest: Manifest) -> dict[str, str]:
    told = manifest.data.get("contract", {}).get("promises", ())
    return {item["promise"]: item["verdict"] for item in told}


def _declares(manifest: Manifest) -> dict[str, None]:
    return {text: None for entry in manifest.series for text in entry.declares}


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (old.get(name), new.get(name))
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    }


def compare(old: Manifest, new: Manifest) -> Difference:
    """Compare two releases, whichever branches they are of."""
    before = {entry.id: entry for entry in old.series}
    after = {entry.id: entry for entry in new.series}
    both = [name for name in before if name in after]
    bases = (old.version.base, new.version.base)

    def only(one: Mapping[str, object], other: Mapping[str, object]) -> tuple[str, ...]:
        return tuple(name for name in one if name not in other)

    return Difference(
        old=str(old.version),
        new=str(new.version),
        base=bases if bases[0] != bases[1] else (),
        added=tuple(entry for name, entry in after.items() if name not in before),
        removed=tuple(entry for name, entry in before.items() if name not in after),
        altered=tuple(
            after[name] for name in both if after[name].patch_id != before[name].patch_id
        ),
        moved=both != [name for name in after if name in before],
        features_added=only(_features(new), _features(old)),
        features_removed=only(_features(old), _features(new)),
        cves_fixed=only(_fixed(new), _fixed(old)),
        cves_lost=only(_fixed(old), _fixed(new)),
        cves_open=tuple(item["cve"] for item in new.data.get("cves", {}).get("open", ())),
        declares_added=only(_declares(new), _declares(old)),
        identity=_pairs(old.data.get("identity", {}), new.data.get("identity", {})),
        promises=_pairs(_promises(old), _promises(new)),
    )
