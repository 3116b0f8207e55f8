"""Build a release's archive as a stranger would: unpack, configure, make, install; then test it."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any

from elpython.build.steps import environment
from elpython.core.errors import BuildError, ProgramFailedError
from elpython.core.process import require, run
from elpython.core.report import SILENT
from elpython.core.store import key_of, remove_tree
from elpython.interpreter.facts import facts_of
from elpython.interpreter.identity import identity_table
from elpython.release.checks import Check
from elpython.release.suite import run_modules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.release.checks import Received
    from elpython.release.manifest import Manifest

__all__ = ["build_archive", "prove_archive"]

_HOURS = 3600.0
_COMPILES = re.compile(r"\s-c\s.*-o\s+\S+\.o\b")
# The modules of the standard library that depend on what an interpreter says of itself.
_MODULES = ("test_sys", "test_sysconfig", "test_platform", "test_site", "test_venv")
_OBJECTS = 400


def _facts() -> dict[str, object]:
    from elpython.build.build import compiler_line
    from elpython.core.machine import present_headers

    return {"compiler": compiler_line(), "headers": present_headers()}


def build_archive(
    store: Store,
    received: Received,
    *,
    jobs: int = 0,
    reporter: Reporter = SILENT,
) -> Path:
    """Build what an archive holds, with nothing but a compiler and make; return its folder.

    The build is kept under the content of the archive, so that the same one is built once; the
    compiler's cache knows most of its objects from the branch's own build, since both name their
    files by the same relative paths.

    Args:
        store: keeps the build.
        received: the release.
        jobs: compilers at once; 0 for the number of cores.
        reporter: told how it goes on.

    Returns:
        The installation: `bin/python3.X` below it.

    Raises:
        BuildError: with the last lines and the log's path.
    """
    archive, manifest = received.archive(), received.manifest
    build = manifest.data.get("build", {})
    shared = ["--enable-shared"] if build.get("shared") else []
    arguments = [*build.get("configure", ()), *shared]
    key = key_of(
        {"format": 2, "tar": manifest.tar_sha256, "configure": arguments, "facts": _facts()}
    )

    def make(folder: Path) -> None:
        prefix = store.path("proofs", key) / "python"
        scratch = folder.with_name(f".making-{key}-work")
        remove_tree(scratch)
        (scratch / "build").mkdir(parents=True)
        try:
            _steps(scratch, archive, manifest, prefix, arguments, folder, jobs, reporter)
        except ProgramFailedError as error:
            kept = store.root / "logs" / f"proof-{key}.log"
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / "build.log", kept)
            raise BuildError(
                "the archive does not build",
                where=archive.name,
                details=error.details[-12:],
                todo=f"the whole log is {kept}",
            ) from error
        finally:
            remove_tree(scratch)

    return store.product("proofs", key, make) / "python"


def _steps(
    scratch: Path,
    archive: Path,
    manifest: Manifest,
    prefix: Path,
    arguments: Sequence[str],
    folder: Path,
    jobs: int,
    reporter: Reporter,
) -> None:
    log = folder / "build.log"
    env = environment(scratch, str(manifest.epoch))
    # With tar itself: the times in the archive decide what make takes for out of date.
    require("tar")
    run(["tar", "--no-same-owner", "-xf", archive.absolute(), "-C", scratch])
    (scratch / manifest.top).rename(scratch / "src")
    objects = scratch / "build"
    reporter.progress("configure", 0, 1)
    words: list[str | Path] = ["../src/configure", f"--prefix={prefix}", *arguments]
    if "--enable-shared" in arguments:
        words.append(f"LDFLAGS_NODIST=-Wl,-rpath,{prefix}/lib")
    run(words, cwd=objects, env=env, log=log, timeout=_HOURS)
    reporter.progress("configure", 1, 1)
    compiled = 0

    def on_line(line: str) -> None:
        nonlocal compiled
        if _COMPILES.search(line):
            compiled += 1
            reporter.progress("objects of the archive", compiled, max(_OBJECTS, compiled))

    flags = f"CFLAGS_NODIST=-ffile-prefix-map={scratch}=/usr/src"
    parallel = f"-j{jobs or os.cpu_count() or 1}"
    run(
        ["make", parallel, flags],
        cwd=objects,
        env=env,
        log=log,
        on_line=on_line,
        timeout=6 * _HOURS,
    )
    install: Mapping[str, str] = {
        name: value for name, value in env.items() if name != "SOURCE_DATE_EPOCH"
    }
    stage = scratch / "stage"
    reporter.progress("installed files", 0, 1)
    words = ["make", "install", f"DESTDIR={stage}"]
    run(words, cwd=objects, env=install, log=log, timeout=_HOURS)
    reporter.progress("installed files", 1, 1)
    (stage / prefix.relative_to("/")).rename(folder / "python")


def _test(store: Store, root: Path, manifest: Manifest, reporter: Reporter) -> dict[str, Any]:
    """Test the built archive once; return what was found."""
    python = root / "bin" / f"python{manifest.version.series}"
    rows = identity_table(facts_of(python), manifest.version, manifest.variant)
    wrong = [f"{row.what}: {row.found!r}, not {row.expected!r}" for row in rows if not row.good]
    if wrong:
        return {"problems": wrong, "ran": 0}

    def make(folder: Path) -> None:
        ran, failed = run_modules(python, _MODULES, log=folder / "tests.log", reporter=reporter)
        data = {"problems": [f"{name} fails" for name in failed], "ran": ran}
        (folder / "tests.json").write_text(json.dumps(data), "utf-8")

    key = key_of({"format": 1, "proof": root.parent.name, "modules": _MODULES})
    folder = store.product("proof-tests", key, make)
    data: dict[str, Any] = json.loads((folder / "tests.json").read_text("utf-8"))
    if data["problems"]:
        store.drop("proof-tests", key)
    return data


def prove_archive(
    store: Store,
    received: Received,
    *,
    jobs: int = 0,
    reporter: Reporter = SILENT,
) -> Check:
    """Build and test what a release's archive holds.

    Args:
        store: keeps the build and how its tests went.
        received: the release.
        jobs: programs at once; 0 for the number of cores.
        reporter: told how it goes on.
    """
    try:
        root = build_archive(store, received, jobs=jobs, reporter=reporter)
    except BuildError as error:
        return Check(name="build", problems=(str(error),))
    found = _test(store, root, received.manifest, reporter)
    note = f"{len(_MODULES)} test module(s) pass"
    return Check(name="build", problems=tuple(found["problems"]), note=note)
