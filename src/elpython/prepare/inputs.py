"""Everything that a branch is made of and does not carry itself: its pinned inputs."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import DiskFullError, ElpythonError, FileAccessError
from elpython.core.report import SILENT
from elpython.core.store import Store, disk_errors, file_digest, write_atomic
from elpython.define.branch import sources_of
from elpython.define.code import CommitCode, DistroCode, IndexCode, ReleaseCode
from elpython.upstream import Source, distro_patch, fetch
from elpython.upstream.git import commit_patch
from elpython.upstream.index import index_file
from elpython.upstream.mirror import FOLDER
from elpython.upstream.source import IndexFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from elpython.core.report import Reporter
    from elpython.define.branch import Branch
    from elpython.upstream import DistroPatch

__all__ = ["Input", "Mirrored", "Standing", "availability", "inputs_of", "mirror"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """One pinned input.

    Attributes:
        name: how it is called: `CPython 3.11.2`, `python3.11: CVE-2024-6232.patch`.
        wanted_by: the base, or the first change that takes it.
        source: what it is: the places of an archive, a distribution's patch, a commit, or a file of
            a package index.
    """

    name: str
    wanted_by: str
    source: tuple[Source, ...] | DistroPatch | CommitCode | IndexFile

    def fetch(self, store: Store, reporter: Reporter) -> bytes | Path:
        """Return its content, checked by its digest.

        Raises:
            SourceUnavailableError, DigestMismatchError: as its provider does.
        """
        if isinstance(self.source, tuple):
            return fetch(store, self.source, reporter=reporter)
        if isinstance(self.source, CommitCode):
            repository = os.environ.get("ELPYTHON_CPYTHON") or self.source.repository
            return commit_patch(store, repository, self.source.commit, sha256=self.source.sha256)
        if isinstance(self.source, IndexFile):
            return index_file(store, self.source)
        return distro_patch(store, self.source)


def inputs_of(branches: Path, branch: Branch) -> list[Input]:
    """Return the inputs of a branch, each once, the base first.

    Raises:
        UnknownNameError: a change takes code from a release whose place nobody has told.
    """
    found = {branch.base: Input(name=f"CPython {branch.base}", wanted_by="base",
                                source=branch.sources)}  # fmt: skip
    for change in branch.series:
        code = change.code
        if isinstance(code, DistroCode):
            for item in code.patches:
                found.setdefault(
                    item.sha256,
                    Input(name=f"{item.package}: {item.name}", wanted_by=change.id, source=item),
                )
        elif isinstance(code, ReleaseCode):
            found.setdefault(
                code.version,
                Input(
                    name=f"CPython {code.version}",
                    wanted_by=change.id,
                    source=sources_of(branches, code.version),
                ),
            )
        elif isinstance(code, IndexCode):
            for file in code.files:
                found.setdefault(
                    file.sha256, Input(name=file.name, wanted_by=change.id, source=file)
                )
        elif isinstance(code, CommitCode):
            found.setdefault(
                code.commit,
                Input(name=f"commit {code.commit[:12]}", wanted_by=change.id, source=code),
            )
    return list(found.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Mirrored:
    """A file of a mirror.

    Attributes:
        name: as in `Input`.
        sha256: its digest, and its name there.
        size: bytes.
        new: whether it was not there yet.
    """

    name: str
    sha256: str
    size: int
    new: bool


def mirror(
    store: Store,
    inputs: Sequence[Input],
    target: Path,
    *,
    reporter: Reporter = SILENT,
) -> list[Mirrored]:
    """Write inputs under their digests into a folder; what is there and whole stays.

    Args:
        store: where they are fetched to.
        inputs: of one branch or of several.
        target: the folder.
        reporter: told how it goes on.

    Raises:
        SourceUnavailableError, DigestMismatchError: an input cannot be had; what was written
            before stays, and the next run goes on from there.
        DiskFullError, StoreError.
    """
    if target.exists() and not target.is_dir():
        raise FileAccessError("is no folder", where=str(target))
    found = []
    for number, item in enumerate(inputs):
        reporter.progress("inputs", number, len(inputs))
        content = item.fetch(store, reporter)
        found.append(_put(item, content, target / FOLDER))
    reporter.progress("inputs", len(inputs), len(inputs))
    index = target / "index.json"
    known = json.loads(index.read_text("utf-8")) if index.is_file() else {}
    known |= {one.sha256: {"name": one.name, "size": one.size} for one in found}
    write_atomic(index, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())
    return found


def _put(item: Input, content: bytes | Path, folder: Path) -> Mirrored:
    if isinstance(content, bytes):
        digest, size = hashlib.sha256(content).hexdigest(), len(content)
    else:
        digest, size = file_digest(content), content.stat().st_size
    target = folder / digest
    new = not target.is_file() or file_digest(target) != digest
    if new:
        with disk_errors(target):
            data = content if isinstance(content, bytes) else content.read_bytes()
        write_atomic(target, data)
    return Mirrored(name=item.name, sha256=digest, size=size, new=new)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Whether an input can be had today, from one place.

    Attributes:
        name: as in `Input`.
        wanted_by: the same.
        place: `debian trixie`, `python-org`.
        problem: why not; empty when it can.
    """

    name: str
    wanted_by: str
    place: str
    problem: str


def availability(
    inputs: Sequence[Input],
    *,
    reporter: Reporter = SILENT,
) -> list[Standing]:
    """Ask every place of every input, as if this machine had nothing.

    Args:
        inputs: of one branch or of several.
        reporter: told how it goes on.
    """
    found: list[Standing] = []
    with tempfile.TemporaryDirectory(prefix="elpython-inputs-") as folder:
        patches = Store(Path(folder) / "patches")
        for number, item in enumerate(inputs):
            reporter.progress("inputs", number, len(inputs))
            for place, one in _places(item):
                # An archive that another place gave must not answer for this one.
                fresh = Store(Path(folder) / f"{number}-{place.replace('/', '_')}")
                fresh = patches if not isinstance(one.source, tuple) else fresh
                found.append(
                    Standing(name=item.name, wanted_by=item.wanted_by, place=place,
                             problem=_problem(one, fresh))
                )  # fmt: skip
        reporter.progress("inputs", len(inputs), len(inputs))
    return found


def _places(item: Input) -> Iterator[tuple[str, Input]]:
    if not isinstance(item.source, tuple):
        kinds = {CommitCode: "git", IndexFile: "package index"}
        kind = kinds.get(type(item.source), "debian")
        yield kind, item
        return
    for source in item.source:
        place = " ".join(filter(None, [source.provider, source.suite or source.url]))
        yield place, Input(name=item.name, wanted_by=item.wanted_by, source=(source,))


def _problem(item: Input, store: Store) -> str:
    try:
        item.fetch(store, SILENT)
    except DiskFullError:
        raise
    except ElpythonError as error:
        return "; ".join([error.what, *(line.strip() for line in error.details)])
    return ""
