"""Where in a TOML file a key stands, so that a message can name the line of a rule.

`tomllib` gives values without places; this scans the same text for its headers and keys.
"""

from __future__ import annotations

import re

__all__ = ["key_lines", "line_of"]

_ARRAY = re.compile(r"\s*\[\[\s*([^\]]+?)\s*\]\]")
_TABLE = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*([A-Za-z0-9_-]+|"[^"]*"|'[^']*')\s*=""")
_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'')
_TRIPLE = ('"""', "'''")


def key_lines(text: str) -> dict[str, int]:
    """Return the line (from 1) of every table and key, by its path: `phase[1].start`."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix, depth, quote = "", 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if quote:
            quote = "" if quote in line else quote
            continue
        bare = _STRINGS.sub("", line).split("#")[0]
        if depth == 0:
            header = _header(line, counts)
            key = _KEY.match(line)
            if header:
                prefix = header
                found[prefix] = number
                continue
            if key:
                name = key[1].strip("\"'")
                found[f"{prefix}.{name}" if prefix else name] = number
        quote = next((mark for mark in _TRIPLE if line.count(mark) % 2), "")
        depth += sum(bare.count(mark) for mark in "[{") - sum(bare.count(mark) for mark in "]}")
    return found


def _header(line: str, counts: dict[str, int]) -> str:
    """Return the path that a header line opens, or an empty string."""
    array = _ARRAY.match(line)
    if array:
        name = array[1].replace('"', "")
        counts[name] = counts.get(name, -1) + 1
        return f"{name}[{counts[name]}]"
    table = _TABLE.match(line)
    if not table:
        return ""
    name = table[1].replace('"', "")
    head, _, rest = name.partition(".")
    if rest and head in counts:
        return f"{head}[{counts[head]}].{rest}"
    return name


def line_of(lines: dict[str, int], path: str) -> int:
    """Return the line of a path, or of the nearest thing around it; 1 where there is none."""
    while path:
        if path in lines:
            return lines[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return 1
