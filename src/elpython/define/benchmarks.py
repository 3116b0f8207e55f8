"""The table of benchmarks: what performance changes make faster, and what is only held level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from elpython.core.errors import BadBranchError
from elpython.core.toml import Reader, read_toml

if TYPE_CHECKING:
    from pathlib import Path

    from elpython.define.branch import Branch

__all__ = ["LEVEL", "Benchmark", "read_benchmarks"]

# What a benchmark may take that no change of the branch makes faster: counts of instructions repeat
# to a thousandth, so that two hundredths are a real loss.
LEVEL = 1.02
LOOPS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Benchmark:
    """One benchmark.

    Attributes:
        name: what it measures.
        setup: Python source that runs once.
        code: Python source that runs again and again.
        change: id of the change that makes it faster; empty for those that are only held level.
        bound: what a branch with the change may take, as a share of its base's instructions.
        loops: how many loops are counted; few for what takes millions of instructions.
    """

    name: str
    setup: str
    code: str
    change: str = ""
    bound: float = LEVEL
    loops: int = LOOPS

    def bound_on(self, branch: Branch) -> float:
        """Return the bound that holds on a branch."""
        carried = self.change and any(change.id == self.change for change in branch.series)
        return self.bound if carried else LEVEL


def read_benchmarks(folder: Path) -> tuple[Benchmark, ...]:
    """Read `benchmarks.toml` of the `branches` folder.

    Raises:
        BadBranchError: the file has problems, all of them named.
    """
    problems: list[str] = []
    name = f"{folder.name}/benchmarks.toml"
    table = read_toml(folder / "benchmarks.toml", problems, name=name)
    reader = Reader(table, problems, file=name)
    found: list[Benchmark] = []
    for row in reader.tables("benchmark", need=not problems):
        item = Benchmark(
            name=row.text("name"),
            setup=row.text("setup", ""),
            code=row.text("code"),
            change=row.text("change", ""),
            bound=row.fraction("bound", LEVEL),
            loops=row.number("loops", LOOPS),
        )
        for key, source in (("setup", item.setup), ("code", item.code)):
            try:
                compile(source, key, "exec")
            except SyntaxError as error:
                row.problem(key, f"is not Python: {error.msg}, line {error.lineno}")
        if item.loops < 1:
            row.problem("loops", "is at least 1")
        if any(other.name == item.name for other in found):
            row.problem("name", f"{item.name!r} is there twice")
        if not item.change and item.bound != LEVEL:
            row.problem("bound", "goes with a change")
        row.done()
        found.append(item)
    reader.done()
    if problems:
        raise BadBranchError(f"{len(problems)} problem(s) in {name}", details=tuple(problems))
    return tuple(found)
