"""What came and went in ``urllib``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from minpython.engine.patch import Patch

MAX_CACHE_SIZE = 20


def urllib_urlopen_cafile(patch: Patch, module: ModuleType) -> None:
    """A context made of the certificates."""

    def make(original: Any) -> Any:
        def urlopen(
            url: Any,
            data: Any = None,
            timeout: Any = module.socket._GLOBAL_DEFAULT_TIMEOUT,
            *,
            cafile: str | None = None,
            capath: str | None = None,
            cadefault: bool = False,
            context: Any = None,
        ) -> Any:
            if cafile or capath or cadefault:
                import ssl

                if context is not None:
                    raise ValueError(
                        "You can't pass both context and any of cafile, capath, and cadefault"
                    )
                context = ssl.create_default_context(cafile=cafile, capath=capath)
            return original(url, data, timeout, context=context)

        return urlopen

    patch.replace(module, "urlopen", make)
