"""Read and unpack source archives that nobody vouches for."""

from __future__ import annotations

import ast
import configparser
import json
import shutil
import stat
import tarfile
import tomllib
import zipfile
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from elpython.core.process import require, run
from elpython.core.store import Store, key_of, remove_tree
from elpython.core.toml import load_toml
from elpython.mass_rebuild.errors import BadSourceError
from elpython.mass_rebuild.plain import from_plain, to_plain
from elpython.upstream.archive import CarefulInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["BuildSystem", "build_system", "check_identity", "read_build_system", "unpack"]

_DEFAULT_BACKEND = "setuptools.build_meta:__legacy__"
_DEFAULT_REQUIRES = ("setuptools>=40.8.0",)


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildSystem:
    """A source's `[build-system]` (PEP 518), with the fallback for sources without one."""

    requires: tuple[str, ...]
    backend: str
    backend_path: tuple[str, ...] = ()


def _leaves(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or "\\" in name


def _check_members(names: Iterable[str], archive: Path) -> str:
    """Return the one folder at the archive's top."""
    tops = set()
    for name in names:
        if _leaves(name):
            raise BadSourceError(
                "has a member that leaves its folder", where=f"{archive.name}: {name}"
            )
        parts = [part for part in PurePosixPath(name).parts if part != "."]
        if parts:
            tops.add(parts[0])
    tops -= {"pax_global_header"}
    if len(tops) != 1:
        raise BadSourceError(
            "is no sdist: one folder at the top is wanted, it has "
            + (", ".join(sorted(tops)[:4]) or "none"),
            where=archive.name,
        )
    return tops.pop()


def _unpack_tar(archive: Path, target: Path, limit: int) -> str:
    with tarfile.open(archive, tarinfo=CarefulInfo) as tar:
        members = tar.getmembers()
        top = _check_members([member.name for member in members], archive)
        if sum(member.size for member in members) > limit:
            raise BadSourceError(f"unpacks to more than {limit} bytes", where=archive.name)
        for member in members:
            if member.issym() or member.islnk():
                base = PurePosixPath(member.name).parent if member.issym() else PurePosixPath()
                goal = _normal(base / member.linkname)
                if PurePosixPath(member.linkname).is_absolute() or goal[:1] != [top]:
                    raise BadSourceError(
                        "has a link that leaves its folder", where=f"{archive.name}: {member.name}"
                    )
            elif not (member.isfile() or member.isdir()):
                raise BadSourceError(
                    "has a device or pipe in it", where=f"{archive.name}: {member.name}"
                )
            member.mode = 0o755 if member.isdir() or member.mode & stat.S_IXUSR else 0o644
            member.uid = member.gid = 0
            member.uname = member.gname = ""
        # 3.12 and later ask for a filter, 3.11.2 knows none: the checks above are the filter.
        tar.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)
        tar.extractall(target, members, numeric_owner=True)  # noqa: S202 - every member was checked
    return top


def _normal(path: PurePosixPath) -> list[str]:
    """Resolve `..` by words; a path that climbs out begins with `..`."""
    found: list[str] = []
    for part in path.parts:
        if part == ".." and found and found[-1] != "..":
            found.pop()
        elif part != ".":
            found.append(part)
    return found


def _unpack_zip(archive: Path, target: Path, limit: int) -> str:
    with zipfile.ZipFile(archive) as bundle:
        members = bundle.infolist()
        top = _check_members([member.filename for member in members], archive)
        if sum(member.file_size for member in members) > limit:
            raise BadSourceError(f"unpacks to more than {limit} bytes", where=archive.name)
        bundle.extractall(target)  # noqa: S202 - every member was checked
    return top


def unpack(archive: Path, target: Path, *, limit_mb: int = 8192) -> Path:
    """Unpack an sdist and return its top folder.

    Args:
        archive: a `.tar.*` or `.zip` file.
        target: an empty folder.
        limit_mb: the most that may be unpacked, in MiB.

    Raises:
        BadSourceError: a member or link leaves the folder, a device, a bomb, or no archive.
    """
    target.mkdir(parents=True, exist_ok=True)
    limit = limit_mb * 1024 * 1024
    try:
        if archive.suffix == ".zip":
            top = _unpack_zip(archive, target, limit)
        else:
            top = _unpack_tar(archive, target, limit)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
        raise BadSourceError(f"cannot be unpacked: {error}", where=archive.name) from error
    return target / top


def build_system(source: Path) -> BuildSystem:
    """Read what an unpacked source wants to be built with.

    Raises:
        BadSourceError: its `pyproject.toml` cannot be read.
    """
    path = source / "pyproject.toml"
    table: dict[str, object] = {}
    if path.is_file():
        try:
            table = load_toml(path.read_text("utf-8")).get("build-system", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadSourceError(
                f"cannot be read: {error}", where=f"{source.name}/pyproject.toml"
            ) from error
    requires = table.get("requires", list(_DEFAULT_REQUIRES))
    backend = table.get("build-backend", _DEFAULT_BACKEND)
    backend_path = table.get("backend-path", [])
    if (
        not isinstance(requires, list)
        or not isinstance(backend, str)
        or not isinstance(backend_path, list)
    ):
        raise BadSourceError(
            "[build-system] is not as PEP 518 has it", where=f"{source.name}/pyproject.toml"
        )
    found = [str(item) for item in requires]
    found += _extra_requires(source, backend)
    return BuildSystem(
        requires=tuple(dict.fromkeys(found)),
        backend=backend,
        backend_path=tuple(str(item) for item in backend_path),
    )


def read_build_system(
    archive: Path, digest: str, store: Store, patches: Sequence[str] = ()
) -> BuildSystem:
    """Read what a packed source wants to be built with; known by its digest from then on.

    Args:
        archive: the sdist.
        digest: its sha256.
        store: where the answer is kept.
        patches: texts of patches that are applied first.

    Raises:
        BadSourceError: it cannot be unpacked, patched or read.
    """
    tools = [shutil.which(name) is not None for name in ("cmake", "ninja")]
    key = key_of(["build-system", 1, digest, list(patches), tools])

    def make(folder: Path) -> None:
        source = unpack(archive, folder / "source")
        apply_patches(source, patches)
        text = json.dumps(to_plain(build_system(source)))
        remove_tree(folder / "source")
        (folder / "build-system.json").write_text(text, "utf-8")

    made = store.product("build-systems", key, make)
    return from_plain(BuildSystem, json.loads((made / "build-system.json").read_text("utf-8")))


def apply_patches(source: Path, patches: Sequence[str]) -> None:
    """Apply patches (`-p1`) to an unpacked source.

    Raises:
        BadSourceError: one does not apply; with what `patch` said.
    """
    if not patches:
        return
    program = require("patch")
    for number, text in enumerate(patches, 1):
        file = source.with_name(f"{number}.patch")
        file.write_text(text, "utf-8")
        words = ["-p1", "--batch", "--forward", "--no-backup-if-mismatch", "-i", str(file)]
        done = run([program, *words], cwd=source, check=False, timeout=60)
        if done.returncode != 0:
            raise BadSourceError(
                f"patch {number} of rebuild.toml does not apply",
                where=source.name,
                details=tuple((done.stdout + done.stderr).splitlines()[:10]),
            )


def _extra_requires(source: Path, backend: str) -> list[str]:
    """What backends ask for only when they run, as far as it can be known before."""
    head = backend.partition(":")[0]
    if head == "mesonpy" and shutil.which("ninja") is None:
        return ["ninja"]
    if head == "scikit_build_core.build":
        return [name for name in ("cmake", "ninja") if shutil.which(name) is None]
    if head.startswith("setuptools"):
        return _setup_requires(source)
    return []


def _setup_requires(source: Path) -> list[str]:
    """Literal `setup_requires` of setup.py and setup.cfg; what is computed shows at build time."""
    found: list[str] = []
    script, config = source / "setup.py", source / "setup.cfg"
    if config.is_file():
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(config.read_text("utf-8", "replace"))
        except configparser.Error:
            return found
        text = parser.get("options", "setup_requires", fallback="")
        found += [line.strip() for line in text.replace(";", "\n").splitlines() if line.strip()]
    if script.is_file():
        try:
            tree = ast.parse(script.read_text("utf-8", "replace"))
        except (SyntaxError, ValueError):
            return found
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "setup_requires":
                try:
                    value = ast.literal_eval(node.value)
                except ValueError:
                    continue
                found += [value] if isinstance(value, str) else [str(item) for item in value]
    return [item for item in found if item != "setuptools"]


def check_identity(source: Path, name: str, version: str) -> None:
    """Hold an unpacked sdist to its name and version.

    Raises:
        BadSourceError: its PKG-INFO says something else.
    """
    info = source / "PKG-INFO"
    if not info.is_file():
        return
    headers = HeaderParser().parsestr(info.read_text("utf-8", "replace"))
    said_name, said_version = str(headers.get("Name", "")), str(headers.get("Version", ""))
    if said_name and canonicalize_name(said_name) != canonicalize_name(name):
        raise BadSourceError(
            f"says that its name is {said_name}, wanted is {name}", where=source.name
        )
    try:
        same = Version(said_version) == Version(version)
    except InvalidVersion:
        same = said_version == version
    if not same:
        raise BadSourceError(
            f"says that its version is {said_version}, wanted is {version}", where=source.name
        )
