"""Old programs that are no files: ``python -c``, and what comes by standard input.

Here is only what each start looks at; `minpython.source.program` does the rest where it takes any.
"""

import os
import sys

from minpython import own


def take_over() -> None:
    """Take over a command or standard input, when this is an interpreter that will run it."""
    words = _command_line()
    if not words or "python" not in os.path.basename(words[0]).lower():
        return
    script = (getattr(sys, "argv", None) or [""])[0]
    if script == "-c":
        command = _command(words)
        if own.refused(command, "<string>"):
            from minpython.source import program

            program.take_command(command)
    elif script in ("", "-") and not sys.flags.interactive and not sys.flags.inspect:
        from minpython.source import program

        program.take_standard_input()


def _command_line() -> "list[str]":
    """Return the words that the process was started with; none where nothing tells them."""
    words: list[str] | None = vars(sys).get("orig_argv")
    if words is not None:
        return words
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return []


def _command(words: "list[str]") -> str:
    """Return what stands after ``-c``, which may share a word with other options (``-Ic``)."""
    skip = False
    for at, word in enumerate(words[1:], 1):
        if skip:
            skip = False
        elif word in ("-X", "-W"):
            skip = True
        elif word[:1] == "-" and word[1:2] not in ("-", "X", "W", "") and "c" in word:
            before, _, rest = word.partition("c")
            if before.strip("-bBdEhiIOPqRsStuvVx") == "":
                return rest or "".join(words[at + 1 : at + 2])
    return ""
