"""Ask at run time which features this Python offers.

Works on every CPython from 3.9 on. An EL Python tells its own features in
`_elpython/features.json`; on any other Python, and for every other name, the name is looked up.
"""

import functools
import importlib
import importlib.machinery
import inspect
import json
import os
import re
import sys
import sysconfig
from typing import Any, Optional

__all__ = ["NotOfferedError", "features", "has", "release", "require"]

_NAME = re.compile(r"(?P<path>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\((?P<words>[\w=, *]*)\))?")
_RELEASE = re.compile(r"\d{1,2}\.\d{1,2}(?:\.\d+)?")
_MISSING = object()
# What code is written in, in the words of `elpython project needs` -> the CPython that brought it.
_SYNTAX = {
    "match statement": (3, 10),
    "except*": (3, 11),
    "annotation of *args with *": (3, 11),
    "unpacking in an index": (3, 11),
    "any expression in f-strings": (3, 12),
    "type parameters": (3, 12),
    "type statement": (3, 12),
    "defaults of type parameters": (3, 13),
    "except without parentheses": (3, 14),
    "template strings": (3, 14),
}
_SHORT = {"match": "match statement"}


class NotOfferedError(RuntimeError):
    """This Python does not offer what was required; the message says what, and what runs."""


def release() -> Optional[tuple[int, int, int]]:
    """Give the EL release of this Python, `(27, 1, 0)`; None on any other Python."""
    variant = str(getattr(sys.implementation, "variant", ""))
    if variant != "elpython" and not variant.startswith("elpython-"):
        return None
    major, minor, micro = sys.implementation.version[:3]
    return major, minor, micro


@functools.cache
def features() -> frozenset[str]:
    """Give the features that this EL Python says it has beyond its base; empty elsewhere."""
    if release() is None:
        return frozenset()
    file = os.path.join(os.path.dirname(os.__file__), "_elpython", "features.json")
    try:
        with open(file, encoding="utf-8") as stream:
            told = json.load(stream)
        return frozenset(str(item["name"]) for item in told["features"])
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


@functools.cache
def has(name: str) -> bool:
    """Say whether this Python offers a feature.

    Args:
        name: an import path of the standard library, `itertools.batched`, `pathlib.Path.walk`,
            `tomllib`; a parameter in brackets: `zip(strict=)`; syntax in the words of `elpython
            project needs`, `type statement`, or short, `match`.

    Raises:
        ValueError: the name has not that form.
    """
    syntax = _SHORT.get(name, name)
    if syntax in _SYNTAX:
        return sys.version_info >= _SYNTAX[syntax] or syntax in features()
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(
            f"{name!r} names no feature: write it as itertools.batched, zip(strict=)"
            " or match statement"
        )
    if name in features():
        return True
    found = _look_up(match["path"])
    if found is _MISSING:
        return False
    words = [word.strip(" =*") for word in (match["words"] or "").split(",")]
    return all(_takes(found, word) for word in words if word)


def require(*names: str) -> None:
    """Require EL releases and features, all of them.

    Args:
        *names: `27.01` is an EL release that this Python must be, or a later one; everything else
            is a feature as `has` takes it.

    Raises:
        NotOfferedError: tells all that is missing, and which Python runs.
        ValueError: a name that is neither.
    """
    missing = [name for name in names if not _offers(name)]
    if missing:
        told = [f"EL Python {name}" if _RELEASE.fullmatch(name) else name for name in missing]
        raise NotOfferedError(f"{', '.join(told)} required, and {_running()} runs here")


def _offers(name: str) -> bool:
    if not _RELEASE.fullmatch(name):
        return has(name)
    here = release()
    wanted = [int(part) for part in name.split(".")]
    return here is not None and list(here) >= wanted


def _running() -> str:
    here = release()
    base = ".".join(str(part) for part in sys.version_info[:3])
    if here is not None:
        return "EL Python {}.{:02d}.{:02d}.{}".format(base, *here)
    return f"{sys.implementation.name} {base}"


def _standard(module: str) -> bool:
    """Say whether a top-level module belongs to the standard library: only those are imported."""
    names = getattr(sys, "stdlib_module_names", None)
    if names is not None:
        return module in names or module in sys.builtin_module_names
    if module in sys.builtin_module_names:
        return True
    stdlib = sysconfig.get_paths()["stdlib"]
    places = [stdlib, os.path.join(stdlib, "lib-dynload")]
    suffixes = [".py", *importlib.machinery.EXTENSION_SUFFIXES, ""]
    return any(
        os.path.exists(os.path.join(place, module + suffix))
        for place in places
        for suffix in suffixes
    )


def _look_up(path: str) -> Any:
    """Give the object of an import path; `_MISSING` when it is not there."""
    import builtins

    first, *rest = path.split(".")
    found: Any = getattr(builtins, first, _MISSING)
    if found is _MISSING:
        if not _standard(first):
            return _MISSING
        found = _module(first)
    place = first
    for part in rest:
        if found is _MISSING:
            return _MISSING
        place = f"{place}.{part}"
        inner = getattr(found, part, _MISSING)
        is_package = inner is _MISSING and hasattr(found, "__path__")
        found = _module(place) if is_package else inner
    return found


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        return _MISSING


def _takes(function: Any, word: str) -> bool:
    """Say whether a function takes a keyword; without a signature its own documentation tells."""
    try:
        parameters = inspect.signature(function).parameters
    except (ValueError, TypeError):
        text = getattr(function, "__doc__", None) or ""
        return re.search(rf"\b{re.escape(word)}\s*=", text.partition("\n\n")[0]) is not None
    return word in parameters
