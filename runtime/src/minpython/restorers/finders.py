"""The finder that asks others in the old way."""

import sys

from minpython.engine.scope import asker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from minpython.engine.patch import Patch


class OldFinders:
    """A finder that asks the finders without ``find_spec``, as Python did up to 3.11."""

    def __init__(self, patch: "Patch") -> None:
        """Work for the code that sees the patch."""
        self._patch = patch

    def find_spec(self, fullname: str, path: "Any" = None, target: "Any" = None) -> "Any | None":
        """Return a spec with the loader that an old finder gives."""
        finders = [*sys.meta_path, *filter(None, sys.path_importer_cache.values())]
        old = [finder for finder in finders if not hasattr(finder, "find_spec")]
        if not old or not self._seen(old):
            return None
        from minpython.restorers.impl import loaders

        return loaders.old_spec(self._patch, fullname, path)

    def _seen(self, old: "list[Any]") -> bool:
        """Return whether the code that imports sees it, or one of the finders is from a package."""
        scope = self._patch.scope
        return scope.has(asker(2)) or any(scope.has_module(type(each).__module__) for each in old)
