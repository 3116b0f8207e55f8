"""The `parser` module as it was up to Python 3.9, on `ast`, without the concrete syntax trees.

`suite(source).compile()` and the tests of a tree's kind work. The trees of the LL(1) grammar went
with that parser in 3.10: asking for one raises `ParserError`. The modern way is `ast`.
"""

import ast
from types import CodeType
from typing import NoReturn

__all__ = [
    "ParserError",
    "STType",
    "compilest",
    "expr",
    "isexpr",
    "issuite",
    "sequence2st",
    "st2list",
    "st2tuple",
    "suite",
    "tuple2st",
]


class ParserError(Exception):
    """The request can't be met."""


class STType:
    """A parsed source; made by `expr` and `suite` only."""

    __slots__ = ("_kind", "_source")
    _kind: str
    _source: str

    def __new__(cls) -> "STType":
        """Refuse: trees come from `expr` and `suite`."""
        raise TypeError("cannot create 'parser.st' instances")

    def compile(self, filename: str = "<syntax-tree>") -> CodeType:
        """Compile to a code object."""
        code = compile(self._source, filename, self._kind)
        assert isinstance(code, CodeType)
        return code

    def isexpr(self) -> bool:
        """Return whether it came from `expr`."""
        return self._kind == "eval"

    def issuite(self) -> bool:
        """Return whether it came from `suite`."""
        return self._kind == "exec"

    def tolist(self, line_info: bool = False, col_info: bool = False) -> NoReturn:
        """Raise ParserError: there are no concrete syntax trees any more."""
        _no_tree()

    def totuple(self, line_info: bool = False, col_info: bool = False) -> NoReturn:
        """Raise ParserError: there are no concrete syntax trees any more."""
        _no_tree()


def _no_tree() -> NoReturn:
    raise ParserError("Python 3.10 took the concrete syntax trees away: use the ast module")


def _made(source: str, kind: str) -> STType:
    ast.parse(source, "<string>", kind)
    tree = object.__new__(STType)
    tree._source, tree._kind = source, kind
    return tree


def expr(source: str) -> STType:
    """Parse one expression.

    Raises:
        SyntaxError: it is none.
    """
    return _made(source, "eval")


def suite(source: str) -> STType:
    """Parse the statements of a file.

    Raises:
        SyntaxError: they are wrong.
    """
    return _made(source, "exec")


def compilest(st: STType, filename: str = "<syntax-tree>") -> CodeType:
    """Compile what `expr` or `suite` gave."""
    return st.compile(filename)


def isexpr(st: STType) -> bool:
    """Return whether it came from `expr`."""
    return st.isexpr()


def issuite(st: STType) -> bool:
    """Return whether it came from `suite`."""
    return st.issuite()


def st2list(st: STType, line_info: bool = False, col_info: bool = False) -> NoReturn:
    """Raise ParserError: there are no concrete syntax trees any more."""
    st.tolist(line_info, col_info)


def st2tuple(st: STType, line_info: bool = False, col_info: bool = False) -> NoReturn:
    """Raise ParserError: there are no concrete syntax trees any more."""
    st.totuple(line_info, col_info)


def sequence2st(sequence: object) -> NoReturn:
    """Raise ParserError: there are no concrete syntax trees any more."""
    _no_tree()


tuple2st = sequence2st
