"""`interpreter-path`: commands and shebangs name the stack's own interpreter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from elpython.stacks.spec.change import Change
from elpython.stacks.spec.model import SHELL_SECTIONS, Edit

if TYPE_CHECKING:
    from elpython.stacks.spec.model import Spec

_SHEBANG = re.compile(r"(#!\s*)(?:/usr/bin|%\{_bindir\})/python3(?![\w.%-])")
_PATH = re.compile(r"(?<![\w.%}-])(?:/usr/bin|%\{_bindir\})/python3(?![\w.%-])")
_COMMAND = re.compile(
    r"(^\s*|[;&|(]\s*|\b(?:then|do|env|time|xvfb-run(?:\s-\w+)*)\s+)python3(?=\s+\S)"
)
_ASSIGNED = re.compile(r"(^\s*(?:\w+=\S+\s+)+)python3(?=\s+\S)")


def apply(spec: Spec) -> Change:
    """Turn `python3` and `/usr/bin/python3` in shell sections into the stack's interpreter.

    A written shebang becomes `#!/usr/bin/python3.X` through `%{python3_version}`.
    """
    edits = []
    for section in spec.of(*SHELL_SECTIONS):
        for index in range(section.body, section.stop):
            line = spec.lines[index]
            if line.comment and not line.text.lstrip().startswith("#!"):
                continue
            text = _SHEBANG.sub(r"\1/usr/bin/python%{python3_version}", line.text)
            text = _PATH.sub("%{__python3}", text)
            text = _COMMAND.sub(r"\1%{__python3}", text)
            text = _ASSIGNED.sub(r"\1%{__python3}", text)
            if text != line.text:
                edits.append(Edit(at=index, lines=(text,), replace=1))
    return Change(edits=tuple(edits))
