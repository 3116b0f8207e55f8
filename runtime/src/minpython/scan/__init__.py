"""Find, without running it, what code uses that a Python has removed or changed."""

from __future__ import annotations


def main(argv: list[str]) -> int:
    """Run ``minpython scan`` and return its exit code."""
    from minpython.scan.command import main as command

    return command(argv)
