"""Look at calls: parameters that are gone, values that mean something else now."""

from __future__ import annotations

import ast
import re

from minpython.scan.finding import LOW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from minpython.scan.finding import Fact
    from minpython.scan.knowledge import Knowledge
    from minpython.scan.names import Names

    class Visitor(Protocol):
        """A `minpython.scan.visitor.Visitor`, as far as calls need one."""

        known: Knowledge
        names: Names

        @property
        def in_coroutine(self) -> bool:
            """Whether the node stands in a coroutine function."""

        def report(self, node: ast.AST, fact: Fact | None, confidence: str = ...) -> None:
            """Report a node for which there is a fact."""

        def module(self, dotted: str) -> Fact | None:
            """Return the fact of a module."""

        def dotted(self, name: str) -> Fact | None:
            """Return the fact of an attribute by its dotted name."""


_BUILTINS = frozenset(("bool", "float", "int", "list", "tuple"))
_OPEN = frozenset(("open", "io.open", "codecs.open", "os.fdopen"))
_PATTERN_USERS = frozenset(
    f"re.{name}"
    for name in (
        "compile",
        "match",
        "fullmatch",
        "search",
        "sub",
        "subn",
        "split",
        "findall",
        "finditer",
    )
)
_LATE_FLAGS = re.compile(r"(?s).+\(\?[aiLmsux]+\)")
_IMPORTERS = frozenset(("importlib.import_module", "__import__"))
_OLD_CODE = range(13, 16)
_DIGEST_PLACE = 3
_MODE_PLACE = 1


def look(visitor: Visitor, node: ast.Call, dotted: str | None) -> None:
    """Report what a call gives that is no longer taken."""
    plain = node.func.id if isinstance(node.func, ast.Name) else None
    if dotted is None and plain in _BUILTINS:
        dotted = f"builtins.{plain}"
    name = dotted.replace("()", "") if dotted else plain
    if name is None:
        return
    gone = visitor.known.parameters.get(name)
    for keyword in node.keywords if gone else ():
        if gone and keyword.arg in gone:
            visitor.report(keyword, gone[keyword.arg])
    special = _SPECIAL.get(name)
    if special is not None:
        special(visitor, node)
    if name in _OPEN:
        _open(visitor, node)
    elif name in _PATTERN_USERS:
        _pattern(visitor, node)
    elif name in _IMPORTERS and node.args:
        module = _text(node.args[0])
        visitor.report(node, visitor.module(module) if module else None)
    elif name == "getattr" and len(node.args) == 2:
        _getattr(visitor, node)


def _getattr(visitor: Visitor, node: ast.Call) -> None:
    """Report ``getattr(module, "name")``, which has no default."""
    owner, attribute = visitor.names.resolve(node.args[0]), _text(node.args[1])
    if owner and attribute:
        visitor.report(node, visitor.dotted(f"{owner}.{attribute}"))


def _open(visitor: Visitor, node: ast.Call) -> None:
    """Report the mode ``U``."""
    mode = _argument(node, _MODE_PLACE, "mode")
    text = _text(mode) if mode is not None else None
    if text and "U" in text and set(text) <= set("Urbt+"):
        visitor.report(mode or node, visitor.known.other.get("behaviour open mode 'U'"))


def _pattern(visitor: Visitor, node: ast.Call) -> None:
    """Report global flags that stand behind the start of a regular expression."""
    pattern = _argument(node, 0, "pattern")
    text = _text(pattern) if pattern is not None else None
    if text and _LATE_FLAGS.match(text):
        fact = visitor.known.other.get("behaviour re global inline flags not at start")
        visitor.report(pattern or node, fact)


def _shuffle(visitor: Visitor, node: ast.Call) -> None:
    """Report a random function given by position."""
    if len(node.args) > 1:
        visitor.report(node.args[1], visitor.known.other.get("parameter random.shuffle(random)"))


def _hmac(visitor: Visitor, node: ast.Call) -> None:
    """Report a digest that is left out."""
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    named = any(keyword.arg in (None, "digestmod") for keyword in node.keywords)
    if len(node.args) < _DIGEST_PLACE and not starred and not named:
        visitor.report(node, visitor.known.other.get("behaviour hmac.new without digestmod"))


def _code_type(visitor: Visitor, node: ast.Call) -> None:
    """Report the argument list of code objects as it was up to 3.7."""
    if len(node.args) in _OLD_CODE:
        fact = visitor.known.other.get("parameter types.CodeType(posonlyargcount)")
        visitor.report(node, fact)


def _event_loop(visitor: Visitor, node: ast.Call) -> None:
    """Report that a loop is asked for where none need be running."""
    if not visitor.in_coroutine:
        name = "behaviour asyncio.get_event_loop without a current loop"
        visitor.report(node, visitor.known.other.get(name), LOW)


_SPECIAL = {
    "random.shuffle": _shuffle,
    "hmac.new": _hmac,
    "types.CodeType": _code_type,
    "asyncio.get_event_loop": _event_loop,
}


def _argument(node: ast.Call, place: int, name: str) -> ast.expr | None:
    """Return an argument given by position or by name."""
    if len(node.args) > place:
        return node.args[place]
    return next((keyword.value for keyword in node.keywords if keyword.arg == name), None)


def _text(node: ast.expr) -> str | None:
    """Return the text of a string literal (ASCII bytes too)."""
    if not isinstance(node, ast.Constant):
        return None
    if isinstance(node.value, bytes):
        return node.value.decode("latin-1")
    return node.value if isinstance(node.value, str) else None
