"""Entry scripts that need a translation: ``python script.py`` compiles them out of our reach.

Before that, the interpreter asks the path hooks whether the script's path is a folder or an archive
that can be imported from. For a script that needs it, our hook says yes: the script is then run as
its ``__main__`` module, from code that we made, with everything as a script has it.
"""

import os
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import SourceFileLoader

from minpython import own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any, Callable


def take_over(path: str) -> None:
    """Take over the entry script at ``path``, one that the interpreter can't compile."""
    script = os.path.abspath(path)
    sys.path_hooks.insert(0, _hook(script, path))
    for given in (script, path):
        sys.path_importer_cache.pop(given, None)


def _hook(script: str, given: str) -> "Callable[[str], Importer]":
    def hook(entry: str) -> "Importer":
        if entry not in (script, given):
            raise ImportError
        return Importer(script, entry)

    return hook


class Importer:
    """A path entry finder for a script: finds ``__main__``, which is the script."""

    def __init__(self, script: str, entry: str) -> None:
        """Take the script's absolute path, and the path as it stands in ``sys.path``."""
        self.loader = _Loader("__main__", script)
        self.loader.entry = entry

    def find_spec(self, name: str, target: "ModuleType | None" = None) -> "ModuleSpec | None":  # noqa: ARG002
        """Return the script's spec for ``__main__``, nothing else."""
        if name != "__main__":
            return None
        return ModuleSpec(name, self.loader, origin=self.loader.path)


class _Loader(SourceFileLoader):
    """Gives ``runpy`` the script's code, and lets it run as a script runs."""

    entry = ""

    def get_code(self, fullname: str) -> "CodeType | None":  # noqa: ARG002 - the protocol
        folder = os.path.dirname(self.path)
        if sys.path and sys.path[0] == self.entry:
            safe = sys.flags.isolated or getattr(sys.flags, "safe_path", False)
            sys.path[:1] = [] if safe else [folder]
        _run_as_script(self.path)
        with open(self.path, "rb") as file:
            source = file.read()
        try:
            return self.source_to_code(source, self.path)
        except SyntaxError as error:
            # Shown as the interpreter shows it, which compiles a script outside of any code.
            sys.excepthook(SyntaxError, error.with_traceback(None), None)
            raise SystemExit(1) from None


def _run_as_script(path: str) -> None:
    """Let ``runpy`` run the next code with the names that a script has, not those of a module."""
    import runpy

    original = runpy._run_code  # type: ignore[attr-defined]

    def _run_code(
        code: "CodeType",
        space: "dict[str, Any]",
        *_names: object,
        **_more: object,
    ) -> "dict[str, Any]":
        runpy._run_code = original  # type: ignore[attr-defined]
        space.update(
            __name__="__main__",
            __file__=path,
            __cached__=None,
            __doc__=None,
            __loader__=SourceFileLoader("__main__", path),
            __package__=None,
            __spec__=None,
        )
        own.exec(code, space)
        return space

    runpy._run_code = _run_code  # type: ignore[attr-defined]
