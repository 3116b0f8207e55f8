"""Import extension modules from a folder and exercise them."""

import importlib
import sys
from typing import Any


def answer(request: Any) -> Any:
    """Return each module's results as text, or what went wrong."""
    sys.path.insert(0, request["folder"])
    results = {}  # type: Dict[str, str]
    for name in request["modules"]:
        try:
            module = importlib.import_module(name)
            results[name] = repr(module.exercise())
            if name == "el_structs":
                made = module.Fields()
                made.number, made.any = 41, [made]
                results[name] += repr([made + made, hash(made), made == module.Fields(), made.real])
        except Exception as error:
            results[name] = "{}: {}".format(type(error).__name__, error)
    return results
