"""Import every module of some packages; print as JSON what fails for want of a newer CPython."""

import contextlib
import importlib
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


def stdlib(path):
    """Return whether a file belongs to the standard library."""
    return path.startswith(os.path.dirname(os.__file__)) and "site-packages" not in path


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


STDLIB = {name for _, name, _ in pkgutil.iter_modules([os.path.dirname(os.__file__)])}
STDLIB |= set(sys.builtin_module_names) | {"tomllib", "zoneinfo", "graphlib"}


def main(folder, packages):
    """Return module -> error."""
    found = {}
    sys.path.insert(0, folder)
    for package in packages:
        names = [package]
        place = os.path.join(folder, package)
        for item in pkgutil.walk_packages([place], package + ".", onerror=lambda _name: None):
            names.append(item.name)
        for name in names:
            if name.rpartition(".")[2] == "__main__":
                continue
            try:
                importlib.import_module(name)
            except BaseException as error:
                if wanting(error):
                    last = traceback.extract_tb(error.__traceback__)[-1]
                    place = getattr(error, "filename", None) or last.filename
                    if place.startswith(folder) or isinstance(error, (AttributeError, ImportError)):
                        found[name] = "%s: %s" % (type(error).__name__, error)
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        answer = main(sys.argv[1], sys.argv[2:])
    json.dump(answer, sys.stdout)
