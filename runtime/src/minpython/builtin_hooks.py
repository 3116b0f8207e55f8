"""``compile``, ``exec`` and ``eval`` that take old source; in force only while some is asked for.

No ``__future__`` import here: these functions stand in for built-in ones, which look at the flags
of the code that calls them.
"""

import builtins
import sys

from minpython import as_import_system, own
from minpython.likeness import at_home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_IMPORT_SYSTEM = frozenset(
    {
        "importlib._bootstrap",
        "importlib._bootstrap_external",
        "_frozen_importlib",
        "_frozen_importlib_external",
    },
)
# These compile what others wrote: whose it is, the file's name tells.
_COMPILERS = frozenset(
    {"ast", "codeop", "doctest", "runpy", "zipimport", "_pytest.assertion.rewrite"}
)
_TEXT = (str, bytes, bytearray, memoryview)
trees = None
"""The module that gives syntax trees their old shape, while some code sees that."""
_ONLY_TREE = 0x400
"""`ast.PyCF_ONLY_AST`."""
_LEAST_FUTURE = 0x20000
"""The lowest of the flags that code has from a ``__future__`` import."""


def _future(caller):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the flags of the ``__future__`` imports that hold for the code in a frame."""
    flags = caller.f_code.co_flags
    if flags < _LEAST_FUTURE:
        return 0
    import __future__

    known = 0
    for name in __future__.all_feature_names:
        known |= getattr(__future__, name).compiler_flag
    return flags & known & -_LEAST_FUTURE


def _version(frame, file):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the version whose syntax a text of this name, compiled by ``frame``, is written in."""
    from minpython.engine import state

    name = frame.f_globals.get("__name__") if frame is not None else None
    if name in _COMPILERS:
        name = _module_of(file)
    return state.syntax_version(name if isinstance(name, str) else None)


def _module_of(file):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the package asked for that a file of this name lies in, or None."""
    from minpython.engine import state

    path = str(file).replace("\\", "/")
    for package in state.requests.packages:
        inner = "/" + package.replace(".", "/")
        if inner + "/" in path or path.endswith(inner + ".py"):
            return package
    return None


def _text(source, file, frame):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the translation of a source that was refused, or None."""
    if not isinstance(source, _TEXT):
        return None
    from minpython.source import sources

    return sources.text_of(source, str(file), _version(frame, file))


def compile(  # noqa: A001, ANN201
    source,  # type: ignore[no-untyped-def]  # noqa: ANN001
    filename,  # noqa: ANN001
    mode,  # noqa: ANN001
    flags=0,  # noqa: ANN001
    dont_inherit=False,  # noqa: ANN001, FBT002
    optimize=-1,  # noqa: ANN001
    **more,  # noqa: ANN003
):
    """Compile source into a code or AST object, old source too; see the built-in function."""
    caller = sys._getframe(1)
    if not dont_inherit:
        flags |= _future(caller)
    if trees is not None and not isinstance(source, _TEXT):
        with trees.renewed(source):
            return own.compile(source, filename, mode, flags, True, optimize, **more)
    try:
        return _aged(own.compile(source, filename, mode, flags, True, optimize, **more))
    except SyntaxError:
        if caller.f_globals.get("__name__") in _IMPORT_SYSTEM:
            raise
        from minpython.engine import scope

        text = _text(source, filename, scope.asker(0))
        if text is None:
            raise
        try:
            if mode == "exec" and not flags & _ONLY_TREE:
                from minpython.source import sources

                return sources.code_of(text, str(filename), flags, optimize)
            return _aged(own.compile(text, filename, mode, flags, True, optimize, **more))
        except SyntaxError:
            pass
        raise


def _aged(made):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return what was compiled; a tree in the shape that the code asking for it expects."""
    if trees is not None and not hasattr(made, "co_code"):
        from minpython.engine import scope

        trees.aged(made, scope.asker(1))
    return made


def _ready(source, mode, caller):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return what `exec` and `eval` run for ``source``: itself, where that comes to the same.

    ``compile`` has its price: its first call makes all the classes of syntax trees.
    """
    if not isinstance(source, _TEXT) or not _future(caller):
        return source
    try:
        return own.compile(_bare(source, mode), "<string>", mode, _future(caller), True)
    except SyntaxError:
        code = _translated(source, mode, caller)
        if code is None:
            raise
        return code


def _bare(source, mode):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return a text without the blanks before it, which `eval` passes by."""
    return source.lstrip(" \t") if mode == "eval" and isinstance(source, str) else source


def _translated(source, mode, caller):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the code of a text's translation, or None when there is none."""
    text = _text(_bare(source, mode), "<string>", caller)
    return None if text is None else own.compile(text, "<string>", mode, _future(caller), True)


def _refused(error, source):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return whether the text itself couldn't be compiled; else the error comes from running it."""
    return isinstance(source, _TEXT) and error.__traceback__.tb_next is None


def _spaces(caller, globals, locals):  # type: ignore[no-untyped-def]  # noqa: A002, ANN001, ANN202
    """Return the name spaces that the built-in function would have taken."""
    if globals is None:
        globals = caller.f_globals  # noqa: A001
        if locals is None:
            locals = caller.f_locals  # noqa: A001
            if locals is not globals and not isinstance(locals, dict):
                locals = dict(locals)  # noqa: A001
    return (globals, globals if locals is None else locals)


def exec(source, globals=None, locals=None, /, **more):  # type: ignore[no-untyped-def]  # noqa: A001, A002, ANN001, ANN003, ANN201
    """Execute source, old source too; see the built-in function."""
    caller = sys._getframe(1)
    globals = more.pop("globals", globals)  # noqa: A001
    locals = more.pop("locals", locals)  # noqa: A001
    spaces = _spaces(caller, globals, locals)
    try:
        return own.exec(_ready(source, "exec", caller), *spaces, **more)
    except SyntaxError as error:
        code = _translated(source, "exec", caller) if _refused(error, source) else None
        if code is None:
            raise
    return own.exec(code, *spaces, **more)


def eval(source, globals=None, locals=None, /, **more):  # type: ignore[no-untyped-def]  # noqa: A001, A002, ANN001, ANN003, ANN201
    """Evaluate source, old source too; see the built-in function."""
    caller = sys._getframe(1)
    globals = more.pop("globals", globals)  # noqa: A001
    locals = more.pop("locals", locals)  # noqa: A001
    spaces = _spaces(caller, globals, locals)
    try:
        return own.eval(_ready(source, "eval", caller), *spaces, **more)
    except SyntaxError as error:
        code = _translated(source, "eval", caller) if _refused(error, source) else None
        if code is None:
            raise
    return own.eval(code, *spaces, **more)


# Levels of warnings and loggers pass by frames of the import system.
for _function in compile, exec, eval:
    as_import_system(_function)
_put: "dict[str, Any]" = {}
"""What was put in the place of built-in functions, and those, by their names."""


def put(*names):  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN201
    """Put the functions in the place of the built-in ones, or some of them."""
    for name, new in (("compile", compile), ("exec", exec), ("eval", eval)):
        before = getattr(builtins, name)
        if (not names or name in names) and type(before) is type(len):
            made = at_home(new, before, builtins, name)
            setattr(builtins, name, made)
            _put[name] = (made, before)


def install(*names):  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN201
    """Put the functions in the place of the built-in ones, until undone; or some of them."""
    from minpython.engine import journal

    put(*names)
    for name in [each for each in _put if not names or each in names]:
        made, before = _put.pop(name)
        journal.note("", _put_back(name, made, before))


def _put_back(name, new, before):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    def undo():  # type: ignore[no-untyped-def]  # noqa: ANN202
        if getattr(builtins, name) is new:
            setattr(builtins, name, before)

    return undo
