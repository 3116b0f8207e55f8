"""Rebuild a release as a redistributor: the same tree, one line apart, under a name of its own."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.build.build import Build, build
from elpython.build.request import BuildRequest, Profile
from elpython.core.errors import UsageError
from elpython.core.report import SILENT
from elpython.core.store import disk_errors, file_digest, key_of, write_atomic
from elpython.define.branch import BuildSettings
from elpython.interpreter.facts import facts_of
from elpython.prepare.git import Git
from elpython.prepare.tree import Tree, variant_name
from elpython.release.archive import FORMATS, make_archive
from elpython.release.errors import TamperedError
from elpython.release.manifest import MANIFEST, SIGNATURE, Manifest, dump, parse
from elpython.release.renamed import Renaming, new_name, rename_documents
from elpython.release.sign import sign
from elpython.release.tasks.prove import check_identity
from elpython.upstream import archive as archives

if TYPE_CHECKING:
    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.release.checks import Received

__all__ = ["Derived", "Wish", "derive"]

_HEADER = "Python/elpython_version.h"
_README = "README.elpython.rst"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What a redistributor wants.

    Attributes:
        redistributor: the name that goes behind `elpython-`.
        profile: how it is built.
        to: folder that gets the redistributor's release; None: only the build is made.
        key: SSH key that signs it; None leaves it unsigned.
        prefix: where the interpreter will live; None for its place in the store.
        jobs: compilers at once; 0 for the number of cores.
    """

    redistributor: str
    profile: Profile
    to: Path | None = None
    key: Path | None = None
    prefix: Path | None = None
    jobs: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Derived:
    """A rebuilt release.

    Attributes:
        variant: its value of `sys.implementation.variant`.
        version: the EL version.
        build: the interpreter.
        identity: what it says of itself.
        folder: the redistributor's release; None when none was asked for.
    """

    variant: str
    version: str
    build: Build
    identity: dict[str, Any]
    folder: Path | None


def _import(source: Path, manifest: Manifest, variant: str, day: str, folder: Path) -> str:
    """Make a git repository of a release's tree and the redistributor's one change; return its id.

    Raises:
        TamperedError: the archive holds another tree than the manifest says.
    """
    archives.unpack(source, folder)
    git = Git(folder)
    git("init", "-q", "-b", "main")
    git.settle()
    git.commit(f"EL Python {manifest.version}\n", day)
    found = git("rev-parse", "HEAD^{tree}").strip()
    if found != manifest.tree:
        raise TamperedError(
            f"holds the tree {found}, the manifest says {manifest.tree}", where=str(source)
        )
    path = folder / _HEADER
    old = f'#define EL_VARIANT "{manifest.variant}"\n'
    text = path.read_text("utf-8")
    if old not in text:
        raise TamperedError(f"does not say {old.strip()!r}", where=_HEADER)
    path.write_text(text.replace(old, f'#define EL_VARIANT "{variant}"\n'), "utf-8")
    readme = folder / _README
    if readme.is_file() and not readme.is_symlink():
        readme.write_text(_named(readme.read_text("utf-8"), manifest, variant), "utf-8")
    return git.commit(f"Rebuild as {variant}\n\nEL-Change: {variant}\nEL-Kind: variant\n", day)


def _named(text: str, manifest: Manifest, variant: str) -> str:
    """Return the archive's README under a redistributor's name, who answers for what is built."""
    title = f"{variant} {manifest.version}"
    who = variant.removeprefix("elpython-")
    head = (
        f"{title}\n{'=' * len(title)}\n\n"
        f"EL Python {manifest.version}, rebuilt and answered for by {who}: an interpreter that is\n"
        f"built from this says ``{variant}`` in ``sys.implementation.variant``. Report what is\n"
        f"wrong with it to {who}, and look for advisories and newer releases there.\n"
    )
    match = re.match(r"EL Python \S+\n=+\n", text)
    rest = text[match.end() :] if match else f"\n{text}"
    series = manifest.version.series
    return head + rest.replace(f"/opt/elpython-{series}", f"/opt/{variant}-{series}")


def _tree(store: Store, source: Path, manifest: Manifest, variant: str) -> Tree:
    day = dt.datetime.fromtimestamp(manifest.epoch, tz=dt.UTC).date().isoformat()
    key = key_of({"format": 2, "tar": manifest.tar_sha256, "variant": variant})

    def make(folder: Path) -> None:
        _import(source, manifest, variant, day, folder / "source")

    folder = store.product("redistributions", key, make) / "source"
    git = Git(folder)
    first, head = git("rev-list", "--reverse", "HEAD").split()
    return Tree(
        folder=folder,
        branch=manifest.version.series,
        base=manifest.version.base,
        version=str(manifest.version),
        variant=variant,
        base_commit=first,
        head=head,
        commits=(),
    )


def derive(
    store: Store,
    received: Received,
    wish: Wish,
    reporter: Reporter = SILENT,
) -> Derived:
    """Rebuild a release under a redistributor's name.

    Args:
        store: keeps tree and build.
        received: the release.
        wish: name, profile, where to.
        reporter: told how it goes on.

    Raises:
        UsageError: no name that may be part of the variant, or a release that has one already.
        TamperedError: the archive is not what the manifest says.
        BuildError: it does not build.
    """
    manifest = received.manifest
    variant = variant_name(wish.redistributor)
    if not wish.redistributor or manifest.variant != "elpython":
        raise UsageError(
            f"the release is {manifest.variant} already" if wish.redistributor else "is empty",
            where="--redistributor",
            todo="rebuild EL Python's own release, under your name",
        )
    tree = _tree(store, received.archive(), manifest, variant)
    told = manifest.data.get("build", {})
    settings = BuildSettings(
        shared=bool(told.get("shared")), configure=tuple(told.get("configure", ()))
    )
    request = BuildRequest(
        tree=tree, settings=settings, profile=wish.profile, prefix=wish.prefix, jobs=wish.jobs
    )
    made = build(store, request, reporter=reporter)
    identity = check_identity(facts_of(made.python), manifest.version, variant)
    out = None
    if wish.to is not None:
        out = _publish(store, received, tree, wish, identity, reporter)
    return Derived(
        variant=variant,
        version=str(manifest.version),
        build=made,
        identity=identity,
        folder=out,
    )


def _publish(
    store: Store,
    received: Received,
    tree: Tree,
    wish: Wish,
    identity: dict[str, Any],
    reporter: Reporter,
) -> Path:
    """Write the redistributor's release: the same kind of folder, verified the same way."""
    folder, manifest = received.folder, received.manifest
    top = f"{tree.variant}-{tree.version}"
    to = (wish.to or folder).absolute()
    target = to / top
    if target.exists():
        raise UsageError("is there already", where=str(target), todo="name another --to")
    made = make_archive(
        store, tree.folder, tree.head, top=top, epoch=manifest.epoch, reporter=reporter
    )
    with disk_errors(target):
        to.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".making-{top}-", dir=to) as name:
            work = Path(name) / "files"
            for form in FORMATS:
                target_file = work / f"{top}.{form}"
                target_file.parent.mkdir(exist_ok=True)
                shutil.copyfile(made.path(form), target_file)
            archive_name = f"{top}.{FORMATS[0]}"
            naming = Renaming(
                manifest=manifest,
                variant=tree.variant,
                archive=(archive_name, file_digest(work / archive_name)),
                patch=_patch(tree, manifest),
            )
            missing = _documents(folder, work, naming)
            archive = {
                "top": top,
                "epoch": made.epoch,
                "members": made.members,
                "tar_sha256": made.tar_sha256,
                "files": [f"{top}.{form}" for form in FORMATS],
            }
            data = _manifest(received, tree, archive, naming, identity, wish)
            data["remarks"] += [f"{tree.variant}: {name} is not in the release" for name in missing]
            _finish(work, data, wish.key)
            work.rename(target)
    return target


def _documents(folder: Path, work: Path, naming: Renaming) -> list[str]:
    """Copy what is no archive, and put the redistributor's name into it; return what is missing."""
    manifest = naming.manifest
    for item in manifest.files:
        if item.startswith(manifest.top + ".tar."):
            continue
        place = work / new_name(item, naming)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / item, place)
    name, content = naming.patch
    write_atomic(work / name, content)
    with (work / "patches" / "series").open("a") as stream:
        stream.write(name.removeprefix("patches/") + "\n")
    return rename_documents(work, naming)


def _patch(tree: Tree, manifest: Manifest) -> tuple[str, bytes]:
    number = sum(bool(entry.patch) for entry in manifest.series) + 1
    words = ["--zero-commit", "--no-signature", "--full-index", "--stdout", "-1", tree.head]
    text = Git(tree.folder)("format-patch", *words)
    return f"patches/{number:04}-{tree.variant}.patch", text.encode()


def _manifest(
    received: Received,
    tree: Tree,
    archive: dict[str, Any],
    naming: Renaming,
    identity: dict[str, Any],
    wish: Wish,
) -> dict[str, Any]:
    folder, manifest = received.folder, received.manifest
    git = Git(tree.folder)
    diff = git("diff-tree", "-p", "--no-renames", tree.head)
    patch_id = git("patch-id", "--stable", text=diff).split(" ")[0]
    own = {
        "id": tree.variant,
        "title": naming.title,
        "kind": "variant",
        "patch": naming.patch[0],
        "patch_id": patch_id,
    }
    remarks = [
        *manifest.data.get("remarks", ()),
        f"{tree.variant}: contract.json and the tests are of EL Python {tree.version}'s own build",
    ]
    cves = dict(manifest.data.get("cves") or {})
    if "vex" in cves:
        cves["vex"] = new_name(cves["vex"], naming)
    if not received.signed:
        remarks.append(f"{tree.variant}: nobody's signature was looked at before the rebuild")
    return {
        **manifest.data,
        "variant": tree.variant,
        "profile": wish.profile.name,
        "archive": archive,
        "tree": {"id": git("rev-parse", "HEAD^{tree}").strip(), "head": tree.head},
        "series": [*manifest.data["series"], own],
        "identity": identity,
        "cves": cves,
        "derived_from": {
            "variant": manifest.variant,
            "manifest_sha256": file_digest(folder / MANIFEST),
        },
        "remarks": remarks,
    }


def _finish(work: Path, data: dict[str, Any], key: Path | None) -> None:
    files = sorted(path for path in work.rglob("*") if path.is_file())
    data["files"] = [
        {
            "name": path.relative_to(work).as_posix(),
            "sha256": file_digest(path),
            "size": path.stat().st_size,
        }
        for path in files
    ]
    text = dump(data)
    parse(text)
    write_atomic(work / MANIFEST, text)
    if key is not None:
        write_atomic(work / SIGNATURE, sign(work / MANIFEST, key))
