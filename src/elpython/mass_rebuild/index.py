"""The products as an index that installers can use: PEP 503 and 691, or a yum repository."""

from __future__ import annotations

import html
import json
import os
import shutil
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import quote

from packaging.utils import canonicalize_name, parse_wheel_filename

from elpython.core.process import require, run
from elpython.core.store import disk_errors, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from elpython.mass_rebuild.depot import StoreDepot
    from elpython.mass_rebuild.model import Artifact

__all__ = ["write_index", "write_repository"]

_API = "1.1"


def write_index(folder: Path, products: Iterable[Artifact], depot: StoreDepot) -> Path:
    """Write a simple index and return its address's folder (`<folder>/simple`).

    Beside each `index.html` (PEP 503, for `file:` addresses) lies an `index.json` (PEP 691), which
    `elpython mass-rebuild serve` gives to clients that ask for it; core metadata lies beside each
    wheel (PEP 658). The new index takes the place of the old one by a rename.
    """
    making = folder.with_name(f".making-{folder.name}")
    remove_tree(making)
    by_name: dict[str, list[Artifact]] = {}
    with disk_errors(folder):
        (making / "files").mkdir(parents=True)
        for item in sorted(products, key=lambda item: item.filename):
            if not item.filename.endswith(".whl"):
                continue
            _place(depot.get(item), making / "files" / item.filename)
            name = canonicalize_name(parse_wheel_filename(item.filename)[0])
            by_name.setdefault(name, []).append(item)
        for project, items in by_name.items():
            _write_project(making / "simple" / project, project, items, making / "files")
        _write_root(making / "simple", sorted(by_name))
        _swap(making, folder)
    return folder / "simple"


def _place(source: Path, target: Path) -> None:
    """Link where the disk allows it, else copy."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _swap(making: Path, folder: Path) -> None:
    gone = folder.with_name(f".dropping-{folder.name}")
    remove_tree(gone)
    if folder.exists():
        folder.rename(gone)
    making.rename(folder)
    remove_tree(gone)


def _metadata(wheel: Path) -> tuple[bytes, str]:
    """Return a wheel's METADATA and its Requires-Python."""
    with zipfile.ZipFile(wheel) as bundle:
        name = next(
            (item for item in bundle.namelist() if item.endswith(".dist-info/METADATA")), None
        )
        data = bundle.read(name) if name else b""
    for line in data.decode("utf-8", "replace").splitlines():
        if line.lower().startswith("requires-python:"):
            return data, line.partition(":")[2].strip()
        if not line:
            break
    return data, ""


def _write_project(folder: Path, name: str, items: list[Artifact], files: Path) -> None:
    import hashlib

    folder.mkdir(parents=True)
    links, rows = [], []
    for item in items:
        data, python = _metadata(files / item.filename)
        (files / f"{item.filename}.metadata").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        address = f"../../files/{quote(item.filename)}"
        wants = f' data-requires-python="{html.escape(python)}"' if python else ""
        links.append(
            f'<a href="{address}#sha256={item.sha256}" data-core-metadata="sha256={digest}"{wants}>'
            f"{html.escape(item.filename)}</a><br>"
        )
        row: dict[str, object] = {
            "filename": item.filename,
            "url": address,
            "hashes": {"sha256": item.sha256},
            "size": (files / item.filename).stat().st_size,
            "core-metadata": {"sha256": digest},
        }
        rows.append(row | ({"requires-python": python} if python else {}))
    versions = sorted({str(parse_wheel_filename(item.filename)[1]) for item in items})
    _write_page(folder, f"Links for {name}", links)
    page = {"meta": {"api-version": _API}, "name": name, "versions": versions, "files": rows}
    (folder / "index.json").write_text(json.dumps(page, indent=1), "utf-8")


def _write_root(folder: Path, names: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    _write_page(folder, "Simple index", [f'<a href="{name}/">{name}</a><br>' for name in names])
    page = {"meta": {"api-version": _API}, "projects": [{"name": name} for name in names]}
    (folder / "index.json").write_text(json.dumps(page, indent=1), "utf-8")


def _write_page(folder: Path, title: str, lines: list[str]) -> None:
    body = "\n".join(lines)
    (folder / "index.html").write_text(
        f'<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="{_API}">'
        f"<title>{html.escape(title)}</title></head><body>\n{body}\n</body></html>\n",
        "utf-8",
    )


def write_repository(folder: Path, products: Iterable[Artifact], depot: StoreDepot) -> Path:
    """Write a yum repository of the built RPMs.

    Raises:
        MissingProgramError: createrepo_c is not installed; the message names the package.
    """
    program = require("createrepo_c")
    making = folder.with_name(f".making-{folder.name}")
    remove_tree(making)
    with disk_errors(folder):
        (making / "Packages").mkdir(parents=True)
        for item in products:
            if item.filename.endswith(".rpm"):
                _place(depot.get(item), making / "Packages" / item.filename)
        run([program, "--quiet", os.fspath(making)], timeout=600)
        _swap(making, folder)
    return folder
