"""What an EL Python interpreter knows about itself: its toggles and its features.

``python -m _elpython toggles`` and ``python -m _elpython features`` tell both.
"""

from __future__ import annotations

__all__ = [
    "FinallyExitWarning",
    "NewerSyntaxWarning",
    "ProvisionalFeatureWarning",
    "asked",
    "newer_syntax_asked",
    "provisional",
]

_warned: set[str] = set()


class ProvisionalFeatureWarning(FutureWarning):
    """A feature is used that upstream may still change before it releases it."""


class NewerSyntaxWarning(Warning):
    """Syntax is compiled that the base does not have; silent unless a filter names this class."""


class FinallyExitWarning(SyntaxWarning):
    """A statement leaves a ``finally`` block; silent unless a filter names this class."""


def asked(name: str) -> type[Warning] | None:
    """Return a warning class of this module if a warning filter names it; the compiler asks."""
    import warnings

    category: type[Warning] = globals()[name]
    return category if any(entry[2] is category for entry in warnings.filters) else None


def newer_syntax_asked() -> bool:
    """Return whether a warning filter is about newer syntax; the compiler asks."""
    return asked("NewerSyntaxWarning") is not None


def provisional(name: str) -> None:
    """Warn, once a process, that a provisional feature is used; the feature's own code calls it.

    Silent once CPython has released the feature: its table says so.

    Args:
        name: the feature as ``features.json`` names it, ``uuid.uuid7``.
    """
    if name in _warned:
        return
    _warned.add(name)
    from _elpython import features

    if not features.warns(name):
        return
    import warnings

    warnings.warn(
        f"{name} is provisional in EL Python: it may still change until CPython releases it",
        ProvisionalFeatureWarning,
        stacklevel=3,
    )
