"""Parse sources by the newest grammar, whatever Python runs the toolchain.

Tree-sitter reads the source; what CPython 3.11 does not know (type parameters, f-strings of
PEP 701, template strings, `except A, B`, lazy imports, unpacking in comprehensions) is recorded and
replaced, line by line, by older syntax that evaluates the same names. The result is parsed by
`ast`: it decides what is Python, and has the same tree on every CPython from 3.11 on.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from elpython.project.rules import Use
from elpython.project.specs import format_uses

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, QueryCursor

__all__ = ["Parsed", "parse"]

TYPE_PARAMETERS = "type parameters"
TYPE_DEFAULTS = "defaults of type parameters"
TYPE_STATEMENT = "type statement"
NESTED_STRINGS = "any expression in f-strings"
SELF_DOCUMENTING = "f-string expression with ="
TEMPLATES = "template strings (PEP 750)"
BARE_EXCEPT = "except without parentheses"
LAZY_IMPORT = "lazy import (PEP 810)"
UNPACKED = "unpacking in comprehensions (PEP 798)"
PARENTHESES = "parenthesized context managers"

_QUERY = """
(function_definition type_parameters: (_) @parameters)
(class_definition type_parameters: (_) @parameters)
(type_alias_statement) @alias
(string (interpolation)) @string
(except_clause value: (_) "," value: (_)) @except
(with_clause) @with
(list_comprehension body: (list_splat) @unpacked)
(set_comprehension body: (list_splat) @unpacked)
(generator_expression body: (list_splat) @unpacked)
"""
_GROUPS = {"tuple", "parenthesized_expression"}
_LAZY = re.compile(rb"^([ \t]*)lazy[ \t]+(?=import\b|from\b)", re.MULTILINE)
_TEMPLATE = re.compile(rb"(?<![\w\"'])(?:[tT][rR]?|[rR][tT])(?=[\"'])")
_QUOTES = re.compile(rb"[\"']+$")


@dataclass(slots=True)
class Parsed:
    """A source that was parsed.

    Attributes:
        tree: its syntax tree, without what is newer than CPython 3.11.
        uses: the newer syntax that it has.
        lines: its lines, as the tree's positions count them.
    """

    tree: ast.Module
    uses: set[Use]
    lines: list[bytes]


@dataclass(slots=True)
class _Edits:
    content: bytes
    uses: set[Use] = field(default_factory=set)
    replaced: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def text(self, node: Node) -> bytes:
        return self.content[node.start_byte : node.end_byte]

    def use(self, name: str, minor: int, node: Node) -> None:
        self.uses.add(Use(name, (3, minor), node.start_point[0] + 1))

    def applied(self) -> bytes:
        """Return the content with the outermost replacements applied."""
        parts, place = [], 0
        for (start, end), new in sorted(
            self.replaced.items(), key=lambda item: (item[0][0], -item[0][1])
        ):
            if start >= place:
                parts += [self.content[place:start], new]
                place = end
        return b"".join([*parts, self.content[place:]])


@cache
def _machine() -> tuple[Parser, QueryCursor]:
    import tree_sitter
    import tree_sitter_python

    language = tree_sitter.Language(tree_sitter_python.language())
    cursor = tree_sitter.QueryCursor(tree_sitter.Query(language, _QUERY))
    return tree_sitter.Parser(language), cursor


def parse(content: bytes) -> Parsed:
    """Parse a source.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: it is no Python of any release.
    """
    uses: set[Use] = set()
    content = _plain_imports(content, uses)
    parser, cursor = _machine()
    root = parser.parse(content).root_node
    edits = _Edits(content, uses)
    for name, nodes in cursor.captures(root).items():
        for node in nodes:
            _HANDLERS[name](node, edits)
    lowered = _plain_templates(edits.applied(), uses)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(lowered)
    return Parsed(tree, uses, lowered.splitlines())


def _plain_imports(content: bytes, uses: set[Use]) -> bytes:
    if b"lazy" not in content:
        return content
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        for match in _LAZY.finditer(content):
            uses.add(Use(LAZY_IMPORT, (3, 15), content.count(b"\n", 0, match.start()) + 1))
        return _LAZY.sub(rb"\1", content)
    return content


def _plain_templates(content: bytes, uses: set[Use]) -> bytes:
    """Return the content with template strings that hold no expression as plain strings."""
    if not _TEMPLATE.search(content):
        return content
    parser, _ = _machine()
    parts, place = [], 0
    stack = [parser.parse(content).root_node]
    while stack:
        node = stack.pop()
        if node.type == "string_start":
            prefix = content[node.start_byte : node.end_byte]
            if prefix[:2].lower().strip(b"\"'") in {b"t", b"tr", b"rt"}:
                uses.add(Use(TEMPLATES, (3, 14), node.start_point[0] + 1))
                parts += [content[place : node.start_byte], _QUOTES.search(prefix)[0]]  # type: ignore[index]
                place = node.end_byte
        stack += reversed(node.children)
    return b"".join([*parts, content[place:]])


def _parameters(node: Node, edits: _Edits) -> None:
    text = edits.text(node)
    edits.use(TYPE_PARAMETERS, 12, node)
    if _has_default(text):
        edits.use(TYPE_DEFAULTS, 13, node)
    edits.replaced[node.start_byte, node.end_byte] = b"\\\n" * text.count(b"\n")


def _has_default(text: bytes) -> bool:
    return re.search(rb"[^=!<>:]=[^=]", text) is not None


def _alias(node: Node, edits: _Edits) -> None:
    left = node.child_by_field_name("left")
    if left is None:
        return
    text = edits.text(left)
    name, bracket, _ = text.partition(b"[")
    if not name.strip():
        return  # `type [0] = 1` stores into what is called `type`
    edits.use(TYPE_STATEMENT, 12, node)
    if bracket and _has_default(text):
        edits.use(TYPE_DEFAULTS, 13, node)
    lines = edits.text(node).count(b"\n")
    edits.replaced[node.start_byte, node.end_byte] = name.strip() + b" = None" + b"\\\n" * lines


def _except(node: Node, edits: _Edits) -> None:
    values = node.children_by_field_name("value")
    if len(values) < 2:
        return
    edits.use(BARE_EXCEPT, 14, node)
    start, end = values[0].start_byte, values[-1].end_byte
    edits.replaced[start, end] = b"(" + edits.content[start:end] + b")"


def _with(node: Node, edits: _Edits) -> None:
    items = [child for child in node.children if child.type == "with_item"]
    values = [child for item in items for child in item.children]
    if node.children[0].type == "(":
        kinds = {child.type for child in (*node.children, *values)}
    else:
        kinds = {part.type for value in values if value.type in _GROUPS for part in value.children}
        kinds.discard(",")
    if kinds & {",", "as_pattern"}:
        edits.use(PARENTHESES, 9, node)


def _unpacked(node: Node, edits: _Edits) -> None:
    edits.use(UNPACKED, 15, node)
    edits.replaced[node.start_byte, node.end_byte] = edits.text(node).lstrip(b"*")


def _string(node: Node, edits: _Edits) -> None:
    start = edits.text(node.children[0])
    quotes = _QUOTES.search(start)
    template = b"t" in start.lower()
    newer = template
    for child in node.children:
        if child.type != "interpolation":
            continue
        if any(part.type == "=" for part in child.children):
            edits.use(SELF_DOCUMENTING, 8, child)
        if not template and quotes and _is_nested(child, quotes[0], edits):
            edits.use(NESTED_STRINGS, 12, child)
            newer = True
    if template:
        edits.use(TEMPLATES, 14, node)
    if newer or node.start_point[0] != node.end_point[0]:
        whole = node
        if node.parent is not None and node.parent.type == "concatenated_string":
            whole = node.parent
        edits.replaced[whole.start_byte, whole.end_byte] = _expressions(whole, edits)


def _is_nested(node: Node, quotes: bytes, edits: _Edits) -> bool:
    """Return whether an expression in an f-string is one that only PEP 701 allows."""
    end = next((part.start_byte for part in node.children if part.type == "format_specifier"),
               node.end_byte)  # fmt: skip
    text = edits.content[node.start_byte : end]
    if b"\\" in text or quotes in edits.text(node) or (len(quotes) == 1 and b"\n" in text):
        return True
    return b"#" in text and _has_comment(node)


def _has_comment(node: Node) -> bool:
    return any(child.type == "comment" or _has_comment(child) for child in node.children)


def _expressions(node: Node, edits: _Edits) -> bytes:
    """Return a call of `str.format` with the expressions of a string, over as many lines."""
    found: list[bytes] = []
    line = node.start_point[0]
    for part in _interpolated(node):
        spec = next((each for each in _around(part) if each.type == "format_specifier"), None)
        if spec is not None:
            text = edits.text(spec).decode("utf-8", "replace")[1:]
            edits.uses |= format_uses(text, spec.start_point[0] + 1)
        inner = _Edits(edits.content, edits.uses)
        _inside(part, inner)
        found.append(b"\n" * (part.start_point[0] - line) + b"(" + _cut(inner, part) + b"),")
        line = part.end_point[0]
    return b"''.format(" + b"".join(found) + b"\n" * (node.end_point[0] - line) + b")"


def _around(node: Node) -> list[Node]:
    return node.parent.children if node.parent is not None else []


def _inside(node: Node, edits: _Edits) -> None:
    """Replace the newer strings and comments inside an expression."""
    if node.type == "comment":
        edits.replaced[node.start_byte, node.end_byte] = b""
    elif node.type in {"string", "concatenated_string"} and any(True for _ in _interpolated(node)):
        edits.replaced[node.start_byte, node.end_byte] = _expressions(node, edits)
    else:
        for child in node.children:
            _inside(child, edits)


def _cut(edits: _Edits, node: Node) -> bytes:
    before = edits.content[: node.start_byte]
    after = len(edits.content) - node.end_byte
    applied = edits.applied()
    return applied[len(before) : len(applied) - after]


def _interpolated(node: Node) -> list[Node]:
    """Return the expressions of a string, those in format specifications too."""
    found = []
    for child in node.children:
        if child.type in {"interpolation", "format_expression"}:
            expression = child.child_by_field_name("expression")
            if expression is not None:
                found.append(expression)
        if child.type in {"string", "interpolation", "format_specifier", "format_expression"}:
            nested = [part for part in child.children if part.type == "format_specifier"]
            found += [each for part in nested for each in _interpolated(part)]
            if child.type == "string":
                found += _interpolated(child)
    return found


_HANDLERS = {
    "parameters": _parameters,
    "alias": _alias,
    "string": _string,
    "except": _except,
    "with": _with,
    "unpacked": _unpacked,
}
