"""Debian's public archives of everything that it ever had: for what has left the mirrors.

The snapshot archive keeps every file of every day (by SHA-1, told by its machine-readable API); the
archive of past releases keeps the last state of each. What they give is held against the pinned
sha256, so that it does not matter who answers.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from elpython.core.errors import ElpythonError, SourceUnavailableError
from elpython.core.strict_json import load_json
from elpython.upstream.python_org import download

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["fetch_past", "snapshot_versions"]

_SNAPSHOT = "https://snapshot.debian.org"
_PAST = "https://archive.debian.org/debian"


def _address(variable: str, default: str) -> str:
    return os.environ.get(variable, default).rstrip("/")


def _json(url: str, folder: Path) -> Any:  # noqa: ANN401 - JSON

    path = download(url, folder / ".answer.json")
    try:
        return load_json(path.read_bytes())
    except ValueError as error:
        raise SourceUnavailableError("answers no JSON", where=url) from error
    finally:
        path.unlink(missing_ok=True)


def snapshot_versions(package: str, folder: Path) -> list[str]:
    """Return the versions of a source package that the snapshot archive has, newest first.

    Raises:
        SourceUnavailableError: out of reach, or it has no such package.
    """
    home = _address("ELPYTHON_DEBIAN_SNAPSHOT", _SNAPSHOT)
    answer = _json(f"{home}/mr/package/{quote(package)}/", folder)
    rows = answer.get("result", []) if isinstance(answer, dict) else []
    return [str(row["version"]) for row in rows if isinstance(row, dict) and "version" in row]


def _of_snapshot(package: str, version: str, wanted: re.Pattern[str], folder: Path) -> Path:
    home = _address("ELPYTHON_DEBIAN_SNAPSHOT", _SNAPSHOT)
    place = f"{home}/mr/package/{quote(package)}/{quote(version)}/srcfiles?fileinfo=1"
    answer = _json(place, folder)
    infos = answer.get("fileinfo", {}) if isinstance(answer, dict) else {}
    for sha1, rows in sorted(infos.items()):
        for row in rows:
            name = str(row.get("name", ""))
            if wanted.fullmatch(name) and re.fullmatch(r"[0-9a-f]{40}", sha1):
                return download(f"{home}/file/{sha1}", folder / name)
    raise SourceUnavailableError(f"has no {wanted.pattern}", where=place)


def _of_past(package: str, name: str, folder: Path) -> Path:
    home = _address("ELPYTHON_DEBIAN_ARCHIVE", _PAST)
    return download(f"{home}/pool/main/{package[0]}/{package}/{quote(name)}", folder / name)


def fetch_past(
    package: str,
    version: str,
    part: str,
    folder: Path,
    good: Callable[[Path], bool] = lambda _path: True,
) -> Path:
    """Download a file of a source package that the mirrors no longer have.

    Args:
        package: source package, `python3.9`.
        version: its version, `3.9.2-1`; an upstream version, `3.9.2`, stands for any of it.
        part: `orig` for upstream's archive, `debian` for Debian's folder.
        folder: where to.
        good: says whether the file is the one that is pinned; the next place is asked if not.

    Raises:
        SourceUnavailableError: neither archive has it; says what each answered.
    """
    bare = re.sub(r"^\d+:", "", version)
    upstream = re.split(r"-(?=[^-]*$)", bare)[0]
    stem = upstream if part == "orig" else bare
    wanted = re.compile(rf"{re.escape(package)}_{re.escape(stem)}\.{part}\.tar\.(?:xz|gz|bz2)")
    reasons = []

    def snapshot() -> Path:
        versions = snapshot_versions(package, folder)
        fitting = [item for item in versions if item == version] or [
            item for item in versions if re.match(rf"{re.escape(version)}[-+~]", item)
        ]
        if not fitting:
            raise SourceUnavailableError(f"the snapshot archive has no {package} {version}")
        return _of_snapshot(package, fitting[0], wanted, folder)

    def past(suffix: str) -> Callable[[], Path]:
        return lambda: _of_past(package, f"{package}_{stem}.{part}.tar.{suffix}", folder)

    for place in (snapshot, past("xz"), past("gz")):
        try:
            path = place()
        except ElpythonError as error:
            reasons.append(f"{error.where or 'snapshot'}: {error.what}")
            continue
        if good(path):
            return path
        reasons.append(f"{path.name}: another content than is pinned")
        path.unlink()
    raise SourceUnavailableError(
        f"{package} {version} is in no archive of Debian's past", details=tuple(reasons)
    )
