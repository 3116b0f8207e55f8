"""A build backend for a distribution of metadata alone (PEP 517, PEP 508): what EL Python offers.

Its wheel has no code and is the same on every interpreter, so that every resolver can lock it on
any machine, for all interpreters at once. Where EL Python is missing, too old, or without a feature
that an extra asks for, a marker requires `elpython-refused`: a distribution that resolvers find and
no interpreter builds (`refused/`). Its build says what is missing. Standard library only.
"""
# ruff: noqa: INP001 - a build backend is imported from its folder (PEP 517, backend-path)

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import tarfile
import zipfile
from typing import Any

NAME = "elpython-features"
# One distribution under three names. Poetry takes an order of `implementation_version` for a text
# that nothing equals, and turns what a distribution asks for twice into its opposites: so each kind
# of marker has a name of its own, and CPython's versions are listed for those who cannot order.
REFUSED = "elpython-refused"
REFUSED_CPYTHON = "elpython-refused-cpython"
REFUSED_FEATURE = "elpython-refused-feature"
CPYTHONS = " ".join(f"3.{minor}.{micro}" for minor in range(9, 21) for micro in range(31))
FILE = "elpython_features"
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SUMMARY = "Installs where EL Python offers a release or a feature, and nowhere else."
# The time of every file in what is built: 1980-01-01, the first that zip archives know.
EPOCH = 315532800
TIME = (1980, 1, 1, 0, 0, 0)


def settings() -> dict[str, Any]:
    """Release and features of this archive."""
    with open(os.path.join(HERE, "features.json"), encoding="utf-8") as stream:
        data: dict[str, Any] = json.load(stream)
        return data


def numbers(text: str) -> tuple[int, ...]:
    """``27.1`` and ``27.01.0`` alike as a tuple of numbers, without zeros at the end."""
    found = [int(part) for part in text.split(".")]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)


def short(text: str) -> str:
    """``27.01.0`` as Python packages write it: ``27.1``."""
    found = numbers(text)
    return ".".join(str(part) for part in (*found, 0, 0)[: max(2, len(found))])


def offered_not(feature: dict[str, Any]) -> str:
    """The marker that is true where a feature is not offered; empty where it always is."""
    parts = []
    last = numbers(feature["cpython"])[1] if feature.get("cpython") else 100
    known = feature["el"]
    for minor in range(9, min(last, 40)):
        series = f"3.{minor}"
        here = f'python_version == "{series}"'
        if series in known:
            here = f'({here} and implementation_version < "{known[series]}")'
        parts.append(here)
    if last >= 40:
        parts.append('python_version >= "3.40"')
    return " or ".join(parts)


def requirements(data: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Every Requires-Dist line, and the extras."""
    first = short(data["releases"][0])
    lines = [
        f"{NAME}-api",
        f'{REFUSED}; implementation_name != "cpython" or implementation_version < "{first}"',
        f'{REFUSED_CPYTHON}; implementation_version in "{CPYTHONS}"',
    ]
    extras = []
    for release in data["releases"]:
        version = short(release)
        extras.append("el-" + version.replace(".", "-"))
        marker = f'extra == "{extras[-1]}" and implementation_version < "{version}"'
        lines.append(f"{REFUSED_FEATURE}; {marker}")
    for feature in data["features"]:
        extra = feature["extra"]
        # Two features may share an extra (asyncio.timeout, asyncio.Timeout): both are asked for.
        if extra not in extras:
            extras.append(extra)
        marker = offered_not(feature)
        if marker:
            lines.append(f'{REFUSED_FEATURE}; extra == "{extra}" and ({marker})')
    return lines, extras


def metadata(data: dict[str, Any]) -> str:
    """The METADATA of the wheel, and the PKG-INFO of the source archive."""
    version = short(data["release"])
    lines = ["Metadata-Version: 2.2", "Name: " + NAME, "Version: " + version]
    lines += ["Summary: " + SUMMARY, "License: PSF-2.0", "Requires-Python: >=3.9"]
    required, extras = requirements(data)
    lines += ["Provides-Extra: " + extra for extra in extras]
    lines += ["Requires-Dist: " + line for line in required]
    lines += ["Description-Content-Type: text/markdown", ""]
    with open(os.path.join(HERE, "README.md"), encoding="utf-8") as stream:
        return "\n".join(lines) + "\n" + stream.read()


WHEEL = "Wheel-Version: 1.0\nGenerator: probe_backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def get_requires_for_build_wheel(config_settings: object = None) -> list[str]:
    """Nothing is needed for a build."""
    del config_settings
    return []


get_requires_for_build_sdist = get_requires_for_build_wheel


def prepare_metadata_for_build_wheel(
    metadata_directory: str, config_settings: object = None
) -> str:
    """Write the metadata of the wheel."""
    del config_settings
    data = settings()
    folder = f"{FILE}-{short(data['release'])}.dist-info"
    place = os.path.join(metadata_directory, folder)
    os.makedirs(place, exist_ok=True)
    for name, text in (("METADATA", metadata(data)), ("WHEEL", WHEEL)):
        with open(os.path.join(place, name), "w", encoding="utf-8") as stream:
            stream.write(text)
    return folder


def build_wheel(
    wheel_directory: str, config_settings: object = None, metadata_directory: object = None
) -> str:
    """Build the wheel; the same bytes on every Python."""
    del config_settings, metadata_directory
    data = settings()
    folder = f"{FILE}-{short(data['release'])}.dist-info"
    name = f"{FILE}-{short(data['release'])}-py3-none-any.whl"
    files = [(folder + "/METADATA", metadata(data)), (folder + "/WHEEL", WHEEL)]
    record = []
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as archive:
        for path, text in files:
            content = text.encode("utf-8")
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            record.append(f"{path},sha256={digest.decode('ascii')},{len(content)}")
            add(archive, path, content)
        record.append(folder + "/RECORD,,")
        add(archive, folder + "/RECORD", ("\n".join(record) + "\n").encode("utf-8"))
    return name


def add(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    """Add a file with a fixed time and mode."""
    info = zipfile.ZipInfo(path, TIME)
    info.external_attr = 0o100644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    """Build the source archive, on any Python; the same bytes every time."""
    del config_settings
    data = settings()
    top = f"{FILE}-{short(data['release'])}"
    names = ["README.md", "pyproject.toml", "features.json", "backend/probe_backend.py"]
    files = {"PKG-INFO": metadata(data).encode("utf-8")}
    for path in names:
        with open(os.path.join(HERE, *path.split("/")), "rb") as stream:
            files[path] = stream.read()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(files):
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size, member.mtime, member.mode = len(files[path]), EPOCH, 0o644
            archive.addfile(member, io.BytesIO(files[path]))
    name = f"{top}.tar.gz"
    with (
        open(os.path.join(sdist_directory, name), "wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=EPOCH) as out,
    ):
        out.write(packed.getvalue())
    return name
