"""What can be wrong in a section of the table, each fault with the path of its key."""

from __future__ import annotations

import difflib
import re

from minpython.behaviour import HOW, OPTIONAL, REQUIRED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from minpython.behaviour import Behaviour

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_VERSION = re.compile(r"3\.\d+(\.\d+)?\Z")
_SOURCE = re.compile(
    r"(bpo-\d+|gh-\d+|PEP \d+|commit [0-9a-f]{7,40}|What's New 3\.\d+|seen)(; |\Z)",
)


def _unknown_keys(where: str, keys: Iterator[str]) -> Iterator[str]:
    known = REQUIRED + OPTIONAL
    for key in keys:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield f"{where}.{key}: unknown key{hint}"


def of_fields(where: str, fields: dict[str, str]) -> Iterator[str]:
    """Yield every fault of one section's fields, each with the path of the wrong key."""
    yield from _unknown_keys(where, iter(fields))
    for key in REQUIRED:
        if not fields.get(key, "").strip():
            yield f"{where}.{key}: missing"
    for key in ("changed_in", "until"):
        if fields.get(key) and not _VERSION.match(fields[key]):
            yield f"{where}.{key}: {fields[key]!r} is no version like 3.10"
    if fields.get("by") and not _SOURCE.match(fields["by"]):
        yield (
            f"{where}.by: {fields['by']!r} names no source: bpo-1, gh-1, PEP 1, commit 0123abc, "
            "What's New 3.10, or seen (found by comparing interpreters)"
        )
    if fields.get("how") and fields["how"] not in HOW:
        yield f"{where}.how: {fields['how']!r} is none of {', '.join(HOW)}"
    if fields.get("scope", "package") not in ("package", "global"):
        yield f"{where}.scope: {fields['scope']!r} is neither package nor global"
    for key in ("allow_insecure", "default"):
        if fields.get(key, "no") not in ("yes", "no"):
            yield f"{where}.{key}: {fields[key]!r} is neither yes nor no"
    yield from _missing(where, fields)


def _missing(where: str, fields: dict[str, str]) -> Iterator[str]:
    """Yield the keys that other keys make necessary."""
    if fields.get("scope") == "global" and not fields.get("scope_reason"):
        yield f"{where}.scope_reason: missing: say why it can't be restored for one package"
    if fields.get("allow_insecure") == "yes" and not fields.get("security"):
        yield f"{where}.security: missing: say what is insecure about it"
    if fields.get("how") == "module" and not fields.get("modules"):
        yield f"{where}.modules: missing: name the modules, one a line"
    if fields.get("how") not in ("module", "translation") and not fields.get("target"):
        yield f"{where}.target: missing: name the modules at whose import it is restored"


def unsorted(file: str, names: list[str]) -> Iterator[str]:
    """Yield the sections that stand after one with a later name."""
    for before, name in zip(names, names[1:]):
        if name < before:
            yield f"{file}: {name} stands after {before}: sort the sections by name"


def double_facts(behaviours: Iterable[Behaviour]) -> Iterator[str]:
    """Yield the facts that two behaviours cover."""
    owners: dict[str, str] = {}
    for behaviour in behaviours:
        for fact in behaviour.facts:
            if fact in owners:
                yield f"{behaviour.name}: the fact {fact!r} belongs to {owners[fact]} already"
            owners[fact] = behaviour.name
