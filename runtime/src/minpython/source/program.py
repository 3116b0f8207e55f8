"""Runs old programs that are no files in the interpreter's stead.

The interpreter compiles both out of our reach. A command that it refuses ends in the exception
hook, where its translation runs instead. Standard input is read here, and what the interpreter then
reads is the same text, translated where it has to be.
"""

import os
import sys

from minpython import own
from minpython.engine import state
from minpython.source import sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any


def _translated(source: "str | bytes", file: str) -> "str | None":
    """Return the translation of a text that the interpreter refuses, and that has one."""
    try:
        return sources.text_of(source, file, state.syntax_version("__main__"))
    except SyntaxError:
        return None


def take_command(command: str) -> None:
    """Run a refused command's translation when the interpreter reports that it is refused."""
    text = _translated(command, "<string>")
    if text is None:
        return
    try:
        code: CodeType = sources.code_of(text, "<string>")
    except SyntaxError:
        return
    before = sys.excepthook

    def run_translation(kind: "Any", error: "BaseException", traceback: "Any") -> None:
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


def take_standard_input() -> None:
    """Read it whole, as the interpreter does before it runs any of it, and put it back."""
    from minpython import typedict

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
    refused = own.refused(source, "<stdin>")
    text = _translated(source, "<stdin>") if refused else None
    if text is None and kind == 0o100000:
        os.lseek(0, start, os.SEEK_SET)
        return
    import tempfile

    with tempfile.TemporaryFile() as file:
        # Characters stand for characters, so a declared encoding would read them wrongly.
        file.write(source if text is None else b"\xef\xbb\xbf" + _plain(text).encode())
        file.seek(0)
        os.dup2(file.fileno(), 0)


def take_prompt() -> None:
    """Let the prompt take old source, where the interpreter's own is written in C.

    That is so up to 3.12, and later where `PYTHON_BASIC_REPL` or the terminal wants the plain one.

    What readies the prompt, once everything has started, goes on to run another one in its place.
    """
    site: Any = sys.modules.get("site")
    original = getattr(site, "enablerlcompleter", None)
    plain = "PYTHON_BASIC_REPL" in os.environ or os.environ.get("TERM") in {None, "dumb"}
    if original is None or (sys.version_info >= (3, 13) and not plain):
        return

    def enablerlcompleter() -> None:
        site.enablerlcompleter = original
        original()
        ready = getattr(sys, "__interactivehook__", None)

        def ready_and_run() -> None:
            if ready is not None:
                ready()
            _run_prompt()

        sys.__interactivehook__ = ready_and_run  # type: ignore[attr-defined]

    site.enablerlcompleter = enablerlcompleter


def _run_prompt() -> None:
    """Run a prompt to its end; what the interpreter then reads does no more than end so too."""
    import code

    vars(code).setdefault("exec", own.exec)
    console = code.InteractiveConsole(vars(sys.modules["__main__"]), "<stdin>")
    end = ""
    try:
        console.interact("", "")
    except SystemExit as asked:
        plain = asked.code is None or isinstance(asked.code, int)
        end = f"raise SystemExit({(asked.code if plain else str(asked.code))!r})\n"
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.write(end.encode("utf-8", "surrogateescape"))
        file.seek(0)
        os.dup2(file.fileno(), 0)


def _plain(text: str) -> str:
    """Return a text without the declaration of its encoding, its lines where they were."""
    lines = text.split("\n")
    for at, line in enumerate(lines[:2]):
        if line.lstrip().startswith("#") and "coding" in line:
            lines[at] = "#"
    return "\n".join(lines)
