"""Verify a release: signature, digests, archive, and where asked its making and its building."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from elpython.core.errors import BadArchiveError, ElpythonError
from elpython.core.process import run
from elpython.core.store import Store, file_digest
from elpython.prepare.git import FALLBACK_DATE, git_env
from elpython.prepare.tree import base_repository
from elpython.release.archive import FORMATS, make_archive, unpacked
from elpython.release.errors import BadManifestError, RefusedReleaseError
from elpython.release.manifest import BUNDLE, MANIFEST, SIGNATURE, Manifest, load
from elpython.release.replay import apply_all
from elpython.release.sign import Signature, check_signature
from elpython.upstream.archive import read_members, unpack

__all__ = ["Check", "Verified", "check_files", "release_of", "reproduce_from", "verify"]

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: `signature`, `files`, `archive`, `series`, `rebuild` or `build`.
        problems: what is wrong; none when it is as it should be.
        note: what was found.
    """

    name: str
    problems: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What verifying a release found.

    Attributes:
        folder: the release's.
        version: what the manifest says it is.
        variant: value of `sys.implementation.variant`.
        signature: whose it is.
        checks: each with its problems.
        remarks: what the manifest wants its readers to know.
    """

    folder: Path
    version: str
    variant: str
    signature: Signature
    checks: tuple[Check, ...]
    remarks: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether everything that was looked at is as it should be."""
        return not any(check.problems for check in self.checks)


def release_of(path: Path) -> Path:
    """Give the folder of a release from its archive, its manifest or itself.

    Raises:
        BadManifestError: no manifest lies there.
    """
    folder = path if path.is_dir() else path.parent
    if not path.exists():
        raise BadManifestError("there is no such file or folder", where=str(path))
    if not (folder / MANIFEST).is_file():
        raise BadManifestError(
            f"there is no {MANIFEST} beside it",
            where=str(path),
            todo="keep a release's files together, as they were published",
        )
    return folder.absolute()


def check_files(folder: Path, manifest: Manifest) -> list[str]:
    """Compare every file of a release's folder with the manifest; give what differs."""
    problems = []
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    for name, digest in manifest.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            problems.append(f"{name}: is missing")
        elif file_digest(path) != digest:
            problems.append(f"{name}: is not what was signed (sha256 {file_digest(path)[:16]}...)")
    spare = sorted(there - manifest.files.keys() - {MANIFEST, SIGNATURE, BUNDLE})
    problems += [f"{name}: the manifest does not know it" for name in spare]
    return problems


def _signature(folder: Path, signers: Path | None) -> tuple[Signature, Check]:
    data = (folder / MANIFEST).read_bytes()
    found = check_signature(data, folder / SIGNATURE, signers)
    by = f"{found.signer}, {found.key}" if found.good else found.key
    problems = () if found.good else (": ".join(filter(None, [found.why, found.key])),)
    return found, Check(name="signature", problems=problems, note=by)


def _archive(folder: Path, manifest: Manifest) -> Check:
    """Look into the archives: the same tar in both, nothing outside its folder, the right name."""
    problems = []
    paths = [folder / f"{manifest.top}.{form}" for form in FORMATS]
    for path in paths:
        if path.name not in manifest.files:
            problems.append(f"{path.name}: the manifest does not list it")
        elif not path.is_file():
            continue
        else:
            problems += _archive_problems(path, manifest)
    return Check(
        name="archive", problems=tuple(problems), note=f"tar {manifest.tar_sha256[:16]}..."
    )


def _archive_problems(path: Path, manifest: Manifest) -> list[str]:
    header = f"{manifest.top}/Python/elpython_version.h"
    try:
        with tempfile.TemporaryDirectory(prefix="elpython-verify-") as scratch:
            tar = Path(scratch) / "release.tar"
            if unpacked(path, tar) != manifest.tar_sha256:
                return [f"{path.name}: holds another tar than the manifest says"]
            # Every member's path is judged before one would be kept; none is.
            unpack(tar, Path(scratch) / "none", keep=lambda _path: False)
            members = read_members(tar, lambda name: name == header)
    except BadArchiveError as error:
        return [f"{path.name}: {error.what}", *error.details]
    text = members.get(header, b"").decode("utf-8", "replace")
    found = dict(re.findall(r'^#define (EL_\w+) +"?([^"\n]*)"?$', text, re.MULTILINE))
    wanted = {"EL_VERSION": str(manifest.version.calver), "EL_VARIANT": manifest.variant}
    return [
        f"{path.name}: {key} is {found.get(key)!r}, not {value!r}"
        for key, value in wanted.items()
        if found.get(key) != value
    ]


def _series(folder: Path, manifest: Manifest) -> Check:
    """Look at the list of patches: it must be the manifest's, in its order."""
    path = folder / "patches" / "series"
    wanted = [entry.patch.removeprefix("patches/") for entry in manifest.series if entry.patch]
    listed = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    problems = ["patches/series: is not the order of the manifest"] if listed != wanted else []
    problems += [
        f"{entry.patch}: the manifest gives no digest for it"
        for entry in manifest.series
        if entry.patch and entry.patch not in manifest.files
    ]
    return Check(name="series", problems=tuple(problems), note=f"{len(wanted)} patch(es)")


def reproduce(folder: Path, manifest: Manifest, base: Path, progress: Progress) -> Check:
    """Make the archive again, from the base and the published patches, and compare.

    Nothing is taken from the store but the base: an archive that lies there proves nothing.

    Args:
        folder: the release's.
        manifest: its manifest.
        base: the base as a git repository.
        progress: told label, done and total.
    """
    patches = [folder / entry.patch for entry in manifest.series if entry.patch]
    try:
        with tempfile.TemporaryDirectory(prefix="elpython-rebuild-") as name:
            scratch = Path(name)
            clone = scratch / "clone"
            words: list[str | Path] = [
                "git",
                "clone",
                "-q",
                "--local",
                "--no-checkout",
                base,
                clone,
            ]
            run(words, env=git_env(FALLBACK_DATE))
            tree = "HEAD^{tree}"
            for number, (_path, found) in enumerate(apply_all(clone, "HEAD", patches, scratch)):
                progress("patches", number + 1, len(patches))
                tree = found
            if patches and tree != manifest.tree:
                problem = f"base and patches give the tree {tree}, not {manifest.tree}"
                return Check(name="rebuild", problems=(problem,))
            made = make_archive(
                Store(scratch),
                clone,
                tree,
                top=manifest.top,
                epoch=manifest.epoch,
                progress=progress,
            )
    except (RefusedReleaseError, BadArchiveError) as error:
        return Check(name="rebuild", problems=(str(error),))
    if made.tar_sha256 != manifest.tar_sha256:
        return Check(name="rebuild", problems=("base and patches give another archive",))
    other = [
        form for form in FORMATS if made.sha256[form] != manifest.files.get(f"{made.top}.{form}")
    ]
    note = "bit for bit the same"
    if other:
        note = f"the same content; packed differently by this machine: {', '.join(other)}"
    return Check(name="rebuild", note=note)


def reproduce_from(
    store: Store,
    folder: Path,
    manifest: Manifest,
    *,
    say: Callable[[str], None] = lambda _line: None,
    progress: Progress = lambda _label, _done, _total: None,
) -> Check:
    """Fetch the base that a manifest names, and make the archive again from it and the patches.

    Args:
        store: keeps the base.
        folder: the release's.
        manifest: its manifest.
        say: told a line for each provider of the base that was skipped.
        progress: told label, done and total.

    Raises:
        SourceUnavailableError, DigestMismatchError: the base is not to be had.
    """
    base = base_repository(store, manifest.version.base, manifest.base, say)
    return reproduce(folder, manifest, base, progress)


def verify(
    folder: Path,
    *,
    signers: Path | None,
    further: tuple[Callable[[Path, Manifest], Check], ...] = (),
) -> Verified:
    """Verify a release.

    Args:
        folder: from `release_of`.
        signers: whom to believe; None: nobody.
        further: checks that cost more (`reproduce`, building), run when all before them are good.

    Raises:
        BadManifestError: the manifest cannot be read, and its signature is good.
    """
    signature, first = _signature(folder, signers)
    try:
        manifest = load(folder / MANIFEST)
    except BadManifestError as error:
        if signature.good:
            raise
        unread = Check(name="manifest", problems=(error.what, *error.details))
        return Verified(
            folder=folder,
            version="",
            variant="",
            signature=signature,
            checks=(first, unread),
            remarks=(),
        )
    checks = [
        first,
        Check(
            name="files",
            problems=tuple(check_files(folder, manifest)),
            note=f"{len(manifest.files)} file(s)",
        ),
        _archive(folder, manifest),
        _series(folder, manifest),
    ]
    sound = not any(check.problems for check in checks[1:])
    if sound:
        checks += [_guarded(check, folder, manifest) for check in further]
    return Verified(
        folder=folder,
        version=str(manifest.version),
        variant=manifest.variant,
        signature=signature,
        checks=tuple(checks),
        remarks=tuple(manifest.data.get("remarks", ())),
    )


def _guarded(check: Callable[[Path, Manifest], Check], folder: Path, manifest: Manifest) -> Check:
    try:
        return check(folder, manifest)
    except ElpythonError as error:
        return Check(name="further", problems=(str(error),))
