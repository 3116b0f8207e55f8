"""Calls that older CPythons refuse because of what is passed, not of what is called."""

from __future__ import annotations

import ast
import string
from typing import TYPE_CHECKING

from elpython.project.guards import ATTRIBUTE, CALL, IMPORT, OTHER
from elpython.project.specs import date_uses, format_uses, pattern_uses, template_uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from elpython.project.infer import Names
    from elpython.project.rules import Series

__all__ = ["FORMATTED_FRACTION", "FRACTION", "special_uses"]

FRACTION = "fractions.Fraction"
FORMATTED_FRACTION = "format specification of fractions.Fraction"
Found = tuple[str, "Series", str]
_PATTERNS = {f"re.{name}" for name in (
    "compile", "match", "search", "fullmatch", "split", "sub", "subn", "findall", "finditer",
)}  # fmt: skip


def special_uses(path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    """Yield name, first CPython and kind of what a call passes."""
    check = _CHECKS.get(path)
    if check is not None:
        yield from check(path, node, names)
    elif path in _PATTERNS:
        yield from _pattern(path, node, names)
    for keyword in node.keywords:
        if keyword.arg == "encoding" and _constant(keyword.value) == "locale":
            yield 'encoding="locale"', (3, 10), OTHER


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _first(node: ast.Call) -> object:
    return _constant(node.args[0]) if node.args else None


def _text(node: ast.expr, names: Names) -> object:
    """Return what a constant is, or a name that holds one."""
    held = names.value_of(ast.unparse(node)) if isinstance(node, ast.Name | ast.Attribute) else None
    if held is not None and held.plain:
        return next(iter(held.by_minor.values()))
    return _constant(node)


def _pattern(_path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    words = {keyword.arg: keyword.value for keyword in node.keywords}
    where = node.args[0] if node.args else words.get("pattern")
    text = _text(where, names) if where is not None else None
    if isinstance(text, str | bytes):
        for use in pattern_uses(text, node.lineno):
            yield use.name, use.since, OTHER


def _template(_path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    text = _text(owner, names) if owner is not None else None
    for use in template_uses(text, node.lineno) if isinstance(text, str) else ():
        yield use.name, use.since, OTHER
    if isinstance(text, str) and any(
        names.class_of(node.args[place]) == FRACTION for place in _with_spec(text, len(node.args))
    ):
        yield FORMATTED_FRACTION, (3, 12), CALL


def _with_spec(template: str, count: int) -> Iterator[int]:
    """Yield which positional arguments of `str.format` have a format specification."""
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError:
        return
    for number, (_, name, spec, _) in enumerate(field for field in fields if field[1] is not None):
        place = int(name) if name and name.isdecimal() and name.isascii() else number
        if spec and not (name and not name.isdecimal()) and place < count:
            yield place


def _open(_path: str, node: ast.Call, _names: Names) -> Iterator[Found]:
    if len(node.args) > 3 and _constant(node.args[3]) == "locale":
        yield 'encoding="locale"', (3, 10), OTHER


def _format(_path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    if len(node.args) > 1 and names.class_of(node.args[0]) == FRACTION:
        yield FORMATTED_FRACTION, (3, 12), CALL
    text = _text(node.args[1], names) if len(node.args) > 1 else None
    for use in format_uses(text, node.lineno) if isinstance(text, str) else ():
        yield use.name, use.since, OTHER


def _date(_path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    text = _text(node.args[0], names) if node.args else None
    function = node.func
    owner = names.resolve(function.value) if isinstance(function, ast.Attribute) else ""
    if isinstance(text, str) and owner.startswith("datetime."):
        for use in date_uses(owner.rpartition(".")[2], text, node.lineno):
            yield use.name, use.since, OTHER


def _module(_path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    text = _first(node)
    if isinstance(text, str):
        parts = text.split(".")
        for end in range(1, len(parts) + 1):
            name = ".".join(parts[:end])
            if name in names.rules.names:
                yield name, names.rules.names[name], IMPORT


def _attribute(_path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    if len(node.args) == 2 and isinstance(name := _constant(node.args[1]), str):
        path = names.resolve(ast.Attribute(node.args[0], name, ast.Load()))
        if path in names.rules.names:
            yield path, names.rules.names[path], ATTRIBUTE


def _partial(_path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    path = names.resolve(node.args[0]) if node.args else ""
    for keyword in node.keywords:
        since = names.rules.parameters.get((path, keyword.arg or ""))
        if since:
            yield f"{path}({keyword.arg}=)", since, CALL


def _counted(
    bad: Callable[[ast.Call], bool], what: str, since: Series
) -> Callable[..., Iterator[Found]]:
    """Return a check of how many arguments a call has."""

    def check(_path: str, node: ast.Call, _names: Names) -> Iterator[Found]:
        if not any(isinstance(item, ast.Starred) for item in node.args) and bad(node):
            yield what, since, CALL

    return check


def _passed(node: ast.Call, *words: str) -> int:
    return len(node.args) + sum(keyword.arg in {*words, None} for keyword in node.keywords)


def _strftime(_path: str, node: ast.Call, _names: Names) -> Iterator[Found]:
    text = _first(node)
    if isinstance(text, str) and "%:z" in text.replace("%%", ""):
        yield "strftime() with %:z", (3, 12), OTHER


def _argument(_path: str, node: ast.Call, _names: Names) -> Iterator[Found]:
    if any(word.arg == "action" and _constant(word.value) == "extend" for word in node.keywords):
        yield 'add_argument(action="extend")', (3, 8), OTHER


def _reversed(_path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    kind = names.class_of(node.args[0]).partition("[")[0] if node.args else ""
    since = names.rules.names.get(names.inherited(f"{kind}.__reversed__"))
    if since:
        yield f"reversed({kind})", since, CALL


def _hashed(_path: str, node: ast.Call, names: Names) -> Iterator[Found]:
    item = node.args[0] if node.args else None
    if isinstance(item, ast.Call) and names.resolve(item.func) == "slice":
        yield "hash(slice)", (3, 12), CALL


def _power(_path: str, node: ast.Call, _names: Names) -> Iterator[Found]:
    if len(node.args) == 3 and isinstance(node.args[1], ast.UnaryOp):
        yield "pow() of a negative exponent and a modulus", (3, 8), OTHER


def _array(_path: str, node: ast.Call, _names: Names) -> Iterator[Found]:
    if _first(node) == "w":
        yield "array.array('w')", (3, 13), OTHER


_CHECKS: dict[str, Callable[[str, ast.Call, Names], Iterator[Found]]] = {
    "str.format": _template,
    "format": _format,
    "open": _open,
    "io.open": _open,
    "datetime.date.fromisoformat": _date,
    "datetime.time.fromisoformat": _date,
    "datetime.datetime.fromisoformat": _date,
    "importlib.import_module": _module,
    "__import__": _module,
    "getattr": _attribute,
    "functools.partial": _partial,
    "reversed": _reversed,
    "argparse.ArgumentParser.add_argument": _argument,
    "argparse._ActionsContainer.add_argument": _argument,
    "datetime.datetime.strftime": _strftime,
    "datetime.time.strftime": _strftime,
    "datetime.date.strftime": _strftime,
    "pow": _power,
    "hash": _hashed,
    "traceback.format_exception": _counted(
        lambda node: len(node.args) == 1 and not node.keywords,
        "traceback.format_exception(error)",
        (3, 10),
    ),
    "traceback.print_exception": _counted(
        lambda node: len(node.args) == 1 and not node.keywords,
        "traceback.print_exception(error)",
        (3, 10),
    ),
    "traceback.format_exception_only": _counted(
        lambda node: len(node.args) == 1 and not node.keywords,
        "traceback.format_exception_only(error)",
        (3, 10),
    ),
    "array.array": _array,
    "int.to_bytes": _counted(
        lambda node: _passed(node, "length", "byteorder") < 2,
        "int.to_bytes() with defaults",
        (3, 11),
    ),
    "int.from_bytes": _counted(
        lambda node: _passed(node, "byteorder") < 2, "int.from_bytes() with defaults", (3, 11)
    ),
    "math.gcd": _counted(lambda node: len(node.args) != 2, "math.gcd() of any number", (3, 9)),
    "math.hypot": _counted(lambda node: len(node.args) != 2, "math.hypot() of any number", (3, 8)),
    "bytes.hex": _counted(lambda node: bool(node.args), "bytes.hex(sep)", (3, 8)),
    "bytearray.hex": _counted(lambda node: bool(node.args), "bytearray.hex(sep)", (3, 8)),
    "memoryview.hex": _counted(lambda node: bool(node.args), "memoryview.hex(sep)", (3, 8)),
}
