"""Verify a release before anything of it is used.

The order is the point: signature, manifest, digests, base, and only then the archive is looked
into. What follows a wrong answer is not looked at, and says so.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import BadArchiveError, ElpythonError
from elpython.core.store import file_digest
from elpython.release.archive import FORMATS
from elpython.release.bases import base_problems, known_base
from elpython.release.checks import Check, Received, Verified
from elpython.release.contents import Contents, contents, unpacked
from elpython.release.errors import BadManifestError, NoTrustError, TamperedError
from elpython.release.manifest import BUNDLE, MANIFEST, SIGNATURE, Manifest, parse
from elpython.release.receive import copy_files, private_folder, read_small, spare_files
from elpython.release.seal import check_seal
from elpython.release.sign import Signature, check_signature

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elpython.release.index.record import Record, Row
    from elpython.release.seal import Identity
    from elpython.release.trust import Trust

__all__ = ["Further", "admitted", "check_files", "examine", "release_of", "verify"]

Further = Callable[[Received], Check]
_Stage = Callable[[], Check]


def release_of(path: Path) -> Path:
    """Return the folder of a release from its archive, its manifest or itself.

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
    """Compare every file of one's own release folder with the manifest; return what differs."""
    problems = []
    for name, digest in manifest.files.items():
        path = folder / name
        if path.is_symlink() or not path.is_file():
            problems.append(f"{name}: is missing")
        elif file_digest(path) != digest:
            problems.append(f"{name}: is not what was signed (sha256 {file_digest(path)[:16]}...)")
    return problems + spare_files(folder, manifest)


class _Examination:
    """A release being verified: its private copy grows from stage to stage."""

    def __init__(self, folder: Path, work: Path, trust: Trust, identity: Identity | None) -> None:
        self.folder = folder
        self.work = work
        self.trust = trust
        self.identity = identity
        self.signature = Signature(good=False)
        self.checks: list[Check] = []
        self._manifest: Manifest | None = None

    @property
    def manifest(self) -> Manifest:
        """The manifest, once it has been read."""
        if self._manifest is None:
            raise BadManifestError("was not read", where=MANIFEST)
        return self._manifest

    @property
    def good(self) -> bool:
        """Whether nothing is wrong so far."""
        return not any(check.problems for check in self.checks)

    def take(self) -> None:
        """Copy the manifest and its signatures, whatever they hold."""
        for name in (MANIFEST, SIGNATURE, BUNDLE):
            data = read_small(self.folder / name)
            if data is not None:
                (self.work / name).write_bytes(data)

    def _row(self) -> tuple[Record, Row] | None:
        """Return what the index knows about the release."""
        index = self.trust.index
        return index.by_manifest(file_digest(self.work / MANIFEST)) if index else None

    def current(self) -> Check:
        """Ask the index whether the release may be used."""
        index = self.trust.index
        if index is None:
            why = "no index is named: a release that is stale or revoked would not be noticed"
            return Check(name="index", skipped=why)
        if not (self.work / MANIFEST).is_file():
            return Check(name="index", problems=(f"{MANIFEST}: is no file",))
        problems = index.problems(
            file_digest(self.work / MANIFEST), allow_downgrade=self.trust.allow_downgrade
        )
        note = f"{index.place}, good until {index.expires:%Y-%m-%d}"
        return Check(name="index", problems=problems, note=note)

    def sign(self) -> Check:
        """Check the signature over the manifest's bytes."""
        data = read_small(self.work / MANIFEST)
        if data is None:
            return Check(name="signature", problems=(f"{MANIFEST}: is no file",))
        if self.trust.unverified:
            return Check(name="signature", skipped="--unverified: nobody else vouches for it")
        if self.trust.signers is None:
            raise NoTrustError("nobody is named whose signature counts", where=str(self.folder))
        row = self._row()
        when = row[1].recorded if row else None
        found = check_signature(data, read_small(self.work / SIGNATURE), self.trust.signers, when)
        if found.good and row and self.trust.index:
            why = self.trust.index.key_problem(found.key, *row)
            found = Signature(good=False, key=found.key, why=why) if why else found
        self.signature = found
        by = f"{found.signer}, {found.key}" if found.good else found.key
        problems = () if found.good else (": ".join(filter(None, [found.why, found.key])),)
        return Check(name="signature", problems=problems, note=by)

    def seal(self) -> Check:
        """Check sigstore's signature, where it was asked for."""
        if self.identity is None:
            return Check(name="sigstore", skipped="no --identity")
        why = check_seal(self.work, self.identity)
        return Check(name="sigstore", problems=(why,) if why else (), note=self.identity.name)

    def read(self) -> Check:
        """Read the manifest; where its signature is good, a bad one is the signer's mistake."""
        try:
            manifest = parse((self.work / MANIFEST).read_bytes())
        except BadManifestError as error:
            if self.signature.good:
                raise
            return Check(name="manifest", problems=(error.what, *error.details))
        self._manifest = manifest
        row = self._row()
        told = f"{manifest.version.series}: {manifest.version}"
        known = f"{row[0].branch}: {row[1].version}" if row else told
        problems = () if known == told else (f"is {told}, and the index says {known}",)
        return Check(name="manifest", problems=problems, note=f"EL Python {manifest.version}")

    def copy(self) -> Check:
        """Copy every file, and compare it with the manifest."""
        problems = tuple(copy_files(self.folder, self.manifest, self.work))
        return Check(name="files", problems=problems, note=f"{len(self.manifest.files)} file(s)")

    def base(self) -> Check:
        """Compare the base with what is known here about that release of CPython."""
        known = known_base(self.manifest.version.base, self.trust.branches)
        problems = base_problems(self.manifest.base, known)
        note = f"CPython {known.version}, after {known.told_by}"
        return Check(name="base", problems=problems, note=note)

    def series(self) -> Check:
        """Look at the list of patches: it must be the manifest's, in its order."""
        manifest = self.manifest
        wanted = [item.patch.removeprefix("patches/") for item in manifest.series if item.patch]
        data = read_small(self.work / "patches" / "series") or b""
        wrong = data.decode("utf-8", "replace").splitlines() != wanted
        problems = ["patches/series: is not the order of the manifest"] if wrong else []
        problems += [
            f"{item.patch}: the manifest gives no digest for it"
            for item in manifest.series
            if item.patch and item.patch not in manifest.files
        ]
        return Check(name="series", problems=tuple(problems), note=f"{len(wanted)} patch(es)")

    def archive(self) -> Check:
        """Look into the archives: one tar in both, the tree and versions that the manifest says."""
        problems = [
            problem
            for form in FORMATS
            for problem in _archive_problems(self.work / f"{self.manifest.top}.{form}", self)
        ]
        note = f"tar {self.manifest.tar_sha256[:16]}..."
        return Check(name="archive", problems=tuple(problems), note=note)

    def received(self) -> Received:
        """Return the release for use."""
        signed = self.signature.good and not self.trust.unverified
        return Received(folder=self.work, manifest=self.manifest, signed=signed)

    def run(self, stages: Sequence[tuple[str, _Stage]]) -> None:
        """Run stages until one is wrong; note of the others that they were not run."""
        for name, stage in stages:
            if self.good:
                self.checks.append(stage())
            else:
                wrong = next(check.name for check in self.checks if check.problems)
                self.checks.append(Check(name=name, skipped=f"{wrong} is wrong"))

    def verified(self) -> Verified:
        """Return what was found."""
        manifest = self._manifest
        return Verified(
            folder=self.folder,
            version=str(manifest.version) if manifest else "",
            variant=manifest.variant if manifest else "",
            signature=self.signature,
            unverified=self.trust.unverified,
            checks=tuple(check for check in self.checks if check.skipped != "no --identity"),
            remarks=tuple(manifest.data.get("remarks", ())) if manifest else (),
        )


def _archive_problems(path: Path, found: _Examination) -> list[str]:
    manifest = found.manifest
    if path.name not in manifest.files:
        return [f"{path.name}: the manifest does not list it"]
    try:
        with tempfile.TemporaryDirectory(prefix="elpython-verify-") as scratch:
            tar = Path(scratch) / "release.tar"
            if unpacked(path, tar) != manifest.tar_sha256:
                return [f"{path.name}: holds another tar than the manifest says"]
            inside = contents(tar, manifest.tar_sha256, top=manifest.top, epoch=manifest.epoch)
    except BadArchiveError as error:
        return [f"{path.name}: {error.what}", *error.details]
    return [f"{path.name}: {problem}" for problem in _content_problems(inside, manifest)]


def _content_problems(inside: Contents, manifest: Manifest) -> list[str]:
    wanted = {
        "EL_VERSION": str(manifest.version.calver),
        "EL_VARIANT": manifest.variant,
        "PY_VERSION": manifest.version.base,
    }
    problems = [
        f"{key} is {inside.defines.get(key)!r}, not {value!r}"
        for key, value in wanted.items()
        if inside.defines.get(key) != value
    ]
    if inside.tree != manifest.tree:
        problems.append(f"holds the tree {inside.tree}, the manifest says {manifest.tree}")
    return problems


@contextlib.contextmanager
def examine(
    folder: Path,
    trust: Trust,
    *,
    identity: Identity | None = None,
    further: Sequence[tuple[str, Further]] = (),
) -> Iterator[tuple[Verified, Received | None]]:
    """Verify a release; yield what was found, and the release for use when all of it is good.

    Args:
        folder: from `release_of`.
        trust: what the verifier believes.
        identity: whose sigstore signature must be there too; None: nobody's.
        further: names and checks that cost more, run in order when all before them are good.

    Raises:
        BadManifestError: the manifest cannot be read, and its signature is good.
        NoTrustError: nobody is named whose signature counts.
    """
    with private_folder("elpython-received-") as work:
        found = _Examination(folder, work, trust, identity)
        found.take()
        found.run(
            [
                ("index", found.current),
                ("signature", found.sign),
                ("sigstore", found.seal),
                ("manifest", found.read),
                ("files", found.copy),
                ("base", found.base),
                ("series", found.series),
                ("archive", found.archive),
            ]
        )
        found.run([(label, _stage(label, check, found)) for label, check in further])
        yield found.verified(), found.received() if found.good else None


def _stage(name: str, check: Further, found: _Examination) -> _Stage:
    def run() -> Check:
        try:
            return check(found.received())
        except ElpythonError as error:
            return Check(name=name, problems=(str(error),))

    return run


def verify(
    folder: Path,
    trust: Trust,
    *,
    identity: Identity | None = None,
    further: Sequence[tuple[str, Further]] = (),
) -> Verified:
    """Verify a release; see `examine`."""
    with examine(folder, trust, identity=identity, further=further) as (found, _):
        return found


@contextlib.contextmanager
def admitted(path: Path, trust: Trust) -> Iterator[Received]:
    """Yield a release for use.

    Args:
        path: its archive, its manifest or its folder.
        trust: what the verifier believes.

    Raises:
        TamperedError: it does not verify; every problem is listed.
    """
    with examine(release_of(path), trust) as (found, received):
        if received is None:
            wrong = [f"{item.name}: {text}" for item in found.checks for text in item.problems]
            raise TamperedError(
                "does not verify; nothing of it was used",
                where=str(found.folder),
                details=tuple(wrong[:20]),
                todo="take it from its publisher again; --signers names whose signature counts, "
                "--unverified is for what you made yourself",
            )
        yield received
