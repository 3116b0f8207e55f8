"""A build backend that resolvers get metadata from, and no installer a wheel (PEP 517).

Standard library only.
"""
# ruff: noqa: INP001 - a build backend is imported from its folder (PEP 517, backend-path)

from __future__ import annotations

import gzip
import io
import os
import sys
import tarfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def project() -> str:
    """The name in pyproject.toml: the same archive goes under several."""
    with open(os.path.join(HERE, "pyproject.toml"), encoding="utf-8") as stream:
        return next(line.split('"')[1] for line in stream if line.startswith("name = "))


NAME, VERSION = project().replace("-", "_"), "1"
# The time of every file in what is built: 1980-01-01.
EPOCH = 315532800
METADATA = f"""\
Metadata-Version: 2.2
Name: {project()}
Version: 1
Summary: Never installs: something asked for an EL Python, or a feature of it, that is not there.
License: PSF-2.0
Requires-Python: >=3.9
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: refused_backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def reason() -> str:
    """Say what runs here, and that it is not enough."""
    variant = str(getattr(sys.implementation, "variant", ""))
    if variant == "elpython" or variant.startswith("elpython-"):
        year, month, micro = sys.implementation.version[:3]
        return (
            "what you install needs a later EL Python, or a feature that EL Python"
            f" {year:02d}.{month:02d}.{micro} ({sys.version.split()[0]}) does not have"
        )
    name = "CPython" if sys.implementation.name == "cpython" else sys.implementation.name
    suffix = f" ({variant})" if variant else ""
    return (
        f"what you install needs EL Python, and {name} {sys.version.split()[0]}{suffix} runs here"
    )


def get_requires_for_build_wheel(config_settings: object = None) -> list[str]:
    """Nothing is needed for a build."""
    del config_settings
    return []


get_requires_for_build_sdist = get_requires_for_build_wheel


def prepare_metadata_for_build_wheel(
    metadata_directory: str, config_settings: object = None
) -> str:
    """Write the metadata, so that lock files can be made anywhere."""
    del config_settings
    folder = f"{NAME}-{VERSION}.dist-info"
    place = os.path.join(metadata_directory, folder)
    os.makedirs(place, exist_ok=True)
    for name, text in (("METADATA", METADATA), ("WHEEL", WHEEL)):
        with open(os.path.join(place, name), "w", encoding="utf-8") as stream:
            stream.write(text)
    return folder


def build_wheel(
    wheel_directory: str, config_settings: object = None, metadata_directory: object = None
) -> str:
    """Fail with a message that installers show."""
    del wheel_directory, config_settings, metadata_directory
    line = "=" * 78
    sys.stderr.write(
        f"\n{line}\nelpython-features: {reason()}.\nInstall with an EL Python that has it, or with"
        f" a CPython that has the feature itself.\n{line}\n"
    )
    sys.stderr.flush()
    raise SystemExit(1)


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    """Build the source archive, on any Python; the same bytes every time."""
    del config_settings
    top = f"{NAME}-{VERSION}"
    files = {"PKG-INFO": METADATA.encode("utf-8")}
    for path in ("README.md", "pyproject.toml", "backend/refused_backend.py"):
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
