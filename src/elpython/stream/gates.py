"""The gates before a release: each answers yes, no or not told, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.core.errors import UsageError
from elpython.core.strict_json import load_json
from elpython.core.tls import trusted
from elpython.stream.tables import read_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ANSWERS", "Answer", "Gate", "gate_table", "read_status", "status_answer"]

ANSWERS = ("yes", "no", "not told")
_KINDS = (
    "builders", "blockers", "ledger", "freeze", "stable", "markers", "rollback", "review",
)  # fmt: skip
_GREEN = frozenset({"success", "successful", "green", "ok", "passed", "warnings"})
_BLOCKING = frozenset({"release-blocker", "deferred-blocker"})
_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """One gate: its id, how it is answered, its title, and the rule's source."""

    id: str
    kind: str
    title: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a gate said: `yes`, `no` or `not told`, and why."""

    gate: Gate
    answer: str
    why: str


@cache
def gate_table() -> tuple[Gate, ...]:
    """Read the gates that come with the package, in their order."""
    root = read_toml("gates.toml")
    gates = []
    for row in root.tables("gate"):
        gates.append(
            Gate(
                id=row.text("id"),
                kind=row.choice("kind", _KINDS),
                title=row.text("title"),
                source=row.text("source"),
            )
        )
        row.done()
    root.end()
    return tuple(gates)


def read_status(place: str) -> Any:  # noqa: ANN401 - any JSON
    """Read a status as JSON: a file, or an address.

    Raises:
        UsageError: it cannot be read, or is no JSON.
    """
    try:
        if place.startswith(("http://", "https://")):
            import httpx

            answer = httpx.get(place, verify=trusted(), timeout=_SECONDS, follow_redirects=True)
            answer.raise_for_status()
            return answer.json()
        return load_json(Path(place).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"the status cannot be read: {error}", where=place) from error
    except Exception as error:
        if type(error).__module__.startswith("httpx"):
            raise UsageError(f"the status cannot be fetched: {error}", where=place) from error
        raise


def status_answer(kind: str, status: object) -> tuple[str, str]:
    """Answer a gate by a status file.

    Args:
        kind: `builders`: a table of names to words (`success`), or a list of objects with `name`
            and `status` (or `result`); `blockers`: a list of issues with `number`, `title`,
            `state` and `labels`.
        status: the JSON value.
    """
    if kind == "builders":
        return _builders(status)
    return _blockers(status)


def _builders(status: object) -> tuple[str, str]:
    rows: dict[str, str] = {}
    if isinstance(status, dict):
        rows = {str(name): str(word) for name, word in status.items() if isinstance(word, str)}
    elif isinstance(status, list):
        for item in status:
            if isinstance(item, dict) and "name" in item:
                rows[str(item["name"])] = str(item.get("status", item.get("result", "")))
    if not rows:
        return "not told", "the status names no builder"
    red = sorted(name for name, word in rows.items() if word.lower() not in _GREEN)
    if red:
        return "no", f"{len(red)} of {len(rows)} not green: {', '.join(red[:6])}"
    return "yes", f"{len(rows)} builders are green"


def _blockers(status: object) -> tuple[str, str]:
    if not isinstance(status, list) or not all(isinstance(item, dict) for item in status):
        return "not told", "the status is no list of issues"
    issues: Sequence[Mapping[str, Any]] = status
    open_ones = [
        item
        for item in issues
        if str(item.get("state", "open")).lower() == "open" and _labels(item) & _BLOCKING
    ]
    if open_ones:
        told = ", ".join(f"#{item.get('number', '?')}" for item in open_ones[:6])
        return "no", f"{len(open_ones)} open: {told}"
    return "yes", f"no open blocker among {len(issues)} issues"


def _labels(item: Mapping[str, Any]) -> set[str]:
    return {
        str(label.get("name", "") if isinstance(label, dict) else label)
        for label in item.get("labels", ())
    }
