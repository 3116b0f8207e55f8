"""Fix calls, and spellings that another one means the same as."""

from __future__ import annotations

import ast
import re
import warnings
from typing import Any

from minpython.scan.concrete import Concrete, Edit, NotFixableError, above

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.scan.bindings import Site

_NUMBER_END = re.compile(r"[0-9a-fA-FxX_]+?(?=(?:if|or|in|is|and|else|for|not)\b)")
_LITERAL = re.compile(r"([rRbBuU]*)('''|\"\"\"|'|\")(.*)\2\Z", re.DOTALL)
_FLAGS = re.compile(r"\(\?[aiLmsux]+\)")


def renamed(site: Site, new: str) -> list[Edit]:
    """Return the edit that gives an attribute another name.

    Raises:
        NotFixableError: the name stands in a text, is set, or is the file's own.
    """
    source, node = site.source, site.node
    if not isinstance(node, ast.Attribute):
        raise NotFixableError("its name stands in a text")
    if not isinstance(node.ctx, ast.Load):
        raise NotFixableError("it is set here")
    if node.attr in site.names.bound:
        raise NotFixableError(f"this file defines {node.attr}")
    leaf = source.leaf_before(source.end(node))
    if leaf.value != node.attr:
        raise NotFixableError("its name can't be found")
    return [source.replaced(leaf, new)]


def renamed_unless_named(site: Site, new: str) -> list[Edit]:
    """Return the edit for a method whose parameters have other names now.

    Raises:
        NotFixableError: an argument is given by name, or it is not called here.
    """
    call = site.names.parents.get(site.node)
    if not isinstance(call, ast.Call) or call.func != site.node:
        raise NotFixableError("it is not called here")
    if call.keywords:
        raise NotFixableError("an argument is given by name")
    return renamed(site, new)


def listed(site: Site, new: str) -> list[Edit]:
    """Return the edits that make a list of what a method gave as one.

    Raises:
        NotFixableError: the method is not called here.
    """
    source, names, node = site.source, site.names, site.node
    call = names.parents.get(node)
    if not isinstance(node, ast.Attribute) or not isinstance(call, ast.Call) or call.func != node:
        raise NotFixableError("it is not called here")
    if "list" in names.bound or any(each.local == "list" for each in names.imports):
        raise NotFixableError("list is something else here")
    start, end = source.start(call), source.end(call)
    if new:
        return [Edit(start, start, "list("), *renamed(site, new), Edit(end, end, ")")]
    if call.args or call.keywords:
        raise NotFixableError("it is called with arguments")
    return [Edit(start, start, "list("), source.removed(source.end(node.value), end - 1)]


def called(site: Site, new: str) -> list[Edit]:
    """Return the edits for a function, called with one argument, that a method stands in for.

    Raises:
        NotFixableError: it is used in another way.
    """
    source, names, node = site.source, site.names, site.node
    call = names.parents.get(node)
    plain = isinstance(call, ast.Call) and call.func == node and len(call.args) == 1
    if not plain or call.keywords or isinstance(call.args[0], ast.Starred):  # type: ignore[union-attr]
        raise NotFixableError("it is not called with one argument")
    dotted, imports = names.dotted(node)
    module = new.partition(".")[0]
    if dotted.rpartition(".")[0] != module:
        raise NotFixableError("it belongs to an object, not to the module")
    text = imports[0].local + new[len(module) :]
    return [Edit(*source.whole(node), text)]


def dropped(site: Site) -> list[Edit]:
    """Return the edit that takes an argument out of a call.

    Raises:
        NotFixableError: its value may do something.
    """
    source, names, node = site.source, site.names, site.node
    if not isinstance(node, ast.keyword):
        raise NotFixableError("it is not given by name")
    if not _idle(node.value):
        raise NotFixableError("its value is made by a call")
    call = names.parents[node]
    argument = above(source.leaf(source.start(node)), "argument")
    if argument is None or not isinstance(call, ast.Call):
        raise NotFixableError("its call can't be taken apart")
    start, end = source.span(argument)
    following = argument.get_next_sibling()
    if following is not None and following.type == "operator" and following.value == ",":
        after = following.get_next_sibling()
        if after is not None and after.start_pos[0] == argument.start_pos[0]:
            return [source.removed(start, source.offset(*after.start_pos))]
        if len(call.args) + len(call.keywords) == 1:
            return [source.removed(start, source.span(following)[1])]
    before = argument.get_previous_sibling()
    if before is not None and before.type == "operator" and before.value == ",":
        return [source.removed(source.span(before)[0], end)]
    if before is None and following is not None:
        return [source.removed(start, source.offset(*following.get_next_leaf().start_pos))]
    return [source.removed(start, end)]


def _idle(value: ast.expr) -> bool:
    """Return whether it makes no difference that an expression is not evaluated."""
    if isinstance(value, ast.Call) and not value.args and not value.keywords:
        name = value.func.attr if isinstance(value.func, ast.Attribute) else ""
        return name in ("get_event_loop", "get_running_loop")
    while isinstance(value, ast.Attribute):
        value = value.value
    return isinstance(value, (ast.Name, ast.Constant))


def positional(site: Site) -> list[Edit]:
    """Return the edit that gives the first argument without its name.

    Raises:
        NotFixableError: other arguments stand before it.
    """
    source, names, node = site.source, site.names, site.node
    call = names.parents.get(node)
    if not isinstance(node, ast.keyword) or not isinstance(call, ast.Call):
        raise NotFixableError("it is not given by name")
    if call.args or call.keywords[0] is not node:
        raise NotFixableError("other arguments stand before it")
    return [source.removed(source.start(node), source.start(node.value))]


def equality(site: Site) -> list[Edit]:
    """Return the edit that compares with a literal by value."""
    source, place = site.source, site.place
    operator = source.leaf(place).get_previous_leaf()
    if operator.value == "not" and operator.get_previous_leaf().value == "is":
        start = source.offset(*operator.get_previous_leaf().start_pos)
        source.refuse_comment(start, source.span(operator)[1])
        return [Edit(start, source.span(operator)[1], "!=")]
    if operator.value != "is":
        raise NotFixableError("its comparison can't be taken apart")
    return [source.replaced(operator, "==")]


def digest(site: Site) -> list[Edit]:
    """Return the edit that names the digest which was the default."""
    source, node = site.source, site.node
    if not isinstance(node, ast.Call) or any(each.arg is None for each in node.keywords):
        raise NotFixableError("its arguments are not all known")
    end = source.end(node) - 1
    before = source.leaf(end).get_previous_leaf()
    if before.value == ",":
        return [Edit(source.span(before)[1], source.span(before)[1], ' digestmod="md5"')]
    comma = ", " if node.args or node.keywords else ""
    return [Edit(source.span(before)[1], source.span(before)[1], f'{comma}digestmod="md5"')]


def space(site: Site) -> list[Edit]:
    """Return the edit that parts a number from the keyword behind it."""
    source, place = site.source, site.place
    number = _NUMBER_END.match(source.text, place)
    if number is None:
        raise NotFixableError("its number can't be told from the keyword")
    return [Edit(number.end(), number.end(), " ")]


def comma(site: Site) -> list[Edit]:
    """Return the edit that takes the comma behind a generator out."""
    source, place = site.source, site.place
    return [source.removed(place, place + 1)]


def open_mode(site: Site) -> list[Edit]:
    """Return the edit that takes ``U``, which was without effect, out of a mode."""
    source, place = site.source, site.place
    leaf, literal = _literal(source, place)
    mode = literal[3].replace("U", "")
    if "r" not in mode:
        mode = "r" + mode
    return [source.replaced(leaf, f"{literal[1]}{literal[2]}{mode}{literal[2]}")]


def flags(site: Site) -> list[Edit]:
    """Return the edit that puts a pattern's flags to its start.

    Raises:
        NotFixableError: the pattern is not one literal, or does not mean the same then.
    """
    source, place = site.source, site.place
    leaf, literal = _literal(source, place)
    text = "".join(_FLAGS.findall(literal[3]))
    moved = text + _FLAGS.sub("", literal[3])
    new = f"{literal[1]}{literal[2]}{moved}{literal[2]}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(ast.literal_eval(new))
    except (re.error, Warning, ValueError, SyntaxError):
        raise NotFixableError("its pattern can't be read") from None
    if re.search(r"\\\(\?|\[[^\]]*\(\?", literal[3]):
        raise NotFixableError("its flags may be text")
    return [source.replaced(leaf, new)]


def _literal(source: Concrete, place: int) -> tuple[Any, re.Match[str]]:
    """Return the leaf of a plain string, and its prefix, quotes and content.

    Raises:
        NotFixableError: it is put together from several.
    """
    leaf = source.leaf(place)
    literal = _LITERAL.match(leaf.value) if leaf.type == "string" else None
    if literal is None or above(leaf, "strings") is not None:
        raise NotFixableError("its text is not one literal")
    return leaf, literal
