"""C types as text: typedefs resolved, so that two spellings of one type are equal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elpython.interpreter.layout.model import Layout

__all__ = ["Types", "same_call", "same_value"]

_TAGGED = re.compile(r"\b(?:struct|union) \w+")
_PLAIN = re.compile(r"(?<!struct )(?<!union )(?<!enum )\b[A-Za-z_]\w*")
_QUALIFIER = re.compile(r"\b(?:const|volatile|restrict|__restrict)\b ?")
_INTEGERS = {
    "char": 1, "signed char": 1, "unsigned char": 1, "short": 2, "unsigned short": 2, "int": 4,
    "unsigned int": 4, "unsigned": 4, "enum": 4, "long": 8, "unsigned long": 8, "long long": 8,
    "unsigned long long": 8, "long int": 8, "unsigned long int": 8,
}  # fmt: skip


class Types:
    """The typedefs of a layout; `full` spells a type with none of those that are mere names."""

    def __init__(self, layout: Layout) -> None:
        self._whole = {name: text for name, text in layout.typedefs.items() if "(" in text}
        self._names = {name: text for name, text in layout.scalars.items() if text}
        aliases: dict[str, list[str]] = {}
        for name, text in layout.typedefs.items():
            if name not in self._names and not re.search(r"[*(\[]", text):
                if text.startswith(("struct ", "union ")):
                    aliases.setdefault(text, []).append(name)
                else:
                    self._names[name] = text
        self._tags: dict[str, str] = {}
        for tag, names in aliases.items():
            # One name for the tag and all its typedefs: whether a struct has a tag is no matter.
            name = next((one for one in names if one in layout.structs), names[0])
            self._tags[tag] = name
            self._names |= {one: name for one in names if one != name}

    def full(self, text: str) -> str:
        """Return a type without qualifiers and with its typedefs resolved."""
        text = _QUALIFIER.sub("", self._whole.get(text, text))
        for _ in range(8):
            after = _TAGGED.sub(lambda found: self._tags.get(found[0], found[0]), text)
            after = _PLAIN.sub(lambda found: self._names.get(found[0], found[0]), after)
            if after == text:
                break
            text = after
        return " ".join(text.replace("* *", "**").split())

    def known_as(self, text: str) -> str:
        """Return the name under which a layout holds a struct; the text itself for others."""
        return self._tags.get(text) or self._names.get(text, text)


def same_value(before: str, after: str) -> str:
    """Compare the types of two values of the same size: `same`, `possible` or `break`."""
    if before == after:
        return "same"
    if _is_pointer(before) and _is_pointer(after):
        return "possible"
    if _width(before) and _width(before) == _width(after):
        return "possible"
    return "break"


def _is_pointer(text: str) -> bool:
    return text.endswith("*") or "(*" in text or "(**" in text


def _width(text: str) -> int:
    return _INTEGERS.get("enum" if text.startswith("enum") else text, 0)


def same_call(before: str, after: str) -> str:
    """Compare two functions' types as a caller sees them: `same`, `possible` or `break`."""
    if before == after:
        return "same"
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        return same_value(before, after)
    answers = []
    if old[0] != new[0]:
        answers.append("possible" if old[0] == "void" else same_value(old[0], new[0]))
    if len(old[1]) != len(new[1]):
        return "break"
    answers += [same_value(left, right) for left, right in zip(old[1], new[1], strict=True)]
    if "break" in answers:
        return "break"
    return "possible" if "possible" in answers else "same"


def _parts(text: str) -> tuple[str, list[str]] | None:
    """Split `T (A, B)` or `T (*)(A, B)` into the result and the parameters."""
    if not text.endswith(")"):
        return None
    depth, at = 0, len(text) - 1
    while at >= 0:
        depth += {")": 1, "(": -1}.get(text[at], 0)
        if depth == 0:
            break
        at -= 1
    head = text[:at].strip()
    if head.endswith("(*)"):
        head = head[:-3].strip()
    items, depth, start = [], 0, at + 1
    for place in range(at + 1, len(text) - 1):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if text[place] == "," and depth == 0:
            items.append(text[start:place].strip())
            start = place + 1
    items.append(text[start:-1].strip())
    return head, [] if items == ["void"] else items
