"""How fast a branch is against its base, by instructions: benchmark by benchmark.

Instructions are counted by callgrind, which answers alike on a busy machine and on a quiet one.
What a loop costs is the difference of two runs that differ only in how often they loop, so that
start-up and imports fall away. Caches, branch prediction and the work of the system are not seen.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError, ProgramFailedError
from elpython.core.process import clean_env, require, run
from elpython.core.store import write_atomic
from elpython.core.strict_json import load_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from elpython.define.benchmarks import Benchmark
    from elpython.define.branch import Branch

__all__ = ["Speed", "instructions", "measure", "read_speed", "record_speed"]

# Loops before what is counted, as a share of them: caches are full by then.
_WARM = 5
_LIMIT = 300.0
_COLLECTED = re.compile(r"Collected : (\d+)")
# The pattern is compiled once per loop body: a warm run first fills every cache.
_PROGRAM = """
import gc
{setup}
def elpython_loop(n):
    for _ in range(n):
{code}
elpython_loop({warm})
gc.collect()
gc.disable()
elpython_loop({loops})
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """What a benchmark took on base and branch.

    Attributes:
        name: the benchmark's.
        change: id of the change that makes it faster; empty where none of the branch does.
        base: instructions a loop on the bare base.
        branch: the same on the branch.
        bound: the largest ratio that is good.
        measured: the day, `2026-11-30`; empty before it is recorded.
    """

    name: str
    change: str
    base: int
    branch: int
    bound: float
    measured: str = ""

    @property
    def ratio(self) -> float:
        """What the branch takes, as a share of the base."""
        return self.branch / self.base if self.base else float("inf")

    @property
    def good(self) -> bool:
        """Whether the bound holds."""
        return self.ratio <= self.bound


def _few(benchmark: Benchmark) -> int:
    return max(2, benchmark.loops // _WARM)


def _once(python: Path, benchmark: Benchmark, loops: int) -> int:
    code = "\n".join(f"        {line}" for line in benchmark.code.strip().splitlines())
    program = _PROGRAM.format(
        setup=benchmark.setup.strip(), code=code, warm=_few(benchmark), loops=loops
    )
    words = [require("valgrind"), "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    env = clean_env({"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"})
    done = run([*words, python, "-s", "-c", program], env=env, check=False, timeout=_LIMIT)
    found = _COLLECTED.search(done.stderr)
    if done.returncode or found is None:
        lines = [line for line in done.stderr.splitlines() if not line.startswith("==")]
        raise ProgramFailedError(
            f"the benchmark {benchmark.name!r} failed",
            where=str(python),
            details=tuple(lines[-5:]),
        )
    return int(found[1])


def instructions(python: Path, benchmark: Benchmark) -> int:
    """Return how many instructions a loop of a benchmark takes.

    Args:
        python: the interpreter.
        benchmark: what is measured.

    Raises:
        MissingProgramError: valgrind is not installed.
        ProgramFailedError: the benchmark failed.
    """
    start = _few(benchmark)
    few, many = (_once(python, benchmark, start + more) for more in (0, benchmark.loops))
    return (many - few) // benchmark.loops


def measure(benchmark: Benchmark, branch: Branch, *, base: Path, mine: Path) -> Speed:
    """Measure a benchmark on the bare base and on the branch.

    Args:
        benchmark: what is measured.
        branch: whose bounds hold.
        base: interpreter of the bare base.
        mine: interpreter of the branch, of the same profile.
    """
    bound = benchmark.bound_on(branch)
    return Speed(
        name=benchmark.name,
        change=benchmark.change if any(c.id == benchmark.change for c in branch.series) else "",
        base=instructions(base, benchmark),
        branch=instructions(mine, benchmark),
        bound=bound,
    )


def read_speed(branch: Branch) -> dict[str, Speed]:
    """Return what was recorded of a branch, by benchmark; empty where nothing was.

    Raises:
        BadBranchError: the file is not what `elpython fix test --speed --record` writes.
    """
    path = branch.folder / "speed.json"
    if not path.is_file():
        return {}
    try:
        rows = [Speed(**row) for row in load_json(path.read_text("utf-8"))]
    except (ValueError, TypeError) as error:
        raise BadBranchError(
            f"is no record of speed: {error!r}",
            where=f"branches/{branch.name}/{path.name}",
            todo=f"make it again: elpython fix test {branch.name} --speed --record",
        ) from error
    return {row.name: row for row in rows}


def record_speed(branch: Branch, found: Iterable[Speed]) -> Path:
    """Add measurements to a branch's record; those of other benchmarks stay.

    Returns:
        The file.
    """
    known = read_speed(branch) | {item.name: item for item in found}
    rows = [asdict(known[name]) for name in sorted(known)]
    path = branch.folder / "speed.json"
    text = "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n"
    write_atomic(path, text.encode())
    return path
