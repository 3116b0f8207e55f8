"""Import modules one by one and say which fail; runs in the check's interpreter.

Stdlib only, for CPython 3.6 and later. Usage: `python imports.py NAME...`.
"""

import importlib
import sys
import traceback
from pathlib import Path
from typing import List


def say(words: str) -> None:
    """Write one line at once, in order with what the modules print."""
    sys.stdout.write("== " + words + "\n")
    sys.stdout.flush()


def main(names: List[str]) -> int:
    """Import each module; print the traceback of each that fails and give their number."""
    own = Path(__file__).resolve().parent
    sys.path[:] = [item for item in sys.path if Path(item or ".").resolve() != own]
    failed = 0
    for name in names:
        try:
            importlib.import_module(name)
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - a module may raise SystemExit when imported
            failed += 1
            say("cannot import " + name)
            sys.stdout.write(traceback.format_exc())
        else:
            say("imported " + name)
    return min(failed, 100)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
