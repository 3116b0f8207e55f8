"""Read the sources of a project: what each file uses, from a cache where it did not change."""

from __future__ import annotations

import ast
import json
import os
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.core.store import file_digest, key_of, write_atomic
from elpython.project.errors import BadProjectError
from elpython.project.names import uses_in
from elpython.project.rules import Rules, Series, Use, rules_of_vermin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from elpython.core.store import Store

__all__ = ["Scanned", "find_sources", "read_source", "scan"]

_SKIPPED = {
    "__pycache__", "__pypackages__", "build", "dist", "env", "node_modules",
    "site-packages", "venv",
}  # fmt: skip
# Findings of vermin about names: ours know conditions and lines.
_NAMED = re.compile(r"'.*' (?:module|member|user function decorator)$|^'[^']*\([^']*\)'$")
_LINE = re.compile(r"^(?P<path>.*):(?P<line>\d*):\d*:[^:]*:(?P<since>[^:]*):(?P<what>.*)$")
# Told by our own reader with the lines that are evaluated.
_OWN = ("union types", "builtin generic", "annotations", "`with`", "print(expr)")
_GENERIC = re.compile(r"\s*(?:type\s+\w+\s*(?:\[.*\])?\s*=|(?:async\s+)?def\s+\w+\[|class\s+\w+\[)")
_BATCH = 24
_POOL_FROM = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Scanned:
    """One source file.

    Attributes:
        path: as it was named, or below the folder that was.
        lines: how many it has.
        uses: what it uses, by line.
        stand_ins: distributions that it takes instead, and below which CPython.
        unread: why it could not be read; empty when it could.
    """

    path: str
    lines: int
    uses: tuple[Use, ...]
    stand_ins: tuple[tuple[str, Series], ...] = ()
    unread: str = ""


def find_sources(folder: Path) -> Iterator[Path]:
    """Give the Python sources of a folder: `*.py`, and scripts whose first line names Python.

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


def read_source(content: bytes, path: str, rules: Rules) -> Scanned:
    """Read one source.

    Args:
        content: its bytes.
        path: how it is called.
        rules: what is looked for.
    """
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    try:
        tree = ast.parse(content, filename=path)
        uses, free, instead = uses_in(tree, rules)
        uses |= _syntax(tree, content, path, free)
    except SyntaxError as error:
        return _newer_syntax(content, path, lines, error)
    except (ValueError, RecursionError, MemoryError) as error:
        return Scanned(path=path, lines=lines, uses=(), unread=f"cannot be read: {error}")
    ignored = _ignored_lines(content)
    kept = sorted({use for use in uses if use.line not in ignored}, key=lambda use: use.line)
    return Scanned(path=path, lines=lines, uses=tuple(kept), stand_ins=tuple(sorted(instead)))


def _newer_syntax(content: bytes, path: str, lines: int, error: SyntaxError) -> Scanned:
    """Tell what a source that this Python cannot parse certainly needs."""
    text = content.decode("utf-8", "replace").splitlines()
    line = text[(error.lineno or 1) - 1] if 0 < (error.lineno or 0) <= len(text) else ""
    generic = re.search(
        r"^\s*(?:type\s+\w+\s*(?:\[.*\])?\s*=|(?:async\s+)?def\s+\w+\[|class\s+\w+\[)", line
    )
    if generic:
        use = Use("type parameters (PEP 695)", (3, 12), error.lineno or 1)
        return Scanned(path=path, lines=lines, uses=(use,))
    told = f"line {error.lineno}: {error.msg}; this Python cannot read it"
    return Scanned(path=path, lines=lines, uses=(), unread=told)


def _ignored_lines(content: bytes) -> set[int]:
    """Give the lines that a comment takes out: `# novm`, on the line or alone above it."""
    if b"novm" not in content and b"novermin" not in content:
        return set()
    import vermin

    return set(vermin.Parser(content).comments())


@cache
def _config() -> Any:  # noqa: ANN401 - vermin has no types
    import vermin

    config = vermin.Config()
    config.set_format(vermin.formats.from_name("parsable"))
    config.set_verbose(3)
    config.set_parse_comments(False)
    return config


def _syntax(tree: ast.Module, content: bytes, path: str, free: set[int]) -> set[Use]:
    """Ask vermin which syntax a source uses."""
    import vermin

    visitor = vermin.SourceVisitor(_config(), "x", content)
    visitor.set_no_lines(free)
    visitor.tour(tree)
    visitor.minimum_versions()
    found = set()
    for line in visitor.output_text().splitlines():
        match = _LINE.match(line)
        if match is None or _NAMED.search(match["what"]) or match["what"].startswith(_OWN):
            continue
        numbers = re.fullmatch(r"3\.(\d+)", match["since"])
        if numbers and int(numbers[1]) > 0:
            name = match["what"].replace("`", "").strip()
            found.add(Use(name, (3, int(numbers[1])), int(match["line"] or 1)))
    del path
    return found


def _read_batch(job: tuple[list[tuple[str, str]], Rules]) -> list[Scanned]:
    """Read some files, in a process of its own."""
    paths, rules = job
    return [read_source(Path(place).read_bytes(), name, rules) for place, name in paths]


def scan(
    store: Store,
    root: Path,
    rules: Rules,
    *,
    jobs: int = 0,
    progress: Callable[[str, int, int], None] = lambda _label, _done, _total: None,
) -> tuple[list[Scanned], int]:
    """Read a file or every source of a folder.

    Args:
        store: keeps what was found, by content.
        root: a file or a folder.
        rules: what is looked for.
        jobs: processes; 0 for the number of cores.
        progress: told label, done and total.

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
    named = [(path, str(path.relative_to(top))) for path in paths]
    kept = store.path("needs", key_of([str(root.resolve()), _key(rules)])).with_suffix(".json")
    known = _load(kept)
    found: dict[str, Scanned] = {}
    anew: list[tuple[Path, str, str]] = []
    for path, name in named:
        digest = file_digest(path)
        entry = known.get(name)
        if entry is not None and entry[0] == digest:
            found[name] = _from_data(name, entry)
        else:
            anew.append((path, name, digest))
    for (_, name, digest), item in zip(anew, _read_all(anew, rules, jobs, progress), strict=True):
        found[name] = item
        known[name] = _as_data(item, digest)
    if anew or set(known) != set(found):
        data = {name: known[name] for name in found}
        write_atomic(kept, json.dumps(data, separators=(",", ":")).encode())
    return [found[name] for _, name in named], len(anew)


def _read_all(
    anew: Sequence[tuple[Path, str, str]],
    rules: Rules,
    jobs: int,
    progress: Callable[[str, int, int], None],
) -> list[Scanned]:
    batches = [
        [(str(path), name) for path, name, _ in anew[start : start + _BATCH]]
        for start in range(0, len(anew), _BATCH)
    ]
    work = [(batch, rules) for batch in batches]
    workers = jobs or len(os.sched_getaffinity(0))
    done: list[Scanned] = []
    if len(anew) < _POOL_FROM or workers == 1:
        for job in work:
            done += _read_batch(job)
            progress("sources", len(done), len(anew))
        return done
    with ProcessPoolExecutor(workers) as pool:
        for result in pool.map(_read_batch, work):
            done += result
            progress("sources", len(done), len(anew))
    return done


@cache
def _code_digest() -> str:
    import vermin

    files = sorted(Path(__file__).parent.glob("*.py"))
    tables = Path(vermin.__file__).parent / "rules.py"
    return key_of([file_digest(path) for path in [*files, tables]])


def _key(rules: Rules) -> str:
    own = sorted(set(rules.names) - set(rules_of_vermin().names))
    more = sorted(set(rules.parameters) - set(rules_of_vermin().parameters))
    return sha256(repr([_code_digest(), own, more]).encode()).hexdigest()


def _load(file: Path) -> dict[str, list[Any]]:
    """Give what was kept; a file that makes no sense counts as none."""
    try:
        data = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _as_data(item: Scanned, digest: str) -> list[Any]:
    uses = [[use.name, list(use.since), use.line] for use in item.uses]
    return [
        digest,
        item.lines,
        uses,
        [[name, *since] for name, since in item.stand_ins],
        item.unread,
    ]


def _from_data(name: str, entry: list[Any]) -> Scanned:
    _, lines, uses, instead, unread = entry
    return Scanned(
        path=name,
        lines=lines,
        uses=tuple(Use(use, (since[0], since[1]), line) for use, since, line in uses),
        stand_ins=tuple((dist, (major, minor)) for dist, major, minor in instead),
        unread=unread,
    )
