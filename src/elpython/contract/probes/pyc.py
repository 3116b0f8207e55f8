"""Load byte code that another interpreter wrote, and say whether it was taken as it is."""

import importlib.machinery
import importlib.util
import os
import sys
from typing import Any, Dict, List


def loaded(source: str) -> str:
    """Load a module's code by its source path; return what went wrong, or nothing."""
    cached = importlib.util.cache_from_source(source)
    if not os.path.exists(cached):
        return "is not looked for under the name that it was written as"
    before = os.stat(cached)
    loader = importlib.machinery.SourceFileLoader("probe", source)
    loader.get_code("probe")
    after = os.stat(cached)
    if (before.st_ino, before.st_mtime_ns) != (after.st_ino, after.st_mtime_ns):
        return "was written anew"
    return ""


def rejected(path: str) -> str:
    """Load byte code without its source; return what went wrong, or nothing."""
    loader = importlib.machinery.SourcelessFileLoader("probe", path)
    try:
        loader.get_code("probe")
    except (ImportError, EOFError, ValueError, TypeError) as error:
        return "is refused: {}".format(error)
    return ""


def answer(request: Any) -> Any:
    """Try every module of a folder with its source, then the sourceless package."""
    sys.dont_write_bytecode = False
    bad: Dict[str, str] = {}
    names: List[str] = request["modules"]
    for name in names:
        try:
            fault = loaded(os.path.join(request["folder"], name))
        except (ImportError, SyntaxError, ValueError, TypeError, EOFError) as error:
            fault = "cannot be loaded: {}".format(error)
        if fault:
            bad[name] = fault
    for name in request["sourceless"]:
        fault = rejected(os.path.join(request["folder"], name))
        if fault:
            bad[name] = fault
    sys.dont_write_bytecode = True
    sys.path.insert(0, request["package"])
    result = None
    try:
        import elpython_sample

        result = elpython_sample.answers()
    except Exception as error:
        bad["elpython_sample"] = "cannot be imported without its source: {!r}".format(error)
    return {"bad": bad, "result": result}
