"""Import a distribution's modules one by one: `python environment.py OUTPUT MODULE...`.

Every result is written at once, so that a crash or a hang costs one module. Runs without isolation,
because path files and environment variables are part of what is tried.
"""

import json
import os
import sys
import warnings


def state():
    """What a program may notice if an import leaves it changed."""
    import gc
    import signal

    return {
        "recursion_limit": sys.getrecursionlimit(),
        "switch_interval": sys.getswitchinterval(),
        "gc": [gc.isenabled(), list(gc.get_threshold())],
        "hooks": [sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__],
        "meta_path": [type(item).__name__ for item in sys.meta_path],
        "sigint": getattr(signal.getsignal(signal.SIGINT), "__name__", "none"),
        "folder": os.getcwd(),
    }


def main():
    """Import each module and write a line of JSON about it."""
    output, modules = sys.argv[1], sys.argv[2:]
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    sys.argv = ["program"]
    with open(output, "a") as stream:
        for name in modules:
            stream.write(json.dumps(["begin", name]) + "\n")
            stream.flush()
            with warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                try:
                    __import__(name)
                    told = "imported"
                except BaseException as error:
                    told = "{}: {}".format(type(error).__name__, str(error).splitlines()[:1])
            words = sorted(
                {"{}: {}".format(w.category.__name__, str(w.message)[:200]) for w in seen}
            )
            stream.write(json.dumps(["end", name, told, words]) + "\n")
            stream.flush()
        stream.write(json.dumps(["state", state()]) + "\n")


if __name__ == "__main__":
    main()
