# -*- coding: utf-8 -*-
"""The program that is started in every way: it tells what it sees of itself, on its output."""

import sys

TEXT = "h\u00e9llo \u20ac \N{SNOWMAN} é"


def here(path):
    """A path without the folder of this run."""
    return path.rpartition("/")[2] if isinstance(path, str) else path


frame = sys._getframe()
seen = {
    "name": __name__,
    "file": here(globals().get("__file__")),
    "package": globals().get("__package__"),
    "spec": getattr(globals().get("__spec__"), "name", None),
    "loader": type(globals().get("__loader__")).__name__,
    "cached": here(globals().get("__cached__")),
    "builtins": type(__builtins__).__name__,
    "doc": (__doc__ or "")[:20],
    "argv": [here(word) for word in sys.argv],
    "orig_argv": [here(word) for word in getattr(sys, "orig_argv", [])][1:-1],
    "path0": here(sys.path[0]) if sys.path else None,
    "paths": len(sys.path),
    "main": sys.modules["__main__"].__dict__ is globals(),
    "code": here(frame.f_code.co_filename),
    "line": frame.f_lineno,
    "names": sorted(name for name in globals() if name.startswith("__")),
    "text": TEXT,
    "annotated": sorted(globals().get("__annotations__", {})),
    "optimized": sys.flags.optimize,
    "site": "site" in sys.modules,
    "interactive": sys.flags.interactive,
    "ps1": getattr(sys, "ps1", None),
}
number: int = 3
assert number or sys.flags.optimize, "never"
seen["lambda"] = (lambda *, a=1: a)()
seen["closed"] = [item for item in range(3)]
for key in sorted(seen):
    sys.stdout.write("{}={!r}\n".format(key, seen[key]))
sys.stdout.flush()
