"""Read the sources of a project: what each file uses, from a cache where it did not change."""

from __future__ import annotations

import json
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.core.report import SILENT
from elpython.core.store import file_digest, key_of, write_atomic
from elpython.project.conditions import Value
from elpython.project.errors import BadProjectError
from elpython.project.kept import as_data, from_data, load, text_of
from elpython.project.modules import exported, narrowed, package_name, relevant
from elpython.project.names import read
from elpython.project.recorder import Around
from elpython.project.rules import OLDEST, Rules, Use, standard_rules
from elpython.project.scanned import Scanned
from elpython.project.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from elpython.core.report import Reporter
    from elpython.core.store import Store
    from elpython.project.names import Reader

__all__ = ["find_sources", "read_source", "read_together", "scan"]

_SKIPPED = {
    "__pycache__", "__pypackages__", "build", "dist", "env", "node_modules",
    "site-packages", "venv",
}  # fmt: skip
_IGNORED = re.compile(rb"#.*\bnov(?:er)?m(?:in)?\b")
_BATCH = 24
_ROUNDS = 3
_POOL_FROM = 60
_DEEPEST = 10_000


def find_sources(folder: Path) -> Iterator[Path]:
    """Yield the Python sources of a folder: `*.py`, and scripts whose first line names Python.

    Hidden folders, environments and what is built are left out.
    """
    with os.scandir(folder) as found:
        items = sorted(found, key=lambda item: item.name)
    if any(item.name == "pyvenv.cfg" for item in items):
        return
    for item in items:
        if item.name.startswith(".") or item.is_symlink():
            continue
        if item.is_dir():
            if item.name not in _SKIPPED and not item.name.endswith(".egg-info"):
                yield from find_sources(Path(item.path))
        elif item.name.endswith((".py", ".pyw")) or _is_script(item):
            yield Path(item.path)


def _is_script(item: os.DirEntry[str]) -> bool:
    if "." in item.name or not item.is_file() or not os.access(item.path, os.X_OK):
        return False
    with open(item.path, "rb") as stream:  # noqa: PTH123 - the entry has a path only
        first = stream.readline(128)
    return first.startswith(b"#!") and b"python" in first


def read_source(
    content: bytes, path: str, rules: Rules, known: Mapping[str, Value] | None = None
) -> Scanned:
    """Read one source.

    Args:
        content: its bytes.
        path: how it is called, below the project's folder.
        rules: what is looked for.
        known: what names of the project's other modules hold.
    """
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    try:
        # CPython compiles 400 `elif` and 600 texts that are added; reading takes a few calls each.
        if sys.getrecursionlimit() < _DEEPEST:
            sys.setrecursionlimit(_DEEPEST)
        parsed = parse(content)
        around = Around(rules, known or {}, package_name(path), refuses=_is_entrance(path))
        found = read(parsed.tree, parsed.lines, around)
    except SyntaxError as error:
        told = f"line {error.lineno or 1}: no Python that any CPython up to 3.15 reads"
        return Scanned(path=path, lines=lines, uses=(), unread=told)
    except (ValueError, RecursionError, MemoryError) as error:
        return Scanned(path=path, lines=lines, uses=(), unread=f"cannot be read: {error}")
    ignored = _ignored_lines(content)
    return Scanned(
        path=path,
        lines=lines,
        uses=_kept(found.uses | parsed.uses, ignored),
        stand_ins=tuple(sorted(found.stand_ins)),
        elsewhere=_kept(found.elsewhere, ignored),
        imports=tuple(sorted(found.imported)),
        exports=_exports(found),
    )


def _exports(found: Reader) -> tuple[tuple[str, Value], ...]:
    """Return what other modules may want to know: versions, and names that were found."""
    held = {
        name: value
        for name, value in found.values.items()
        if value.by_minor and not value.plain and is_plain(value)
    }
    flags = {
        name: Value({}, names=guard.names, absent=guard.absent)
        for name, guard in found.flags.items()
        if name not in held and not name.startswith(("self.", "cls."))
    }
    return tuple(sorted((held | flags).items(), key=lambda item: item[0]))


def is_plain(value: Value) -> bool:
    """Return whether a value can be kept as JSON: numbers, texts and tuples of them."""
    kinds = (bool, int, str, tuple, type(None))
    return all(isinstance(item, kinds) for item in value.by_minor.values())


def _kept(uses: Iterable[Use], ignored: set[int]) -> tuple[Use, ...]:
    kept = [use for use in uses if use.line not in ignored and use.since != OLDEST]
    return tuple(sorted(kept, key=lambda use: (use.line, use.name)))


def _is_entrance(path: str) -> bool:
    """Return whether every user of a project runs a source: a script, or a package's own file."""
    return "/" not in path or path.endswith(("__init__.py", "__main__.py"))


def _ignored_lines(content: bytes) -> set[int]:
    """Return the lines that a comment takes out: `# novm`, on the line or alone above it."""
    if b"novm" not in content and b"novermin" not in content:
        return set()
    found = set()
    for number, line in enumerate(content.splitlines(), 1):
        match = _IGNORED.search(line)
        if match:
            found.add(number if line[: match.start()].strip() else number + 1)
    return found


def _read_batch(job: tuple[list[Job], Rules]) -> list[Scanned]:
    """Read some files, in a process of its own."""
    jobs, rules = job
    return [
        read_source(Path(item.place).read_bytes(), item.name, rules, item.known) for item in jobs
    ]


def read_together(files: Mapping[str, bytes], rules: Rules) -> list[Scanned]:
    """Read the sources of one project, name -> content, as `scan` reads those of a folder."""
    sources = [read_source(content, name, rules) for name, content in files.items()]
    for _ in range(_ROUNDS):
        known = exported(sources)
        again = [
            read_source(files[source.path], source.path, rules, more)
            if (more := relevant(source, known, partial(files.__getitem__, source.path)))
            else source
            for source in sources
        ]
        if again == sources:
            break
        sources = again
    return narrowed(sources)


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read: its place, name and digest, and what the names that it imports hold."""

    place: str
    name: str
    digest: str
    known: Mapping[str, Value]

    @property
    def key(self) -> str:
        """Return what the answer depends on, rules aside."""
        return key_of([self.digest, self.name, text_of(self.known)])


def scan(
    store: Store,
    root: Path,
    rules: Rules,
    *,
    jobs: int = 0,
    reporter: Reporter = SILENT,
) -> tuple[list[Scanned], int]:
    """Read a file or every source of a folder.

    Args:
        store: keeps what was found, by content.
        root: a file or a folder.
        rules: what is looked for.
        jobs: processes; 0 for the number of cores.
        reporter: told how it goes on.

    Returns:
        What each file uses, and how many files were read anew.

    Raises:
        BadProjectError: there is no such path, or no Python in it.
    """
    if not root.exists():
        raise BadProjectError("there is no such file or folder", where=str(root))
    paths = [root] if root.is_file() else list(find_sources(root))
    if not paths:
        raise BadProjectError("holds no Python source", where=str(root))
    top = root.parent if root.is_file() else root
    kept = store.path("needs", key_of([str(root.resolve()), _key(rules)])).with_suffix(".json")
    before, used = load(kept), dict[str, list[Any]]()
    work = [Job(str(path), str(path.relative_to(top)), file_digest(path), {}) for path in paths]
    anew: set[str] = set()

    def answer(work: Sequence[Job]) -> list[Scanned]:
        keys = [job.key for job in work]
        missing = [job for job, key in zip(work, keys, strict=True) if key not in before]
        for job, item in zip(missing, _read_all(missing, rules, jobs, reporter), strict=True):
            before[job.key] = as_data(item)
            anew.add(job.name)
        used.update((key, before[key]) for key in keys)
        return [from_data(job.name, before[key]) for job, key in zip(work, keys, strict=True)]

    sources = answer(work)
    for _ in range(_ROUNDS):
        known = exported(sources)
        again = [
            replace(job, known=relevant(source, known, Path(job.place).read_bytes))
            for job, source in zip(work, sources, strict=True)
        ]
        if again == work:
            break
        work, sources = again, answer(again)
    if anew or set(used) != set(load(kept)):
        write_atomic(kept, json.dumps(used, separators=(",", ":")).encode())
    return narrowed(sources), len(anew)


def _read_all(
    work: Sequence[Job],
    rules: Rules,
    jobs: int,
    reporter: Reporter,
) -> list[Scanned]:
    batches = [(list(work[start : start + _BATCH]), rules) for start in range(0, len(work), _BATCH)]
    workers = jobs or len(os.sched_getaffinity(0))
    done: list[Scanned] = []
    if len(work) < _POOL_FROM or workers == 1:
        for batch in batches:
            done += _read_batch(batch)
            reporter.progress("sources", len(done), len(work))
        return done
    with ProcessPoolExecutor(workers) as pool:
        for result in pool.map(_read_batch, batches):
            done += result
            reporter.progress("sources", len(done), len(work))
    return done


@cache
def _code_digest() -> str:
    here = Path(__file__).parent
    return key_of(
        [file_digest(path) for path in sorted([*here.glob("*.py"), *here.glob("data/*")])]
    )


def _key(rules: Rules) -> str:
    own = sorted(set(rules.names) - set(standard_rules().names))
    more = sorted(set(rules.parameters) - set(standard_rules().parameters))
    return sha256(repr([_code_digest(), own, more]).encode()).hexdigest()
