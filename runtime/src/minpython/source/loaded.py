"""Modules that were imported before their package asked: their functions get code for a view."""

from __future__ import annotations

import gc
from types import FunctionType

from minpython.engine import journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, ModuleType
    from typing import Any


def compile_again(module: ModuleType) -> bool:
    """Give the functions of a loaded module code whose look-ups go through a view.

    What the module's body has done stays done. Return False where there is no source to compile.
    """
    from minpython.engine import views
    from minpython.source import sources
    from minpython.source.lookups import VIEW

    space = module.__dict__
    if VIEW in space:
        return True
    file, name = space.get("__file__"), space.get("__name__")
    if not isinstance(file, str) or not file.endswith(".py") or not isinstance(name, str):
        return False
    try:
        code = sources.viewed(name, file)
    except (SyntaxError, ValueError):
        return False
    if code is None:
        return False
    space[VIEW] = views.function(views.View(name, file))
    journal.note("", lambda: space.pop(VIEW, None))
    new = {(each.co_name, each.co_firstlineno): each for each in _codes(code)}
    for function in gc.get_referrers(space):
        if type(function) is FunctionType and function.__globals__ is space:
            old = function.__code__
            found = new.get((old.co_name, old.co_firstlineno))
            if found is not None and found.co_freevars == old.co_freevars:
                function.__code__ = found
                journal.note("", _setter(function, old))
    return True


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            yield constant
            yield from _codes(constant)


def _setter(function: Any, code: CodeType) -> Any:
    return lambda: setattr(function, "__code__", code)
