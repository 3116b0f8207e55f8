"""Bring a change's code into a working tree, whichever provider it comes from."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError, ChangeConflictError, DigestMismatchError
from elpython.core.process import run
from elpython.core.store import Store, file_digest
from elpython.define.branch import Branch, branch_names, sources_of
from elpython.define.code import (
    CommitCode,
    DistroCode,
    FilesCode,
    IndexCode,
    PatchCode,
    ReleaseCode,
    ReleasePart,
)
from elpython.prepare.graft.python import transplant, transplant_c
from elpython.prepare.overlay import generated_text
from elpython.prepare.patches import check_patch, leave_out_paths
from elpython.prepare.regenerate import regenerate
from elpython.upstream import distro_patch, release_folder
from elpython.upstream.git import commit_patch
from elpython.upstream.index import index_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elpython.core.report import Reporter
    from elpython.define.change import Change

__all__ = ["Context", "code_digest", "laid_paths", "lay", "lay_patched", "own_code", "own_patches"]

_EMPTY = PatchCode(files={})


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What bringing in code needs.

    Attributes:
        store: where fetched things are kept.
        branches: the `branches` folder.
        branch: the branch that is prepared.
        variant: value of `sys.implementation.variant`.
        reporter: told how it goes on.
    """

    store: Store
    branches: Path
    branch: Branch
    variant: str
    reporter: Reporter


def _substituted(text: bytes, context: Context) -> bytes:
    el = context.branch.el
    level = "FINAL" if el.rc is None else "GAMMA"
    values = {
        "@EL_VERSION@": str(el),
        "@EL_MAJOR@": str(el.year),
        "@EL_MINOR@": str(el.month),
        "@EL_MICRO@": str(el.micro),
        "@EL_LEVEL@": level,
        "@EL_SERIAL@": str(el.serial),
        "@EL_VARIANT@": context.variant,
        "@EL_BASE@": context.branch.base,
        "@EL_SERIES@": context.branch.name,
    }
    for word, value in values.items():
        text = text.replace(word.encode(), value.encode())
    return text


def _own_patch(code: PatchCode, change: Change, context: Context) -> Iterator[tuple[str, bytes]]:
    for name, text in own_patches(code, change, context):
        yield name, _substituted(text, context) if code.substitute else text


def own_code(change: Change) -> PatchCode:
    """Return the patch files that a change's code is, or has besides; none for a commit's."""
    code = change.code
    return code if isinstance(code, PatchCode) else getattr(code, "patch", _EMPTY)


def own_patches(code: PatchCode, change: Change, context: Context) -> Iterator[tuple[str, bytes]]:
    """Yield name and text of the patch file that serves a branch, as it is written."""
    name = code.file(context.branch.name)
    if name is not None:
        yield f"{change.id}/{name}", (change.folder / name).read_bytes()


def laid_paths(change: Change, context: Context) -> list[str]:
    """Return the places in the tree that a change lays whole files to."""
    code = change.code
    if isinstance(code, IndexCode):
        return [*(f"{code.to}/{file.name}" for file in code.files), *code.remove]
    if not isinstance(code, FilesCode):
        return []
    return [place for _path, place in _laid_files(code, change, context)] + list(code.generated)


def _laid_files(code: FilesCode, change: Change, context: Context) -> Iterator[tuple[Path, str]]:
    """Yield each file to lay over the tree with its place."""
    root = context.branches.parent
    for source, place in sorted(code.folders.items()):
        folder = root / source[2:] if source.startswith("//") else change.folder / source
        files = [folder] if folder.is_file() else sorted(folder.rglob("*"))
        for path in files:
            inner = path.relative_to(folder) if path != folder else Path()
            skip = any(
                fnmatch.fnmatch(part, glob) for part in inner.parts for glob in code.leave_out
            )
            if not path.is_file() or skip or "__pycache__" in inner.parts:
                continue
            if path.is_symlink():
                raise BadBranchError("is a symbolic link: refused", where=str(path))
            yield path, str(Path(place) / inner)


def _generated_files(code: FilesCode, context: Context) -> Iterator[tuple[str, bytes]]:
    """Yield each file that is made out of the branch's data, with its place."""
    names = branch_names(context.branches)
    for place, what in sorted(code.generated.items()):
        yield place, generated_text(what, context.branches, names, context.branch)


def code_digest(change: Change, context: Context) -> str:
    """Return the digest of all that decides what a change does; fetches nothing."""
    digest = hashlib.sha256()
    code = change.code
    for name, text in _own_patch(own_code(change), change, context):
        digest.update(f"patch {name}\n".encode() + text)
    if isinstance(code, FilesCode):
        for path, place in _laid_files(code, change, context):
            mode = "x" if os.access(path, os.X_OK) else "-"
            digest.update(f"file {place} {mode} {file_digest(path)}\n".encode())
        for place, text in _generated_files(code, context):
            digest.update(f"generated {place}\n".encode() + text)
    elif isinstance(code, DistroCode):
        for item in code.patches:
            digest.update(f"distro {item.sha256}\n".encode())
    elif isinstance(code, ReleaseCode):
        digest.update(f"release {code.version} {code.sha256} {code.parts}\n".encode())
    elif isinstance(code, CommitCode):
        digest.update(f"commit {code.sha256} {code.leave_out}\n".encode())
    elif isinstance(code, IndexCode):
        for wanted in code.files:
            digest.update(f"index {code.to}/{wanted.name} {wanted.sha256}\n".encode())
        digest.update(f"remove {code.remove}\n".encode())
    if change.regenerate:
        digest.update(f"regenerate {change.regenerate}\n".encode())
    return digest.hexdigest()


def release_digest(code: ReleaseCode, folder: Path) -> str:
    """Return the digest over the files that a `release` change takes, in order."""
    digest = hashlib.sha256()
    for part in code.parts:
        path = folder / part.path
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(f"{file.relative_to(folder)}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _base_folder(context: Context) -> Path:
    return release_folder(context.store, context.branch.sources, reporter=context.reporter)


def _lay_part(part: ReleasePart, later: Path, tree: Path, change: Change, context: Context) -> None:
    source, target = later / part.path, tree / (part.to or part.path)
    where = f"{change.id}: {part.path}"
    if not source.exists():
        raise BadBranchError("the later release has no such path", where=where)
    target.parent.mkdir(parents=True, exist_ok=True)
    if part.mode == "copy":
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)
            target.chmod(source.stat().st_mode & 0o755 | 0o644)
    elif part.mode == "definitions":
        take = transplant_c if target.suffix in {".c", ".h"} else transplant
        text = take(
            target.read_text("utf-8"),
            source.read_text("utf-8"),
            part.names,
            after=part.after,
            where=part.to or part.path,
        )
        target.write_text(text, "utf-8")
    else:
        ancestor = _base_folder(context) / part.path
        words: list[str | Path] = ["git", "merge-file", "-L", "tree", "-L", "base", "-L", "later"]
        outcome = run([*words, target, ancestor, source], check=False)
        if outcome.returncode != 0:
            raise ChangeConflictError(
                f"three-way merge leaves {outcome.returncode} conflict(s)",
                where=f"branch {context.branch.name}, change {where}",
                todo="take single definitions instead (mode = 'definitions'), or write a patch",
            )


def _lay_release(code: ReleaseCode, change: Change, tree: Path, context: Context) -> None:
    sources = sources_of(context.branches, code.version)
    later = release_folder(context.store, sources, reporter=context.reporter)
    digest = release_digest(code, later)
    if digest != code.sha256:
        raise DigestMismatchError(
            f"the files of CPython {code.version} have digest {digest}, pinned is {code.sha256}",
            where=f"{change.id}.toml: source.sha256",
        )
    for part in code.parts:
        _lay_part(part, later, tree, change, context)


def _lay_files(code: FilesCode, change: Change, tree: Path, context: Context) -> None:
    for place, text in _generated_files(code, context):
        target = tree / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
    for path, place in _laid_files(code, change, context):
        target = tree / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o755 if os.access(path, os.X_OK) else 0o644)


def _lay_index(code: IndexCode, change: Change, tree: Path, context: Context) -> None:
    files = [index_file(context.store, wanted) for wanted in code.files]
    for path in code.remove:
        if not (tree / path).is_file():
            raise BadBranchError("there is no such file to replace", where=f"{change.id}: {path}")
        (tree / path).unlink()
    (tree / code.to).mkdir(parents=True, exist_ok=True)
    for file in files:
        target = tree / code.to / file.name
        shutil.copyfile(file, target)
        target.chmod(0o644)


def _patches(change: Change, context: Context) -> Iterator[tuple[str, bytes]]:
    code = change.code
    if isinstance(code, PatchCode):
        yield from _own_patch(code, change, context)
    elif isinstance(code, FilesCode | ReleaseCode | IndexCode):
        yield from _own_patch(code.patch, change, context)
    elif isinstance(code, DistroCode):
        for item in code.patches:
            yield f"{item.package}/{item.name}", distro_patch(context.store, item)
        yield from _own_patch(code.patch, change, context)
    else:
        repository = os.environ.get("ELPYTHON_CPYTHON") or code.repository
        text = commit_patch(context.store, repository, code.commit, sha256=code.sha256)
        found = hashlib.sha256(text).hexdigest()
        if found != code.sha256:
            raise DigestMismatchError(
                f"commit {code.commit[:12]} has digest {found}, pinned is {code.sha256}",
                where=f"{change.id}.toml: source.sha256",
            )
        yield f"commit {code.commit[:12]}", leave_out_paths(text, code.leave_out)


def lay(change: Change, tree: Path, context: Context, apply: Callable[[str, bytes], None]) -> None:
    """Bring a change's code into a working tree (not committed yet).

    Args:
        change: the change.
        tree: the working tree, clean.
        context: store, branches and branch.
        apply: applies one checked patch; called with its name and text.

    Raises:
        BadArchiveError: a patch that may not be applied; nothing was written.
        ChangeConflictError, DigestMismatchError, SourceUnavailableError, BadBranchError.
    """
    patches = list(_patches(change, context))
    for name, text in patches:
        check_patch(text, f"branch {context.branch.name}, change {change.id}, patch {name}")
    if isinstance(change.code, FilesCode):
        _lay_files(change.code, change, tree, context)
    elif isinstance(change.code, ReleaseCode):
        _lay_release(change.code, change, tree, context)
    elif isinstance(change.code, IndexCode):
        _lay_index(change.code, change, tree, context)
    for name, text in patches:
        apply(name, text)
    regenerate(change.regenerate, tree, f"branch {context.branch.name}, change {change.id}")


def lay_patched(
    change: Change, tree: Path, context: Context, patch: bytes, apply: Callable[[str, bytes], None]
) -> None:
    """Bring a change's code into a working tree with another patch than it has now.

    Args:
        change: the change; what it lays as whole files stays, all else of its code is the patch.
        tree: the working tree, clean.
        context: store, branches and branch.
        patch: the new patch, with the words that the EL version replaces still in it.
        apply: applies one checked patch; called with its name and text.
    """
    own = own_code(change)
    if isinstance(change.code, FilesCode):
        _lay_files(change.code, change, tree, context)
    elif isinstance(change.code, IndexCode):
        _lay_index(change.code, change, tree, context)
    if patch.strip():
        text = _substituted(patch, context) if own.substitute else patch
        check_patch(text, f"branch {context.branch.name}, change {change.id}")
        apply(change.id, text)
    regenerate(change.regenerate, tree, f"branch {context.branch.name}, change {change.id}")
