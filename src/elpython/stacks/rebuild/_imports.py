"""Import modules one by one and say which fail; runs in the check's interpreter.

Stdlib only, for CPython 3.6 and later. Usage: `python _imports.py NAME...`.
"""

import importlib
import os
import sys
import traceback


def main(names):
    """Import each module; print the traceback of each that fails and give their number."""
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [item for item in sys.path if os.path.abspath(item or ".") != own]
    failed = 0
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed += 1
            print("== cannot import", name, flush=True)
            traceback.print_exc()
        else:
            print("== imported", name, flush=True)
    return min(failed, 100)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
