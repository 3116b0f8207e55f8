"""A guard that ends our programs when we are ended in a way that leaves us no time.

A signal or a limit of a CI may end this process at any point; what it had started would go on, with
nobody who waits for it. The guard is a shell that reads from a pipe which only we hold open: each
program's process group as it is started and as it has ended. When the pipe closes, whatever was the
reason, it stops the groups that are left. (PR_SET_PDEATHSIG would reach the child alone, not what
the child started, and would have to be set between fork and exec, where threads are not safe.)
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading

__all__ = ["guarded", "prepare", "released"]

_SCRIPT = r"""
trap '' INT TERM HUP QUIT PIPE
cd /
groups=' '
while read -r sign group; do
    case $sign in
        +) groups="$groups$group " ;;
        -) groups="${groups%% $group *} ${groups#* $group }" ;;
    esac
done
for group in $groups; do kill -KILL "-$group"; done
"""
_lock = threading.Lock()
_pipe: list[int] = []
_owner: list[int] = []


def prepare() -> None:
    """Start the guard, so that nothing that is started next is without one for long."""
    with _lock:
        if _owner != [os.getpid()]:
            _start()


def guarded(group: int) -> None:
    """Have a process group stopped when this process ends."""
    _tell(f"+ {group}\n")


def released(group: int) -> None:
    """Take back `guarded`: the group has ended, and its number may be given to others."""
    _tell(f"- {group}\n")


def _tell(line: str) -> None:
    with _lock:
        if _owner != [os.getpid()]:
            _start()
        if _pipe:
            with contextlib.suppress(OSError):
                os.write(_pipe[0], line.encode())


def _start() -> None:
    """Start the guard; a forked worker gets one of its own."""
    for descriptor in _pipe:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    _pipe.clear()
    _owner[:] = [os.getpid()]
    shell = shutil.which("sh")
    if shell is None:
        return
    reading, writing = os.pipe()
    devnull = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    actions = [
        (os.POSIX_SPAWN_DUP2, reading, 0),
        # It must not hold our output open.
        devnull,
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        # No `Popen`: nobody waits for it, it ends after us.
        os.posix_spawn(
            shell, [shell, "-c", _SCRIPT], {"PATH": os.defpath}, file_actions=actions, setpgroup=0
        )
        _pipe.append(writing)
    except OSError:
        os.close(writing)
    finally:
        os.close(reading)
