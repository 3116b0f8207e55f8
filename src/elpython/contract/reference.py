"""Reference files: what a base is, recorded once, so that nobody needs the base itself later.

A file is JSON, packed with gzip: format, who recorded what and when, the interpreter's facts, and
every observation of the base that the promises of `CHECKED` compare. A digest covers all of it. The
digest finds what was cut or changed; whom a file comes from, a signature beside it has to say.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import platform
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from elpython.contract.check import Rules, check
from elpython.contract.promises import NEEDS_BASE, PROMISES
from elpython.contract.subject import BadReferenceError, Pair, Run, Subject, code_digest
from elpython.core.errors import UsageError
from elpython.core.store import write_atomic
from elpython.core.strict_json import strict_json
from elpython.core.toolchain import VERSION

if TYPE_CHECKING:
    from pathlib import Path


__all__ = ["CHECKED", "FORMAT", "BadReferenceError", "Reference", "is_reference",
           "read_reference", "record"]  # fmt: skip

FORMAT = 1
_KIND = "elpython-contract-reference"
_GZIP = b"\x1f\x8b"
# A whole interpreter's observations are some 30 MB of JSON.
_MOST_BYTES = 400_000_000
_KEYS = {"kind", "format", "toolchain", "checks", "recorded", "machine", "libc", "name", "facts",
         "promises", "observations", "sha256"}  # fmt: skip
# Facts without which there is no interpreter to name.
_FACTS = {"version", "version_info", "places", "config_vars", "schemes", "shared_library"}

# Promises that a file can be held against.
CHECKED = tuple(name for name in PROMISES if name not in NEEDS_BASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """A reference file that was written or read.

    Attributes:
        path: where it lies.
        sha256: over everything in it.
        name: of the interpreter, for people.
        recorded: the day, in UTC.
        toolchain: version of the toolchain that recorded it.
        checks: digest of the checks that recorded it.
        promises: what was recorded for.
        missing: promises that could not be recorded, with the reason.
    """

    path: Path
    sha256: str
    name: str
    recorded: str
    toolchain: str
    checks: str
    promises: tuple[str, ...]
    missing: dict[str, str]


def is_reference(path: Path) -> bool:
    """Whether a file looks like a reference file, whole or not: JSON, or packed JSON."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        start = stream.read(2)
    return start == _GZIP or start[:1] == b"{"


def record(subject: Subject, path: Path, run: Run, *, today: str = "") -> Reference:
    """Record a base: hold it against itself, and keep all that was observed.

    Args:
        subject: the interpreter, as base.
        path: the file to write.
        run: store, jobs, progress.
        today: the day written into it; today's if omitted.

    Raises:
        UsageError: it is itself read from a reference file.
        ElpythonError: the interpreter does not answer.
    """
    if subject.recorded is not None:
        raise UsageError("is a reference file already: it cannot be recorded", where=subject.name)
    found: dict[str, Any] = {}
    pair = Pair(base=replace(subject, role="base"), candidate=replace(subject, role="candidate"))
    report = check(pair, replace(run, recorder=found, network=False), Rules(), CHECKED)
    missing = {
        outcome.promise: "; ".join(outcome.gaps)
        for outcome in report.outcomes
        if outcome.gaps and outcome.promise != "wheels"
    }
    data: dict[str, Any] = {
        "kind": _KIND,
        "format": FORMAT,
        "toolchain": VERSION,
        "checks": code_digest(),
        "recorded": today or datetime.now(UTC).date().isoformat(),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "name": f"{subject.name} ({str(subject.facts['version']).split(' ', 1)[0]})",
        "facts": dict(subject.facts),
        "promises": [name for name in CHECKED if name not in missing],
        "observations": found,
    }
    data["sha256"] = _digest(data)
    text = json.dumps(data, sort_keys=True, ensure_ascii=False).encode()
    # No time in the head: the same interpreter gives the same file.
    write_atomic(path, gzip.compress(text, mtime=0))
    return _told(path, data, missing)


def _digest(data: dict[str, Any]) -> str:
    kept = {key: value for key, value in data.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _told(path: Path, data: dict[str, Any], missing: dict[str, str]) -> Reference:
    return Reference(
        path=path, sha256=data["sha256"], name=data["name"], recorded=data["recorded"],
        toolchain=data["toolchain"], checks=data["checks"], promises=tuple(data["promises"]),
        missing=missing,
    )  # fmt: skip


def read_reference(path: Path) -> tuple[Subject, Reference]:
    """Read a reference file as the base of a contract.

    Raises:
        BadReferenceError: it is cut, was changed, has another format, or was recorded on another
            kind of machine.
    """
    data = _content(path)
    if data.get("kind") != _KIND:
        raise BadReferenceError("is no reference file", where=str(path), todo=_TODO)
    if data.get("format") != FORMAT:
        raise BadReferenceError(
            f"has format {data.get('format')!r}; this toolchain reads {FORMAT}", where=str(path),
            todo=f"record it again, or use the toolchain that did ({data.get('toolchain')})",
        )  # fmt: skip
    if set(data) != _KEYS or data["sha256"] != _digest(data):
        raise BadReferenceError(
            "was changed after it was recorded: its digest does not match", where=str(path),
            todo="take it again from where it comes from",
        )  # fmt: skip
    facts, held = data["facts"], data["observations"]
    if not isinstance(facts, dict) or not isinstance(held, dict) or not set(facts) >= _FACTS:
        raise BadReferenceError("holds no interpreter's facts", where=str(path), todo=_TODO)
    if data["machine"] != platform.machine():
        raise BadReferenceError(
            f"was recorded on {data['machine']}; this machine is {platform.machine()}",
            where=str(path),
            todo="check on a machine of that kind",
        )
    reference = _told(path, data, {})
    name = f"{data['name']}, recorded {data['recorded']} in {path.name}"
    subject = Subject(
        role="base", name=name, python=path.absolute(), facts=data["facts"],
        digest=data["sha256"][:32], recorded=data["observations"] | {"checks": data["checks"]},
    )  # fmt: skip
    return subject, reference


_TODO = "write one with: elpython contract record PYTHON --to FILE"


def _content(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            packed = stream.read(2) == _GZIP
        with gzip.open(path) if packed else path.open("rb") as text:
            raw = text.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise BadReferenceError("is too large for a reference file", where=str(path))
        data = strict_json(raw)
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        what = f"is cut or no reference file: {error}"
        raise BadReferenceError(what, where=str(path), todo=_TODO) from error
    if not isinstance(data, dict):
        raise BadReferenceError("is no reference file", where=str(path), todo=_TODO)
    return data
