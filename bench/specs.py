"""Convert a folder of spec files and see whether RPM still reads them, for both stacks.

    python bench/specs.py FOLDER [--json] [--keep FOLDER]

Prints how many convert, how many rules refused (with file, line and reason), and how many the
program rpmspec read before and after, with the old stack as default, with the new one, and alone.
Exit code 1 when a file that was read before is not read after.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from elpython.stacks.errors import BadSpecError
from elpython.stacks.macros import MacroStack, fedora_names, render
from elpython.stacks.rpmtool import parse_problem
from elpython.stacks.spec.convert import convert
from elpython.stacks.spec.files import convert_file, read_text, write_spec
from elpython.stacks.spec.model import read_spec

OLD = MacroStack(version="3.11", pkgversion="311", interpreter="/usr/bin/python3.11")
NEW = MacroStack(version="3.13", pkgversion="313", interpreter="/usr/bin/python3.13")
STACKS = {"3.11 and 3.13": (OLD, NEW), "3.13 and 3.11": (NEW, OLD), "3.11 alone": (OLD, None)}


@dataclass(kw_only=True)
class Outcome:
    """What one file gave."""

    name: str
    kind: str = ""
    refusals: list[str] = field(default_factory=list)
    undecided: int = 0
    spanning: bool = False
    idempotent: bool = True
    before: dict[str, str | None] = field(default_factory=dict)
    after: dict[str, str | None] = field(default_factory=dict)

    @property
    def regressions(self) -> list[str]:
        """Where it was read before and is not any more."""
        return [key for key, problem in self.after.items() if problem and not self.before[key]]


def spans(path: Path) -> bool:
    """Return whether an `%if` begins in one section of a file and ends in another."""
    spec = read_spec(read_text(path))
    opened: list[int] = []
    for number, section in enumerate(spec.sections):
        for line in spec.lines[section.start : section.stop]:
            if line.conditional == "if":
                opened.append(number)
            elif line.conditional == "endif" and opened and opened.pop() != number:
                return True
    return False


def convert_one(path: Path, kept: Path) -> Outcome:
    """Convert one file, twice, and keep the result."""
    outcome = Outcome(name=path.name, spanning=spans(path))
    try:
        result = convert_file(path)
    except BadSpecError as error:
        outcome.refusals.append(str(error))
        return outcome
    conversion = result.conversion
    outcome.kind = conversion.kind.value
    outcome.undecided = len(conversion.undecided)
    outcome.refusals = [
        f"{path.name}:{answer.lines[0]}: {answer.rule}: {answer.reason}"
        for answer in conversion.refusals
    ]
    if not outcome.refusals:
        outcome.idempotent = convert(conversion.text).text == conversion.text
        write_spec(kept / path.name, conversion.text)
    return outcome


def parse_one(outcome: Outcome, source: Path, kept: Path, macros: dict[str, list[Path]]) -> None:
    """Let rpmspec read a file before and after, for each arrangement of stacks."""
    for key, files in macros.items():
        outcome.before[key] = parse_problem(source / outcome.name, files)
        if not outcome.refusals:
            outcome.after[key] = parse_problem(kept / outcome.name, files)


def measure(source: Path, kept: Path) -> tuple[list[Outcome], float]:
    """Convert and read every file; return the outcomes and the seconds that converting took."""
    macros: dict[str, list[Path]] = {}
    for index, (key, (default, other)) in enumerate(STACKS.items()):
        path = kept / f".macros-{index}"
        path.write_text(render(default, other) + fedora_names(), "utf-8")
        macros[key] = [path]
    started = time.monotonic()
    outcomes = [convert_one(path, kept) for path in sorted(source.glob("*.spec"))]
    seconds = time.monotonic() - started
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda item: parse_one(item, source, kept, macros), outcomes))
    return outcomes, seconds


def report(outcomes: list[Outcome], seconds: float) -> None:
    """Print the figures."""
    total = len(outcomes)
    refused = [item for item in outcomes if item.refusals]
    converted = total - len(refused)
    kinds = Counter(item.kind for item in outcomes if not item.refusals)
    print(f"spec files       {total}")
    print(f"%if over sections {sum(item.spanning for item in outcomes)}")
    print(f"converted        {converted} ({converted * 100 / total:.2f} %): {dict(kinds)}")
    print(f"  with marks     {sum(bool(item.undecided) for item in outcomes)}")
    print(f"refused          {len(refused)}")
    print(f"not idempotent   {sum(not item.idempotent for item in outcomes)}")
    for key in STACKS:
        before = sum(item.before[key] is None for item in outcomes)
        after = [item for item in outcomes if key in item.after]
        read = sum(item.after[key] is None for item in after)
        print(f"read by rpmspec  {key}: {before} of {total} before, {read} of {len(after)} after")
    print(f"seconds          {seconds:.1f} to convert each file twice")
    for item in refused:
        print("\n".join(item.refusals))
    for item in outcomes:
        for key in item.regressions:
            print(f"{item.name}: not read any more with {key}: {item.after[key]}")


def main() -> int:
    """Run the figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="where the converted files go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        kept = options.keep or Path(scratch)
        kept.mkdir(parents=True, exist_ok=True)
        outcomes, seconds = measure(options.folder, kept)
    if not outcomes:
        print(f"there is no spec file in {options.folder}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps([asdict(item) for item in outcomes], indent=1))
    else:
        report(outcomes, seconds)
    return 1 if any(item.regressions for item in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
