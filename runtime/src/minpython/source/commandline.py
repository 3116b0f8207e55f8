"""Old programs that are no files: ``python -c``, and what comes by standard input.

The interpreter compiles both out of our reach. A command that it refuses ends in the exception
hook, where its translation runs instead. Standard input is read here, and what the interpreter then
reads is the same text, translated where it has to be.
"""

from __future__ import annotations

import os
import sys

from minpython.engine import state
from minpython.source import own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any


def take_over() -> None:
    """Take over a command or standard input, when this is an interpreter that will run it."""
    words = _command_line()
    if not words or "python" not in os.path.basename(words[0]).lower():
        return
    script = (getattr(sys, "argv", None) or [""])[0]
    if script == "-c":
        _take_command(_command(words))
    elif script in ("", "-") and not sys.flags.interactive and not sys.flags.inspect:
        _take_standard_input()


def _command_line() -> list[str]:
    """Return the words that the process was started with; none where nothing tells them."""
    words: list[str] | None = getattr(sys, "orig_argv", None)
    if words is not None:
        return words
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
    except OSError:
        return []


def _command(words: list[str]) -> str:
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


def _translated(source: str | bytes, file: str) -> str | None:
    """Return the translation of a text that the interpreter refuses, and that has one."""
    import _symtable  # type: ignore[import-not-found]

    try:
        # Its symbols tell, which are cheaper than its code.
        _symtable.symtable(source, file, "exec")
    except SyntaxError:
        from minpython.source import sources

        try:
            return sources.text_of(source, file, state.syntax_version("__main__"))
        except SyntaxError:
            return None
    except ValueError:
        pass
    return None


def _take_command(command: str) -> None:
    text = _translated(command, "<string>")
    if text is None:
        return
    try:
        code: CodeType = own.compile(text, "<string>", "exec", 0, True)
    except SyntaxError:
        return
    before = sys.excepthook

    def run_translation(kind: Any, error: BaseException, traceback: Any) -> None:
        sys.excepthook = before
        if kind is not SyntaxError or traceback is not None:
            before(kind, error, traceback)
            return
        try:
            own.exec(code, vars(sys.modules["__main__"]))
        except SystemExit:
            raise
        except BaseException as raised:  # noqa: BLE001 - shown as the interpreter shows it
            shown = raised.__traceback__.tb_next if raised.__traceback__ else None
            sys.excepthook(type(raised), raised.with_traceback(shown), shown)
            raise SystemExit(1) from None
        raise SystemExit(0)

    sys.excepthook = run_translation


def _take_standard_input() -> None:
    """Read it whole, as the interpreter does before it runs any of it, and put it back."""
    from minpython.engine import typedict

    if not typedict.in_main_interpreter():
        return
    try:
        if os.isatty(0):
            return
        kind = os.fstat(0).st_mode & 0o170000
        start = os.lseek(0, 0, os.SEEK_CUR) if kind == 0o100000 else 0
        source = b"".join(iter(lambda: os.read(0, 1 << 16), b""))
    except OSError:
        return
    text = _translated(source, "<stdin>")
    if text is None and kind == 0o100000:
        os.lseek(0, start, os.SEEK_SET)
        return
    import tempfile

    with tempfile.TemporaryFile() as file:
        # Characters stand for characters, so a declared encoding would read them wrongly.
        file.write(source if text is None else b"\xef\xbb\xbf" + _plain(text).encode())
        file.seek(0)
        os.dup2(file.fileno(), 0)


def _plain(text: str) -> str:
    """Return a text without the declaration of its encoding, its lines where they were."""
    lines = text.split("\n")
    for at, line in enumerate(lines[:2]):
        if line.lstrip().startswith("#") and "coding" in line:
            lines[at] = "#"
    return "\n".join(lines)
