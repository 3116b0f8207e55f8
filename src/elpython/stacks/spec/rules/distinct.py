"""`distinct-names`: the packages of the two stacks must not come out with one name."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, refused
from elpython.stacks.spec.twin import is_stack_section, twin_of

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Spec

_MACRO = re.compile(r"%\{[?!]*(\w+)\}|%(\w+)")
_MOST = 64


def spellings(spec: Spec, name: str) -> set[str]:
    """Return every name that comes of a text, over all definitions of the macros in it."""
    found = {name}
    for _ in range(6):
        grown: set[str] = set()
        for text in found:
            macros = list(dict.fromkeys(a or b for a, b in _MACRO.findall(text)))
            known = [item for item in macros if item in spec.definitions]
            bodies = [[body.strip() for _, body in spec.definitions[item]] for item in known]
            for chosen in product(*bodies):
                values = dict(zip(known, chosen, strict=True))
                grown.add(
                    _MACRO.sub(lambda m, v=values: v.get(m[1] or m[2], m[0]), text)  # type: ignore[misc]
                )
        if grown == found or len(grown) > _MOST:
            break
        found = grown
    return found


def apply(spec: Spec) -> Change:
    """Refuse when a macro leaves both stacks' packages with the same name in some case."""
    twin = twin_of(spec)
    for section in spec.of("package"):
        if not is_stack_section(spec, section):
            continue
        other = twin.other(section.identity)
        same = spellings(spec, section.identity) & spellings(spec, other)
        if other == section.identity or same:
            name = min(same, default=section.identity)
            return refused(section.start, f"the packages of both stacks would be called {name}")
    return Change()
