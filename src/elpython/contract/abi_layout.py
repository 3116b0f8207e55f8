"""The layout probe: what compiled modules hold of public headers, without debug information."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elpython.contract.compare import changed, removed
from elpython.contract.headers_view import include_folders
from elpython.contract.subject import remember
from elpython.interpreter.layout.compare import LayoutChange, compare_layouts
from elpython.interpreter.layout.headers import find_headers
from elpython.interpreter.layout.measure import measure_layout
from elpython.interpreter.layout.model import Layout

if TYPE_CHECKING:
    from elpython.contract.model import Difference
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["differences", "layout", "reached"]

_STRUCT = {"size", "field", "tail", "opaque", "struct"}
# The promises `headers` and `pyc` compare texts and the magic number.
_ELSEWHERE = {"macro", "inline", "magic", "added"}


def layout(run: Run, subject: Subject) -> Layout:
    """Measure an interpreter's public headers; once for each state of them.

    Raises:
        HeadersMissingError: they are not installed.
        LayoutError: they do not compile.
        MissingProgramError: there is no compiler.
    """
    if subject.recorded is not None:
        return Layout.from_json(subject.recall("layout"))
    folders = include_folders(subject)

    def make() -> dict[str, Any]:
        return measure_layout(find_headers(folders[0])).as_json()

    roots = find_headers(folders[0]).roots
    return Layout.from_json(remember(run, subject, "layout", make, inputs=roots))


def differences(run: Run, pair: Pair) -> tuple[int, list[Difference]]:
    """Compare two layouts; return how much was compared, and what differs for compiled modules."""
    old, new = (layout(run, subject) for subject in pair.both())
    count = sum(len(struct.fields) + 1 for struct in old.structs.values())
    count += len(old.enumerators) + len(old.constants) + len(old.functions) + len(old.variables)
    return count, [
        _difference(one)
        for one in compare_layouts(old, new)
        if one.meaning != "none" and one.kind not in _ELSEWHERE
    ]


def _difference(one: LayoutChange) -> Difference:
    area = "struct" if one.kind in _STRUCT else one.kind
    what = f"{one.why}; reached by {', '.join(one.reach[:4])}" if one.reach else one.why
    key = f"layout.{area}.{one.name.removeprefix('struct ')}"
    if one.what.endswith("no longer"):
        return removed(key, what, one.what)
    return changed(key, what, "", one.what)


def reached(found: Layout) -> set[str]:
    """Return the names, private ones too, that public macros and inline functions call."""
    text = " ".join(body.body for body in (*found.macros.values(), *found.inlines.values()))
    return {word for word in _words(text) if word.startswith("_Py")}


def _words(text: str) -> set[str]:
    return set(
        "".join(letter if letter.isalnum() or letter == "_" else " " for letter in text).split()
    )
