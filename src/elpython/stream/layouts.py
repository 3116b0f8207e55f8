"""Measuring by headers: the layouts of two builds compared, told in the stream's own terms."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from elpython.core.strict_json import load_json
from elpython.interpreter.layout.compare import LayoutChange, compare_layouts
from elpython.interpreter.layout.headers import LayoutError, find_headers
from elpython.interpreter.layout.measure import measure_layout
from elpython.interpreter.layout.model import Layout
from elpython.stream.excuses import excuses, judge
from elpython.stream.measured import Measured, Measurement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["HeaderPair", "combine", "disagreements", "layout_of", "measure_headers"]

_KINDS = {"function": "function", "variable": "variable", "tail": "tail", "magic": "magic"}
_VALUES = frozenset({"enumerator", "constant"})
_CODE = frozenset({"macro", "inline"})
_AT_MOST = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class HeaderPair:
    """The headers of the last pre-release and of the build to be released.

    Attributes:
        old, new: an include folder, a prefix, an unpacked package, or a layout that was measured
            before (a `.json` file) each.
        variants: which builds of them are compared.
        compiler: a C compiler; `cc` if omitted.
    """

    old: Path
    new: Path
    variants: tuple[str, ...] = ("default",)
    compiler: str = ""


def measure_headers(pair: HeaderPair, *, series: str = "", excused: str = "") -> Measurement:
    """Compare what public headers fix, without libraries and without debug information.

    Args:
        pair: the two sides.
        series: `3.13`: deprecations excuse removals in the series that may remove.
        excused: path of a table of excuses; empty takes the package's own.

    Raises:
        LayoutError: headers that cannot be found, compiled or compared.
    """
    table = excuses(excused)
    changes: list[Measured] = []
    notes: list[str] = []
    tool = ""
    for variant in pair.variants:
        old, new = (layout_of(side, variant, pair.compiler) for side in (pair.old, pair.new))
        counts = _names(old)
        tool = f"header probe, {new.compiler}"
        mark = "" if variant == "default" else f" ({variant})"
        found = _measured(compare_layouts(old, new), old, new)
        changes += [
            replace(judge(one, table, series, counts), what=one.what + mark)
            for one in found
            if not _known(one, changes)
        ]
        notes += [f"not looked at{mark}: {text}" for text in new.not_looked_at]
    return Measurement(
        changes=tuple(changes), known=True, tier="headers", exit_code=0, tool=tool,
        notes=tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def layout_of(place: Path, variant: str = "default", compiler: str = "") -> Layout:
    """Measure the headers of a place, or read a layout that was measured before.

    Raises:
        LayoutError: no headers, or a file that holds no layout of this variant.
    """
    if not place.is_file():
        return measure_layout(find_headers(place), variant=variant, compiler=compiler)
    try:
        layout = Layout.from_json(load_json(place.read_text("utf-8")), str(place))
    except (ValueError, OSError) as error:
        raise LayoutError(f"this is no layout: {error}", where=str(place)) from error
    if layout.variant != variant:
        raise LayoutError(f"this layout is of the variant {layout.variant}, not {variant}",
                          where=str(place))  # fmt: skip
    return layout


def _names(layout: Layout) -> dict[str, int]:
    """Count how often public headers say each name, and name the headers, by a layout alone."""
    counts: Counter[str] = Counter()
    for group in (layout.functions, layout.variables, layout.macros, layout.inlines):
        for name, item in group.items():
            counts[name] += 1
            counts[item.file] = 1
    for struct in layout.structs.values():
        counts[struct.file] = 1
    for body in (*layout.macros.values(), *layout.inlines.values()):
        counts.update(set(re.findall(r"\b_?Py\w+", body.body)))
    return dict(counts)


def _known(one: Measured, changes: Iterable[Measured]) -> bool:
    return any((one.kind, one.symbol, one.what) == (it.kind, it.symbol, it.what) for it in changes)


def _measured(found: Sequence[LayoutChange], old: Layout, new: Layout) -> list[Measured]:
    """Put the changes of one struct together; leave out what changes nothing."""
    structs: dict[str, list[LayoutChange]] = defaultdict(list)
    rest: list[Measured] = []
    for one in found:
        if one.kind in {"size", "field", "opaque", "struct", "tail"}:
            structs[one.name].append(one)
        elif one.meaning != "none" or one.kind == "magic":
            rest.append(_plain(one))
    made = [_struct(name, parts, _takers(old, name)) for name, parts in structs.items()]
    made += rest
    made += [
        Measured(kind="added", symbol=name, what=f"{name} is new", file=item.file, tier="headers",
                 tool="headers")
        for name, item in (*new.functions.items(), *new.variables.items())
        if name not in old.functions and name not in old.variables
    ]  # fmt: skip
    return made


def _plain(one: LayoutChange) -> Measured:
    kind = _KINDS.get(one.kind, "type")
    if one.kind in _VALUES:
        kind = "value"
    elif one.kind in _CODE or one.kind == "access":
        kind = "code" if one.kind in _CODE else "access"
    elif one.kind in {"function", "variable"} and "declared no longer" in one.what:
        kind = "removed"
    return Measured(
        kind=kind, symbol=one.name, what=one.what, file=one.file, reach=one.reach,
        tier="headers", tool="headers", possible=one.meaning == "possible",
    )  # fmt: skip


def _takers(layout: Layout, name: str) -> set[str]:
    """Return the exported functions whose signature names a struct; of PyObject, all would."""
    if name in {"PyObject", "PyVarObject"}:
        return set()
    word = re.compile(rf"\b{re.escape(name)}\b")
    return {one for one, item in layout.functions.items() if word.search(item.type)}


def _struct(name: str, parts: Sequence[LayoutChange], takers: set[str]) -> Measured:
    parts = sorted(parts, key=lambda one: (one.kind not in {"size", "tail"}, "moved" in one.what))
    texts = [one.what for one in parts]
    more = len(texts) - _AT_MOST
    texts = texts[:_AT_MOST] + ([f"and {more} more"] if more > 0 else [])
    only_none = all(one.meaning == "none" for one in parts)
    return Measured(
        kind="tail" if all(one.kind == "tail" for one in parts) else "type",
        symbol=name,
        what="; ".join(texts),
        file=parts[0].file,
        reach=tuple(sorted(takers.union(*(one.reach for one in parts)))),
        tier="headers",
        tool="headers",
        possible=all(one.meaning == "possible" for one in parts),
        excuse=parts[0].why if only_none else "",
    )


def combine(headers: Measurement | None, library: Measurement | None) -> Measurement | None:
    """Put both tools' answers together: each one's changes count, a shared one once.

    Args:
        headers: what the header probe measured.
        library: what abidiff measured.
    """
    if headers is None or library is None:
        return headers or library
    by_name: Mapping[str, Measured] = {one.symbol: one for one in headers.changes}
    own = [
        one
        for one in library.changes
        if one.symbol not in by_name or (one.breaks and not by_name[one.symbol].breaks)
    ]
    shared = {one.symbol: one for one in library.changes}
    joined = [
        replace(one, tool="both", reach=tuple(sorted({*one.reach, *shared[one.symbol].reach})))
        if one.symbol in shared
        else one
        for one in headers.changes
    ]
    return Measurement(
        changes=(*joined, *own),
        # Functions that are gone from a library are seen by its symbols alone; what structs and
        # signatures are is seen by the headers.
        known=headers.known or library.known,
        tier="headers",
        exit_code=library.exit_code,
        tool=f"{headers.tool}; {library.tool}",
        notes=(*headers.notes, *library.notes),
    )


def disagreements(headers: Measurement | None, library: Measurement | None) -> list[str]:
    """Return a line for each public break that one tool shows and the other, able to, does not."""
    if headers is None or library is None:
        return []
    left = {one.symbol: one for one in headers.breaks}
    right = {one.symbol: one for one in library.breaks}
    lines = [
        f"the header probe alone shows {name}: {one.what}"
        for name, one in left.items()
        if name not in right and one.kind not in {"value", "access"}
    ]
    if library.tier == "symbols only":  # it cannot see structs: no contradiction
        lines = []
    return lines + [
        f"abidiff alone shows {name}: {one.what}" for name, one in right.items() if name not in left
    ]
