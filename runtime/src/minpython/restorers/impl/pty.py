"""The two halves of ``pty.openpty``."""

from __future__ import annotations

import os


def master_open() -> tuple[int, str]:
    """Open a pseudo-terminal; return the descriptor of its first end and the name of the other."""
    master, slave = os.openpty()
    name = os.ttyname(slave)
    os.close(slave)
    return master, name


def slave_open(tty_name: str) -> int:
    """Open the other end of a pseudo-terminal by name, as the controlling terminal's line."""
    descriptor = os.open(tty_name, os.O_RDWR)
    try:
        from fcntl import I_PUSH, ioctl
    except ImportError:
        return descriptor
    try:
        ioctl(descriptor, I_PUSH, "ptem")  # type: ignore[call-overload]
        ioctl(descriptor, I_PUSH, "ldterm")  # type: ignore[call-overload]
    except OSError:
        pass
    return descriptor
