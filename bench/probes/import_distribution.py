"""Import every module of one installed distribution; print module -> error, "" for none, as JSON.

    python import_distribution.py FOLDER NAME

Tests, documentation and what the package brings of others are left out, and so is `__main__`.
"""

import importlib
import json
import os
import re
import signal
import sys
import warnings

SECONDS = 40
LEFT_OUT = re.compile(r"_?tests?|testing|test_.*|docs|examples|conftest|_?vendor(ed)?|__main__")


def normal(name):
    """Return a distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def modules(folder, name):
    """Yield the import paths of a distribution's modules, as its RECORD lists them."""
    for entry in sorted(os.listdir(folder)):
        if entry.endswith(".dist-info") and normal(entry.partition("-")[0]) == normal(name):
            with open(os.path.join(folder, entry, "RECORD"), encoding="utf-8") as record:
                for line in record:
                    path = line.rsplit(",", 2)[0].strip('"')
                    parts = path[:-3].split("/")
                    if not path.endswith(".py") or not all(part.isidentifier() for part in parts):
                        continue
                    if not any(LEFT_OUT.fullmatch(part) for part in parts):
                        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


class Late(BaseException):
    """An import takes too long."""


def late(_number, _frame):
    """End an import that hangs."""
    raise Late("no answer in %d s" % SECONDS)


def failure(module):
    """Return why a module is not imported, "" if it is."""
    signal.alarm(SECONDS)
    try:
        importlib.import_module(module)
    except BaseException as error:
        text = error.msg if isinstance(error, SyntaxError) else str(error).split("\n")[0]
        return "%s: %s" % (type(error).__name__, re.sub(r" \(.*", "", text))
    finally:
        signal.alarm(0)
    return ""


def main():
    """Import everything and print what became of it."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, late)
    folder, name = sys.argv[1:]
    answer = os.dup(1)
    os.dup2(2, 1)
    sys.path.insert(0, folder)
    del sys.argv[1:]
    found = {}
    for module in modules(folder, name):
        # What is in a package that fails would fail again, for the same reason.
        found[module] = found.get(module.rpartition(".")[0]) or failure(module)
    with open(answer, "w", encoding="utf-8") as stream:
        json.dump(found, stream)
    os._exit(0)  # whatever threads an import has started


if __name__ == "__main__":
    main()
