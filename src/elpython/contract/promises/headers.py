"""Headers: no macro, inline function or declaration of the public headers is lost or changed."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.compare import changed, tables
from elpython.contract.headers_view import MODES, complaints, view
from elpython.contract.model import Difference, Findings
from elpython.core.errors import MissingProgramError

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run

__all__ = ["check"]

_SAID = {
    "limited": "in the limited API",
    "c++": "in C++",
    "ssize_t": "with PY_SSIZE_T_CLEAN",
    "oldest-limited": "in the limited API of 3.2",
}
_DATA = Path(__file__).parents[1] / "data" / "headers.toml"


def check(pair: Pair, run: Run) -> Findings:
    """Compare what preprocessor and compiler see in each way of including the headers."""
    ignored = set(tomllib.loads(_DATA.read_text("utf-8"))["macros"])
    found: list[Difference] = []
    gaps: list[str] = []
    known: set[str] = set()
    count = 0
    for mode in MODES:
        try:
            differences, more = _differences(pair, run, ignored, mode)
            if pair.base.recorded is None:
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
    recorded = pair.base.recorded is not None
    return Findings(checked=count, differences=tuple(found), gaps=tuple(gaps), partial=recorded)


def _named(item: Difference, mode: str) -> Difference:
    return replace(item, key=f"{mode}.{item.key}", what=f"{item.what} ({_SAID[mode]})")


def _differences(
    pair: Pair, run: Run, ignored: set[str], mode: str
) -> tuple[list[Difference], int]:
    old, new = (view(run, subject, mode=mode) for subject in pair.both())
    found = tables(old.macros, new.macros, "macro", ignore=ignored)
    found += tables(old.declarations, new.declarations, "declaration")
    return found, len(old.macros) + len(old.declarations)


def _compiled(pair: Pair, mode: str) -> list[Difference]:
    """Compile `Python.h`: what the compiler says of the candidate's alone is a difference."""
    old, new = (complaints(subject, mode) for subject in pair.both())
    fresh = [text for text in new if text not in old]
    what = "the compiler says more of Python.h"
    return [changed("compiled", what, "\n".join(old), "\n".join(fresh))] if fresh else []
