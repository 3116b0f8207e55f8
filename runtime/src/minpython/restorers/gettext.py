"""What came and went in ``gettext``."""

from __future__ import annotations

from minpython.engine import adapters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from minpython.engine.patch import Patch

_PARAMETERS = {
    "lgettext": ("message",),
    "lngettext": ("msgid1", "msgid2", "n"),
    "output_charset": (),
    "set_output_charset": ("charset",),
}


def gettext_methods(patch: Patch, module: ModuleType) -> None:
    """On the base of all translations."""

    def later(name: str) -> Callable[..., Any]:
        def method(self: Any, *args: Any) -> Any:
            from minpython.restorers.impl import gettext as _gettext

            return getattr(_gettext, "method_" + name)(self, *args)

        return method

    for name, parameters in _PARAMETERS.items():
        made = adapters.named(name, ("self", *parameters), later(name))
        patch.attribute(module.NullTranslations, name, made)
    patch.attribute(module.NullTranslations, "_output_charset", None)


def gettext_codeset(patch: Patch, module: ModuleType) -> None:
    """A parameter in the middle of the positional ones."""

    def translation(original: Any) -> Any:
        def wrapper(
            domain: str,
            localedir: Any = None,
            languages: Any = None,
            class_: Any = None,
            fallback: bool = False,
            codeset: str | None = None,
        ) -> Any:
            found = original(domain, localedir, languages, class_, fallback)
            if codeset:
                found._output_charset = codeset
            return found

        return wrapper

    def install(original: Any) -> Any:
        def wrapper(
            domain: str, localedir: Any = None, codeset: str | None = None, names: Any = None
        ) -> None:
            if codeset is None:
                original(domain, localedir, names=names)
            else:
                module.translation(domain, localedir, fallback=True).install(names)

        return wrapper

    patch.replace(module, "translation", translation)
    patch.replace(module, "Catalog", translation)
    patch.replace(module, "install", install)
