"""Pack pure Python files as a wheel (PEP 427), the same bytes on every machine."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Packed", "pack"]

_NAMES = {"py.typed", "LICENSE", "VERSIONS"}
_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Packed:
    """The metadata of what is packed.

    Attributes:
        name, version, summary, license, requires: as in `pyproject.toml`.
        description: Markdown.
    """

    name: str
    version: str
    summary: str
    license: str
    requires: str
    description: str

    def metadata(self) -> str:
        """Return METADATA."""
        lines = [
            "Metadata-Version: 2.1",
            f"Name: {self.name}",
            f"Version: {self.version}",
            f"Summary: {self.summary}",
            f"License: {self.license}",
            f"Requires-Python: {self.requires}",
            "Description-Content-Type: text/markdown",
        ]
        return "\n".join([*lines, "", self.description])


def pack(what: Packed, source: Path, folder: Path) -> Path:
    """Write the wheel of the Python files, stubs and licences below a folder; return its path."""
    stem = f"{what.name.replace('-', '_')}-{what.version}"
    info = f"{stem}.dist-info"
    files = {
        str(path.relative_to(source)): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.suffix in {".py", ".pyi"} or path.name in _NAMES
    }
    tag = "Wheel-Version: 1.0\nGenerator: elpython\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files |= {f"{info}/METADATA": what.metadata().encode(), f"{info}/WHEEL": tag.encode()}
    rows = []
    target = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            rows.append(f"{name},sha256={digest.decode()},{len(content)}")
            _add(archive, name, content)
        _add(archive, f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,", ""]).encode())
    return target


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _TIME)
    member.external_attr = 0o100644 << 16
    member.create_system = 3
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, content)
