"""From a tree to an interpreter: configure, make, install; out of tree, into the store."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from elpython import bolt
from elpython.errors import (
    BuildError,
    MissingProgramError,
    ProgramFailedError,
    UnknownNameError,
    UsageError,
)
from elpython.names import hint
from elpython.process import clean_env, require, run
from elpython.store import Store, disk_errors, key_of, remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from elpython.branch import BuildSettings
    from elpython.tree import Tree

__all__ = ["PROFILES", "Build", "BuildRequest", "Profile", "build", "copy_build", "profile_named"]

_FORMAT = 3
_HOURS = 3600.0

Report = "Callable[[str, int, int], None]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """How an interpreter is compiled.

    Attributes:
        name: `quick`, `release` or `debug`.
        configure: arguments for `configure`.
        cflags: compiler flags for the interpreter alone (`CFLAGS_NODIST`): extensions that users
            build do not get them.
        trained: whether it is compiled twice around a training run (PGO).
    """

    name: str
    configure: tuple[str, ...] = ()
    cflags: tuple[str, ...] = ()
    trained: bool = False


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(name="quick"),
        Profile(
            name="release",
            configure=("--enable-optimizations", "--with-lto"),
            cflags=("-fno-semantic-interposition",),
            trained=True,
        ),
        Profile(name="debug", configure=("--with-pydebug",)),
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildRequest:
    """What to build.

    Attributes:
        tree: the prepared tree.
        settings: the branch's build settings.
        profile: one of `PROFILES`.
        prefix: where the interpreter will live; None for its place in the store.
        jobs: how many compilers run at once; 0 for the number of cores.
        bolt: whether to optimise the linked executable with BOLT (`release` only).
    """

    tree: Tree
    settings: BuildSettings
    profile: Profile
    prefix: Path | None = None
    jobs: int = 0
    bolt: bool = False


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


def profile_named(name: str) -> Profile:
    """Give a profile.

    Raises:
        UnknownNameError: no such profile.
    """
    if name not in PROFILES:
        raise UnknownNameError(f"there is no profile {name!r}", todo=hint(name, PROFILES))
    return PROFILES[name]


def compiler_line() -> str:
    """Give the first line of the C compiler's `--version`.

    Raises:
        MissingProgramError: there is no C compiler.
    """
    compiler = require(os.environ.get("CC", "gcc"), package="build-essential")
    return run([compiler, "--version"], timeout=60).stdout.partition("\n")[0]


def _machine_facts() -> dict[str, object]:
    """Give what of this machine goes into a build."""
    from elpython.doctor import present_headers

    return {
        "compiler": compiler_line(),
        "cc": os.environ.get("CC", "gcc"),
        "cflags": os.environ.get("CFLAGS", ""),
        "ldflags": os.environ.get("LDFLAGS", ""),
        "machine": platform.machine(),
        "headers": present_headers(),
    }


def build_key(request: BuildRequest, facts: Mapping[str, object]) -> str:
    """Give a build's key: tree, profile, settings, prefix, compiler and headers."""
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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Work:
    """One build under way: its folders and environment."""

    request: BuildRequest
    scratch: Path
    prefix: Path
    log: Path
    env: Mapping[str, str]
    facts: Mapping[str, object]
    store: Store
    progress: Callable[[str, int, int], None]

    @property
    def objects(self) -> Path:
        return self.scratch / "build"

    @property
    def jobs(self) -> str:
        return f"-j{self.request.jobs or os.cpu_count() or 1}"


def _environment(scratch: Path, epoch: str) -> dict[str, str]:
    env = {
        # Programs and modules must not depend on when they were compiled.
        "SOURCE_DATE_EPOCH": epoch,
        "PYTHONHASHSEED": "0",
        # Where a build lies is part of its key: without these two every path would miss the cache.
        "CCACHE_BASEDIR": str(scratch),
        "CCACHE_NOHASHDIR": "1",
        "CCACHE_SLOPPINESS": "time_macros,include_file_mtime,include_file_ctime",
    }
    if shutil.which("ccache") and "CC" not in os.environ:
        env["CC"] = "ccache gcc"
        env["CXX"] = "ccache g++"
    return clean_env(env)


def _first_error(log: Path) -> tuple[str, ...]:
    """Give the first compiler, linker or make error of a log, with the lines after it."""
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
    work: _Work,
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
        details = _first_error(work.log)
        if any("No space left on device" in line for line in details):
            raise OSError(28, "No space left on device", str(work.scratch)) from error
        kept = work.store.root / "logs" / f"{work.scratch.name.removeprefix('.making-')}.log"
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(work.log, kept)
        raise BuildError(
            f"{name} failed",
            where=f"branch {work.request.tree.branch}, profile {work.request.profile.name}",
            details=details,
            todo=f"the whole log is {kept}",
        ) from error
    return done.seconds


def _unpack_source(work: _Work) -> None:
    """Lay the tree's files beside the objects: the same relative paths for every build."""
    source = work.scratch / "src"
    source.mkdir()
    tar = work.scratch / "source.tar"
    run(["git", "-C", work.request.tree.folder, "archive", "-o", tar, "HEAD"])
    run(["tar", "--no-same-owner", "-xf", tar, "-C", source])
    tar.unlink()
    work.objects.mkdir()


def _configure(work: _Work) -> float:
    """Run configure, with the answers that it gave earlier on this machine."""
    request = work.request
    answers = work.store.root / "configure"
    key = key_of([request.tree.base, dict(work.facts), request.profile.name])
    cache = answers / f"{key}.cache"
    site = work.scratch / "config.site"
    local = work.objects / "config.cache"
    # A site file, not --cache-file: the arguments of configure can be read from sysconfig.
    site.write_text(f'cache_file="{local}"\n')
    if cache.is_file():
        shutil.copyfile(cache, local)
    arguments = [f"--prefix={work.prefix}", *request.profile.configure, *request.settings.configure]
    if request.settings.shared:
        arguments += ["--enable-shared", f"LDFLAGS_NODIST=-Wl,-rpath,{work.prefix}/lib"]
    work.progress("configure", 0, 1)
    env = {**work.env, "CONFIG_SITE": str(site)}
    seconds = _step(work, "configure", ["../src/configure", *arguments], env=env)
    work.progress("configure", 1, 1)
    if local.is_file() and not cache.is_file():
        answers.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(local, answers / f".{key}.tmp")
        (answers / f".{key}.tmp").replace(cache)
    return seconds


_OBJECT = re.compile(r"(?:^|\s)(?:-c)\s.*-o\s+(\S+\.o)\b|^\S*(?:gcc|cc|clang)\b.*\s-c\s")
# What a whole build of 3.9 to 3.13 has, about: only the progress bar's end depends on it.
_MODULES = 78

_MODULE = re.compile(r"^building '([\w.]+)' extension|-shared .*-o (Modules/\S+\.so)\b")


def _object_total(work: _Work) -> int:
    """Ask make how many objects it would compile."""
    outcome = run(
        ["make", "-n", "build_all" if not work.request.profile.trained else "all"],
        cwd=work.objects,
        env=work.env,
        check=False,
        timeout=300,
    )
    return sum(1 for line in outcome.stdout.splitlines() if _OBJECT.search(line))


def _make(work: _Work) -> tuple[float, int, int]:
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
                work.progress("modules", len(modules), max(_MODULES, len(modules)))
        elif _OBJECT.search(line):
            compiled.add(line[-200:])
            if not by_setup:
                work.progress("objects", len(compiled), max(total * factor, len(compiled)))

    flags = [*work.request.profile.cflags, f"-ffile-prefix-map={work.scratch}=/usr/src"]
    words: list[str | Path] = ["make", work.jobs]
    if work.request.bolt:
        flags += bolt.COMPILE_FLAGS
        words.append(f"LDFLAGS_NODIST={' '.join(bolt.LINK_FLAGS)}")
    words.append(f"CFLAGS_NODIST={' '.join(flags)}")
    seconds = _step(work, "make", words, on_line)
    return seconds, len(compiled), len(modules)


def _install(work: _Work, folder: Path) -> tuple[float, int]:
    """Install into the product's folder; give seconds and the number of files."""
    stage = work.scratch / "stage"
    count = 0
    expected = len(list((work.scratch / "src" / "Lib").rglob("*.py"))) * 4

    def on_line(line: str) -> None:
        nonlocal count
        if " -m " in line or line.startswith("Compiling "):
            count += 1
            work.progress("installed files", count, max(expected, count))

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


def _load(folder: Path, *, fresh: bool) -> Build:
    data = json.loads((folder / "build.json").read_text("utf-8"))
    for name in ("prefix",):
        data[name] = Path(data[name])
    root = folder / "python"
    python = root / "bin" / f"python{data['branch']}"
    return Build(folder=folder, root=root, python=python, fresh=fresh, **data)


def find_build(store: Store, request: BuildRequest) -> Build | None:
    """Give a finished build from the store, None when there is none."""
    folder = store.find("builds", build_key(request, _machine_facts()))
    return None if folder is None else _load(folder, fresh=False)


def build(
    store: Store,
    request: BuildRequest,
    *,
    progress: Callable[[str, int, int], None] = lambda _label, _done, _total: None,
) -> Build:
    """Build a tree; an unchanged one comes from the store.

    Args:
        store: where it is kept.
        request: tree, profile, prefix, jobs.
        progress: told label (`objects`, `modules`, `installed files`), done and total.

    Raises:
        BuildError: with the first compiler error and the log's path.
        MissingProgramError: no compiler or no make; `elpython doctor` names the packages.
        DiskFullError: nothing half made remains.
    """
    require("make", package="build-essential")
    if request.prefix is not None and not request.prefix.is_absolute():
        raise UsageError("must be an absolute path", where=f"--prefix {request.prefix}")
    if request.bolt and not request.profile.trained:
        raise UsageError("BOLT needs a training run", where="--bolt", todo="use --profile release")
    if request.bolt and bolt.find_bolt() is None:
        raise MissingProgramError(
            "BOLT is not installed", todo="install it: apt-get install bolt-16 libbolt-16-dev"
        )
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
        work = _Work(
            request=request,
            scratch=scratch,
            prefix=prefix,
            log=folder / "build.log",
            env=_environment(scratch, epoch),
            facts=facts,
            store=store,
            progress=progress,
        )
        try:
            with disk_errors(scratch):
                _make_all(work, folder, key)
        finally:
            remove_tree(scratch)

    folder = store.product("builds", key, make)
    return _load(folder, fresh=fresh)


def _make_all(work: _Work, folder: Path, key: str) -> None:
    request = work.request
    _unpack_source(work)
    seconds = {"configure": _configure(work)}
    seconds["make"], objects, modules = _make(work)
    if request.bolt:
        seconds["bolt"] = bolt.optimise(
            work.objects, request.settings.bolt_skip, work.env, work.log
        )
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
    }
    (folder / "build.json").write_text(json.dumps(facts, indent=2), "utf-8")


def copy_build(made: Build, destdir: Path) -> Path:
    """Copy a build to `destdir` + its prefix; give the folder.

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
