"""What private names stand for, as far as callers can tell: `{"names": ["typing._Final"]}`."""

import importlib
import inspect
import sys
import types
import warnings


def found(dotted):
    """The thing of a dotted name; raises where there is none."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            thing = getattr(thing, part)
        return thing
    raise ImportError(dotted)


def told(thing):
    """Kind, type and parameters."""
    if inspect.isclass(thing) or isinstance(thing, types.ModuleType):
        return {"kind": "value", "type": "class" if inspect.isclass(thing) else "module"}
    if not inspect.isroutine(thing):
        return {"kind": "value", "type": type(thing).__name__}
    try:
        parameters = inspect.signature(thing).parameters.values()
    except Exception:
        return {"kind": "function", "parameters": None}
    empty = inspect.Parameter.empty
    # A default's own value is nobody's promise here; that there is one decides about calls.
    listed = [[p.name, int(p.kind), None if p.default is empty else "..."] for p in parameters]
    return {"kind": "function", "parameters": listed}


def answer(request):
    """Return what each name is; those that are not there are left out."""
    warnings.simplefilter("ignore")
    known = getattr(sys, "stdlib_module_names", None)
    table = {}
    for name in request["names"]:
        if known is not None and name.partition(".")[0] not in known:
            continue
        try:
            table[name] = told(found(name))
        except BaseException:
            continue
    return table
