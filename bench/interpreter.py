"""Compare interpreters on pyperformance, interleaved.

    python -m bench.interpreter A B [C ...] [--suite full|quick] [--rounds N] [--only NAME,NAME]
    python -m bench.interpreter A B --instructions
    python -m bench.interpreter --page FILE.html --from FILE.json

A is the reference; a branch (`3.11`) or its bare base (`3.11@base`) is built with profile quick
where it is not in the store. Every round runs each benchmark on every interpreter in turn, so that
whatever else the machine does meets all of them; a benchmark's figure for one round is its best
value, and the CPU time of its process beside it. Printed are ratios of times to A's: the median
over the rounds with a bootstrap interval of 95%, the geometric mean with its own, and what the
machine's noise is: how much A differs from itself. A busy machine is refused unless `--force`.

`--instructions` counts instead of timing: what valgrind's callgrind counts for two loops, less what
it counts for one. These figures do not depend on what else the machine does; a benchmark that
needs an hour so is left to the clock. `--json FILE` keeps all that was measured.
"""

from __future__ import annotations

import argparse
import datetime as dt
import html
import json
import os
import platform
import random
import statistics
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench.pyperf_suite import LeftOutError, Suite, count_once, load_suite, time_once
from elpython.contract.resolve import resolve
from elpython.core.errors import ElpythonError
from elpython.core.store import Store

QUICK = (
    "asyncio_tcp", "chaos", "deepcopy", "django_template", "float", "go", "json_dumps", "logging",
    "nqueens", "pathlib", "pickle_pure_python", "python_startup", "raytrace", "regex_compile",
    "richards", "typing_runtime_protocols", "unpack_sequence", "xml_etree",
)  # fmt: skip
# What runs in seconds below callgrind, which is some fifty times slower.
COUNTED = (
    "chaos", "deepcopy", "deltablue", "fannkuch", "float", "go", "json_dumps", "nqueens",
    "pickle_pure_python", "raytrace", "regex_v8", "richards", "spectral_norm", "telco",
    "typing_runtime_protocols",
)  # fmt: skip
_RESAMPLED = 2000
_BUSY = 0.5


@dataclass(slots=True)
class Measured:
    """All that a run measured.

    Attributes:
        pythons: the interpreters, the reference first.
        unit: `seconds` or `instructions`.
        date: the day of the run.
        machine: platform, number of CPUs and load when it began.
        rounds: benchmark -> rounds -> one value for each interpreter.
        cpu: the same in CPU seconds of whole processes; only scripts with a single benchmark.
        left_out: benchmark -> why.
    """

    pythons: list[str]
    unit: str
    date: str
    machine: str
    rounds: dict[str, list[list[float]]] = field(default_factory=dict)
    cpu: dict[str, list[list[float]]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A median with the bounds of its bootstrap interval."""

    middle: float
    low: float
    high: float


def measure(suite: Suite, names: list[str], rounds: int, into: Measured) -> None:
    """Time the benchmarks; what one interpreter cannot run is left out with its reason."""
    for name in names:
        benchmark = suite.benchmarks[name]
        try:
            first = time_once(suite, into.pythons[0], benchmark, None)
            single = len(first.best) == 1
            for _ in range(rounds):
                loops = first.loops if single else None
                runs = [time_once(suite, python, benchmark, loops) for python in into.pythons]
                for key in runs[0].best:
                    into.rounds.setdefault(key, []).append([run.best[key] for run in runs])
                if single:
                    into.cpu.setdefault(name, []).append([run.cpu for run in runs])
        except (LeftOutError, ValueError, KeyError, OSError) as error:
            into.left_out[name] = str(error)
        print(f"  {name}: {into.left_out.get(name, 'done')}", file=sys.stderr)


def count(suite: Suite, names: list[str], into: Measured) -> None:
    """Count the instructions of one loop of each benchmark."""
    for name in names:
        benchmark = suite.benchmarks[name]
        try:
            counted = [
                float(
                    count_once(suite, python, benchmark, 2)
                    - count_once(suite, python, benchmark, 1)
                )
                for python in into.pythons
            ]
        except (LeftOutError, OSError, StopIteration) as error:
            into.left_out[name] = str(error)
        else:
            into.rounds[name] = [counted]
        print(f"  {name}: {into.left_out.get(name, 'done')}", file=sys.stderr)


def interval(values: list[list[float]], seed: int = 1) -> Ratio:
    """Return the geometric mean of medians over rounds, with its bootstrap interval of 95%.

    Args:
        values: ratios, a list of rounds for each benchmark; one benchmark is a list of one.
        seed: of the resampling, so that a page can be made again.
    """
    chance = random.Random(seed)  # noqa: S311 - statistics, no secret

    def mean(of: list[list[float]]) -> float:
        return statistics.geometric_mean(statistics.median(item) for item in of)

    means = sorted(
        mean([chance.choices(item, k=len(item)) for item in values]) for _ in range(_RESAMPLED)
    )
    cut = _RESAMPLED // 40
    return Ratio(mean(values), means[cut], means[-1 - cut])


def ratios(found: dict[str, list[list[float]]], index: int) -> dict[str, list[float]]:
    """Return each benchmark's ratios to the reference, one for each round."""
    return {name: [one[index] / one[0] for one in rounds] for name, rounds in found.items()}


def noise(measured: Measured) -> float:
    """Return how far the reference's rounds lie from their median, the median over benchmarks."""
    spread = []
    for rounds in measured.rounds.values():
        own = [one[0] for one in rounds]
        middle = statistics.median(own)
        spread.append(statistics.median(abs(value - middle) / middle for value in own))
    return statistics.median(spread) if spread else 0.0


def report(measured: Measured) -> None:
    """Print the ratios and their geometric means, and what was not measured."""
    print(f"{measured.date}, {measured.machine}; {measured.unit}")
    print("reference:", measured.pythons[0])
    for index, python in enumerate(measured.pythons[1:], 1):
        print(f"\n{python}\n{'benchmark':34} {'ratio':>7} {'95% interval':>15} {'CPU':>7}")
        of, cpu = ratios(measured.rounds, index), ratios(measured.cpu, index)
        for name, values in sorted(of.items(), key=lambda item: statistics.median(item[1])):
            one = interval([values])
            used = f"{statistics.median(cpu[name]):7.3f}" if name in cpu else ""
            print(f"{name:34} {one.middle:7.3f} {one.low:7.3f} {one.high:7.3f} {used}")
        if of:
            whole = interval(list(of.values()))
            print(f"{'geometric mean':34} {whole.middle:7.3f} {whole.low:7.3f} {whole.high:7.3f}")
    if measured.unit == "seconds":
        print(f"\nnoise: the reference differs from itself by {noise(measured):.1%}")
    for name, why in measured.left_out.items():
        print(f"left out: {name}: {why}")


def page(measured: Measured) -> str:
    """Return a page with one bar for each benchmark and interpreter, shorter is faster."""
    rows = []
    for index, python in enumerate(measured.pythons[1:], 1):
        rows.append(f"<h2>{html.escape(python)}</h2><table>")
        of = ratios(measured.rounds, index)
        for name, values in sorted(of.items(), key=lambda item: statistics.median(item[1])):
            middle = statistics.median(values)
            kind = "slower" if middle > 1 else "faster"
            rows.append(
                f"<tr><th>{html.escape(name)}</th><td>{middle:.3f}</td><td class=bar>"
                f"<div class={kind} style='width:{min(middle, 2) * 50:.1f}%'></div></td></tr>"
            )
        rows.append("</table>")
    left = "".join(
        f"<li>{html.escape(name)}: {html.escape(why)}</li>"
        for name, why in measured.left_out.items()
    )
    return _PAGE.format(
        head=html.escape(f"{measured.date}, {measured.machine}"),
        unit=html.escape(measured.unit),
        reference=html.escape(measured.pythons[0]),
        rows="\n".join(rows),
        left=f"<h2>Left out</h2><ul>{left}</ul>" if left else "",
    )


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Interpreters compared</title>
<meta name="viewport" content="width=device-width">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem }}
table {{ width: 100%; border-collapse: collapse }}
th {{ text-align: left; font-weight: normal; white-space: nowrap; padding-right: 1rem }}
td {{ padding-right: .8rem; font-variant-numeric: tabular-nums }}
.bar {{ width: 100%; background: linear-gradient(#8888, #8888) 50% 0 / 1px 100% no-repeat }}
.bar div {{ height: .8rem }} .faster {{ background: #00795c }} .slower {{ background: #c04a00 }}
</style>
<h1>Interpreters compared</h1>
<p>{head}. Ratio of {unit} to <code>{reference}</code>; the line in the middle is 1.00.</p>
{rows}
{left}
</html>
"""


def chosen(suite: Suite, only: str, which: str, *, instructions: bool) -> list[str]:
    """Return the benchmarks asked for; an unknown name ends the run."""
    usual = COUNTED if instructions else QUICK if which == "quick" else tuple(suite.benchmarks)
    names = [name for name in only.split(",") if name] or list(usual)
    unknown = [name for name in names if name not in suite.benchmarks]
    if unknown:
        raise SystemExit(f"pyperformance has no {', '.join(unknown)}")
    return names


def found(word: str) -> str:
    """Return the interpreter that a path, a name on PATH, a branch or `BRANCH@base` means."""
    if "/" in word:
        return word
    try:
        return str(resolve(word, role="base", store=Store.default()).subject.python)
    except ElpythonError as error:
        raise SystemExit(str(error)) from error


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pythons", nargs="*", metavar="PYTHON")
    parser.add_argument("--suite", choices=("quick", "full"), default="quick")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", metavar="NAME,NAME")
    parser.add_argument("--instructions", action="store_true", help="count by callgrind")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep what was measured")
    parser.add_argument("--from", dest="kept", type=Path, metavar="FILE", help="measure nothing")
    parser.add_argument("--page", type=Path, metavar="FILE")
    parser.add_argument("--force", action="store_true", help="also on a busy machine")
    asked = parser.parse_args()
    if asked.kept:
        measured = Measured(**json.loads(asked.kept.read_text("utf-8")))
    elif len(asked.pythons) < 2:
        parser.error("name at least two interpreters")
    else:
        load, cpus = os.getloadavg()[0], os.cpu_count() or 1
        if load > _BUSY * cpus and not (asked.force or asked.instructions):
            raise SystemExit(f"the machine is busy (load {load:.1f}): wait, or say --force")
        measured = Measured(
            pythons=[found(word) for word in asked.pythons],
            unit="instructions" if asked.instructions else "seconds",
            date=str(dt.datetime.now(tz=dt.UTC).date()),
            machine=f"{platform.machine()}, {cpus} CPUs, load {load:.1f}",
        )
        with tempfile.TemporaryDirectory(prefix="elpython-bench-") as folder:
            suite = load_suite(Path(folder))
            names = chosen(suite, asked.only, asked.suite, instructions=asked.instructions)
            if asked.instructions:
                count(suite, names, measured)
            else:
                measure(suite, names, asked.rounds, measured)
    if asked.json:
        asked.json.write_text(json.dumps(asdict(measured), indent=1) + "\n", "utf-8")
    if asked.page:
        asked.page.write_text(page(measured), "utf-8")
    report(measured)


if __name__ == "__main__":
    main()
