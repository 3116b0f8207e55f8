"""Wheels that need EL Python: what a wheel would need, whether it says so, and saying it.

A mark is a requirement on `elpython-features` in the wheel's METADATA. A wheel without one is an
ordinary wheel; nothing that EL Python builds gets one by itself. Formats: PEP 427 (wheel),
PEP 376 and PEP 627 (RECORD), PEP 566 (METADATA).
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from elpython.core.errors import BadArchiveError
from elpython.core.store import write_atomic
from elpython.project.errors import BadWheelError
from elpython.project.scan import read_together
from elpython.upstream.archive import safe_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from elpython.project.rules import Rules
    from elpython.project.scanned import Scanned

__all__ = ["PROBE", "Marked", "Wheel", "mark", "marks_of", "open_wheel", "sources_of"]

PROBE = "elpython-features"
_SIGNATURES = ("RECORD.jws", "RECORD.p7s")
# The fields that decide where a wheel goes, and may stand once (core metadata, "multiple use").
_SINGLE = {"metadata-version", "name", "version", "requires-python"}
_SCRIPT = re.compile(r"[^/]+\.data/scripts/.+")
_PYTHON = re.compile(rb"#!.*python")
_HASHES = {"sha256", "sha384", "sha512"}
_LARGEST = 2 << 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """A wheel that is what its record says.

    Attributes:
        path: the file.
        name: the distribution's name, normalised.
        folder: its `.dist-info` folder.
        metadata: the text of METADATA.
        members: every file, in the archive's order.
    """

    path: Path
    name: str
    folder: str
    metadata: str
    members: tuple[zipfile.ZipInfo, ...]

    def headers(self, key: str) -> list[str]:
        """Return the values of a metadata field."""
        head = self.metadata.partition("\n\n")[0]
        return re.findall(rf"^{key}:[ \t]*(.*)$", head, re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Marked:
    """A wheel that was marked.

    Attributes:
        path: the new file.
        added: the requirements that were added.
        dropped: signatures that were left out, since they no longer hold.
        changed: whether anything had to be done.
    """

    path: Path
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    changed: bool


def _bad(path: Path, problems: Sequence[str]) -> BadWheelError:
    one = len(problems) == 1
    return BadWheelError(
        problems[0] if one else f"{len(problems)} problems in this wheel",
        where=str(path),
        details=() if one else tuple(f"  {problem}" for problem in problems[:12]),
        todo="take the wheel from its publisher again, or build it anew",
    )


def open_wheel(path: Path) -> Wheel:
    """Read a wheel and compare every file with its record.

    Raises:
        BadWheelError: every problem: no wheel, paths that leave it, files that differ from RECORD,
            files twice or without a record.
    """
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise _bad(path, [f"its name is no wheel's: {error}"]) from error
    try:
        with zipfile.ZipFile(path) as archive:
            members = tuple(item for item in archive.infolist() if not item.is_dir())
            problems = _unsafe(members)
            folders = {
                item.filename.split("/")[0]
                for item in members
                if re.fullmatch(r"[^/]+\.dist-info/METADATA", item.filename)
            }
            if len(folders) != 1:
                problems.append(f"has {len(folders)} .dist-info folders with METADATA")
            if problems:
                raise _bad(path, problems)
            folder = folders.pop()
            if canonicalize_name(folder.partition("-")[0]) != name:
                problems.append(f"{folder} belongs to another distribution than {name} {version}")
            problems += _differs(archive, members, folder)
            if problems:
                raise _bad(path, problems)
            metadata = archive.read(f"{folder}/METADATA").decode("utf-8")
            if problems := _mistold(metadata, name, version):
                raise _bad(path, problems)
    except FileNotFoundError as error:
        raise _bad(path, ["there is no such file"]) from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise _bad(path, [f"is no whole zip archive: {error}"]) from error
    except (UnicodeDecodeError, RuntimeError, IsADirectoryError) as error:
        raise _bad(path, [f"cannot be read: {error}"]) from error
    return Wheel(path=path, name=name, folder=folder, metadata=metadata, members=members)


def _mistold(metadata: str, name: str, version: Version) -> list[str]:
    """Return what is wrong with the fields that may stand once, of which installers take any."""
    fields, unread = parse_email(metadata)
    problems = [
        f"METADATA: {key}: stands {len(values)} times, or cannot be read"
        for key, values in unread.items()
        if key in _SINGLE
    ]
    own = canonicalize_name(fields.get("name", ""))
    if own and own != name:
        problems.append(f"METADATA: name: is {own}, and the file's {name}")
    try:
        if "version" in fields and Version(fields["version"]) != version:
            problems.append(f"METADATA: version: is {fields['version']}, and the file's {version}")
    except InvalidVersion as error:
        problems.append(f"METADATA: version: {error}")
    return problems


def _unsafe(members: Sequence[zipfile.ZipInfo]) -> list[str]:
    problems: list[str] = []
    seen: set[str] = set()
    for item in members:
        try:
            safe_path(item.filename)
        except BadArchiveError as error:
            problems.append(error.what)
        if item.filename in seen:
            problems.append(f"{item.filename!r} is in it twice")
        seen.add(item.filename)
    if sum(item.file_size for item in members) > _LARGEST:
        problems.append("unpacks to more than 2 GiB")
    return problems


def _read_record(archive: zipfile.ZipFile, folder: str) -> dict[str, tuple[str, str]]:
    text = archive.read(f"{folder}/RECORD").decode("utf-8")
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3}


def _differs(
    archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo], folder: str
) -> list[str]:
    """Compare every file with RECORD."""
    try:
        record = _read_record(archive, folder)
    except KeyError:
        return ["has no RECORD"]
    unsigned = {f"{folder}/RECORD", *(f"{folder}/{name}" for name in _SIGNATURES)}
    problems = []
    for item in members:
        if item.filename in unsigned:
            continue
        if item.filename not in record:
            problems.append(f"{item.filename} is not in RECORD")
            continue
        algorithm, _, told = record[item.filename][0].partition("=")
        if algorithm not in _HASHES:
            problems.append(f"{item.filename} has no digest in RECORD that is strong enough")
            continue
        if _digest(archive.read(item), algorithm) != told:
            problems.append(f"{item.filename} is not what RECORD says")
    names = {item.filename for item in members}
    problems += [f"{name} is in RECORD and not in it" for name in sorted(set(record) - names)]
    return problems


def _digest(content: bytes, algorithm: str = "sha256") -> str:
    raw = hashlib.new(algorithm, content).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def marks_of(wheel: Wheel) -> list[Requirement]:
    """Return the requirements on `elpython-features` that a wheel has.

    Raises:
        BadWheelError: a requirement cannot be read.
    """
    found = []
    for text in wheel.headers("Requires-Dist"):
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise _bad(wheel.path, [f"Requires-Dist: {text}: {error}"]) from error
        if canonicalize_name(requirement.name) == PROBE:
            found.append(requirement)
    return found


def sources_of(wheel: Wheel, rules: Rules) -> list[Scanned]:
    """Read every Python source in a wheel, and the Python scripts that it installs (PEP 427)."""
    with zipfile.ZipFile(wheel.path) as archive:
        files = {
            item.filename: archive.read(item)
            for item in wheel.members
            if item.filename.endswith((".py", ".pyw"))
        }
        scripts = [item for item in wheel.members if _SCRIPT.fullmatch(item.filename)]
        for item in scripts:
            if _PYTHON.match(content := archive.read(item)):
                files[item.filename] = content
    return read_together(files, rules)


def mark(wheel: Wheel, requirements: Sequence[str], folder: Path) -> Marked:
    """Write the wheel with further requirements: the same input gives the same bytes.

    Args:
        wheel: what to mark; the file itself is not touched unless `folder` is its own.
        requirements: lines for Requires-Dist.
        folder: where the marked wheel goes, under the same name.

    Raises:
        BadWheelError: a requirement that cannot be read.
        DiskFullError: nothing half made remains.
    """
    present = {str(Requirement(text)) for text in wheel.headers("Requires-Dist")}
    for text in requirements:
        try:
            Requirement(text)
        except InvalidRequirement as error:
            raise _bad(wheel.path, [f"{text!r} is no requirement: {error}"]) from error
    added = [text for text in requirements if str(Requirement(text)) not in present]
    target = folder / wheel.path.name
    dropped = tuple(
        item.filename for item in wheel.members if item.filename.rsplit("/", 1)[-1] in _SIGNATURES
    )
    if not added and target == wheel.path:
        return Marked(path=target, added=(), dropped=(), changed=False)
    write_atomic(target, _rewritten(wheel, added, set(dropped) if added else set()))
    return Marked(
        path=target, added=tuple(added), dropped=dropped if added else (), changed=bool(added)
    )


def _rewritten(wheel: Wheel, added: Sequence[str], dropped: set[str]) -> bytes:
    """Return the bytes of the marked wheel: order, times and modes of the files as they were."""
    head, blank, body = wheel.metadata.partition("\n\n")
    lines = [head, *(f"Requires-Dist: {text}" for text in added)]
    metadata = ("\n".join(lines) + (blank + body if blank else "\n")).encode()
    out = io.BytesIO()
    record = f"{wheel.folder}/RECORD"
    rows: list[tuple[str, str, str]] = []
    with zipfile.ZipFile(wheel.path) as old, zipfile.ZipFile(out, "w") as new:
        last = next(item for item in wheel.members if item.filename == record)
        for item in wheel.members:
            if item.filename in dropped or item.filename == record:
                continue
            told = item.filename == f"{wheel.folder}/METADATA"
            content = metadata if told else old.read(item)
            rows.append((item.filename, f"sha256={_digest(content)}", str(len(content))))
            _add(new, item, content)
        rows.append((record, "", ""))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        _add(new, last, text.getvalue().encode())
    return out.getvalue()


def _add(archive: zipfile.ZipFile, like: zipfile.ZipInfo, content: bytes) -> None:
    info = zipfile.ZipInfo(like.filename, like.date_time)
    info.external_attr = like.external_attr
    info.create_system = 3
    info.compress_type = zipfile.ZIP_STORED if like.compress_type == 0 else zipfile.ZIP_DEFLATED
    archive.writestr(info, content, compresslevel=9)
