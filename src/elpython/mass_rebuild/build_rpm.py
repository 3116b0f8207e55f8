"""Build one source package with rpmbuild, in a fresh folder and a sandbox.

What it needs of this run is unpacked into `root/` of the build's folder; a `sitecustomize` puts
the site-packages of each Python version found there on that version's path, and `root/usr/bin` is
on PATH. The machine's own rpm database is neither read nor written.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.process import require
from elpython.mass_rebuild.errors import BadSourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.mass_rebuild.contain import Ended, Sandbox
    from elpython.mass_rebuild.depot import Depot
    from elpython.mass_rebuild.model import BuildTask, Interpreter

__all__ = ["build", "readable_of_macros", "unpack_source"]

_PYTHON_MACRO = re.compile(r"^%__python3\S*\s+(/\S+)", re.MULTILINE)
_MISSING = 11
_SITE = """\
import os, site, sys
_here = os.path.dirname(os.path.abspath(__file__))
_root = os.path.join(os.path.dirname(_here), "root")
for _lib in ("usr/lib", "usr/lib64", "usr/local/lib"):
    _path = os.path.join(_root, _lib, "python%d.%d" % sys.version_info[:2], "site-packages")
    if os.path.isdir(_path):
        site.addsitedir(_path)
"""


def readable_of_macros(macros: str, interpreter: Interpreter) -> list[Path]:
    """Return the folders of all interpreters that the stack's macros name, and of the plan's."""
    names = [interpreter.path, *_PYTHON_MACRO.findall(macros)]
    found = [Path(interpreter.prefix)]
    for name in names:
        found += [
            path.parent.parent
            for path in (Path(name), Path(name).resolve())
            if path.parent.name == "bin" and path.parent.parent != Path("/")
        ]
    return list(dict.fromkeys(found))


def unpack_source(box: Sandbox, archive: Path) -> Path | None:
    """Unpack a packed spec file or a source RPM into `src/`; return the spec file."""
    folder = box.root / "src"
    folder.mkdir(exist_ok=True)
    local = box.root / archive.name
    if local != archive:
        shutil.copyfile(archive, local)
    if archive.name.endswith(".src.rpm"):
        box.run(["rpm2archive", "--nocompression", box.inside(local)])
        local = local.with_name(local.name + ".tar")
    if not local.is_file():
        return None
    box.run(["tar", "--no-same-owner", "-xf", box.inside(local), "-C", box.inside(folder)])
    return next(iter(sorted(folder.glob("*.spec"))), None)


def _lay_root(task: BuildTask, box: Sandbox, depot: Depot) -> None:
    """Unpack the RPMs that this build needs, and make them visible to their Pythons."""
    site = box.root / "site"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(_SITE, "utf-8")
    root = box.root / "root"
    root.mkdir(exist_ok=True)
    inputs = box.root / "inputs"
    inputs.mkdir(exist_ok=True)
    for item in task.inputs:
        if item.filename.endswith(".src.rpm"):
            continue
        shutil.copyfile(depot.get(item), inputs / item.filename)
        package = box.inside(inputs / item.filename)
        box.run(["rpm2archive", "--nocompression", package])
        box.run(["tar", "--no-same-owner", "-xf", f"{package}.tar", "-C", box.inside(root)])


def _defines(task: BuildTask, box: Sandbox) -> list[str]:
    values = {
        "_topdir": f"{box.inner}/rpm",
        "_sourcedir": f"{box.inner}/src",
        "_specdir": f"{box.inner}/src",
        "_dbpath": f"{box.inner}/db",
        "_buildhost": "build",
        "_tmppath": box.inside(box.root / "tmp"),
        "use_source_date_epoch_as_buildtime": "1",
        "clamp_mtime_to_source_date_epoch": "1",
        "source_date_epoch_from_changelog": "0",
        "debug_package": "%{nil}",
        "_build_id_links": "none",
    }
    found = [word for name, value in values.items() for word in ("--define", f"{name} {value}")]
    if task.bootstrap:
        found += ["--with", "bootstrap"]
    for kind in ("with", "without"):
        stated = task.options.get(kind)
        for name in stated if isinstance(stated, list) else []:
            found += [f"--{kind}", str(name)]
    return found


def _asks(spec: Path) -> bool:
    """Return whether a spec file's requirements show only while it is built."""
    text = spec.read_text("utf-8", "replace")
    return bool(re.search(r"^%generate_buildrequires\b|^BuildSystem\s*:", text, re.MULTILINE))


def _dynamic_requirements(box: Sandbox) -> tuple[str, ...]:
    """Return what the last `rpmbuild -br` wrote down, without rpm's own features."""
    found: list[str] = []
    for path in sorted((box.root / "rpm" / "SRPMS").glob("*.buildreqs.nosrc.rpm")):
        log = box.log.read_bytes() if box.log.is_file() else b""
        box.log.unlink(missing_ok=True)
        box.run(["rpm", "-qp", "--nosignature", "--requires", box.inside(path)])
        lines = box.log.read_text("utf-8", "replace").splitlines()
        box.log.write_bytes(log)
        found += [line.strip() for line in lines if line.strip() and "rpmlib(" not in line]
        path.unlink()
    return tuple(dict.fromkeys(found))


def build(
    task: BuildTask, box: Sandbox, depot: Depot, stopped: Callable[[], bool] | None = None
) -> tuple[Ended, list[Path], tuple[str, ...]]:
    """Build one source package.

    Where the spec file generates requirements, they are asked for first, as mock does; when there
    are some that the run does not know yet, they are returned instead of a build, so that the run
    can wait for those that it builds itself. The next attempt asks again, until nothing is new.

    Returns:
        How it ended, the RPMs outside the sandbox, and requirements that were not known.

    Raises:
        MissingProgramError: rpmbuild is not installed.
        BadSourceError: there is no spec file in the source, or it built nothing.
    """
    require("rpmbuild")
    if task.source is None:
        raise BadSourceError("has no source", where=task.key)
    spec = unpack_source(box, depot.get(task.source))
    if spec is None:
        raise BadSourceError("holds no spec file", where=task.source.filename)
    _lay_root(task, box, depot)
    macros = box.root / "macros"
    macros.write_text(task.macros, "utf-8")
    for name in ("BUILD", "BUILDROOT", "RPMS", "SRPMS"):
        (box.root / "rpm" / name).mkdir(parents=True, exist_ok=True)
    script = (
        f'export PATH="{box.inner}/root/usr/bin:$PATH" PYTHONPATH="{box.inner}/site"; '
        'exec rpmbuild "$@"'
    )
    words = ["--nodeps", "--load", box.inside(macros), *_defines(task, box), box.inside(spec)]

    def rpmbuild(mode: str) -> Ended:
        argv = ["/bin/sh", "-c", script, "rpmbuild", mode, *words]
        return box.run(argv, cwd=box.inside(spec.parent), stopped=stopped)

    if _asks(spec):
        ended = rpmbuild("-br")
        # 11 is rpmbuild's answer when generated requirements are not there.
        if ended.reason and ended.exit_code != _MISSING:
            return ended, [], ()
        stated = task.options.get("known_requirements")
        known = set(stated) if isinstance(stated, list) else set()
        wanted = _dynamic_requirements(box)
        if not set(wanted) <= known:
            return replace(ended, reason="", exit_code=0), [], wanted
    ended = rpmbuild("-ba")
    products = sorted((box.root / "rpm").glob("*RPMS/**/*.rpm"))
    if not ended.reason and not [path for path in products if not path.name.endswith(".src.rpm")]:
        raise BadSourceError("built no package", where=spec.name)
    return ended, [] if ended.reason else products, ()
