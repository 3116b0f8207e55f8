"""The two sides of a contract: an interpreter, its facts, its files and their digest."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.contract.places import installer, manuals, pkgconfig, programs
from elpython.contract.probe import ProbeError, ask
from elpython.core.errors import BadInterpreterError, ElpythonError
from elpython.core.report import SILENT
from elpython.core.store import file_digest, key_of, write_atomic
from elpython.interpreter.layout.headers import LayoutError, find_headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from elpython.core.report import Reporter
    from elpython.core.store import Store

__all__ = [
    "BadReferenceError", "Pair", "Run", "Subject", "code_digest", "load", "observe", "remember",
]  # fmt: skip

_SKIPPED = {"__pycache__", "site-packages", "dist-packages"}


@dataclass(eq=False)
class BadReferenceError(ElpythonError):
    """A reference file that is cut, changed, of another format, or lacks what is asked of it."""

    exit_code = 27


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One side of the contract.

    Attributes:
        role: `base` or `candidate`.
        name: what people call it, for reports.
        python: the real executable.
        facts: what the probe `facts` told.
        digest: hash over executable, libpython, standard library and headers.
        source: the source tree it was built from, where it is known.
        recorded: what a reference file holds of it; None for an interpreter that is here.
    """

    role: str
    name: str
    python: Path
    facts: Mapping[str, Any]
    digest: str
    source: Path | None = None
    recorded: Mapping[str, Any] | None = None

    def recall(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """Return an observation that was recorded.

        Raises:
            BadReferenceError: it was not.
        """
        if self.recorded is None or name not in self.recorded:
            raise BadReferenceError(
                f"the reference file does not hold {name!r}", where=self.name,
                todo="record it again, with headers and compiler there, or give the base itself",
            )  # fmt: skip
        return self.recorded[name]

    def _place(self, name: str) -> Path:
        """Return one of its folders; a recorded interpreter's are another machine's."""
        if self.recorded is not None:
            raise BadReferenceError(
                "the base itself is needed", where=self.name, todo="give its path as --base"
            )
        return Path(self.facts["places"][name])

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor = self.facts["version_info"][:2]
        return major, minor

    @property
    def tag(self) -> str:
        """The name of the minor version, `3.11`."""
        return "{}.{}".format(*self.version)

    @property
    def prefix(self) -> Path:
        """The installation's prefix."""
        return Path(self.facts["places"]["base_prefix"])

    @property
    def stdlib(self) -> Path:
        """The folder of the standard library."""
        return self._place("os")

    @property
    def include(self) -> Path | None:
        """The folder of the C headers; None when they are not installed."""
        path = self._place("include")
        return path if (path / "Python.h").is_file() else None

    @property
    def library(self) -> Path:
        """The file with the C API's symbols: libpython, or the executable itself."""
        self._place("os")
        shared = self.facts["shared_library"]
        return Path(shared) if shared else self.python.resolve()

    @property
    def extension_suffix(self) -> str:
        """The full suffix of an extension module, `.cpython-311-x86_64-linux-gnu.so`."""
        return str(self.facts["config_vars"].get("EXT_SUFFIX") or ".so")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A base and its candidate."""

    base: Subject
    candidate: Subject

    def both(self) -> tuple[Subject, Subject]:
        """Return base and candidate, in this order."""
        return self.base, self.candidate


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What a promise's module works with besides the pair.

    Attributes:
        store: where observations are kept.
        jobs: how many programs may run at once.
        network: whether the package index may be asked.
        sample: `behaviour` runs its sample instead of the whole test suite.
        tests: `behaviour` runs these test modules instead (implies a partial result).
        part: names that alone are looked at: modules by `api` and `roll-back`, ways of starting by
            `process-state`; all when empty. For trials: the result is partial.
        refreshed: None to take what is remembered; else what this run has already looked at anew.
        recorder: takes every observation of the base by its name, for a reference file.
        reporter: told how it goes on.
    """

    store: Store
    jobs: int = 2
    network: bool = True
    sample: bool = False
    tests: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    refreshed: set[str] | None = None
    recorder: dict[str, Any] | None = None
    reporter: Reporter = SILENT


@cache
def code_digest() -> str:
    """Return the digest of this package's own files: other checks, other answers."""
    folder = Path(__file__).parent
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".toml", ".c"})
    return key_of([[str(path.relative_to(folder)), file_digest(path)] for path in files])


def observe(run: Run, subject: Subject, name: str, make: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Return a quick observation: looked at each time, or read from a reference file."""
    if subject.recorded is not None:
        return subject.recall(name)
    return _noted(run, subject, name, make())


def _noted(run: Run, subject: Subject, name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if run.recorder is not None and subject.role == "base":
        run.recorder[name] = value
    return value


def remember(
    run: Run,
    subject: Subject,
    name: str,
    make: Callable[[], Any],
    *,
    inputs: Sequence[Path] | None = None,
    record_as: str = "",
) -> Any:  # noqa: ANN401 - JSON
    """Return an observation of one interpreter; it is made once for each digest.

    Args:
        run: has the store.
        subject: the interpreter observed.
        name: of the observation.
        make: makes the JSON-able observation.
        inputs: the files and folders that alone decide what is observed, where it is not the
            whole interpreter.
        record_as: its name in a reference file, where that is another.
    """
    if subject.recorded is not None:
        return subject.recall(record_as or name)
    digest = subject.digest if inputs is None else _digest_of(inputs)
    key = key_of([name, digest, code_digest(), *([list(run.part)] if run.part else [])])

    def fill(folder: Path) -> None:
        (folder / "observation.json").write_text(json.dumps(make()), "utf-8")

    if run.refreshed is not None and key not in run.refreshed:
        run.refreshed.add(key)
        run.store.drop("contract-observation", key)
    folder = run.store.product("contract-observation", key, fill)
    value = json.loads((folder / "observation.json").read_text("utf-8"))
    return _noted(run, subject, record_as or name, value)


def _digest_of(inputs: Sequence[Path]) -> str:
    files = [file for path in inputs for file in (_walk(str(path)) if path.is_dir() else [path])]
    return key_of([[str(file), _content(file)] for file in files])


def load(
    path: str | Path,
    *,
    role: str,
    store: Store,
    name: str = "",
    source: Path | None = None,
) -> Subject:
    """Ask an interpreter for its facts and take its digest.

    Args:
        path: the executable, or a name that is looked up on PATH.
        role: `base` or `candidate`.
        store: keeps digests of files that did not change.
        name: what to call it; the path by default.
        source: its source tree.

    Raises:
        BadInterpreterError: it is no Python, or it crashes or hangs at once.
    """
    found = shutil.which(os.fspath(path))
    if found is None:
        raise BadInterpreterError(
            "is no program that can be started",
            where=str(path),
            todo="give the path of a Python interpreter, or the name of a branch",
        )
    try:
        # A probe runs in a folder of its own, where a relative path leads nowhere.
        found = os.path.abspath(found)  # noqa: PTH100 - a link must stay the link that was named
        facts = ask(Path(found), "facts", timeout=30)
        if facts["places"]["prefix"] != facts["places"]["base_prefix"]:
            facts = ask(Path(facts["places"]["base_executable"]).resolve(), "facts", timeout=30)
    except ProbeError as error:
        raise BadInterpreterError(
            f"is no Python that answers: {error.what}", where=found, details=error.details
        ) from error
    python = Path(facts["places"]["base_executable"])
    partial = Subject(role=role, name=name or str(path), python=python, facts=facts, digest="")
    digest = _digest(partial, store, source)
    return Subject(
        role=role, name=partial.name, python=python, facts=facts, digest=digest, source=source
    )


def _digest(subject: Subject, store: Store, source: Path | None) -> str:
    """Hash the interpreter's files; the contents are read only when a file's state changed."""
    files = list(dict.fromkeys(_files(subject)))
    states: list[object] = []
    for file in files:
        state = file.lstat()
        times = [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]
        states.append([str(file), state.st_mode, *([] if file.is_dir() else times)])
        if file.is_symlink():
            target = file.stat() if file.exists() else state
            states.append([str(file.readlink()), target.st_mtime_ns, target.st_ino])
    stamp = key_of([states, str(source or ""), str(subject.python)])
    kept = store.root / "contract-digest" / stamp
    if kept.is_file():
        return kept.read_text("ascii")
    whole = hashlib.sha256(f"{source or ''}\0{subject.python}".encode())
    for file in files:
        text = _relative(file, subject)
        link = file.readlink() if file.is_symlink() else ""
        mode = file.lstat().st_mode & 0o7777
        content = _content(file)
        whole.update(f"{text}\0{link}\0{mode:o}\0{content}\n".encode())
    digest = whole.hexdigest()[:32]
    write_atomic(kept, digest.encode())
    return digest


def _content(file: Path) -> str:
    if file.is_dir():
        return "folder"
    return file_digest(file) if file.exists() else "leads nowhere"


def _relative(file: Path, subject: Subject) -> str:
    return (
        str(file.relative_to(subject.prefix)) if file.is_relative_to(subject.prefix) else file.name
    )


def _files(subject: Subject) -> Iterator[Path]:
    """Every file that makes the interpreter what it is, in a fixed order."""
    yield subject.python
    if subject.library != subject.python.resolve():
        yield subject.library
    for folder in (subject.stdlib, subject.include):
        if folder is not None:
            yield from _walk(str(folder))
    yield from programs(subject.python, subject.tag).values()
    pip = installer(subject.python, subject.tag)
    if pip is not None:
        yield pip
    yield from pkgconfig(subject.prefix, subject.tag).values()
    yield from manuals(subject.prefix, subject.tag).values()
    yield from (p for p in sorted(subject.library.parent.glob("libpython3*")) if p.is_file())
    for folder in map(Path, subject.facts.get("packages", ())):
        yield from _at_start(folder)
    if subject.include is not None:
        # Debian keeps the real pyconfig.h in a folder of its own.
        for folder in header_roots(subject.include)[1:]:
            yield from _walk(str(folder))


def _at_start(packages: Path) -> Iterator[Path]:
    """Yield what `site` runs from a folder of packages, and which pip is there."""
    if packages.is_dir():
        yield packages
        for pattern in ("*.pth", "sitecustomize.py", "usercustomize.py", "pip-*.dist-info/RECORD"):
            yield from sorted(packages.glob(pattern))


def header_roots(include: Path) -> list[Path]:
    """Return the folders for the compiler: those of this root alone.

    A wrapper (Debian's `pyconfig.h`) leads to a folder beside, never to the host's.
    """
    try:
        return list(find_headers(include).include)
    except LayoutError:
        return [include]


def _walk(folder: str) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIPPED:
                # Who may look into a folder counts too; when it was written does not.
                yield Path(entry.path)
                yield from _walk(entry.path)
        elif (entry.is_file() or entry.is_symlink()) and not entry.name.endswith(".pyc"):
            yield Path(entry.path)
