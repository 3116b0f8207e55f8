"""Find operations of the standard library that grow faster than their input.

    python -m bench.scaling PYTHON_OR_BRANCH... [--only NAME] [--json FILE]

Each operation of bench/data/scaling.toml is timed at n, 2n, 4n and 8n on every interpreter; how it
grows is the power of n that fits. One that seems to grow by more than `STEEP` at every step is
measured again, since a busy machine shows such curves too. Exit code 1 if one is left for which
the file has no reason.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from elpython.core.errors import BadBranchError
from elpython.core.toml import Reader, read_toml

__all__ = ["Operation", "power", "read_operations", "steep"]

_HERE = Path(__file__).parent
_TABLE = _HERE / "data" / "scaling.toml"
_PROBE = _HERE / "probes" / "scaling_operations.py"
# The power of n above which an operation is reported, and the one that no step may stay below:
# sorting and what leaves a cache of the processor stay under them.
STEEP = 1.5
STEP = 1.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        name: what it does.
        size: the smallest n.
        prepare: Python expression of `n`: what is prepared, unmeasured.
        run: Python expression of `given`, what was prepared.
        reason: why it grows faster than its input; empty where it must not.
    """

    name: str
    size: int
    prepare: str
    run: str
    reason: str = ""


def read_operations(path: Path = _TABLE) -> tuple[list[str], list[Operation]]:
    """Read the modules to import and the operations.

    Raises:
        BadBranchError: the file has problems, all of them named.
    """
    problems: list[str] = []
    reader = Reader(read_toml(path, problems, name=path.name), problems, file=path.name)
    modules = list(reader.words("modules"))
    found: list[Operation] = []
    for row in reader.tables("operation", need=True):
        item = Operation(
            name=row.text("name"),
            size=row.number("size"),
            prepare=row.text("prepare"),
            run=row.text("run"),
            reason=row.text("reason", ""),
        )
        row.done()
        for key, code in (("prepare", item.prepare), ("run", item.run)):
            try:
                compile(code, key, "eval")
            except SyntaxError as error:
                row.problem(key, f"is no expression: {error.msg}")
        if any(other.name == item.name for other in found):
            row.problem("name", f"{item.name!r} is there twice")
        found.append(item)
    reader.done()
    if problems:
        raise BadBranchError(f"{len(problems)} problem(s)", details=tuple(problems))
    return modules, found


def power(seconds: list[float]) -> float:
    """Return the power of n by which times at n, 2n, 4n ... grow; 0 for fewer than two."""
    if len(seconds) < 2 or min(seconds) <= 0:
        return 0.0
    return math.log2(seconds[-1] / seconds[0]) / (len(seconds) - 1)


def steep(seconds: list[float]) -> bool:
    """Return whether times at n, 2n, 4n ... grow faster than their input, at every step."""
    steps = [seconds[n : n + 2] for n in range(len(seconds) - 1)]
    return power(seconds) >= STEEP and all(power(step) >= STEP for step in steps)


def measure(
    python: str, modules: list[str], operations: list[Operation], start: float
) -> dict[str, dict[str, object]]:
    """Return what the probe prints of each operation, by name."""
    asked = {
        "start": start,
        "limit": 4.0,
        "modules": modules,
        "operations": [asdict(item) for item in operations],
    }
    words = [python, "-I", str(_PROBE)]
    done = subprocess.run(
        words, check=False, input=json.dumps(asked), stdout=subprocess.PIPE, text=True
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode or len(lines) < len(operations):
        raise SystemExit(f"{python}: the measurement ended early, exit code {done.returncode}")
    return {str(line["name"]): line for line in lines}


def _times(line: dict[str, object]) -> list[float]:
    found = line.get("seconds", [])
    return [float(value) for value in found] if isinstance(found, list) else []


def sweep(
    python: str, modules: list[str], operations: list[Operation]
) -> dict[str, dict[str, object]]:
    """Measure all operations of an interpreter, and those that look steep again, more slowly."""
    found = measure(python, modules, operations, 0.002)
    again = [item for item in operations if steep(_times(found[item.name]))]
    return found | (measure(python, modules, again, 0.008) if again else {})


def _interpreter(name: str) -> str:
    """Return the interpreter of a path or of a branch, which is built if it is not yet."""
    if Path(name).is_file():
        return name
    words = [sys.executable, "-m", "elpython", "build", name, "--json"]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return str(json.loads(done.stdout)["build"]["python"])


def main(arguments: list[str] | None = None) -> int:
    """Measure, print what grows too fast, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pythons", nargs="+", metavar="PYTHON_OR_BRANCH")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all times")
    asked = parser.parse_args(arguments)
    modules, operations = read_operations()
    unknown = set(asked.only) - {item.name for item in operations}
    if unknown:
        parser.error(f"no such operation: {', '.join(sorted(unknown))}")
    operations = [item for item in operations if not asked.only or item.name in asked.only]
    kept: dict[str, dict[str, dict[str, object]]] = {}
    bad = 0
    for name in asked.pythons:
        found = kept[name] = sweep(_interpreter(name), modules, operations)
        flagged = [item for item in operations if steep(_times(found[item.name]))]
        print(f"{name}: {len(operations)} operations, {len(flagged)} grow faster than their input")
        for item in flagged:
            bad += not item.reason
            how = power(_times(found[item.name]))
            print(f"  n^{how:.2f}  {item.name}: {item.reason or 'NO REASON'}")
        for item in operations:
            if "skipped" in found[item.name]:
                print(f"  not measured  {item.name}: {found[item.name]['skipped']}")
    if asked.json:
        asked.json.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
