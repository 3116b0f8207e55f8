"""The interpreter's own pip, and small wheels to try it with."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.probe import ProbeError, ask_python
from elpython.core.errors import ElpythonError
from elpython.core.process import Completed, clean_env
from elpython.core.process import run as run_program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elpython.contract.subject import Subject

__all__ = ["NoPipError", "Wheel", "bundled_pip", "pip", "write_wheel"]

_DISTRO_WHEELS = Path("/usr/share/python-wheels")
_STAMP = (2020, 1, 1, 0, 0, 0)


class NoPipError(ElpythonError):
    """An interpreter without pip and without the wheel that `ensurepip` brings."""

    exit_code = 44


@dataclass(frozen=True, kw_only=True, slots=True)
class Wheel:
    """A wheel to be written.

    Attributes:
        name: the project's name, with underscores.
        version: its version.
        tag: the wheel's tag, `py3-none-any`.
        files: path in the wheel -> content.
        requires: lines of `Requires-Dist`.
        scripts: console script -> entry point.
    """

    name: str
    version: str
    tag: str
    files: Mapping[str, bytes]
    requires: tuple[str, ...] = ()
    scripts: Mapping[str, str] | None = None


def bundled_pip(subject: Subject) -> Path | None:
    """Return the pip wheel that the interpreter's `ensurepip` installs; None without one."""
    folders = [subject.stdlib / "ensurepip" / "_bundled"]
    configured = subject.facts["config_vars"].get("WHEEL_PKG_DIR")
    folders += [Path(configured)] if configured else []
    folders.append(_DISTRO_WHEELS)
    found = [path for folder in folders for path in sorted(folder.glob("pip-*.whl"))]
    return found[0] if found else None


def pip(
    subject: Subject, *words: str | Path, timeout: float = 300, env: Mapping[str, str] | None = None
) -> Completed:
    """Run the interpreter's pip: the one that `ensurepip` brings, else the one installed.

    Raises:
        NoPipError: there is neither.
    """
    wheel = bundled_pip(subject)
    if wheel is not None:
        start: list[str | Path] = [subject.python, wheel / "pip"]
    else:
        try:
            ask_python(subject.python, "import pip")
        except ProbeError as error:
            raise NoPipError(
                f"the {subject.role} has no pip",
                where=str(subject.python),
                todo=f"install it (Debian: python{subject.tag}-venv)",
            ) from error
        start = [subject.python, "-m", "pip"]
    quiet = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONNOUSERSITE": "1"}
    return run_program(
        [*start, *words], env=clean_env({**quiet, **(env or {})}), timeout=timeout, check=False
    )


def write_wheel(wheel: Wheel, folder: Path) -> Path:
    """Write a wheel (PEP 427) with fixed dates.

    Args:
        wheel: what is in it.
        folder: where it goes; made when missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{wheel.name}-{wheel.version}-{wheel.tag}.whl"
    info = f"{wheel.name}-{wheel.version}.dist-info"
    metadata = [
        "Metadata-Version: 2.1",
        f"Name: {wheel.name}",
        f"Version: {wheel.version}",
        *(f"Requires-Dist: {line}" for line in wheel.requires),
    ]
    pure = "true" if wheel.tag.endswith("none-any") else "false"
    about = f"Wheel-Version: 1.0\nGenerator: elpython\nRoot-Is-Purelib: {pure}\nTag: {wheel.tag}\n"
    files = {
        **wheel.files,
        f"{info}/METADATA": "\n".join([*metadata, ""]).encode(),
        f"{info}/WHEEL": about.encode(),
    }
    if wheel.scripts:
        lines = [f"{name} = {target}" for name, target in wheel.scripts.items()]
        files[f"{info}/entry_points.txt"] = "\n".join(["[console_scripts]", *lines, ""]).encode()
    record = [f"{name},sha256={_hash(data)},{len(data)}" for name, data in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), data)
    return path


def _hash(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
