"""From a tree to an interpreter: configure, make, install; out of tree, into the store."""

from __future__ import annotations

import json
import os
import platform
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.build import bolt, llvm
from elpython.build.steps import Work, environment, make_all
from elpython.core.errors import (
    MissingProgramError,
    UsageError,
)
from elpython.core.machine import way_out
from elpython.core.process import require, run
from elpython.core.report import SILENT
from elpython.core.store import Store, disk_errors, key_of, remove_tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elpython.build.request import BuildRequest
    from elpython.core.report import Reporter


__all__ = ["Build", "build", "build_key", "copy_build", "find_build"]

_FORMAT = 4
_HOURS = 3600.0

Report = "Callable[[str, int, int], None]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """A finished build.

    Attributes:
        folder: its product in the store.
        key: hash of all that went into it.
        branch, version, variant, tree: what was built; `tree` is the commit.
        profile: name of the profile.
        prefix: the prefix that it was configured with.
        root: the installed files; the same as `prefix` unless it was built for another place.
        python: the executable inside `root`.
        seconds: wall time of each step.
        compiler: first line of the compiler's `--version`.
        objects, modules, files: how many were compiled, built and installed.
        fresh: whether this run made it.
        not_built: optional modules that it lacks, since this machine lacks their headers.
        warnings: what it lacks besides: a step after linking that failed.
    """

    folder: Path
    key: str
    branch: str
    version: str
    variant: str
    tree: str
    profile: str
    prefix: Path
    root: Path
    python: Path
    seconds: Mapping[str, float]
    compiler: str
    objects: int
    modules: int
    files: int
    fresh: bool = False
    not_built: Sequence[str] = ()
    warnings: Sequence[str] = ()


def compiler_line() -> str:
    """Return the first line of the C compiler's `--version`.

    Raises:
        MissingProgramError: there is no C compiler.
    """
    compiler = require(os.environ.get("CC", "gcc"))
    return run([compiler, "--version"], timeout=60).stdout.partition("\n")[0]


def _machine_facts() -> dict[str, object]:
    """Return what of this machine goes into a build."""
    from elpython.core.machine import present_headers

    return {
        "compiler": compiler_line(),
        "cc": os.environ.get("CC", "gcc"),
        "cflags": os.environ.get("CFLAGS", ""),
        "ldflags": os.environ.get("LDFLAGS", ""),
        "machine": platform.machine(),
        "headers": present_headers(),
    }


def build_key(request: BuildRequest, facts: Mapping[str, object]) -> str:
    """Return a build's key: tree, profile, settings, prefix, compiler and headers."""
    profile = request.profile
    return key_of(
        {
            "format": _FORMAT,
            "tree": request.tree.head,
            "profile": [profile.name, profile.configure, profile.cflags],
            "settings": asdict(request.settings),
            "bolt": request.bolt,
            "prefix": None if request.prefix is None else str(request.prefix),
            "facts": dict(facts),
        }
    )


def _load(folder: Path, *, fresh: bool) -> Build:
    data = json.loads((folder / "build.json").read_text("utf-8"))
    for name in ("prefix",):
        data[name] = Path(data[name])
    root = folder / "python"
    python = root / "bin" / f"python{data['branch']}"
    return Build(folder=folder, root=root, python=python, fresh=fresh, **data)


def find_build(store: Store, request: BuildRequest) -> Build | None:
    """Return a finished build from the store, None when there is none."""
    folder = store.find("builds", build_key(request, _machine_facts()))
    return None if folder is None else _load(folder, fresh=False)


def build(
    store: Store,
    request: BuildRequest,
    *,
    reporter: Reporter = SILENT,
) -> Build:
    """Build a tree; an unchanged one comes from the store.

    Args:
        store: where it is kept.
        request: tree, profile, prefix, jobs.
        reporter: told how it goes on.

    Raises:
        BuildError: with the first compiler error and the log's path.
        MissingProgramError: no compiler or no make; `elpython doctor` names the packages.
        DiskFullError: nothing half made remains.
    """
    require("make")
    if request.prefix is not None and not request.prefix.is_absolute():
        raise UsageError("must be an absolute path", where=f"--prefix {request.prefix}")
    if request.bolt and not request.profile.trained:
        raise UsageError("BOLT needs a training run", where="--bolt", todo="use --profile release")
    if request.bolt and bolt.find_bolt() is None:
        raise MissingProgramError("BOLT is not installed", todo=way_out("bolt"))
    facts = _machine_facts()
    key = build_key(request, facts)
    fresh = False

    def make(folder: Path) -> None:
        nonlocal fresh
        fresh = True
        epoch = run(["git", "-C", request.tree.folder, "show", "-s", "--format=%ct"]).stdout.strip()
        prefix = request.prefix or store.path("builds", key) / "python"
        scratch = folder.with_name(f".making-{key}-work")
        remove_tree(scratch)
        scratch.mkdir()
        work = Work(
            request=request,
            scratch=scratch,
            prefix=prefix,
            log=folder / "build.log",
            env=environment(scratch, epoch) | llvm.variables(str(facts["compiler"])),
            facts=facts,
            store=store,
            reporter=reporter,
        )
        try:
            with disk_errors(scratch):
                make_all(work, folder, key)
        finally:
            remove_tree(scratch)

    folder = store.product("builds", key, make)
    return _load(folder, fresh=fresh)


def copy_build(made: Build, destdir: Path) -> Path:
    """Copy a build to `destdir` + its prefix; return the folder.

    Raises:
        UsageError: something else is there already; nothing is touched.
    """
    target = destdir / made.prefix.relative_to("/")
    if target.exists() and any(target.iterdir()):
        raise UsageError(
            "is there and not empty",
            where=str(target),
            todo="name an empty prefix; elpython upgrade replaces an interpreter in place",
        )
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made.root, target, symlinks=True, dirs_exist_ok=True)
    return target
