"""Run one probe: `python ask.py PROBE OUTPUT`, the request as JSON on standard input.

The answer goes to a file, because what the probe imports may print. The file appears whole or not
at all.
"""

import json
import os
import sys


def main() -> None:
    """Load the probe from its file, ask it, write the answer."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    probe, output = sys.argv[1:3]
    request = json.load(sys.stdin)
    # Modules keep their program's name: it is the same from wherever this file is run.
    sys.argv = [os.path.basename(probe)]
    scope = {"__name__": "elpython_probe", "__file__": probe}
    with open(probe, encoding="utf-8") as stream:
        exec(compile(stream.read(), probe, "exec"), scope)
    answer = scope["answer"](request)
    with open(output + ".part", "w", encoding="utf-8") as stream:
        json.dump(answer, stream)
    os.replace(output + ".part", output)


# Programs that multiprocessing spawns import this file again, under another name.
if __name__ == "__main__":
    main()
