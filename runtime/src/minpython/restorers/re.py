"""What came and went in ``re``."""

from __future__ import annotations

import sys

from minpython.engine import journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch

_TEMPLATE = 1
_INSIDE = ("re", "sre_parse", "sre_compile", __name__.partition(".")[0])


def re_template(patch: Patch, module: ModuleType) -> None:
    """A flag without effect, and the function that sets it."""
    if module.__name__ != "re":
        patch.lazy(module, "SRE_FLAG_TEMPLATE", lambda: _TEMPLATE)
        return
    for name in ("T", "TEMPLATE"):
        patch.lazy(module, name, lambda: module.RegexFlag(_TEMPLATE))
        patch.attribute(module.RegexFlag, name, module.RegexFlag(_TEMPLATE))

    def template(pattern: Any, flags: Any = 0) -> Any:
        """Compile a pattern with the flag `T`, which has no effect."""
        return module.compile(pattern, flags)

    patch.attribute(module, "template", template)


def _outside(patch: Patch) -> bool:
    """Return whether the code that uses ``re`` sees the behaviour."""
    frame = sys._getframe(2)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _INSIDE:
        frame = frame.f_back
    return patch.scope.has(frame)


def re_global_flags(patch: Patch, module: ModuleType) -> None:
    """When a pattern is refused for it, its flags move to the front."""

    def make(original: Any) -> Any:
        def compile(p: Any, flags: int = 0) -> Any:  # noqa: A001
            try:
                return original(p, flags)
            except module.error as error:
                if not str(error.msg).startswith("global flags not at the start") or not _outside(
                    patch
                ):
                    raise
                from minpython.restorers.impl import re as _re

                patch.used()
                return original(_re.flags_first(p), flags)

        return compile

    if not patch.scope.everyone:
        _try_again(patch, module, "global flags not at the start", "flags_first", 0, _TAKING)
        return
    patch.replace(module._compiler, "compile", make, counts=False)


_TAKING = ("compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn")


def _try_again(
    patch: Patch, module: Any, refusal: str, change: str, place: int, names: tuple[str, ...]
) -> None:
    """Let functions that refuse an argument be called once more with it changed."""

    def make(original: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            try:
                return original(*args, **kwargs)
            except module.error as error:
                if not str(error.msg).startswith(refusal) or len(args) <= place:
                    raise
            from minpython.restorers.impl import re as _re

            given = list(args)
            given[place] = getattr(_re, change)(given[place])
            return original(*given, **kwargs)

        return wrapper

    for path in names:
        owner, _, name = path.rpartition(".")
        patch.replace(getattr(module, owner) if owner else module, name, make)


def re_bad_template_escapes(patch: Patch, module: ModuleType) -> None:
    """A backslash before an ASCII letter that means nothing stands for itself."""
    if not patch.scope.everyone:
        names = ("sub", "subn", "Pattern.sub", "Pattern.subn", "Match.expand")
        _try_again(patch, module, "bad escape", "escapes_doubled", 1, names)
        return
    parser = getattr(module, "_parser", None) or module.sre_parse
    original = parser.parse_template

    def parse_template(source: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(source, *args, **kwargs)
        except module.error as error:
            if not str(error.msg).startswith("bad escape") or not _outside(patch):
                raise
            from minpython.restorers.impl import re as _re

            patch.used()
            return original(_re.escapes_doubled(source), *args, **kwargs)

    parser.parse_template = parse_template
    patch.undo(lambda: setattr(parser, "parse_template", original))


def re_escape(patch: Patch, module: ModuleType) -> None:
    """Everything but ASCII letters, digits and the underscore."""

    def make(original: Any) -> Any:
        def escape(pattern: Any) -> Any:
            from minpython.restorers.impl import re as _re

            made = _re.escape(pattern)
            if journal.counting and made != original(pattern):
                patch.used()
            return made

        return escape

    patch.replace(module, "escape", make, counts=False)


def re_empty_matches(patch: Patch, module: ModuleType) -> None:
    """On patterns that can match nothing at all; others are not slowed down by more than a look."""

    def method(name: str) -> Any:
        def make(original: Any) -> Any:
            def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
                from minpython.restorers.impl import re as _re

                if not _re.can_be_empty(self):
                    return original(self, *args, **kwargs)
                return getattr(_re, "old_" + name)(self, *args, **kwargs)

            return wrapper

        return make

    def function(name: str) -> Any:
        def make(_original: Any) -> Any:
            def wrapper(pattern: Any, *args: Any, flags: int = 0, **kwargs: Any) -> Any:
                given = list(args)
                place = {"split": 2, "sub": 3, "subn": 3}.get(name, 1)
                if len(given) > place:
                    flags = given.pop(place)
                return getattr(module.compile(pattern, flags), name)(*given, **kwargs)

            return wrapper

        return make

    for name in ("findall", "finditer", "split", "sub", "subn"):
        patch.replace(module.Pattern, name, method(name))
        patch.replace(module, name, function(name))
