"""How many lines a second ``minpython scan`` reads, on trees of real code.

Without arguments it scans the standard library and the installed packages of this interpreter. A
warm-up run fills the disk cache first. On a machine that has other work, lines per second of
processor time tell more than those by the clock.
"""

import argparse
import json
import os
import resource
import sys
import sysconfig
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "runtime" / "src"))

from minpython.scan import files
from minpython.scan.finding import Window

GOAL = 100_000


def processor_seconds() -> float:
    """Return the processor time of this process and of those it waited for."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> int:
    """Scan and print the speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    places = sysconfig.get_paths()
    parser.add_argument("paths", nargs="*", default=[places["stdlib"], places["purelib"]])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    paths = list(dict.fromkeys(files.find(options.paths)))
    for path in paths:
        Path(path).read_bytes()
    window = Window((3, 6), (3, 13))
    clock, processor = time.perf_counter(), processor_seconds()
    scanned = files.scan(paths, window, options.jobs)
    clock, processor = time.perf_counter() - clock, processor_seconds() - processor
    figures = {
        "files": scanned.files,
        "lines": scanned.lines,
        "findings": len(scanned.findings),
        "jobs": options.jobs,
        "seconds": round(clock, 2),
        "processor_seconds": round(processor, 2),
        "lines_per_second": round(scanned.lines / clock),
        "lines_per_processor_second": round(scanned.lines / processor),
        "load": round(os.getloadavg()[0], 1),
        "goal_lines_per_second": GOAL,
    }
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        print("\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in figures.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
