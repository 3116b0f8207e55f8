"""Versions as tuples of three ints: checked, parsed, told."""

import sys

OLDEST = (3, 6, 0)


def running() -> "tuple[int, int, int]":
    """Return the version of the running interpreter as three ints."""
    return (sys.version_info[0], sys.version_info[1], sys.version_info[2])


def text(version: "tuple[int, ...]") -> str:
    """Return ``3.8`` for ``(3, 8, 0)`` and ``3.7.2`` for ``(3, 7, 2)``."""
    shown = version[:2] if len(version) > 2 and version[2] == 0 else version
    return ".".join(map(str, shown))


def normal(version: object) -> "tuple[int, int, int]":
    """Return a 2- or 3-tuple of non-negative ints as three ints.

    Raises:
        TypeError: ``version`` is no tuple of ints.
        ValueError: it has another length, or a negative part.
    """
    if not isinstance(version, tuple):
        msg = f"the version must be a tuple of 2 or 3 ints, not {type(version).__name__}"
        raise TypeError(msg)
    for part in version:
        if not isinstance(part, int) or isinstance(part, bool):
            msg = f"the version must hold ints only, not {type(part).__name__}: {version!r}"
            raise TypeError(msg)
    if len(version) not in (2, 3):
        msg = f"the version must have 2 or 3 parts, not {len(version)}: {version!r}"
        raise ValueError(msg)
    if min(version) < 0:
        msg = f"the version must not hold negative numbers: {version!r}"
        raise ValueError(msg)
    return (version[0], version[1], version[2] if len(version) == 3 else 0)


def checked(version: object) -> "tuple[int, int, int]":
    """Return ``version`` as three ints when this interpreter can act as it.

    Raises:
        TypeError: see `normal`.
        ValueError: see `normal`; or newer than the running Python, or older than the oldest
            supported one.
    """
    wanted = normal(version)
    if wanted > running():
        msg = f"Python {text(wanted)} is newer than the running Python {text(running())}"
        raise ValueError(msg)
    if wanted < OLDEST:
        msg = f"Python {text(wanted)} is older than the oldest supported version, {text(OLDEST)}"
        raise ValueError(msg)
    return wanted


def parse(source: str) -> "tuple[int, int, int]":
    """Return the version that ``3.8`` or ``3.7.2`` names, as three ints.

    Raises:
        ValueError: ``source`` is something else.
    """
    parts = source.strip().split(".")
    if len(parts) not in (2, 3) or not all(part.isdigit() and part.isascii() for part in parts):
        msg = f"{source.strip()!r} is no version: write 3.8 or 3.7.2"
        raise ValueError(msg)
    return normal(tuple(map(int, parts)))
