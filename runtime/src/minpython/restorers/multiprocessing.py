"""What came and went in ``multiprocessing``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch


def multiprocessing_pool_cache(patch: Patch, module: ModuleType) -> None:
    """The pool's dictionary of results took the place of the pool itself."""

    class Holder:
        """Stands for the pool: results look for nothing but its cache."""

        def __init__(self, cache: Any) -> None:
            self._cache = cache

    def make(original: Any) -> Any:
        def init(self: Any, pool: Any = None, *args: Any, **kwargs: Any) -> None:
            if "cache" in kwargs:
                pool = kwargs.pop("cache")
            original(self, Holder(pool) if isinstance(pool, dict) else pool, *args, **kwargs)

        return init

    for name in ("ApplyResult", "MapResult", "IMapIterator"):
        patch.replace(getattr(module, name), "__init__", make)
