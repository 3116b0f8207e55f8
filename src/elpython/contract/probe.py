"""Ask an interpreter something with a probe: JSON in, JSON out."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.core.errors import ElpythonError, MissingProgramError, ProgramTimeoutError
from elpython.core.process import clean_env, run

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROBES", "ProbeError", "ask", "ask_python"]

PROBES = Path(__file__).with_name("probes")
_DEFAULT_SECONDS = 60.0
_SIGNAL_NAMES = {4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL", 11: "SIGSEGV"}


@dataclass(eq=False)
class ProbeError(ElpythonError):
    """An interpreter that crashed, hung or failed while it was asked.

    Attributes:
        python: the interpreter.
        probe: name of the probe.
    """

    python: Path = field(default=Path(), kw_only=True)
    probe: str = field(default="", kw_only=True)

    exit_code = 42


def ask(
    python: Path,
    probe: str,
    request: object = None,
    *,
    flags: tuple[str, ...] = ("-I",),
    env: Mapping[str, str] | None = None,
    timeout: float = _DEFAULT_SECONDS,
    cwd: Path | None = None,
) -> Any:  # noqa: ANN401 - JSON
    """Run a probe inside an interpreter and return its answer.

    Args:
        python: the interpreter.
        probe: file name of the probe without `.py`.
        request: JSON-able; what the probe's `answer` gets.
        flags: the interpreter's own options; isolated by default.
        env: added to a clean environment.
        timeout: seconds until the interpreter is said to hang.
        cwd: the folder it runs in; a temporary one by default.

    Raises:
        ProbeError: a crash, a hang or an exception in the interpreter; says which and shows its
            last words.
    """
    script = PROBES / f"{probe}.py"
    with tempfile.TemporaryDirectory(prefix="elpython-probe-") as name:
        output = Path(name) / "answer.json"
        argv: list[str | Path] = [python, *flags, PROBES / "ask.py", script, output]
        try:
            done = run(
                argv,
                env=clean_env(env),
                cwd=cwd or Path(name),
                input_text=json.dumps(request),
                timeout=timeout,
                check=False,
            )
        except (ProgramTimeoutError, MissingProgramError) as error:
            hangs = isinstance(error, ProgramTimeoutError)
            what = f"did not answer the probe {probe!r} within {timeout:g} s"
            raise ProbeError(
                what if hangs else error.what, str(python), python=python, probe=probe
            ) from error
        if done.returncode != 0 or not output.is_file():
            raise ProbeError(
                f"{_ending(done.returncode)} in the probe {probe!r}",
                str(python),
                details=tuple((done.stderr or done.stdout).splitlines()[-6:]),
                python=python,
                probe=probe,
            )
        return json.loads(output.read_text("utf-8"))


def _ending(code: int) -> str:
    if code < 0:
        return f"crashed with {_SIGNAL_NAMES.get(-code, f'signal {-code}')}"
    return f"ended with exit code {code}" if code else "gave no answer"


def ask_python(
    python: Path,
    code: str,
    *,
    flags: tuple[str, ...] = ("-I",),
    env: Mapping[str, str] | None = None,
    timeout: float = _DEFAULT_SECONDS,
) -> str:
    """Run a line of Python and return what it printed, without trailing space.

    Raises:
        ProbeError: a crash, a hang or an exception.
    """
    try:
        done = run([python, *flags, "-c", code], env=clean_env(env), timeout=timeout, check=False)
    except (ProgramTimeoutError, MissingProgramError) as error:
        raise ProbeError(error.what, str(python), python=python, probe="code") from error
    if done.returncode != 0:
        raise ProbeError(
            _ending(done.returncode),
            str(python),
            details=tuple(done.stderr.splitlines()[-6:]),
            python=python,
            probe="code",
        )
    return done.stdout.rstrip()
