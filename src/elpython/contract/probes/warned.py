"""Which warnings importing and using the standard library gives."""

import gc
import importlib
import io
import os
import sys
import warnings
from typing import Any, List


def text(item: Any) -> str:
    """A warning as category and message, without what differs from run to run."""
    message = str(item.message).replace(sys.prefix, "{prefix}")
    return "{}: {}".format(item.category.__name__, message.split(" object at 0x")[0])


def importing(name: str) -> List[str]:
    """Import one module and return its warnings; a failure counts as one."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            importlib.import_module(name)
        except BaseException as error:
            return ["fails: {}".format(type(error).__name__)]
    return sorted({text(item) for item in caught})


def running(path: str) -> List[str]:
    """Run one sample and return its warnings; a failure counts as one."""
    with open(path, encoding="utf-8") as stream:
        source = stream.read()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(source, "<sample>", "exec"), {"__name__": "__main__"})
        except Exception as error:
            return sorted({text(item) for item in caught} | {"fails: {!r}".format(error)})
        # What is forgotten warns when it is collected: here, not in the sample behind this one.
        gc.collect()
    return sorted({text(item) for item in caught})


def answer(request: Any) -> Any:
    """Import the modules one after the other, then run the samples."""
    found = {}  # type: Dict[str, List[str]]
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    os.environ.setdefault("DISPLAY", "")
    try:
        for name in request["modules"]:
            found["import." + name] = importing(name)
        for name, path in sorted(request["samples"].items()):
            found["sample." + name] = running(path)
    finally:
        sys.stdout, sys.stderr = kept
    return found
