"""Upstream's whole test suite on a build; kept in the store, so that it runs once a build."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from elpython.core.errors import ProgramTimeoutError
from elpython.core.process import clean_env, run
from elpython.core.report import SILENT
from elpython.core.store import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from elpython.build.build import Build
    from elpython.core.report import Reporter
    from elpython.core.store import Store

__all__ = ["SuiteOutcome", "run_modules", "run_suite"]

_HOURS = 3600.0
# What one process of the run may compute. The clock on the wall only ends what waits for nothing: a
# loaded machine is no reason to call a test hanging.
_CPU_SECONDS = 1800
_WAITING_SECONDS = 3600
_PROGRESS = re.compile(r"\[\s*(\d+)/(\d+)(?:/\d+)?\] ")
_REASON = re.compile(
    r"(?P<name>test_\w+)(?: \w+)* (?P<why>timed out \([^)]*\)|worker non-zero exit code \([^)]*\)"
    r"|crashed \([^)]*\))|^(?P<module>test_\w+) .*?(?P<exit>Exit code -?\d+ \([^)]*\))",
    re.MULTILINE,
)
_FAILED = re.compile(r"^\d+ tests? failed:\n((?:    .*\n)+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class SuiteOutcome:
    """How upstream's tests went.

    Attributes:
        modules: how many test modules ran.
        broken: modules that fail, and pass on the bare base.
        base_fails: modules that fail on the bare base too.
        log: the whole output.
        text: its last lines.
        reasons: module -> why it ended, where it was not a failing test.
    """

    modules: int
    broken: tuple[str, ...]
    base_fails: tuple[str, ...]
    log: Path
    text: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.is_file() else ""


def _reasons(text: str) -> dict[str, str]:
    """Return why modules ended, where it was not a failing test: module -> the runner's words."""
    found = {}
    for match in _REASON.finditer(text):
        why = match["why"] or match["exit"]
        if "SIGXCPU" in why:
            why = f"stopped after {_CPU_SECONDS} s of CPU time"
        found[match["name"] or match["module"]] = why
    return found


def run_modules(
    python: Path,
    modules: Sequence[str],
    *,
    log: Path,
    jobs: int = 0,
    reporter: Reporter = SILENT,
) -> tuple[int, list[str]]:
    """Run test modules of an interpreter's own suite; return how many ran, and those that failed.

    Args:
        python: the interpreter.
        modules: their names; none: all.
        log: gets the output.
        jobs: processes at once; 0 for the number of cores.
        reporter: told how it goes on.
    """
    ran = 0

    def on_line(line: str) -> None:
        nonlocal ran
        match = _PROGRESS.search(line)
        if match:
            ran = max(ran, int(match[1]))
            reporter.progress("test modules", ran, int(match[2]))

    # Each process of the run has the limit for itself: the shell sets it, the runner inherits it.
    words: list[str | Path] = ["sh", "-c", f'ulimit -S -t {_CPU_SECONDS}; exec "$@"', "sh"]
    words += [python, "-m", "test", f"-j{jobs or os.cpu_count() or 1}"]
    words += ["--timeout", str(_WAITING_SECONDS), *modules]
    with tempfile.TemporaryDirectory(prefix="elpython-suite-") as folder:
        env = clean_env({"TMPDIR": folder})
        try:
            done = run(
                words, cwd=Path(folder), env=env, log=log, on_line=on_line, check=False,
                timeout=24 * _HOURS,
            )  # fmt: skip
        except ProgramTimeoutError:
            return ran, ["(the run as a whole: stopped at its time limit)"]
    text = log.read_text("utf-8", "replace")
    failed = [name for block in _FAILED.findall(text) for name in block.split()]
    if done.returncode != 0 and not failed:
        failed = [f"(the run as a whole: exit code {done.returncode})"]
    return ran, sorted(set(failed))


def run_suite(
    store: Store,
    made: Build,
    *,
    base: Callable[[], Build],
    jobs: int = 0,
    reporter: Reporter = SILENT,
) -> SuiteOutcome:
    """Run the whole suite on a build; what fails runs once more, alone, there and on the base.

    Args:
        store: keeps the outcome under the build's key.
        made: the build.
        base: gives the bare base's build; only asked when a module failed.
        jobs: processes at once; 0 for the number of cores.
        reporter: told how it goes on.
    """

    def make(folder: Path) -> None:
        log = folder / "suite.log"
        ran, failed = run_modules(made.python, (), log=log, jobs=jobs, reporter=reporter)
        again = folder / "again.log"
        known = [name for name in failed if not name.startswith("(")]
        still = [name for name in failed if name.startswith("(")]
        if known:
            still += run_modules(made.python, known, log=again, jobs=1, reporter=reporter)[1]
        bad = [name for name in still if not name.startswith("(")]
        on_base: list[str] = []
        if bad:
            other = folder / "base.log"
            on_base = run_modules(base().python, bad, log=other, jobs=1, reporter=reporter)[1]
        data = {
            "modules": ran,
            "broken": [name for name in still if name not in on_base],
            "base_fails": [name for name in still if name in on_base],
            "reasons": _reasons("".join(_text(path) for path in (log, again))),
        }
        (folder / "suite.json").write_text(json.dumps(data), "utf-8")

    key = key_of({"format": 2, "build": made.key})
    folder = store.product("suites", key, make)
    data = json.loads((folder / "suite.json").read_text("utf-8"))
    log = folder / "suite.log"
    outcome = SuiteOutcome(
        modules=data["modules"],
        broken=tuple(data["broken"]),
        base_fails=tuple(data["base_fails"]),
        log=log,
        text=tuple(_text(log).splitlines()[-20:]),
        reasons=data["reasons"],
    )
    if outcome.broken:
        # A failure is told once and asked anew the next time: it may have been the machine's.
        kept = store.root / "logs" / f"suite-{key}.log"
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log, kept)
        store.drop("suites", key)
        return SuiteOutcome(
            modules=outcome.modules,
            broken=outcome.broken,
            base_fails=outcome.base_fails,
            log=kept,
            text=outcome.text,
            reasons=outcome.reasons,
        )
    return outcome
