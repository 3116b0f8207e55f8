"""ABI: public structs keep their layout, public functions their types, public data their size."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.contract.abi_layout import differences, layout, reached
from elpython.contract.abi_view import AbiView, from_headers, from_library, parse
from elpython.contract.compare import added, changed, removed, tables
from elpython.contract.headers_view import HeadersMissingError, view
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.subject import BadReferenceError, observe
from elpython.core.elf import Elf, debug_file, read_elf
from elpython.core.errors import MissingProgramError, ProgramFailedError, ProgramTimeoutError
from elpython.interpreter.layout.headers import LayoutError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_SUPPRESSIONS = Path(__file__).parents[1] / "data" / "abi.toml"
_DEBUG_ROOT = Path("/usr/lib/debug")


@dataclass(slots=True)
class _Look:
    """What has been found so far."""

    found: list[Difference]
    gaps: list[str]
    notes: list[str]
    checked: int = 0

    def take(self, differences: Sequence[Difference]) -> None:
        known = {item.key for item in self.found}
        # What the layout probe tells of a whole struct is said field by field here.
        told = {f"layout.{item.key}" for item in differences}
        told |= {name.rsplit(".", 1)[0] for name in told if name.count(".") > 2}
        self.found = [item for item in self.found if item.key not in told]
        self.found += [item for item in differences if item.key not in known]


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Compare symbols and sizes, the headers' types, and what the libraries were compiled with."""
    look = _Look([], [], [])
    public = _public_names(pair, run, look)
    _probed(pair, run, look)
    symbols = [_exported(subject, run, look) for subject in pair.both()]
    if all(symbols):
        _symbols(symbols[0], symbols[1], public, look)
    try:
        _header_types(pair, run, look)
    except (HeadersMissingError, BadReferenceError, ProgramFailedError) as error:
        look.gaps.append(f"the headers' types were not compared: {error.what}")
    except MissingProgramError as error:
        look.gaps.append(f"types were not compared: {error.what}; {error.todo}")
        return _findings(look)
    if all(symbols):
        _library_types(pair, run, look, public)
    return _findings(look)


def _findings(look: _Look) -> PromiseFindings:
    suppressed = tomllib.loads(_SUPPRESSIONS.read_text("utf-8"))
    kept: list[Difference] = []
    quiet: list[Difference] = []
    for item in look.found:
        reason = _reason(item, suppressed)
        (quiet if reason else kept).append(item)
    if quiet:
        look.notes.append(f"{len(quiet)} differences are suppressed (data/abi.toml)")
    return PromiseFindings(
        checked=look.checked,
        differences=tuple(kept),
        gaps=tuple(look.gaps),
        notes=tuple(look.notes),
    )


def _reason(item: Difference, suppressed: Mapping[str, Any]) -> str:
    for entry in suppressed.get("suppress", []):
        if item.key == entry["key"] or item.key.startswith(entry["key"] + "."):
            return str(entry["reason"])
    return ""


def _public_names(pair: Pair, run: Run, look: _Look) -> dict[str, bool] | None:
    """Every name that the base's public headers declare, and whether the candidate's say the same.

    None when the headers are not there.
    """
    try:
        old, new = (view(run, subject).declarations for subject in pair.both())
        sized = view(run, pair.base, mode="ssize_t")
        hidden = reached(layout(run, pair.base)) | set(sized.macros.values())
        known = {name: old[name] == new.get(name) for name in old if " " not in name}
        return known | {name: True for name in hidden if name.isidentifier() and name not in known}
    except LayoutError as error:
        look.gaps.append(f"which symbols macros reach was not told: {error.what}")
        return None
    except (HeadersMissingError, MissingProgramError) as error:
        look.gaps.append(f"which symbols are public was told by their names alone: {error.what}")
        return None


def _probed(pair: Pair, run: Run, look: _Look) -> None:
    """Compile the layout probe: it sees what macros reach, and needs no debug information."""
    try:
        count, found = differences(run, pair)
    except (HeadersMissingError, LayoutError, MissingProgramError, BadReferenceError) as error:
        look.gaps.append(f"the layout probe did not run: {error.what}")
        return
    look.checked += count
    look.found += found


def _is_public(name: str, public: dict[str, bool] | None) -> bool:
    return name in public if public is not None else name.startswith("Py")


def _exported(subject: Subject, run: Run, look: _Look) -> dict[str, list[Any]]:
    """Return kind and size of each exported symbol."""

    def make() -> dict[str, list[Any]]:
        elf = read_elf(subject.library)
        found = elf.symbols() if elf is not None else {}
        return {name: [symbol.kind, symbol.size] for name, symbol in found.items()}

    made: dict[str, list[Any]] = observe(run, subject, "symbols", make)
    if not made:
        look.gaps.append(
            f"the {subject.role}'s {subject.library.name} has no dynamic symbols to compare"
        )
    return made


def _symbols(
    before: dict[str, list[Any]],
    after: dict[str, list[Any]],
    public: dict[str, bool] | None,
    look: _Look,
) -> None:
    """Compare exported symbols; a public variable's size is part of programs that copy it."""
    names = [name for name in before if _is_public(name, public)]
    look.checked += len(names)
    for name in sorted(names):
        (kind, size), now = before[name], after.get(name)
        if now is None:
            look.found.append(removed(f"symbol.{name}", f"the {kind} is not exported any more"))
        elif kind != now[0]:
            look.found.append(changed(f"symbol.{name}", "is of another kind", kind, now[0]))
        elif kind == "object" and size != now[1]:
            what = "the variable has another size"
            look.found.append(changed(f"symbol.{name}", what, size, now[1]))
    fresh = [name for name in after if name not in before and name.startswith("Py")]
    what = "a new symbol: an extension that uses it does not load on the base"
    look.found += [added(f"symbol.{name}", what) for name in sorted(fresh)]


def _header_types(pair: Pair, run: Run, look: _Look) -> None:
    old, new = (from_headers(run, subject) for subject in pair.both())
    look.checked += len(old.sizes) + len(old.members) + len(old.enums)
    look.take(_types(old, new, look_for=None))


def _library_types(pair: Pair, run: Run, look: _Look, public: dict[str, bool] | None) -> None:
    views = []
    for subject in pair.both():
        if subject.recorded is not None:
            try:
                views.append(AbiView(**subject.recall("abi-library")))
            except BadReferenceError as error:
                look.gaps.append(f"what the library was compiled with: {error.what}")
            continue
        elf = read_elf(subject.library)
        if elf is None:
            continue
        debug_root = _debug_root(subject, elf)
        detached = debug_file(elf, debug_root)
        if not elf.has_debug and detached is None:
            look.gaps.append(
                f"the {subject.role}'s {subject.library.name} has no debug information:"
                " symbols, sizes and the headers' types were compared, not the types that the"
                " library itself was compiled with"
            )
            continue
        root = None if elf.has_debug else debug_root
        try:
            views.append(from_library(run, subject, subject.library, root))
        except ProgramTimeoutError as error:
            look.gaps.append(f"what the {subject.role}'s library was compiled with: {error.what}")
    if len(views) == len(pair.both()):
        look.checked += len(views[0].functions) + len(views[0].members)
        look.take(_types(views[0], views[1], look_for=public))
        look.take(_against_upstream(pair.base, views, public, look))


def _debug_root(subject: Subject, elf: Elf) -> Path:
    """Return where its debug information lies: in its own root, else the system's."""
    own = subject.prefix / "lib" / "debug"
    return own if debug_file(elf, own) is not None else _DEBUG_ROOT


def _types(old: AbiView, new: AbiView, look_for: dict[str, bool] | None) -> list[Difference]:
    """Compare two descriptions; functions only those that are public."""
    found = tables(
        {f"struct.{k}": f"{v} bits" for k, v in old.sizes.items()},
        {f"struct.{k}": f"{new.sizes[k]} bits" for k in old.sizes if k in new.sizes},
        "the struct's size or presence",
    )
    found += _members(old, new)
    found += tables(
        {f"enum.{k}": v for k, v in old.enums.items()},
        {f"enum.{k}": v for k, v in new.enums.items()},
        "the enumerator",
    )
    # Link-time optimisation leaves wrong parameters in debug information: where both headers
    # declare a function alike, they are right.
    alike = {name for name, same in (look_for or {}).items() if same}
    functions = [
        k for k in (old.functions.keys() & new.functions.keys()) - alike if _is_public(k, look_for)
    ]
    found += [
        changed(f"function.{k}", "the function's type changed", old.functions[k], new.functions[k])
        for k in sorted(functions)
        if old.functions[k] != new.functions[k]
    ]
    variables = [k for k in old.variables.keys() & new.variables.keys() if _is_public(k, look_for)]
    found += [
        changed(f"variable.{k}", "the variable's type changed", old.variables[k], new.variables[k])
        for k in sorted(variables)
        if old.variables[k] != new.variables[k]
    ]
    return found


def _members(old: AbiView, new: AbiView) -> list[Difference]:
    """Compare members of structs that both have: a new one, even at the end, changes the size."""
    before = {k: v for k, v in old.members.items() if k.rsplit(".", 1)[0] in new.sizes}
    after = {k: v for k, v in new.members.items() if k.rsplit(".", 1)[0] in old.sizes}
    return tables(
        {f"struct.{k}": v for k, v in before.items()},
        {f"struct.{k}": v for k, v in after.items()},
        "the member",
        harmless=False,
    )


def _against_upstream(
    base: Subject, views: list[AbiView], public: dict[str, bool] | None, look: _Look
) -> list[Difference]:
    """Hold the candidate against upstream's frozen description, as far as the base agrees to it.

    Where the base itself differs (another architecture, another configuration) the description
    says nothing about the candidate.
    """
    dump = base.source / "Doc" / "data" / f"python{base.tag}.abi" if base.source else None
    if dump is None or not dump.is_file():
        return []
    upstream = parse(dump.read_text("utf-8"), lambda path: "internal/" not in path)
    kept = {item.key for item in _types(upstream, views[0], look_for=public)}
    look.notes.append(f"also held against upstream's {dump.name}")
    look.checked += len(upstream.functions)
    return [
        item
        for item in _types(upstream, views[1], look_for=public)
        if item.key not in kept and not item.harmless
    ]
