"""Compile and import every module of some folders; print what fails for want of a newer CPython.

With `--absent NAMES` say instead which names of the standard library this interpreter lacks.
"""

import contextlib
import importlib
import inspect
import io
import json
import os
import pkgutil
import sys
import traceback
import warnings

WANT = (
    "is not subscriptable", "unsupported operand type(s) for |", "unexpected keyword argument",
    "has no attribute", "cannot import name", "No module named", "invalid syntax",
)  # fmt: skip
STDLIB = {name for _, name, _ in pkgutil.iter_modules([os.path.dirname(os.__file__)])}
STDLIB |= set(sys.builtin_module_names) | {"tomllib", "zoneinfo", "graphlib"}


def wanting(error):
    """Return whether an error is the standard library's or the grammar's, not another package's."""
    if isinstance(error, SyntaxError):
        return True
    text = str(error)
    if isinstance(error, ImportError):
        name = (getattr(error, "name", "") or "").partition(".")[0]
        return name in STDLIB
    if isinstance(error, AttributeError):
        return any("module '%s" % name in text for name in STDLIB)
    return isinstance(error, TypeError) and any(part in text for part in WANT)


def modules(folder, packages):
    """Yield the import path and file of every module, in folders without `__init__.py` too."""
    for package in packages:
        for place, below, files in os.walk(os.path.join(folder, package)):
            below.sort()
            for file in sorted(files):
                if file.endswith(".py"):
                    path = os.path.join(place, file)
                    name = os.path.relpath(path, folder)[:-3].replace(os.sep, ".")
                    yield (name[:-9] if name.endswith(".__init__") else name), path


def fails(name, path, folder):
    """Return the error of compiling or importing a module; None for none."""
    try:
        with open(path, "rb") as stream:
            compile(stream.read(), path, "exec", dont_inherit=True)
        if name.rpartition(".")[2] != "__main__":
            importlib.import_module(name)
    except BaseException as error:
        if not wanting(error):
            return None
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = getattr(error, "filename", None) or last.filename
        if place.startswith(folder) or isinstance(error, (AttributeError, ImportError)):
            return "%s: %s" % (type(error).__name__, error)
    return None


def main(folder, packages):
    """Return module -> error."""
    sys.path.insert(0, folder)
    found = {name: fails(name, path, folder) for name, path in modules(folder, packages)}
    return {name: error for name, error in found.items() if error}


def find(path):
    """Return the object at an import path, of a module or built in."""
    parts = path.split(".")
    for end in range(len(parts), -1, -1):
        try:
            thing = importlib.import_module(".".join(parts[:end]) if end else "builtins")
        except ImportError:
            continue
        for part in parts[end:]:
            thing = getattr(thing, part)
        return thing
    raise AttributeError(path)


def absent(name):
    """Return whether a name, a parameter, a generic or a call is not to be had here."""
    path, bracket, rest = name.partition("(")
    try:
        if name == "types.UnionType":
            int | None
        elif name.endswith("[...]"):
            find(name[:-5])[int]
        elif rest.endswith("=)"):
            return rest[:-2] not in inspect.signature(find(path)).parameters
        elif bracket:
            inspect.signature(find(path)).bind(*[ValueError()] * len(rest.split(",")))
        else:
            find(path)
    except (AttributeError, TypeError, ValueError):
        return True
    return False


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        if sys.argv[1] == "--absent":
            answer = {name: absent(name) for name in sys.argv[2:]}
        else:
            answer = main(sys.argv[1], sys.argv[2:])
    json.dump(answer, sys.stdout)
