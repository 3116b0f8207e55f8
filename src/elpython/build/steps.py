"""The steps of a build: unpack, configure, make, install; each followed line by line."""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.build import bolt, llvm
from elpython.core.errors import BuildError, ProgramFailedError
from elpython.core.process import clean_env, run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from elpython.build.request import BuildRequest
    from elpython.core.report import Reporter
    from elpython.core.store import Store

__all__ = ["Work", "environment", "make_all", "not_built"]

_HOURS = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """One build under way.

    Attributes:
        request: what is built.
        scratch: folder that holds `src` and `build`; removed at the end.
        prefix: where the interpreter will live.
        log: gets the output of every step.
        env: environment of every program.
        facts: what of this machine goes into the build.
        store: keeps the logs of what failed.
        reporter: told how it goes on.
    """

    request: BuildRequest
    scratch: Path
    prefix: Path
    log: Path
    env: Mapping[str, str]
    facts: Mapping[str, object]
    store: Store
    reporter: Reporter

    @property
    def objects(self) -> Path:
        """The folder that is compiled in."""
        return self.scratch / "build"

    @property
    def jobs(self) -> str:
        """The option for make."""
        return f"-j{self.request.jobs or os.cpu_count() or 1}"


def environment(scratch: Path, epoch: str) -> dict[str, str]:
    """Return the environment of every program of a build.

    Args:
        scratch: its folder.
        epoch: the tree's last commit, as seconds since 1970.
    """
    env = {
        # Programs and modules must not depend on when they were compiled.
        "SOURCE_DATE_EPOCH": epoch,
        "PYTHONHASHSEED": "0",
        # Configure finds nice() broken where it runs at the lowest priority itself.
        "ac_cv_broken_nice": "no",
        # Where a build lies is part of its key: without these two every path would miss the cache.
        "CCACHE_BASEDIR": str(scratch),
        "CCACHE_NOHASHDIR": "1",
        "CCACHE_SLOPPINESS": "time_macros,include_file_mtime,include_file_ctime",
    }
    ccache = shutil.which("ccache")
    if ccache and "CC" not in os.environ:
        # By the compiler's own name: `CC="ccache gcc"` stays in sysconfig, and configure up to 3.12
        # asks it as one word whether it knows -fwrapv, so that overflow would be undefined.
        names = scratch / "ccache"
        names.mkdir(parents=True, exist_ok=True)
        for name in ("gcc", "g++"):
            link = names / name
            link.unlink(missing_ok=True)
            link.symlink_to(ccache)
        env |= {"CC": "gcc", "CXX": "g++", "PATH": f"{names}{os.pathsep}{os.environ['PATH']}"}
    return clean_env(env)


def _first_error(log: Path) -> tuple[str, ...]:
    """Return the first compiler, linker or make error of a log, with the lines after it."""
    lines = log.read_text("utf-8", "replace").splitlines()
    pattern = re.compile(
        r"(^[^:\s]+:\d+(:\d+)?: (fatal )?error:)|(undefined reference)|(^configure: error)"
        r"|(^make.*\*\*\* )|(No space left on device)"
    )
    for index, line in enumerate(lines):
        if pattern.search(line):
            return tuple(lines[index : index + 8])
    return tuple(lines[-12:])


def _step(
    work: Work,
    name: str,
    argv: list[str | Path],
    on_line: Callable[[str], None] | None = None,
    env: Mapping[str, str] | None = None,
) -> float:
    try:
        done = run(
            argv,
            cwd=work.objects,
            env=work.env if env is None else env,
            log=work.log,
            on_line=on_line,
            timeout=6 * _HOURS,
        )
    except ProgramFailedError as error:
        if any("No space left on device" in line for line in _first_error(work.log)):
            raise OSError(28, "No space left on device", str(work.scratch)) from error
        raise _failure(work, f"{name} failed") from error
    return done.seconds


def _failure(work: Work, what: str) -> BuildError:
    """Keep the log and return the error that tells where it is."""
    kept = work.store.root / "logs" / f"{work.log.parent.name.removeprefix('.making-')}.log"
    kept.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(work.log, kept)
    return BuildError(
        what,
        where=f"branch {work.request.tree.branch}, profile {work.request.profile.name}",
        details=_first_error(work.log),
        todo=f"the whole log is {kept}",
    )


def _unpack_source(work: Work) -> None:
    """Lay the tree's files beside the objects: the same relative paths for every build."""
    source = work.scratch / "src"
    source.mkdir()
    tar = work.scratch / "source.tar"
    run(["git", "-C", work.request.tree.folder, "archive", "-o", tar, "HEAD"])
    run(["tar", "--no-same-owner", "-xf", tar, "-C", source])
    tar.unlink()
    work.objects.mkdir()


def _configure(work: Work) -> float:
    """Run configure afresh.

    A cache of its answers would be quicker, and wrong: some of its checks set further variables
    only when they run (the flags of `_decimal`), so that two builds of one key would differ.
    """
    request = work.request
    arguments = [f"--prefix={work.prefix}", *request.profile.configure, *request.settings.configure]
    if request.settings.shared:
        arguments += ["--enable-shared", f"LDFLAGS_NODIST=-Wl,-rpath,{work.prefix}/lib"]
    work.reporter.progress("configure", 0, 1)
    seconds = _step(work, "configure", ["../src/configure", *arguments])
    work.reporter.progress("configure", 1, 1)
    return seconds


_OBJECT = re.compile(r"(?:^|\s)(?:-c)\s.*-o\s+(\S+\.o)\b|^\S*(?:gcc|cc|clang)\b.*\s-c\s")
# What a whole build of 3.9 to 3.13 has, about: only the progress bar's end depends on it.
_MODULES = 78

_MODULE = re.compile(r"^building '([\w.]+)' extension|-shared .*-o (Modules/\S+\.so)\b")


def _object_total(work: Work) -> int:
    """Ask make how many objects it would compile."""
    outcome = run(
        ["make", "-n", "build_all" if not work.request.profile.trained else "all"],
        cwd=work.objects,
        env=work.env,
        check=False,
        timeout=300,
    )
    return sum(1 for line in outcome.stdout.splitlines() if _OBJECT.search(line))


def _make(work: Work) -> tuple[float, int, int]:
    """Compile; give seconds, objects and modules."""
    total = _object_total(work) or 1
    compiled: set[str] = set()
    modules: set[str] = set()
    by_setup = False
    factor = 2 if work.request.profile.trained else 1

    def on_line(line: str) -> None:
        nonlocal by_setup
        module = _MODULE.search(line)
        if module:
            modules.add(module[1] or module[2])
            # Up to 3.11 a script builds the modules after all objects; later, make does both.
            by_setup = by_setup or module[1] is not None
            if by_setup:
                work.reporter.progress("modules", len(modules), max(_MODULES, len(modules)))
        elif _OBJECT.search(line):
            compiled.add(line[-200:])
            if not by_setup:
                work.reporter.progress("objects", len(compiled), max(total * factor, len(compiled)))

    flags = [*work.request.profile.cflags, f"-ffile-prefix-map={work.scratch}=/usr/src"]
    words: list[str | Path] = ["make", work.jobs]
    if work.request.bolt:
        flags += llvm.compile_flags(str(work.facts["compiler"]))
        words.append(f"LDFLAGS_NODIST={' '.join(bolt.LINK_FLAGS)}")
    words.append(f"CFLAGS_NODIST={' '.join(flags)}")
    seconds = _step(work, "make", words, on_line)
    _check_modules(work)
    return seconds, len(compiled), len(modules)


def _check_modules(work: Work) -> None:
    """Refuse a build that left out modules: make itself ends well without them.

    Raises:
        BuildError: names the modules, and the first compiler error.
    """
    text = work.log.read_text("utf-8", "replace")
    failed = re.findall(
        r"^(?:Failed to build these modules|Following modules built successfully"
        r" but were removed[^\n]*):?\n([^\n]+)",
        text,
        re.MULTILINE,
    )
    names = " ".join(failed).split()
    if names:
        raise _failure(work, f"module(s) could not be built: {', '.join(sorted(set(names)))}")


def not_built(log: str) -> list[str]:
    """Return the optional modules that a build's log says were left out: their headers lack."""
    blocks = re.findall(
        r"^The necessary bits to build these optional modules were not found:\n(.*?)\nTo find",
        log,
        re.MULTILINE | re.DOTALL,
    )
    return sorted({name for block in blocks for name in block.split()})


def _install(work: Work, folder: Path) -> tuple[float, int]:
    """Install into the product's folder; give seconds and the number of files."""
    stage = work.scratch / "stage"
    count = 0
    expected = len(list((work.scratch / "src" / "Lib").rglob("*.py"))) * 4

    def on_line(line: str) -> None:
        nonlocal count
        if " -m " in line or line.startswith("Compiling "):
            count += 1
            work.reporter.progress("installed files", count, max(expected, count))

    # py_compile answers to SOURCE_DATE_EPOCH with hash-based pyc files, which the base does not
    # have: the time is told through the files instead (install -p).
    env = {key: value for key, value in work.env.items() if key != "SOURCE_DATE_EPOCH"}
    words: list[str | Path] = ["make", "install", f"DESTDIR={stage}"]
    words += ["INSTALL_DATA=/usr/bin/install -c -p -m 644", "INSTALL_PROGRAM=/usr/bin/install -c"]
    seconds = _step(work, "make install", words, on_line, env=env)
    installed = stage / work.prefix.relative_to("/")
    installed.rename(folder / "python")
    files = len([path for path in (folder / "python").rglob("*") if path.is_file()])
    return seconds, files


def make_all(work: Work, folder: Path, key: str) -> None:
    """Build from the first step to the last, and write `build.json` beside the result.

    Raises:
        BuildError: with the first error and the log's path.
    """
    request = work.request
    _unpack_source(work)
    seconds = {"configure": _configure(work)}
    seconds["make"], objects, modules = _make(work)
    warnings = []
    if request.bolt:
        try:
            seconds["bolt"] = bolt.optimise(
                work.objects,
                request.settings.bolt_skip,
                work.env,
                work.log,
                version=llvm.clang_version(str(work.facts["compiler"])),
            )
        except ProgramFailedError as error:
            # Half an hour of training stands behind the plain executable: it is kept.
            warnings.append(f"not optimised by BOLT, which failed: {error}; see build.log")
    seconds["install"], files = _install(work, folder)
    facts = {
        "key": key,
        "branch": request.tree.branch,
        "version": request.tree.version,
        "variant": request.tree.variant,
        "tree": request.tree.head,
        "profile": request.profile.name,
        "prefix": str(work.prefix),
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "compiler": work.facts["compiler"],
        "objects": objects,
        "modules": modules,
        "files": files,
        "warnings": warnings,
        "not_built": not_built(work.log.read_text("utf-8", "replace")),
    }
    (folder / "build.json").write_text(json.dumps(facts, indent=2), "utf-8")
