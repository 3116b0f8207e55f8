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
    Part("subscriptable", "subscripting the class works otherwise", "callers", better=True),
    Part("sequence pattern", "sequence patterns match otherwise", "callers", better=True),
    Part("mapping pattern", "mapping patterns match otherwise", "callers", better=True),
    Part("immutable", "assigning to the class works otherwise", "callers", better=False),
    Part("not instantiable", "making an instance works otherwise", "callers", better=False),
    Part("checkable", "isinstance() with the protocol works otherwise", "callers", better=True),
    Part("boundary", "what a flag does with unknown bits changed", "callers"),
    Part("c_fields", "the fields in C changed", "callers"),
    Part("warns", "reading the name warns otherwise", "callers"),
    Part("holds", "what the object holds changed", "callers", after="type"),
    Part("unknown", "an unknown value is taken otherwise", "callers"),
    Part("buffer", "giving C code the memory works otherwise", "callers", better=True),
    Part("collected", "circles of instances are collected otherwise", "callers", better=True),
    Part("documentation", "the documentation is gone or new", "introspection", better=True),
    Part("refused_words", "arguments are refused by their documented names", "callers", better=[]),
    Part("named", "the function calls itself otherwise", "introspection"),
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
            if (above not in new or above in old) and not new[key].get("unlisted"):
                found.append(_fresh(key, new[key], old.get(above) or {}, new.get(above) or {}))
        elif old[key] != new[key]:
            found += _entry(key, old[key], new[key])
            found += _hooks(key, old, new)
    return found


def _fresh(
    key: str, entry: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Difference:
    """Return an addition; a special method that replaces what instances did is none to like."""
    found = added(key, f"a new {entry['kind']}", _text(entry))
    name = key.rpartition(".")[2]
    known = before.get("hooks")
    if known is not None and name not in known and name in (after.get("hooks") or ()):
        what = "a new special method: instances that had the one of every object act otherwise"
        return replace(found, what=what, breaks="callers", harmless=False)
    return found


def _hooks(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Compare special methods that no entry of their own tells: inherited ones, and the hash."""
    if old[key].get("hooks") is None or new[key].get("hooks") is None:
        return []
    before, after = set(old[key]["hooks"]), set(new[key]["hooks"])
    if old[key].get("hashable") != new[key].get("hashable"):
        before, after = before - {"__hash__"}, after - {"__hash__"}
    return [
        replace(
            changed(f"{key}.{name}", "instances act otherwise: this method is",
                    "its own" if name in before else "that of every object",
                    "its own" if name in after else "that of every object"),
            breaks="callers",
        )
        for name in sorted(before ^ after)
        if f"{key}.{name}" not in old and f"{key}.{name}" not in new
    ]  # fmt: skip


def _sets(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Compare sets of which a member more takes nothing from anybody."""
    found = []
    for part, what in (
        ("virtual", "isinstance() and issubclass() say no to {}"),
        ("registry", "no implementation for {} is registered"),
    ):
        gone = sorted(set(old.get(part) or ()) - set(new.get(part) or ()))
        if gone and part in new:
            one = changed(key, what.format(", ".join(gone)), gone, [])
            found.append(replace(one, breaks="callers"))
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
    found += _sets(key, old, new)
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
        ("member_details", "enumerator"),
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
    if part in {"field_details", "member_details"}:
        # That a field or an enumerator is gone or new is told by the list of them.
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
