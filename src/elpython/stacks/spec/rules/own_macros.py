"""`own-macros`: a macro that the file makes from the stack's gets a second one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change, Kind, kind_of
from elpython.stacks.spec.model import Edit
from elpython.stacks.spec.twin import own_names, twin_of

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Spec


def apply(spec: Spec) -> Change:
    """Define `name_other` after each `name` that depends on the default stack."""
    if kind_of(spec) is Kind.APPLICATION:
        return Change()
    twin = twin_of(spec)
    edits = []
    for name, new in own_names(spec).items():
        if new in spec.globals:
            continue
        pattern = rf"(%(?:global|define)\s+){re.escape(name)}(?=[\s(])"
        for index, _ in spec.definitions[name]:
            stop = spec.logical_stop(index)
            lines = [twin.other(line.text) for line in spec.lines[index:stop]]
            lines[0] = re.sub(pattern, rf"\g<1>{new}", lines[0], count=1)
            guard = rf"(%\{{(?:!\?|\?!)){re.escape(name)}:"
            lines[0] = re.sub(guard, rf"\g<1>{new}:", lines[0], count=1)
            edits.append(Edit(at=stop, lines=tuple(lines)))
    return Change(edits=tuple(edits))
