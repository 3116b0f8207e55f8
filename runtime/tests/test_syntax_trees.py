"""Syntax trees have the shape of the version asked for, and compile all the same."""

from __future__ import annotations

import ast
import sys
from typing import Any

import pytest

import minpython

SOURCE = "x[1:2, 3]\nx[0]\n'a'\nb'b'\nNone\n...\n1.5\nf'a{1}'\nx[1:2]\n"
LITERALS = [
    ("1", "Num", 1),
    ("1.5", "Num", 1.5),
    ("2j", "Num", 2j),
    ("'a'", "Str", "a"),
    ("b'a'", "Bytes", b"a"),
    ("None", "NameConstant", None),
    ("True", "NameConstant", True),
    ("...", "Ellipsis", ...),
]


def _parsed(source: str) -> Any:
    return ast.parse(source, mode="eval").body


@pytest.mark.parametrize(("source", "name", "value"), LITERALS)
def test_literals_have_their_own_nodes(source: str, name: str, value: object) -> None:
    """Each literal has its old class, which new code takes for a constant."""
    with minpython.min_version((3, 7)):
        node = _parsed(source)
        assert type(node).__name__ == name
        assert type(node) is getattr(ast, name)
        assert isinstance(node, ast.Constant)
        assert node.value == value
        field = {"Num": "n", "Str": "s", "Bytes": "s"}.get(name, "value")
        assert getattr(node, field) == value
    assert type(_parsed(source)) is ast.Constant


@pytest.mark.parametrize(
    ("source", "name"),
    [("x[0]", "Index"), ("x[1:2]", "Slice"), ("x[1:2, 3]", "ExtSlice"), ("x[1, 2]", "Index")],
)
def test_subscripts_have_their_own_nodes(source: str, name: str) -> None:
    """Only up to 3.8 a subscript is wrapped."""
    with minpython.min_version((3, 8)):
        assert type(_parsed(source).slice).__name__ == name
    modern = "Slice" if name == "Slice" else "Tuple" if "," in source else "Constant"
    assert type(_parsed(source).slice).__name__ == modern


def test_3_8_has_constants() -> None:
    """Only what changed after the version asked for is old."""
    with minpython.min_version((3, 8)):
        assert type(_parsed("1")) is ast.Constant


def test_old_trees_compile_and_stay_as_they_are() -> None:
    """Compiling leaves the tree alone; what is compiled does the same."""
    with minpython.min_version((3, 7)):
        tree = ast.parse("[y[1:2], y[0], 'a', ...]", mode="eval")
        shown = ast.dump(tree)
        assert eval(compile(tree, "t", "eval"), {"y": "pq"}) == ["q", "p", "a", ...]
        assert ast.dump(tree) == shown
        assert "Index(" in shown
        assert "Num(" in shown


def test_nodes_made_by_hand() -> None:
    """Old constructors give what `compile` takes."""
    with minpython.min_version((3, 7)):
        old: Any = ast
        made = old.Subscript(old.Name("abc", old.Load()), old.Index(old.Num(1)), old.Load())
        tree = ast.fix_missing_locations(ast.Expression(made))
        assert eval(compile(tree, "t", "eval"), {"abc": "xyz"}) == "y"
        assert old.Num(n=3).value == 3
        assert old.Str("a").s == "a"
        assert isinstance(ast.Constant(3), old.Num)
        assert not isinstance(ast.Constant(3), old.Str)


def test_fields_that_old_nodes_lack() -> None:
    """A module without ``type_ignores``, a function without positional-only parameters."""
    place = {"lineno": 1, "col_offset": 0}
    with minpython.min_version((3, 7)):
        arguments: Any = ast.arguments(
            args=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[]
        )
        function: Any = ast.FunctionDef(
            name="f", args=arguments, body=[ast.Pass(**place)], decorator_list=[], **place
        )
        imported = ast.Import(names=[ast.alias(name="sys", asname=None)], **place)
        code = compile(ast.Module(body=[function, imported]), "t", "exec")
    space: dict[str, Any] = {}
    exec(code, space)
    assert space["f"]() is None
    assert space["sys"] is sys


def test_unparse_takes_old_nodes() -> None:
    """The round trip gives the same tree."""
    with minpython.min_version((3, 7)):
        tree = ast.parse(SOURCE)
        assert ast.dump(ast.parse(ast.unparse(tree))) == ast.dump(tree)


def test_visitors_of_both_times() -> None:
    """A visitor of new trees sees constants, one of old trees the old nodes."""

    class New(ast.NodeVisitor):
        def __init__(self) -> None:
            self.seen: list[object] = []

        def visit_Constant(self, node: ast.Constant) -> None:
            self.seen.append(node.value)

    class Old(ast.NodeVisitor):
        def __init__(self) -> None:
            self.seen: list[object] = []

        def visit_Num(self, node: Any) -> None:
            self.seen.append(node.n)

        def visit_Index(self, node: Any) -> None:
            self.seen.append("index")
            self.generic_visit(node)

    with minpython.min_version((3, 7)):
        tree = ast.parse("x[0], 'a'")
        new, old = New(), Old()
        new.visit(tree)
        old.visit(tree)
    assert new.seen == [0, "a"]
    assert old.seen == ["index", 0]


def test_only_the_package_that_asks(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another package's trees stay new."""
    body = "import ast\nkind = type(ast.parse('1', mode='eval').body).__name__\n"
    for name in ("treelib_old", "treelib_new"):
        (tmp_path / f"{name}.py").write_text(body)
    monkeypatch.syspath_prepend(tmp_path)
    with minpython.min_version((3, 7), packages=["treelib_old"]):
        import treelib_new  # type: ignore[import-not-found]
        import treelib_old  # type: ignore[import-not-found]
    assert (treelib_old.kind, treelib_new.kind) == ("Num", "Constant")
