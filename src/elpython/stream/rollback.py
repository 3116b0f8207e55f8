"""The way back: what a pre-freeze interpreter wrote that the last stable one cannot read."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.core import process
from elpython.core.errors import BadInterpreterError
from elpython.core.strict_json import load_json

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Kept", "try_back"]

_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One kind of stored data.

    Attributes:
        label: `pickle protocol 5`, `dbm.gnu`, `shelve`, ...
        detail: the database module that the new interpreter chose; empty for other kinds.
        readable: whether the old interpreter reads it; None when the new one could not write it.
        reason: the error, as the interpreter tells it.
    """

    label: str
    detail: str
    readable: bool | None
    reason: str


def try_back(new: Path, old: Path) -> list[Kept]:
    """Write with one interpreter, read with another, and tell what the way back loses.

    Args:
        new: the pre-freeze interpreter.
        old: the last stable one.

    Raises:
        BadInterpreterError: one of the two cannot run the probe.
    """
    with tempfile.TemporaryDirectory(prefix="elpython-back-") as name:
        folder = Path(name)
        script = folder / "probe.py"
        source = resources.files("elpython.stream.probes").joinpath("rollback.py")
        script.write_text(source.read_text("utf-8"), "utf-8")
        data = folder / "data"
        data.mkdir()
        wrote = _ask(new, script, "write", data, None)
        sound = [item for item in wrote if not item["error"]]
        read = {item["label"]: item["error"] for item in _ask(old, script, "read", data, sound)}
    return [
        Kept(
            label=item["label"],
            detail=item["detail"],
            readable=None if item["error"] else not read[item["label"]],
            reason=item["error"] or read[item["label"]],
        )
        for item in wrote
    ]


def _ask(
    python: Path, script: Path, mode: str, data: Path, items: Sequence[dict[str, Any]] | None
) -> list[dict[str, Any]]:
    text = None if items is None else json.dumps(items)
    ran = process.run(
        [str(python), "-B", str(script), mode, str(data)],
        input_text=text,
        timeout=_SECONDS,
        check=False,
    )
    try:
        answer = load_json(ran.stdout)
    except ValueError as error:
        raise BadInterpreterError(
            "it cannot run the roll-back probe",
            where=str(python),
            details=tuple(ran.stderr.splitlines()[-3:]),
        ) from error
    return list(answer)
