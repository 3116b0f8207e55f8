"""Find the files to scan, and scan them, on several processors when there are many."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch

from minpython.errors import ConfigError
from minpython.scan.finding import Failure, Finding, Window
from minpython.scan.knowledge import Knowledge
from minpython.scan.reading import scan_source

SKIPPED = (".git", ".hg", ".svn", ".tox", ".nox", ".venv", "__pycache__", "node_modules")
SUFFIXES = (".py", ".pyw", ".pyi")
_WORTH_A_POOL = 60
_CHUNK = 24

_known: Knowledge | None = None
_target: tuple[int, ...] = ()


class Scanned:
    """What a scan gives: findings, failures, and how much was read."""

    __slots__ = ("failures", "files", "findings", "lines")

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.failures: list[Failure] = []
        self.files = 0
        self.lines = 0

    def add(self, result: list[Finding] | Failure, lines: int) -> None:
        """Count one file in."""
        self.files += 1
        self.lines += lines
        if isinstance(result, Failure):
            self.failures.append(result)
        else:
            self.findings.extend(result)


def find(paths: Iterable[str], excludes: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the Python files under `paths`; a file that is named is taken whatever its suffix.

    Raises:
        ConfigError: a path does not exist.
    """
    for path in paths:
        if os.path.isdir(path):
            yield from _under(path, excludes)
        elif os.path.exists(path):
            yield path
        else:
            raise ConfigError(f"{path}: there is no such file or folder")


def _under(top: str, excludes: tuple[str, ...]) -> Iterator[str]:
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED and not _excluded(os.path.join(folder, name), excludes)
        )
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(SUFFIXES) and not _excluded(path, excludes):
                yield path


def _excluded(path: str, excludes: tuple[str, ...]) -> bool:
    """Return whether a pattern fits the path, its end, or one of its parts."""
    plain = path.replace(os.sep, "/")
    name = plain.rpartition("/")[2]
    return any(fnmatch(plain, p) or fnmatch(plain, f"*/{p}") or fnmatch(name, p) for p in excludes)


def scan(paths: list[str], window: Window, jobs: int) -> Scanned:
    """Scan files for what lies in the window, with `jobs` processes where that pays."""
    scanned = Scanned()
    if jobs > 1 and len(paths) >= _WORTH_A_POOL:
        from multiprocessing import Pool

        with Pool(jobs, _prepare_process, (window,)) as pool:
            for results in pool.imap_unordered(_scan_many, _chunks(paths)):
                for result, lines in results:
                    scanned.add(result, lines)
    else:
        _prepare(window)
        with _without_collector():
            for path in paths:
                scanned.add(*_scan_one(path))
    scanned.findings.sort(key=lambda finding: finding[:3])
    scanned.failures.sort()
    return scanned


def _chunks(paths: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(paths), _CHUNK):
        yield paths[start : start + _CHUNK]


def _prepare(window: Window) -> None:
    """Load the table once in each process."""
    global _known, _target  # noqa: PLW0603 - a pool's processes are made ready this way
    _known = Knowledge(window)
    _target = window.target


def _prepare_process(window: Window) -> None:
    """Leave an interruption to the process that collects."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _prepare(window)


def _scan_many(paths: list[str]) -> list[tuple[list[Finding] | Failure, int]]:
    with _without_collector():
        return [_scan_one(path) for path in paths]


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the garbage collector from looking at syntax trees, which hold no cycles."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def _scan_one(path: str) -> tuple[list[Finding] | Failure, int]:
    """Read and scan one file; return its findings and its number of lines."""
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        return Failure(path, error.strerror or str(error)), 0
    lines = source.count(b"\n") + (not source.endswith(b"\n") and bool(source))
    assert _known is not None  # noqa: S101 - _prepare ran first
    return scan_source(path, source, _known, _target), lines
