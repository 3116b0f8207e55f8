"""Which submodules of a package come along when one of its modules is imported.

`import urllib.request` alone lets a program say `urllib.error.URLError`: many programs rely on it.
"""

import json
import os
import sys

_SECONDS = 20


def came(name):
    """The public submodules of a module's own package that are there after importing it alone."""
    __import__(name)
    top = name.partition(".")[0]
    found = []
    for other in list(sys.modules):
        parts = other.split(".")
        if parts[0] != top or name == other or name.startswith(other + "."):
            continue
        if any(part.startswith("_") for part in parts) or sys.modules[other] is None:
            continue
        owner = sys.modules.get(other.rpartition(".")[0])
        if getattr(owner, parts[-1], None) is not None:
            found.append(other)
    return sorted(found)


def apart(name):
    """The answer of a child: what is imported there stays there."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        silence = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(silence, number)
        try:
            import signal

            signal.alarm(_SECONDS)
            text = json.dumps(came(name))
        except BaseException:
            text = "null"
        os.write(writing, text.encode()[:60000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text or "null")


def answer(request):
    """Ask about each module; None for one that cannot be imported here."""
    return {name: apart(name) for name in request["modules"]}
