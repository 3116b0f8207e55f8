"""Headers: no macro, inline function or declaration of the public headers is lost or changed."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.compare import tables
from elpython.contract.headers_view import view
from elpython.contract.model import Difference, Findings

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run

__all__ = ["check"]

_DATA = Path(__file__).parents[1] / "data" / "headers.toml"


def check(pair: Pair, run: Run) -> Findings:
    """Compare what the preprocessor sees, with the whole C API and with the limited one."""
    ignored = set(tomllib.loads(_DATA.read_text("utf-8"))["macros"])
    whole, count = _differences(pair, run, ignored, limited=False)
    narrow, more = _differences(pair, run, ignored, limited=True)
    known = {item.declaration for item in whole}
    # What differs in the limited API alone is named so; the rest would be said twice.
    only = [
        replace(item, key=f"limited.{item.key}", what=f"{item.what} in the limited API")
        for item in narrow
        if item.declaration not in known
    ]
    return Findings(checked=count + more, differences=(*whole, *only))


def _differences(
    pair: Pair, run: Run, ignored: set[str], *, limited: bool
) -> tuple[list[Difference], int]:
    old, new = (view(run, subject, limited=limited) for subject in pair.both())
    found = tables(old.macros, new.macros, "macro", ignore=ignored)
    found += tables(old.declarations, new.declarations, "declaration")
    return found, len(old.macros) + len(old.declarations)
