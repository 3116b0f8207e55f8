"""What differs between two tables of public names, and whom it breaks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import added, changed, removed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from elpython.contract.model import Difference

__all__ = ["PARTS", "Part", "compare_apis"]

_KEYWORD_ONLY = 3
_VARIADIC = (2, 4)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the probe tells of a name.

    Attributes:
        name: its key in the probe's answer.
        what: what it means that it differs.
        breaks: whom that breaks: `callers`, `subclasses`, `pickles`, `extensions`,
            `introspection`.
        better: a new value that takes nothing from anybody.
        after: another key; where that differs too, this one follows from it and is not told.
    """

    name: str
    what: str
    breaks: str
    better: object = None
    after: str = ""


PARTS = (
    Part("type", "the value's type changed", "callers"),
    Part("value", "the value changed", "callers", after="type"),
    Part("settable", "the property's setter changed", "callers", better=True),
    Part("deletable", "the property's deleter changed", "callers", better=True),
    Part("fails", "the module's import fails otherwise", "callers"),
    Part("flavour", "gives its result in another way", "callers"),
    Part("written_in", "is written in another language", "introspection"),
    Part("overloads", "the documented calls changed", "introspection"),
    Part("annotations", "the annotations changed", "introspection"),
    Part("bases", "the bases changed", "subclasses"),
    Part("mro", "the method resolution order changed", "subclasses", after="bases"),
    Part("metaclass", "the metaclass changed", "subclasses"),
    Part("lives", "is defined in another place", "pickles"),
    Part("hashable", "hash() of an instance works otherwise", "callers", better=True),
    Part("instance_dict", "instances take attributes otherwise", "callers", better=True),
    Part("weak_references", "weak references work otherwise", "callers", better=True),
    Part("subclass", "making a subclass works otherwise", "subclasses", better="yes"),
    Part("final", "is final otherwise", "subclasses", better=False),
    Part("instance_size", "instances have another size in C", "extensions"),
    Part("__slots__", "the slots changed", "introspection"),
    Part("__match_args__", "the positional patterns changed", "callers"),
    Part("dataclass", "the dataclass's parameters changed", "callers"),
    Part("n_fields", "the number of fields changed", "callers"),
    Part("n_sequence_fields", "the length as a tuple changed", "callers"),
    Part("n_unnamed_fields", "the number of unnamed fields changed", "callers"),
    Part("order", "the order of the enumerators changed", "callers", after="members"),
)


def compare_apis(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Compare two tables of the probe `api`: name to what it stands for."""
    found: list[Difference] = []
    for key in sorted(old.keys() | new.keys()):
        above = key.rpartition(".")[0]
        if key not in new:
            if above not in old or above in new:
                found.append(_gone(key, old[key], new.get(above) or {}))
        elif key not in old:
            if above not in new or above in old:
                found.append(added(key, f"a new {new[key]['kind']}", _text(new[key])))
        elif old[key] != new[key]:
            found += _entry(key, old[key], new[key])
    return found


def _gone(key: str, old: Mapping[str, Any], owner: Mapping[str, Any]) -> Difference:
    if key.rpartition(".")[2] in owner.get("inherited", ()):
        what = "comes from a base class now"
        return replace(changed(key, what, _text(old), "inherited"), harmless=True)
    found = removed(key, f"the {old['kind']} is gone", _text(old))
    return replace(found, breaks="callers")


def _entry(key: str, old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    """Return how one name changed."""
    if old["kind"] != new["kind"]:
        another = changed(key, "is another kind of thing", old["kind"], new["kind"])
        return [replace(another, breaks="callers")]
    found: list[Difference] = []
    for part in PARTS:
        before, after = old.get(part.name), new.get(part.name)
        if before == after or (part.after and old.get(part.after) != new.get(part.after)):
            continue
        one = changed(key, part.what, before, after)
        better = part.better is not None and after == part.better
        if part.name == "__match_args__" and isinstance(before, list) and isinstance(after, list):
            # Patterns of today take the first ones: what stands behind them reaches nobody.
            better = after[: len(before)] == before
        found.append(replace(one, breaks="" if better else part.breaks, harmless=better))
    found += _abstract(key, old.get("abstract") or [], new.get("abstract") or [])
    found += _classed(_parameters(key, old.get("parameters"), new.get("parameters")), "callers")
    hook = f"{key}.__init_subclass__"
    hooks = old.get("subclass_parameters"), new.get("subclass_parameters")
    found += _classed(_parameters(hook, *hooks), "subclasses")
    gone = set(old.get("inherited") or ()) - set(new.get("inherited") or ())
    now = set(new.get("own") or ())
    found += [
        replace(removed(f"{key}.{name}", "the inherited member is gone"), breaks="callers")
        for name in sorted(gone - now)
    ]
    for part_name, thing in (
        ("members", "enumerator"),
        ("fields", "field"),
        ("field_details", "field"),
        ("all", "entry of __all__"),
    ):
        found += _classed(_names(key, part_name, thing, old, new), "callers")
    return found


def _classed(found: Iterable[Difference], breaks: str) -> list[Difference]:
    return [item if item.harmless else replace(item, breaks=breaks) for item in found]


def _abstract(key: str, old: list[str], new: list[str]) -> list[Difference]:
    """A new abstract method keeps every subclass without it from being instantiated."""
    what = "a new abstract method: subclasses without it cannot be instantiated"
    found = [
        replace(changed(f"{key}.{name}", what, "", "abstract"), breaks="subclasses")
        for name in sorted(set(new) - set(old))
    ]
    what = "is not abstract any more"
    return found + [
        replace(changed(f"{key}.{name}", what, "abstract", ""), harmless=True)
        for name in sorted(set(old) - set(new))
    ]


def _names(
    key: str, part: str, thing: str, old: dict[str, Any], new: dict[str, Any]
) -> list[Difference]:
    """Compare enumerators, fields or `__all__`; the order of fields counts."""
    before, after = old.get(part) or {}, new.get(part) or {}
    if part == "field_details":
        # That a field is gone or new is told by the fields themselves.
        before = {name: value for name, value in before.items() if name in after}
        after = {name: value for name, value in after.items() if name in before}
    found = [removed(f"{key}.{n}", f"the {thing} is gone", n) for n in before if n not in after]
    found += [added(f"{key}.{n}", f"a new {thing}", n) for n in after if n not in before]
    if isinstance(before, dict) and isinstance(after, dict):
        found += [
            changed(f"{key}.{n}", f"the {thing}'s value changed", before[n], after[n])
            for n in before
            if n in after and before[n] != after[n]
        ]
    elif part == "fields" and [n for n in after if n in before] != list(before) and not found:
        found.append(changed(key, "the order of the fields changed", before, after))
    if part == "all":
        # The name itself is reported where it is gone or new; this is about the list.
        return [item for item in found if not item.harmless]
    return found


def _parameters(key: str, old: Any, new: Any) -> list[Difference]:  # noqa: ANN401 - JSON
    """Compare signatures: a new parameter that has a default is an addition, all else a change."""
    if old == new:
        return []
    if old is None or new is None:
        what = "tells its parameters now" if old is None else "does not tell its parameters now"
        return [added(f"{key}()", what)] if old is None else [changed(key, what, old, "")]
    before = {name: (kind, default) for name, kind, default in old}
    after = {name: (kind, default) for name, kind, default in new}
    fresh = [name for name in after if name not in before]
    kept_order = [name for name in after if name in before] == list(before)
    same = kept_order and all(after[name] == before[name] for name in before)
    optional = all(after[name][1] is not None or after[name][0] in _VARIADIC for name in fresh)
    positional = [name for name, kind, _ in old if kind < _KEYWORD_ONLY]
    at_end = [name for name, kind, _ in new if kind < _KEYWORD_ONLY][: len(positional)]
    if same and fresh and optional and positional == at_end:
        return [
            added(f"{key}({name})", "a new optional parameter", _signature(new)) for name in fresh
        ]
    return [changed(key, "the signature changed", _signature(old), _signature(new))]


def _signature(parameters: list[Any]) -> str:
    marks = {2: "*", 4: "**"}
    words: list[str] = []
    for name, kind, default in parameters:
        if kind == _KEYWORD_ONLY and not any(w.startswith("*") for w in words):
            words.append("*")
        words.append(marks.get(kind, "") + name + ("" if default is None else f"={default}"))
        following = parameters[len([w for w in words if w not in {"*", "/"}]) :]
        if kind == 0 and (not following or following[0][1] != 0):
            words.append("/")
    return f"({', '.join(words)})"


def _text(entry: Mapping[str, Any]) -> str:
    if entry.get("parameters") is not None:
        return f"{entry['kind']} {_signature(entry['parameters'])}"
    return str(entry["kind"])
