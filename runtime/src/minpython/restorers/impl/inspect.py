"""The functions of ``inspect`` from before signatures."""

from __future__ import annotations

import inspect
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

ArgSpec = namedtuple("ArgSpec", "args varargs keywords defaults")
ArgSpec.__module__ = "inspect"


def getargspec(func: Callable[..., Any]) -> Any:
    """Return the names and defaults of a function's parameters.

    Raises:
        ValueError: it has keyword-only parameters or annotations, which an `ArgSpec` can't tell.
    """
    full = inspect.getfullargspec(func)
    if full.kwonlyargs or full.annotations:
        raise ValueError(
            "Function has keyword-only parameters or annotations, use inspect.signature() API "
            "which can support them"
        )
    return ArgSpec(full.args, full.varargs, full.varkw, full.defaults)


def formatargspec(
    args: Any,
    varargs: str | None = None,
    varkw: str | None = None,
    defaults: Any = None,
    kwonlyargs: Any = (),
    kwonlydefaults: Any = None,
    annotations: Any = None,
    formatarg: Callable[[str], str] = str,
    formatvarargs: Callable[[str], str] = lambda name: "*" + name,
    formatvarkw: Callable[[str], str] = lambda name: "**" + name,
    formatvalue: Callable[[Any], str] = lambda value: "=" + repr(value),
    formatreturns: Callable[[str], str] = lambda text: " -> " + text,
    formatannotation: Callable[[Any], str] = inspect.formatannotation,
) -> str:
    """Return the text of a parameter list, from what ``getfullargspec`` returns."""
    notes = annotations or {}

    def told(name: str) -> str:
        text = formatarg(name)
        return f"{text}: {formatannotation(notes[name])}" if name in notes else text

    first_default = len(args) - len(defaults or ())
    parts = [
        told(name) + (formatvalue(defaults[at - first_default]) if at >= first_default else "")
        for at, name in enumerate(args)
    ]
    if varargs is not None:
        parts.append(formatvarargs(told(varargs)))
    elif kwonlyargs:
        parts.append("*")
    for name in kwonlyargs:
        known = kwonlydefaults and name in kwonlydefaults
        parts.append(told(name) + (formatvalue(kwonlydefaults[name]) if known else ""))
    if varkw is not None:
        parts.append(formatvarkw(told(varkw)))
    text = "(" + ", ".join(parts) + ")"
    return text + formatreturns(formatannotation(notes["return"])) if "return" in notes else text


def _from_callable(cls: Any, func: Callable[..., Any]) -> Any:
    """Return the signature of a function; an older name of ``from_callable``."""
    return cls.from_callable(func)


FROM_CALLABLE = classmethod(_from_callable)
