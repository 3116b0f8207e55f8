"""The patterns with which ``sysconfig`` read Makefiles; copies of ``distutils`` import them."""

from __future__ import annotations

VARIABLE = r"([a-zA-Z][a-zA-Z0-9_]+)\s*=\s*(.*)"
IN_BRACKETS = r"\$\(([A-Za-z][A-Za-z0-9_]*)\)"
IN_BRACES = r"\${([A-Za-z][A-Za-z0-9_]*)}"
