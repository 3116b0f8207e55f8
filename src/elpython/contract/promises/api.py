"""API: public names, signatures, defaults, bases, fields and enumerators of the library stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from elpython.contract.api_source import breakages
from elpython.contract.compare import added, changed, removed
from elpython.contract.model import Difference, Findings
from elpython.contract.probe import ask
from elpython.contract.stdlib import modules
from elpython.contract.subject import remember

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_SECONDS = 120.0
_KEYWORD_ONLY = 3
_VARIADIC = (2, 4)


def check(pair: Pair, run: Run) -> Findings:
    """Compare what both interpreters say of their modules, then the sources that differ."""
    old, new = (_observe(run, subject) for subject in pair.both())
    found = list(_compare(old, new))
    known = {item.key.split("(")[0] for item in found}
    static = [item for item in breakages(pair) if item.key not in known]
    return Findings(checked=len(old), differences=tuple(found + static))


def _observe(run: Run, subject: Subject) -> dict[str, Any]:
    def make() -> object:
        request = {"modules": modules(subject)}
        # Without site: what is installed beside the library may patch it. But what site itself
        # adds (`exit`, on EL Python `sys.set_min_python_version`) is public too.
        bare = ask(subject.python, "api", request, flags=("-I", "-S"), timeout=_SECONDS)
        touched = {"modules": ["builtins", "sys"]}
        return bare | ask(subject.python, "api", touched, flags=("-I",), timeout=_SECONDS)

    found: dict[str, Any] = remember(run, subject, "api", make)
    return found


def _compare(old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    found: list[Difference] = []
    for key in sorted(old.keys() | new.keys()):
        above = key.rpartition(".")[0]
        if key not in new:
            if above not in old or above in new:
                found.append(removed(key, f"the {old[key]['kind']} is gone", _text(old[key])))
        elif key not in old:
            if above not in new or above in old:
                found.append(added(key, f"a new {new[key]['kind']}", _text(new[key])))
        elif old[key] != new[key]:
            found += _entry(key, old[key], new[key])
    return found


def _entry(key: str, old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    """Tell how one name changed."""
    if old["kind"] != new["kind"]:
        return [changed(key, "is another kind of thing", old["kind"], new["kind"])]
    found = []
    for part, what in (
        ("bases", "the bases changed"),
        ("type", "the value's type changed"),
        ("value", "the value changed"),
        ("settable", "the property's setter changed"),
        ("fails", "the module's import fails otherwise"),
    ):
        if old.get(part) != new.get(part):
            found.append(changed(key, what, old.get(part), new.get(part)))
    found += _parameters(key, old.get("parameters"), new.get("parameters"))
    found += _names(key, "members", "enumerator", old, new)
    found += _names(key, "fields", "field", old, new)
    found += _names(key, "all", "entry of __all__", old, new)
    return found


def _names(
    key: str, part: str, thing: str, old: dict[str, Any], new: dict[str, Any]
) -> list[Difference]:
    """Compare enumerators, fields or `__all__`; the order of fields counts."""
    before, after = old.get(part) or {}, new.get(part) or {}
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


def _text(entry: dict[str, Any]) -> str:
    if entry.get("parameters") is not None:
        return f"{entry['kind']} {_signature(entry['parameters'])}"
    return str(entry["kind"])
