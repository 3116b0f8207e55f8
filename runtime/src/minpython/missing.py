"""The finder behind all others: modules that are gone, provided by us or named with their home."""

from __future__ import annotations

import os
import sys
from importlib.machinery import ModuleSpec

from minpython import engine
from minpython._index import BEHAVIOURS
from minpython.scope import asker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "modules")


class Missing:
    """A meta path finder for the modules of behaviours that say ``how = module``."""

    def find_spec(
        self,
        fullname: str,
        _path: Sequence[str] | None = None,
        _target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the spec of a gone module that the asking code sees."""
        for name, scope in engine.scopes.items():
            row = BEHAVIOURS[name]
            if row[1] == "module" and fullname in row[4] and scope.has(asker(1)):
                return _own(fullname)
        return None


def _own(fullname: str) -> ModuleSpec | None:
    from importlib.util import spec_from_file_location

    path = os.path.join(FOLDER, *fullname.split("."))
    for file, search in ((path + ".py", None), (os.path.join(path, "__init__.py"), [path])):
        if os.path.exists(file):
            return spec_from_file_location(fullname, file, submodule_search_locations=search)
    return None


MISSING = Missing()


def install() -> None:
    """Put the finder behind the others, once."""
    if MISSING not in sys.meta_path:
        sys.meta_path.append(MISSING)  # type: ignore[arg-type]
