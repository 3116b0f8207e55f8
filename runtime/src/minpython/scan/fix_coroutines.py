"""Fix ``@asyncio.coroutine``: the function becomes a native coroutine (PEP 492)."""

from __future__ import annotations

import ast
from typing import Union

from minpython.scan.concrete import Concrete, Edit, NotFixableError, above

TYPE_CHECKING = False
if TYPE_CHECKING:
    from minpython.scan.bindings import Bindings, Site

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_NO_AWAITABLES = (
    *(ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Set, ast.Dict),
    *(*_COMPREHENSIONS, ast.Lambda, ast.Compare),
)
_PRIMARY = (ast.Call, ast.Name, ast.Attribute, ast.Subscript)
Decorator = Union[ast.Attribute, ast.Name]


def decorator(site: Site) -> list[Edit]:
    """Return the edits for one use of the decorator, or for its import and all uses.

    Raises:
        NotFixableError: a function means something else as a native coroutine.
    """
    source, names, node = site.source, site.names, site.node
    if isinstance(node, ast.Attribute):
        return _function(source, names, node)
    statement = names.parents.get(node)
    if not isinstance(node, ast.alias) or not isinstance(statement, ast.ImportFrom):
        raise NotFixableError("its name stands in a text")
    names.of(node.asname or node.name)
    uses = names.uses(node.asname or node.name)
    edits = [edit for use in uses for edit in _function(source, names, use)]
    return [*edits, *_without(source, statement, node)]


def _without(source: Concrete, statement: ast.ImportFrom, alias: ast.alias) -> list[Edit]:
    """Return the edits that take a name out of an import."""
    if len(statement.names) == 1:
        whole = above(source.leaf(source.start(statement)), "simple_stmt")
        if whole is None or len(whole.children) != 2 or above(whole, "suite") is not None:
            raise NotFixableError("its import shares a line, or is all of a block")
        return [source.removed(source.span(whole)[0], source.span(whole)[1])]
    parts = []
    for each in statement.names:
        leaf = source.leaf(source.start(each))
        parts.append(source.span(above(leaf, "import_as_name") or leaf))
    index = statement.names.index(alias)
    if index < len(parts) - 1:
        return [source.removed(parts[index][0], parts[index + 1][0])]
    return [source.removed(parts[index - 1][1], parts[index][1])]


def _function(source: Concrete, names: Bindings, use: Decorator) -> list[Edit]:
    """Return the edits for one decorated function."""
    function = names.parents.get(use)
    if not isinstance(function, ast.FunctionDef) or use not in function.decorator_list:
        raise NotFixableError("it is not only a decorator here")
    edits = [edit for node in _own_parts(function) for edit in _part(source, names, node)]
    if not edits and _returns_something(function):
        raise NotFixableError("the function may return something that is waited for")
    line = above(source.leaf(source.start(use)), "decorator")
    if line is None:
        raise NotFixableError("its decorators can't be taken apart")
    start, end = source.span(line)
    after = line.get_next_leaf()
    between = after.prefix
    source.refuse_comment(start, end)
    if "#" not in between:
        end += len(between)
    keyword = source.leaf(source.end(function.decorator_list[-1]))
    while keyword.value != "def":
        keyword = keyword.get_next_leaf()
    place = source.span(keyword)[0]
    if end == place:
        return [Edit(start, end, "async "), *edits]
    return [Edit(start, end, ""), Edit(place, place, "async "), *edits]


def _own_parts(function: ast.FunctionDef) -> list[ast.AST]:
    """Return the nodes of a function's own scope."""
    found: list[ast.AST] = []
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        found.append(node)
        if not isinstance(node, _SCOPES):
            waiting.extend(ast.iter_child_nodes(node))
    return found


def _part(source: Concrete, names: Bindings, node: ast.AST) -> list[Edit]:
    """Return the edits for a node of a decorated function.

    Raises:
        NotFixableError: it means something else in a native coroutine.
    """
    if isinstance(node, ast.Yield):
        raise NotFixableError("the function yields")
    if not isinstance(node, ast.YieldFrom):
        return []
    parent = names.parents[node]
    if isinstance(parent, ast.withitem):
        raise NotFixableError("what it waits for is a context manager: async with")
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, _COMPREHENSIONS):
            raise NotFixableError("it waits inside a comprehension")
        parent = names.parents.get(parent)  # type: ignore[assignment]
    if isinstance(node.value, _NO_AWAITABLES):
        raise NotFixableError("it yields from what can't be awaited")
    if _is_generator(names, node.value):
        raise NotFixableError("it waits for a generator of this file")
    start, value = source.start(node), source.start(node.value)
    bare = isinstance(node.value, _PRIMARY)
    parenthesised = "(" in source.text[start:value]
    source.refuse_comment(start, value)
    word = source.leaf(start).get_next_leaf()
    end = source.span(word)[1]
    if bare or parenthesised:
        return [Edit(start, end, "await")]
    return [Edit(start, value, "await ("), Edit(source.end(node), source.end(node), ")")]


def _is_generator(names: Bindings, value: ast.expr) -> bool:
    """Return whether an expression calls a generator function of the same file, decorated or not.

    Decorated with ``coroutine`` it can be waited for.
    """
    function = value.func if isinstance(value, ast.Call) else value
    name = getattr(function, "attr", None) or getattr(function, "id", None)
    return any(
        isinstance(node, ast.FunctionDef)
        and node.name == name
        and not node.decorator_list
        and any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in _own_parts(node))
        for node in ast.walk(names.tree)
    )


def _returns_something(function: ast.FunctionDef) -> bool:
    """Return whether a function returns more than constants."""
    return any(
        isinstance(node, ast.Return)
        and node.value is not None
        and not isinstance(node.value, ast.Constant)
        for node in _own_parts(function)
    )
