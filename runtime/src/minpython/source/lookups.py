"""Compile the source of a package that asks, so that its look-ups go through its view.

Reading an attribute, a built-in name or a name from a module, where the name is one that some
behaviour has to do with (`minpython._views.NAMES`), becomes a call of the module's
`minpython.engine.views.View`. Lines and columns stay. Everything else is compiled as it stands.
"""

from __future__ import annotations

import ast

from minpython import own
from minpython._index import PROVIDED
from minpython._views import BUILTINS, CLASSES, NAMES, SOURCES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

ONLY_TREE = ast.PyCF_ONLY_AST
VIEW = "__minpython__"
"""The global name under which the code of a module finds its view."""


def code(source: Any, file: str, flags: int = 0, optimize: int = -1) -> CodeType:
    """Return the code of a module's source or syntax tree, with its look-ups changed.

    Raises:
        SyntaxError: the source can't be compiled.
    """
    tree = source
    if not isinstance(source, ast.Module):
        tree = own.compile(source, file, "exec", flags | ONLY_TREE, True, optimize)
    return own.compile(changed(tree), file, "exec", flags, True, optimize)  # type: ignore[no-any-return]


def changed(tree: ast.Module) -> ast.Module:
    """Change the look-ups of a module's syntax tree, in place; return it."""
    bound = _Bound()
    bound.visit(tree)
    start = _start_of(tree)
    later = any(
        isinstance(each, ast.ImportFrom)
        and each.module == "__future__"
        and any(name.name == "annotations" for name in each.names)
        for each in tree.body
    )
    _Lookups(bound.names, keep_annotations=later).visit(tree)
    if tree.body:
        tree.body[start:start] = _prologue(tree.body[min(start, len(tree.body) - 1)])
    return tree


def _start_of(tree: ast.Module) -> int:
    """Return how many statements have to stay in front: the docstring and ``__future__``."""
    count = 0
    for each in tree.body:
        doc = (
            count == 0
            and isinstance(each, ast.Expr)
            and isinstance(each.value, ast.Constant)
            and isinstance(each.value.value, str)
        )
        if not doc and not (isinstance(each, ast.ImportFrom) and each.module == "__future__"):
            break
        count += 1
    return count


def _prologue(place: ast.stmt) -> list[ast.stmt]:
    text = f"{VIEW} = __import__('minpython.engine.views', None, None, ['of']).of(__name__)"
    made: Any = own.compile(text, "<view>", "exec", ast.PyCF_ONLY_AST, True)
    for node in ast.walk(made):
        _at(node, place)
    return made.body  # type: ignore[no-any-return]


def _at(node: Any, place: Any) -> Any:
    """Let ``node`` stand where ``place`` stands."""
    if "lineno" in getattr(node, "_attributes", ()):
        node.lineno = place.lineno
        node.col_offset = place.col_offset
        node.end_lineno = getattr(place, "end_lineno", place.lineno)
        node.end_col_offset = getattr(place, "end_col_offset", place.col_offset)
    return node


class _Bound(ast.NodeVisitor):
    """Collects the names that a module binds anywhere, which so are no built-in ones."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def generic_visit(self, node: ast.AST) -> None:
        name = None
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            name = node.id
        elif isinstance(node, ast.arg):
            name = node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = node.name
        elif isinstance(node, ast.alias):
            name = (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.ExceptHandler):
            name = node.name
        elif type(node).__name__ in ("MatchAs", "MatchStar"):
            name = node.name  # type: ignore[attr-defined]
        if name:
            self.names.add(name)
        super().generic_visit(node)


class _Lookups(ast.NodeTransformer):
    """Puts calls of the view in the place of look-ups."""

    def __init__(self, bound: set[str], *, keep_annotations: bool) -> None:
        self._builtins = BUILTINS - bound
        self._keep_annotations = keep_annotations

    def _call(self, place: Any, method: str, *arguments: ast.expr) -> ast.Call:
        function: ast.expr = _at(ast.Name(VIEW, ast.Load()), place)
        if method:
            function = _at(ast.Attribute(function, method, ast.Load()), place)
        made: ast.Call = _at(ast.Call(function, list(arguments), []), place)
        return made

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            return node
        if node.attr == "import_module":
            return self._call(node, "importing", node)
        if node.attr not in NAMES:
            return node
        name = _at(ast.Constant(node.attr), node)
        return self._call(node, "", node.value, name)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in ("__import__", "import_module"):
            return self._call(node, "importing", node)
        if not isinstance(node.ctx, ast.Load) or node.id not in self._builtins:
            return node
        return self._call(node, "name", _at(ast.Constant(node.id), node))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        function = node.func
        name = getattr(function, "attr", None) or getattr(function, "id", None)
        self.generic_visit(node)
        if name in CLASSES:
            node.func = self._call(function, "call", node.func)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        self.generic_visit(node)
        if node.bases:
            made = _at(ast.Name(VIEW, ast.Load()), node)
            node.decorator_list.append(_at(ast.Attribute(made, "made", ast.Load()), node))
            for part in (made, node.decorator_list[-1]):
                part.end_lineno, part.end_col_offset = node.lineno, node.col_offset
        return node

    def visit_Import(self, node: ast.Import) -> Any:
        gone = [alias.name for alias in node.names if alias.name in PROVIDED]
        if not gone:
            return node
        return [self._made_ready(gone, node), node]

    def _made_ready(self, names: list[str], place: ast.stmt) -> ast.stmt:
        """Return a statement after which an import finds modules that are gone."""
        given = [_at(ast.Constant(name), place) for name in names]
        ready: ast.stmt = _at(ast.Expr(self._call(place, "ready", *given)), place)
        return ready

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        module = node.module or ""
        names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        gone = [] if node.level else [name for name in names if name in PROVIDED]
        changed = self._names_taken(node)
        if not gone:
            return changed
        return [self._made_ready(gone, node), *(changed if type(changed) is list else [changed])]

    def _names_taken(self, node: ast.ImportFrom) -> Any:
        names = SOURCES.get(node.module or "") if not node.level else None
        if names is None:
            return node
        module = _at(ast.Constant(node.module), node)
        if node.names[0].name == "*":
            star = self._call(node, "star", module)
            return [node, _at(ast.Expr(star), node)]
        looked_up = [alias for alias in node.names if alias.name in names]
        if not looked_up:
            return node
        statements: list[ast.stmt] = []
        rest = [alias for alias in node.names if alias.name not in names]
        if rest:
            statements.append(_at(ast.ImportFrom(node.module, rest, 0), node))
        for alias in looked_up:
            name = _at(ast.Constant(alias.name), node)
            value = self._call(node, "take", module, name)
            target = _at(ast.Name(alias.asname or alias.name, ast.Store()), node)
            statements.append(_at(ast.Assign([target], value), node))
        return statements

    def visit_FunctionDef(self, node: Any) -> Any:
        if self._keep_annotations:
            kept = [(each, each.annotation) for each in _arguments(node.args)]
            returns, node.returns = node.returns, None
            for each, _annotation in kept:
                each.annotation = None
            self.generic_visit(node)
            for each, annotation in kept:
                each.annotation = annotation
            node.returns = returns
            return node
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        annotation = node.annotation
        if self._keep_annotations:
            node.annotation = _at(ast.Constant(None), node)
        self.generic_visit(node)
        if self._keep_annotations:
            node.annotation = annotation
        return node

    def visit_MatchValue(self, node: Any) -> Any:
        return node

    def visit_MatchClass(self, node: Any) -> Any:
        return node

    def visit_TypeAlias(self, node: Any) -> Any:
        return node


def _arguments(given: ast.arguments) -> list[ast.arg]:
    found = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return found + [each for each in (given.vararg, given.kwarg) if each is not None]
