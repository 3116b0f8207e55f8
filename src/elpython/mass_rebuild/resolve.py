"""Ask uv which versions satisfy a set of requirements, and where their files are.

uv's `pip compile` gives pins with the packages that wanted them, and the same pins as a lock file
(PEP 751) with addresses and digests. For an sdist without static metadata uv executes its
`setup.py` or backend; the interpreter that it does so with is guarded (`guard.py`).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name

from elpython.core.errors import MissingProgramError
from elpython.core.process import clean_env, require, run
from elpython.mass_rebuild.errors import BadInputError, UnresolvedError
from elpython.mass_rebuild.model import Artifact, Interpreter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["IndexOptions", "Pin", "Resolution", "Resolver", "find_uv", "read_lock"]

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
        """Give them as uv's arguments."""
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
class Resolution:
    """A set of pins that satisfies a set of requirements."""

    pins: tuple[Pin, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """A package's sdist and the wheel that suits the interpreter, as far as the index has them."""

    sdist: Artifact | None
    wheel: Artifact | None


def find_uv() -> str:
    """Give the path of uv: beside our own Python, else on PATH.

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
        rows = tomllib.loads(text)["packages"]
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
    """Resolutions for one interpreter; equal questions are asked once.

    Attributes:
        python: what uv runs the hooks of sdists with; the interpreter itself when empty.
    """

    interpreter: Interpreter
    scratch: Path
    python: str = ""
    index: IndexOptions = field(default_factory=IndexOptions)
    tags: tuple[str, ...] = ()
    preferred: dict[str, str] = field(default_factory=dict)
    files: dict[tuple[str, str], Files] = field(default_factory=dict)
    _asked: dict[tuple[str, ...], Resolution] = field(default_factory=dict)

    def resolve(self, requirements: Iterable[str], *, what: str = "") -> Resolution:
        """Give pins that satisfy the requirements, versions already chosen preferred.

        Raises:
            UnresolvedError: no such package or version, or a contradiction; with uv's explanation.
        """
        wanted = tuple(sorted(set(requirements)))
        if not wanted:
            return Resolution(pins=())
        if wanted not in self._asked:
            self._asked[wanted] = self._ask(wanted, what)
        return self._asked[wanted]

    def _compile(self, words: Sequence[str], what: str) -> None:
        argv = [
            find_uv(), "pip", "compile", "--quiet", "--no-header", "--color", "never",
            "--no-sources", "--python", self.python or self.interpreter.path,
            *self.index.arguments(), *words,
        ]  # fmt: skip
        # Copies, not hard links: a hook that writes into its environment must not reach the cache.
        env = clean_env({"UV_NO_PROGRESS": "1", "UV_LINK_MODE": "copy"})
        done = run(argv, cwd=self.scratch, env=env, check=False, timeout=900)
        if done.returncode != 0:
            lines = [line.rstrip() for line in done.stderr.splitlines() if line.strip()]
            raise UnresolvedError(
                "these requirements cannot be satisfied",
                where=what or "requirements",
                todo="correct the requirement, or name another index with --index-url",
                details=tuple(lines[:30]),
            )

    def _ask(self, wanted: tuple[str, ...], what: str) -> Resolution:
        self.scratch.mkdir(parents=True, exist_ok=True)
        source, pins, lock = (self.scratch / name for name in ("in.txt", "pins.txt", "pylock.toml"))
        source.write_text("\n".join(wanted) + "\n", "utf-8")
        # Pins that stand in the output file are kept by uv as long as they fit.
        kept = [f"{name}=={version}" for name, version in sorted(self.preferred.items())]
        pins.write_text("\n".join(kept) + "\n", "utf-8")
        self._compile(["--annotation-style", "line", "-o", str(pins), str(source)], what)
        found = parse_pins(pins.read_text("utf-8"))
        if any((pin.name, pin.version) not in self.files for pin in found):
            exact = self.scratch / "exact.txt"
            exact.write_text("".join(f"{pin.name}=={pin.version}\n" for pin in found), "utf-8")
            lock.unlink(missing_ok=True)
            self._compile(
                ["--format", "pylock.toml", "--no-deps", "-o", str(lock), str(exact)], what
            )
            self.files |= read_lock(lock.read_text("utf-8"), self.scratch, self.tags)
        for pin in found:
            self.preferred.setdefault(pin.name, pin.version)
        return Resolution(pins=tuple(found))


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
