"""Ask uv which versions satisfy a set of requirements, and where their files are.

uv's `pip compile` answers with pins and the packages that wanted them, or with a lock file
(PEP 751) with addresses and digests. For an sdist without static metadata uv executes its
`setup.py` or backend; the interpreter that it does so with is guarded (`guard.py`). An sdist whose
hook fails does not end the resolution: it is noted as broken, uv is told to take it as a package
without requirements, and asked again.
"""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from elpython.core.errors import MissingProgramError
from elpython.core.process import clean_env, require, run
from elpython.core.toml import load_toml
from elpython.mass_rebuild.errors import BadInputError, UnresolvedError
from elpython.mass_rebuild.model import Artifact, Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from elpython.mass_rebuild.notes import Notes

__all__ = [
    "Files",
    "IndexOptions",
    "Pin",
    "Resolution",
    "Resolver",
    "find_uv",
    "most_telling",
    "read_lock",
]

# What uv says of an sdist whose backend failed, whatever the backend was asked for.
_BROKEN = re.compile(
    r"Failed to (?:download and build|build|fetch|download|extract|read|prepare|parse)[^`]*"
    r"`(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^`\s]+)`"
)
_ERROR = re.compile(r"\w*(?:Error|Exception)\b(?: \w+)*:|\berror\b(?: in .*)?[: ]|stopped while")
_LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?:.*?# via (?P<via>.*))?$")


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexOptions:
    """Where packages are looked for; empty values leave it to the user's configuration of uv.

    Attributes:
        index_url: a simple index (PEP 503), also a `file:` address.
        find_links: folders of archives.
        offline: no network at all.
    """

    index_url: str = ""
    find_links: tuple[str, ...] = ()
    offline: bool = False

    def arguments(self) -> list[str]:
        """Return them as uv's arguments."""
        found = []
        if self.index_url:
            found += ["--default-index", self.index_url]
        elif self.find_links and self.offline:
            found += ["--no-index"]
        for folder in self.find_links:
            found += ["--find-links", folder]
        return found + (["--offline"] if self.offline else [])


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """One resolved package: its files, and which of the set wanted it."""

    name: str
    version: str
    via: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """A package's sdist and the wheel that suits the interpreter, as far as the index has them."""

    sdist: Artifact | None
    wheel: Artifact | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """A set of pins that satisfies a set of requirements, and their files."""

    pins: tuple[Pin, ...]
    files: Mapping[tuple[str, str], Files] = field(default_factory=dict)


def find_uv() -> str:
    """Return the path of uv: beside our own Python, else on PATH.

    Raises:
        MissingProgramError: it is not installed.
    """
    try:
        from uv import find_uv_bin
    except ImportError:
        pass
    else:
        return str(find_uv_bin())
    try:
        return require("uv")
    except MissingProgramError as error:
        raise MissingProgramError(
            "the program 'uv' is not installed", todo="install it: pip install uv"
        ) from error


def artifact_of(row: dict[str, Any], folder: Path) -> Artifact | None:
    """Read a file of a lock file (PEP 751); None when it has no sha256."""
    digest = row.get("hashes", {}).get("sha256", "")
    url, path = str(row.get("url", "")), row.get("path")
    if path:
        url = (folder / str(path)).absolute().as_uri()
    if not digest and url.startswith("file://"):
        from urllib.parse import unquote, urlsplit

        from elpython.core.store import file_digest

        local = Path(unquote(urlsplit(url).path))
        digest = file_digest(local) if local.is_file() else ""
    if not digest or not url:
        return None
    name = str(row.get("name") or url.partition("#")[0].rpartition("/")[2])
    return Artifact(filename=name, sha256=digest, url=url, size=int(row.get("size", 0) or 0))


def read_lock(text: str, folder: Path, tags: Sequence[str] = ()) -> dict[tuple[str, str], Files]:
    """Read the files of a lock file (PEP 751).

    Args:
        text: its content.
        folder: where it lies, for relative paths.
        tags: wheel tags of the interpreter, best first; empty takes the first wheel.

    Raises:
        BadInputError: it is no lock file.
    """
    try:
        rows = load_toml(text)["packages"]
        found: dict[tuple[str, str], Files] = {}
        for row in rows:
            wheels = [artifact_of(item, folder) for item in row.get("wheels", [])]
            key = (canonicalize_name(row["name"]), str(row.get("version", "")))
            found[key] = Files(
                sdist=artifact_of(row["sdist"], folder) if "sdist" in row else None,
                wheel=_best([item for item in wheels if item is not None], tags),
            )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"is no lock file (PEP 751): {error!r}", where=str(folder)) from error
    return found


def _best(wheels: Sequence[Artifact], tags: Sequence[str]) -> Artifact | None:
    if not tags:
        return wheels[0] if wheels else None
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    order = {tag: index for index, tag in enumerate(tags)}
    ranked = []
    for wheel in wheels:
        try:
            own = parse_wheel_filename(wheel.filename)[3]
        except InvalidWheelFilename:
            continue
        places = [order[str(tag)] for tag in own if str(tag) in order]
        if places:
            ranked.append((min(places), wheel.filename, wheel))
    return min(ranked)[2] if ranked else None


@dataclass(slots=True)
class Resolver:
    """Resolutions for one interpreter; may be asked from several threads at once.

    Attributes:
        python: what uv runs the hooks of sdists with; the interpreter itself when empty.
        preferred: versions that are taken as long as they fit; the caller adds to them between
            two rounds, so that answers of one round do not depend on each other's order.
        metadata: what packages require to run, as stated by the user, under (name, version or
            empty): their hooks are not asked.
        requires: further build requirements, as stated by the user, by name.
        broken: sdists whose hooks failed, with what uv said.
        notes: answers of this plan that were found before; None keeps none.
    """

    interpreter: Interpreter
    scratch: Path
    python: str = ""
    index: IndexOptions = field(default_factory=IndexOptions)
    tags: tuple[str, ...] = ()
    preferred: dict[str, str] = field(default_factory=dict)
    metadata: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    broken: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    notes: Notes | None = None

    def prefer(self, pins: Iterable[Pin]) -> None:
        """Take these versions from now on where they fit; the first choice stays."""
        for pin in pins:
            self.preferred.setdefault(pin.name, pin.version)

    def resolve(self, requirements: Iterable[str], *, what: str = "") -> Resolution:
        """Return pins that satisfy the requirements, with their files.

        Raises:
            UnresolvedError: no such package or version, or a contradiction; with uv's explanation.
        """
        wanted = tuple(sorted(set(requirements)))
        if not wanted:
            return Resolution(pins=())
        with self._folder() as folder:
            lock = folder / "pylock.toml"
            _write_preferences(lock, self.preferred)
            text = self._compile(folder, wanted, lock, ("--format", "pylock.toml"), what)
        files = read_lock(text, self.scratch, self.tags)
        pins = tuple(Pin(name=name, version=version) for name, version in files)
        return Resolution(pins=pins, files=files)

    def pins(self, requirements: Iterable[str], *, what: str = "") -> tuple[Pin, ...]:
        """Return pins with the packages that wanted them, without their files.

        Raises:
            UnresolvedError: as `resolve`.
        """
        wanted = tuple(sorted(set(requirements)))
        with self._folder() as folder:
            out = folder / "pins.txt"
            kept = [f"{name}=={version}" for name, version in sorted(self.preferred.items())]
            out.write_text("\n".join(kept) + "\n", "utf-8")
            words = ("--annotation-style", "line")
            return tuple(parse_pins(self._compile(folder, wanted, out, words, what)))

    def files(self, requirements: Iterable[str], *, what: str = "") -> Resolution:
        """Return what the index has for single requirements, theirs not resolved, no hook run.

        Raises:
            UnresolvedError: one of them is not in the index.
        """
        wanted = tuple(sorted(set(requirements)))
        with self._folder() as folder:
            lock = folder / "pylock.toml"
            words = ("--format", "pylock.toml", "--no-deps")
            text = self._compile(folder, wanted, lock, words, what)
        files = read_lock(text, self.scratch, self.tags)
        pins = tuple(Pin(name=name, version=version) for name, version in files)
        return Resolution(pins=pins, files=files)

    @contextlib.contextmanager
    def _folder(self) -> Iterator[Path]:
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch, prefix="ask-") as folder:
            yield Path(folder)

    def _compile(
        self, folder: Path, wanted: Sequence[str], out: Path, words: Sequence[str], what: str
    ) -> str:
        """Return what uv writes; a package whose hook fails is noted as broken on the way."""
        before = out.read_text("utf-8") if out.is_file() else ""
        key = [wanted, words, before]
        known = self.notes.get(key) if self.notes else None
        if known is not None:
            self.broken |= {
                (name, version): tuple(lines) for name, version, lines in known["broken"]
            }
            return str(known["text"])
        (folder / "in.txt").write_text("\n".join(wanted) + "\n", "utf-8")
        met: dict[tuple[str, str], tuple[str, ...]] = {}
        while True:
            (folder / "uv.toml").write_text(self._configuration(), "utf-8")
            lines = self._ask(folder, out, words)
            if lines is None:
                break
            name = broken_package(lines)
            if name is None or name in self.metadata or name in met:
                raise UnresolvedError(
                    "these requirements cannot be satisfied",
                    where=what or "requirements",
                    todo="correct the requirement, or name another index with --index-url",
                    details=tuple(lines[:30]),
                )
            met[name] = tuple(lines[:60])
            self.broken[name] = met[name]
            if before:
                out.write_text(before, "utf-8")
        text = out.read_text("utf-8")
        if self.notes is not None:
            rows = [[*name, list(lines)] for name, lines in met.items()]
            self.notes.put(key, {"text": text, "broken": rows})
        return text

    def _configuration(self) -> str:
        """Return the file that tells uv of packages whose hooks it must not run."""
        stated: dict[tuple[str, str], tuple[str, ...]] = dict.fromkeys(self.broken, ())
        lines = []
        if self.requires:
            lines.append("[extra-build-dependencies]")
            lines += [f"{name} = {json.dumps(list(x))}" for name, x in self.requires.items()]
        for (name, version), needs in sorted((stated | self.metadata).items()):
            lines += ["[[dependency-metadata]]", f"name = {json.dumps(name)}"]
            lines += [f"version = {json.dumps(version)}"] if version else []
            lines += [f"requires-dist = {json.dumps(list(needs))}"]
        return "\n".join(lines) + "\n"

    def _ask(self, folder: Path, out: Path, words: Sequence[str]) -> list[str] | None:
        """Let uv answer into a file; return its explanation when it could not."""
        argv = [
            find_uv(), "pip", "compile", "--quiet", "--no-header", "--color", "never",
            "--no-sources", "--python", self.python or self.interpreter.path,
            *self.index.arguments(), *words, "-o", str(out), str(folder / "in.txt"),
        ]  # fmt: skip
        # Copies, not hard links: a hook that writes into its environment must not reach the cache.
        env = clean_env({"UV_NO_PROGRESS": "1", "UV_LINK_MODE": "copy"})
        done = run(argv, cwd=folder, env=env, check=False, timeout=900)
        if done.returncode == 0:
            return None
        return [line.rstrip() for line in done.stderr.splitlines() if line.strip()]


def _write_preferences(path: Path, preferred: Mapping[str, str]) -> None:
    """Write versions as a lock file: uv keeps those in its output file that still fit."""
    rows = ['lock-version = "1.0"', 'created-by = "elpython"']
    for name, version in sorted(preferred.items()):
        rows += ["[[packages]]", f"name = {json.dumps(name)}", f"version = {json.dumps(version)}"]
    path.write_text("\n".join(rows) + "\n", "utf-8")


def broken_package(lines: Sequence[str]) -> tuple[str, str] | None:
    """Return name and version of the sdist whose build uv tells of; None when it tells of none."""
    for line in lines:
        match = _BROKEN.search(line)
        if match:
            return canonicalize_name(match["name"]), match["version"]
    return None


def most_telling(lines: Sequence[str]) -> str:
    """Return the line of a failed hook's output that says most: the last error, else the last."""
    own = [line.strip() for line in lines if not re.match(r"\s*(?:hint|\[std(?:err|out)\])", line)]
    errors = [line for line in own if _ERROR.search(line)]
    found = (errors or own or ["its hook failed and said nothing"])[-1]
    return re.sub(r"^(?:error|cause):\s*", "", found)


def parse_pins(text: str) -> list[Pin]:
    """Read uv's pins with `# via` notes; `-r file` and `in.txt` notes mean: asked for directly."""
    found = []
    for line in text.splitlines():
        match = _LINE.match(line.strip())
        if match is None:
            continue
        notes = [item.strip() for item in (match["via"] or "").split(",")]
        via = tuple(sorted(canonicalize_name(item) for item in notes if item and " " not in item))
        found.append(Pin(name=canonicalize_name(match["name"]), version=match["version"], via=via))
    return found
