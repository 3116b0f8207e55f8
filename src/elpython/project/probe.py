"""Make the distributions that marks ask for, and lay them out as a package index (PEP 503)."""

from __future__ import annotations

import html
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.process import run
from elpython.core.store import disk_errors, file_digest, write_atomic
from elpython.project.errors import BadRegistryError
from elpython.project.registry import extra_name, python_release

if TYPE_CHECKING:
    from elpython.project.registry import Registry

__all__ = ["features_of", "lay_index"]

# As `runtime/features-probe/backend/probe_backend.py` asks for them, and why.
_REFUSED = ("elpython-refused", "elpython-refused-cpython", "elpython-refused-feature")


def features_of(registry: Registry) -> dict[str, object]:
    """Return release and features as the source archive of `elpython-features` carries them."""
    release = max(branch.release for branch in registry.branches)
    releases = {branch.first for branch in registry.branches} | {release}
    releases |= {since for known in registry.features.values() for since in known.el.values()}
    return {
        "release": str(release),
        "releases": [str(each) for each in sorted(releases)],
        "features": [
            {
                "name": known.name,
                "extra": extra_name(known.name),
                "cpython": ".".join(map(str, known.cpython)) if known.cpython else "",
                "el": {
                    f"{major}.{minor}": python_release(since)
                    for (major, minor), since in sorted(known.el.items())
                },
            }
            for known in sorted(registry.features.values(), key=lambda known: known.name)
        ],
    }


def lay_index(folder: Path, source: Path, registry: Registry) -> list[Path]:
    """Build the distributions into a folder; return the files.

    Args:
        folder: the index; made when it is not there.
        source: the checkout's `runtime/features-probe`.
        registry: the branches' features.

    Raises:
        BadRegistryError: the sources of the distributions are not there.
        DiskFullError: no space left.
    """
    if not (source / "backend" / "probe_backend.py").is_file():
        raise BadRegistryError(
            "the sources of elpython-features are not there",
            where=str(source),
            todo="run inside a checkout of EL Python",
        )
    made = []
    with tempfile.TemporaryDirectory(prefix="elpython-probe-") as name, disk_errors(folder):
        work = Path(name) / "probe"
        left_out = shutil.ignore_patterns("__pycache__", "tests", "*.egg-info")
        shutil.copytree(source, work, ignore=left_out)
        text = json.dumps(features_of(registry), indent=1)
        (work / "features.json").write_text(text, "utf-8")
        built = _built(work / "backend", "probe_backend", "build_wheel", Path(name))
        made.append(_place(folder, "elpython-features", built))
        for refused in _REFUSED:
            _rename(work / "refused" / "pyproject.toml", refused)
            backend = work / "refused" / "backend"
            built = _built(backend, "refused_backend", "build_sdist", Path(name))
            made.append(_place(folder, refused, built))
        made.append(_place(folder, "elpython-features-api", _api(work / "api", Path(name))))
        _write_pages(folder)
    return made


def _rename(file: Path, name: str) -> None:
    """Write another name into a `pyproject.toml`."""
    lines = file.read_text("utf-8").splitlines()
    named = [f'name = "{name}"' if line.startswith("name = ") else line for line in lines]
    file.write_text("\n".join([*named, ""]), "utf-8")


def _built(backend: Path, module: str, hook: str, out: Path) -> Path:
    """Call a hook of a build backend; return what it made."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); b = __import__(sys.argv[2]); "
    code += "print(getattr(b, sys.argv[3])(sys.argv[4]))"
    done = run([sys.executable, "-I", "-B", "-c", code, backend, module, hook, out])
    return out / done.stdout.strip()


def _api(work: Path, out: Path) -> Path:
    """Pack the pure Python module as a wheel; it needs no build step of its own."""
    import tomllib

    from elpython.project.pack import Packed, pack

    project = tomllib.loads((work / "pyproject.toml").read_text("utf-8"))["project"]
    return pack(
        Packed(
            name=project["name"],
            version=project["version"],
            summary=project["description"],
            license=project["license"],
            requires=project["requires-python"],
            description=(work / project["readme"]).read_text("utf-8"),
        ),
        work / "src",
        out,
    )


def _place(folder: Path, project: str, file: Path) -> Path:
    target = folder / project / file.name
    write_atomic(target, file.read_bytes())
    return target


def _write_pages(folder: Path) -> None:
    """Write the pages of PEP 503: one for the index, one a project."""
    projects = sorted(path for path in folder.iterdir() if path.is_dir())
    for project in projects:
        links = [
            f'<a href="{name}#sha256={file_digest(file)}">{name}</a>'
            for file in sorted(project.iterdir())
            for name in [html.escape(file.name)]
            if file.name.endswith((".whl", ".tar.gz"))
        ]
        _page(project / "index.html", links)
    _page(folder / "index.html", [f'<a href="{item.name}/">{item.name}</a>' for item in projects])


def _page(file: Path, links: list[str]) -> None:
    body = "<br>\n".join(links)
    head = "<!DOCTYPE html>\n<html><head><title>index</title></head><body>"
    write_atomic(file, f"{head}\n{body}\n</body></html>\n".encode())
