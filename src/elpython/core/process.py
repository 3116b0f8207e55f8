"""The one place that runs other programs."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

from elpython.core.errors import (
    InterruptedRunError,
    MissingProgramError,
    ProgramFailedError,
    ProgramTimeoutError,
)
from elpython.core.guard import guarded, prepare, released

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = [
    "Completed", "clean_env", "kill_group", "require", "run", "spawn", "stop_on_terminate",
    "stop_running",
]  # fmt: skip

# Variables that would make another interpreter, compiler or git answer for the caller instead of
# for itself; and every variable that begins with PYTHON.
_LEAKING = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_EXEC_PATH",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_WORK_TREE",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
        "TAR_OPTIONS",
        "VIRTUAL_ENV",
        "__PYVENV_LAUNCHER__",
    }
)

_TAIL_LINES = 20
# Children of `run` in all threads, and those of them that were stopped from outside.
_running: set[subprocess.Popen[bytes]] = set()
_stopped: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """A program that ended.

    Attributes:
        argv: the command.
        returncode: its exit code; negative for a signal, as in `subprocess`.
        stdout: decoded standard output (empty when it went to a log or a line callback).
        stderr: decoded standard error (empty when joined to stdout).
        seconds: wall time.
    """

    argv: tuple[str, ...]
    returncode: int
    stdout: str = field(repr=False, default="")
    stderr: str = field(repr=False, default="")
    seconds: float = 0.0


def clean_env(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a child: no variable that leaks our Python into it, C.UTF-8."""
    env = {
        key: value
        for key, value in os.environ.items()
        if key not in _LEAKING and not key.startswith("PYTHON")
    }
    env.update(LC_ALL="C.UTF-8", TZ="UTC")
    env.update(extra or {})
    return env


def require(program: str, *, todo: str = "") -> str:
    """Return the path of a program.

    Args:
        program: its name, looked up on PATH.
        todo: what to do without it; if omitted, the line that installs its package here.

    Raises:
        MissingProgramError: it is not there; the message says what to install.
    """
    path = shutil.which(program)
    if path is None:
        from elpython.core.machine import way_out

        raise MissingProgramError(
            f"the program {program!r} is not installed", todo=todo or way_out(program)
        )
    return path


def spawn(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = subprocess.PIPE,
    stderr: int | IO[bytes] | None = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """Start a program in a process group of its own, so that it can be stopped with its children.

    Raises:
        MissingProgramError: the program is not there or may not be executed.
    """
    words = [os.fspath(word) for word in argv]
    try:
        return subprocess.Popen(
            words,
            cwd=cwd,
            env=clean_env() if env is None else dict(env),
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
    except (FileNotFoundError, NotADirectoryError, PermissionError, OSError) as error:
        if cwd is not None and not cwd.is_dir():
            raise MissingProgramError(f"the folder {cwd} is not there", where=words[0]) from error
        raise MissingProgramError(
            f"cannot be started: {error.strerror or error}", where=words[0]
        ) from error


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """Stop a child and everything that it started."""
    for sig in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, sig)
        try:
            child.wait(timeout=2)
        except subprocess.TimeoutExpired:
            continue
    # A grandchild may have outlived the leader that answered to SIGTERM.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def stop_running() -> None:
    """Stop every program that `run` waits for in any thread; there it ends as interrupted."""
    for child in list(_running):
        _stopped.add(child)
        kill_group(child)


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    input_text: str | None = None,
    timeout: float | None = None,
    check: bool = True,
    errors: str = "backslashreplace",
    log: Path | None = None,
    on_line: Callable[[str], None] | None = None,
) -> Completed:
    """Run a program to its end.

    Args:
        argv: the command; no shell reads it.
        cwd: its folder.
        env: its whole environment; `clean_env()` when None.
        input_text: its standard input; empty when None.
        timeout: seconds, then the program and all its children are stopped.
        check: raise when the exit code is not 0.
        errors: how bytes that are no UTF-8 are decoded; `surrogateescape` gives them back whole
            when the text is passed on as `input_text`.
        log: both outputs are appended to this file (then `stdout` and `stderr` stay empty).
        on_line: called with each line of both outputs as it comes (with `log`: also written there).

    Raises:
        MissingProgramError: the program is not there.
        ProgramFailedError: exit code other than 0 and `check`; carries the end of the output.
        ProgramTimeoutError: the time limit was reached.
        InterruptedRunError: `stop_running` stopped it.
    """
    words = tuple(os.fspath(word) for word in argv)
    started = time.monotonic()
    joined = log is not None or on_line is not None
    prepare()
    child = spawn(
        words,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL if input_text is None else subprocess.PIPE,
        stderr=subprocess.STDOUT if joined else subprocess.PIPE,
    )
    _running.add(child)
    guarded(child.pid)
    try:
        if joined:
            tail, timed_out = _follow(child, log=log, on_line=on_line, timeout=timeout)
            out, err = "", ""
        else:
            out, err, timed_out = _communicate(child, input_text, timeout, errors)
            tail = (err or out).splitlines()[-_TAIL_LINES:]
    except BaseException:
        kill_group(child)
        raise
    finally:
        _running.discard(child)
        released(child.pid)
    if child in _stopped:
        _stopped.discard(child)
        raise InterruptedRunError("stopped with the run that it belongs to")
    seconds = time.monotonic() - started
    if timed_out:
        raise ProgramTimeoutError(
            f"stopped after {timeout:g} s: {shlex.join(words)}", details=tuple(tail)
        )
    code = child.returncode
    if check and code != 0:
        raise ProgramFailedError(
            f"exit code {code}: {shlex.join(words)}",
            details=tuple(tail),
            todo=f"the whole log is {log}" if log else "",
        )
    return Completed(argv=words, returncode=code, stdout=out, stderr=err, seconds=seconds)


def _communicate(
    child: subprocess.Popen[bytes], input_text: str | None, timeout: float | None, errors: str
) -> tuple[str, str, bool]:
    data = None if input_text is None else input_text.encode("utf-8", "surrogateescape")
    try:
        out, err = child.communicate(data, timeout=timeout)
        timed_out = False
    except subprocess.TimeoutExpired:
        kill_group(child)
        out, err = child.communicate()
        timed_out = True
    return _decode(out, errors), _decode(err), timed_out


def _follow(
    child: subprocess.Popen[bytes],
    *,
    log: Path | None,
    on_line: Callable[[str], None] | None,
    timeout: float | None,
) -> tuple[list[str], bool]:
    """Read a child's joined output line by line; return its last lines and whether time ran out."""
    tail: list[str] = []
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        kill_group(child)

    timer = None if timeout is None else threading.Timer(timeout, expire)
    if timer is not None:
        timer.daemon = True
        timer.start()
    pipe = child.stdout
    if pipe is None:  # pragma: no cover - spawn() always gives a pipe here
        return tail, False
    try:
        with contextlib.ExitStack() as stack:
            sink = stack.enter_context(log.open("ab")) if log is not None else None
            for raw in pipe:
                if sink is not None:
                    sink.write(raw)
                line = _decode(raw).rstrip("\n")
                tail = [*tail[-_TAIL_LINES + 1 :], line]
                if on_line is not None:
                    on_line(line)
        child.wait()
    finally:
        if timer is not None:
            timer.cancel()
        pipe.close()
    return tail, expired.is_set()


def _decode(data: bytes | None, errors: str = "backslashreplace") -> str:
    return (data or b"").decode("utf-8", errors)


@contextlib.contextmanager
def stop_on_terminate() -> Iterator[None]:
    """Turn SIGTERM into the same orderly end as Ctrl-C."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: object) -> None:
        raise InterruptedRunError("stopped by a signal; finished products are kept")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
