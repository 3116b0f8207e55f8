"""Runs probes, for the tests and bench/coverage.py: stand-alone, on any Python from 3.6 on.

Reads JSON from standard input: ``version`` (or null: without minpython), ``enable`` (behaviours
switched on by name, those that weaken security included), ``packages`` (who sees it; everything is
restored before the probes), ``undo`` (restore everything and take it back before the probes),
``probes``: pairs of a key and code.
Writes JSON: key -> null, or what went wrong; and under ``failed`` what could not be restored.

Probes run in forks: what they change is gone afterwards. Those that only read a name share one.
"""

import ast
import contextlib
import gc
import importlib
import json
import os
import re
import signal
import sys
import warnings

LIMIT = 10
READS = re.compile(r"import [\w.]+(\n[\w.]+)?\Z")
HEAVY = (
    "asyncio", "unittest.mock", "importlib.metadata", "importlib.resources", "urllib.request",
    "xml.etree.ElementTree", "http.client", "multiprocessing.pool", "sqlite3", "ssl", "pydoc",
    "email.utils", "tarfile", "zipfile", "platform", "typing", "decimal", "imaplib", "configparser",
)  # fmt: skip


def restore_all():
    """Import the target of every behaviour that some code sees, and ask each for what is gone."""
    from minpython._index import TARGETED

    for target in TARGETED:
        with contextlib.suppress(ImportError, AttributeError):
            vars(importlib.import_module(target)).get("__getattr__", str)("what_no_module_has")


def start(asked):
    """Set the version and switch behaviours on; return what failed so far, a live dictionary."""
    if asked["version"] is None:
        return {}
    import minpython

    minpython.start_up()
    if asked.get("packages"):
        sys.set_min_python_version(tuple(asked["version"]), packages=asked["packages"])
        restore_all()
        return __import__("minpython.engine.journal").engine.journal.failed
    if asked.get("undo"):
        with minpython.min_version(tuple(asked["version"])):
            restore_all()
        return {}
    sys.set_min_python_version(tuple(asked["version"]), packages=["*"])
    for name in asked["enable"]:
        minpython.enable(name, allow_insecure=True)
    from minpython.engine import journal

    return journal.failed


def attempt(code):
    """Run one probe; return None or what went wrong."""
    signal.alarm(LIMIT)
    names = {"__name__": "probe_main", "__builtins__": __builtins__}
    try:
        exec(compile(code, "<probe>", "exec"), names)
    except BaseException as error:
        return ("%s: %s" % (type(error).__name__, error))[:400]
    return None


def run(codes):
    """Run probes one after the other in a fork; return for each None or what went wrong."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        silent = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(silent, number)
        warnings.simplefilter("ignore")
        with os.fdopen(writing, "w", encoding="utf-8", errors="replace") as told:
            for code in codes:
                print(repr(attempt(code)), file=told, flush=True)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "r", encoding="utf-8", errors="replace") as told:
        answers = [ast.literal_eval(line) for line in told]
    status = os.waitpid(child, 0)[1]
    return answers + ["died with status %d" % status] * (len(codes) - len(answers))


def batches(probes):
    """Yield lists of probes: many that only read a name together, others alone."""
    reading = [probe for probe in probes if READS.match(probe[1])]
    for at in range(0, len(reading), 40):
        yield reading[at : at + 40]
    for probe in probes:
        if not READS.match(probe[1]):
            yield [probe]


def main():
    """Answer one request."""
    sys.path[:] = [
        entry for entry in sys.path if os.path.abspath(entry) != os.path.dirname(__file__)
    ]
    asked = json.load(sys.stdin)
    sys.path[:0] = asked.get("path", [])
    warnings.simplefilter("ignore")
    failed = start(asked)
    for name in HEAVY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    gc.freeze()
    answers = {}
    for batch in batches(asked["probes"]):
        told = run([code for _key, code in batch])
        answers.update(zip([key for key, _code in batch], told))
    json.dump({"answers": answers, "failed": failed}, sys.stdout)


if __name__ == "__main__":
    main()
