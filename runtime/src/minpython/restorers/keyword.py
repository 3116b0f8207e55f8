"""``async`` and ``await`` as names, for what checks names and writes code with them."""

from __future__ import annotations

import sys

from minpython.engine import journal, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any, Callable

    from minpython.engine.patch import Patch
else:
    ModuleType = type(sys)

_NAMES = frozenset({"async", "await"})
# They check names, and write code, for whoever called them.
_WRITERS = frozenset({"collections", "dataclasses", "inspect", "typing", "unittest.mock"})


def keyword_async_await(patch: Patch, module: ModuleType) -> None:
    """Not in the list, and no keywords."""

    def make(original: Any) -> Any:
        def iskeyword(name: Any) -> Any:
            if name in _NAMES:
                patch.used()
                return False
            return original(name)

        return iskeyword

    patch.replace(module, "iskeyword", make, counts=False)
    patch.constant(module, "kwlist", [word for word in module.kwlist if word not in _NAMES])


def keyword_written_code(patch: Patch, module: ModuleType) -> None:
    """The module's own look at keywords, and what runs the code that it has written.

    For single packages and files only when code of theirs is met that has such a name.
    """
    if patch.scope.everyone:
        _change(patch, module)
    else:
        state.when_names_are_met(lambda: _change(patch, module))


def _change(patch: Patch, module: ModuleType) -> None:
    for name in ("iskeyword", "_iskeyword"):
        if name in module.__dict__:
            _put(patch, module, name, _checking(patch, module, module.__dict__[name]))
    known = module.__dict__.get("keyword")
    if isinstance(known, ModuleType):
        mine = ModuleType(known.__name__)
        mine.__dict__.update(known.__dict__)
        mine.__dict__["iskeyword"] = _checking(patch, module, known.iskeyword)
        _put(patch, module, "keyword", mine)
    from minpython import own

    for name, function in (("eval", own.eval), ("exec", own.exec)):
        if module.__name__ != "inspect" and name not in module.__dict__:
            _put(patch, module, name, _running(patch, function, name))


def _put(patch: Patch, module: ModuleType, name: str, value: Any) -> None:
    before = module.__dict__.get(name)
    module.__dict__[name] = value
    journal.at(patch.name, module, name)

    def undo() -> None:
        if module.__dict__.get(name) is value:
            if before is None:
                del module.__dict__[name]
            else:
                module.__dict__[name] = before

    patch.undo(undo)


def _checking(patch: Patch, module: ModuleType, original: Callable[[str], bool]) -> Any:
    from minpython.likeness import at_home, like

    def iskeyword(name: str) -> bool:
        if name in _NAMES and _is_name(patch, module):
            return False
        return original(name)

    return at_home(like(iskeyword, original), original, module, "iskeyword")


def _is_name(patch: Patch, module: ModuleType) -> bool:
    """Return whether the code that has a name checked sees the behaviour.

    Whoever looks at a function with such a parameter sees it: the function is from code that does.
    """
    frame: FrameType | None = sys._getframe(2)
    above = frame.f_back if frame is not None else None
    if module.__name__ == "inspect" and above is not None and above.f_globals is module.__dict__:
        return True
    return patch.scope.has(_writer(frame))


def _writer(frame: FrameType | None) -> FrameType | None:
    """Return the first frame at or above ``frame`` that is of no module that writes code."""
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name not in _WRITERS and name.partition(".")[0] != "minpython":
            break
        frame = frame.f_back
    return frame


def _running(patch: Patch, original: Callable[..., Any], mode: str) -> Any:
    """Return what runs the code that a module writes: `exec` or `eval`, for old names too.

    The text is compiled here, where the ``__future__`` imports of this module don't hold for it.
    """
    from minpython import own
    from minpython.likeness import like

    def run(source: Any, *spaces: Any) -> Any:
        if isinstance(source, str):
            source = _compiled(source)
        return original(source, *spaces)

    def _compiled(source: str) -> Any:
        try:
            return own.compile(source, "<string>", mode, 0, True)
        except SyntaxError:
            if not patch.scope.has(_writer(sys._getframe(2))):
                raise
        from minpython.source import sources

        text = sources.text_of(source, "<string>", (3, 6, 0))
        return own.compile(source if text is None else text, "<string>", mode, 0, True)

    return like(run, original)
