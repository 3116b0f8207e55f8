"""Headers: no macro, inline function or declaration of the public headers is lost or changed."""

from __future__ import annotations

import contextlib
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.compare import changed, tables
from elpython.contract.headers_view import MODES, complaints, modes, view
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.together import together
from elpython.core.errors import MissingProgramError

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_SAID = {
    "limited": "in the limited API",
    "c++": "in C++",
    "ssize_t": "with PY_SSIZE_T_CLEAN",
    "oldest-limited": "in the limited API of 3.2",
}
_DATA = Path(__file__).parents[1] / "data" / "headers.toml"


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Compare what preprocessor and compiler see in each way of including the headers."""
    ignored = set(tomllib.loads(_DATA.read_text("utf-8"))["macros"])
    found: list[Difference] = []
    gaps: list[str] = []
    known: set[str] = set()
    count = 0
    looked_at = modes(pair.base)
    recorded = pair.base.recorded
    if recorded is not None:
        looked_at = tuple(mode for mode in looked_at if f"headers-{mode}" in recorded)
        if not looked_at:
            pair.base.recall(f"headers-{MODES[0]}")
    _look_ahead(pair, run, looked_at)
    for mode in looked_at:
        try:
            differences, more = _differences(pair, run, ignored, mode)
            if recorded is None and mode in MODES:
                differences += _compiled(pair, mode)
        except MissingProgramError as error:
            if mode == MODES[0]:
                raise
            gaps.append(f"mode {mode}: {error.what}; {error.todo}")
            continue
        count += more
        # What differs in one mode alone is named so; the rest would be said twice.
        fresh = [item for item in differences if item.declaration not in known]
        known |= {item.declaration for item in fresh}
        found += fresh if mode == MODES[0] else [_named(item, mode) for item in fresh]
    # What a compiler says of them is that compiler's: from a reference file it is not compared.
    partial = recorded is not None
    return PromiseFindings(
        checked=count, differences=tuple(found), gaps=tuple(gaps), partial=partial
    )


def _look_ahead(pair: Pair, run: Run, looked_at: tuple[str, ...]) -> None:
    """Preprocess in all modes side by side; what fails here fails again where it is told."""

    def look(each: tuple[Subject, str]) -> None:
        with contextlib.suppress(MissingProgramError):
            view(run, each[0], mode=each[1])

    together(look, [(side, mode) for mode in looked_at for side in pair.both()], run.jobs)


def _named(item: Difference, mode: str) -> Difference:
    said = _SAID.get(mode) or f"in the limited API of {mode.rpartition('-')[2]}"
    return replace(item, key=f"{mode}.{item.key}", what=f"{item.what} ({said})")


def _differences(
    pair: Pair, run: Run, ignored: set[str], mode: str
) -> tuple[list[Difference], int]:
    old, new = (view(run, subject, mode=mode) for subject in pair.both())
    found = tables(old.macros, new.macros, "macro", ignore=ignored)
    found += tables(old.declarations, new.declarations, "declaration")
    return found, len(old.macros) + len(old.declarations)


def _compiled(pair: Pair, mode: str) -> list[Difference]:
    """Compile the headers: what the compiler says of the candidate's alone is a difference."""
    old, new = (complaints(subject, mode) for subject in pair.both())
    fresh = [text for text in new if text not in old]
    what = "the compiler says more of the headers"
    return [changed("compiled", what, "\n".join(old), "\n".join(fresh))] if fresh else []
