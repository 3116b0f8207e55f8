"""The requests that stand outside of the program: ``-X``, the environment, ``minpython.cfg``."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    Version = tuple[int, int, int]


def start(config: "str | None", script: "str | None", *, itself: bool) -> None:
    """Take the requests that a start finds, and what the main program needs for them.

    Args:
        config: the path of a ``minpython.cfg``, or None.
        script: the entry script, empty where it can't be read before the interpreter does; None
            where the program is no script.
        itself: the script, or what stands for it on the command line, may ask for a version.
    """
    version = ask(config)
    if script is None and itself:
        ask_for_files()
    else:
        ask_for_script(script or "", version, itself=itself)


def ask(config: "str | None") -> "Version | None":
    """Put in force what the first of command line, environment and file asks for; never raise.

    Args:
        config: the path of a ``minpython.cfg`` that may be there, or None to read none.

    Returns:
        The version whose syntax the main program is written in, or None.
    """
    try:
        version = _ask_for_plain()
        if version is not None:
            return version
        from minpython import requested

        requested.ask(config, environment)
        return requested.syntax_version()
    except Exception as error:  # noqa: BLE001 - a program must start all the same
        from minpython.errors import MinpythonError

        known = isinstance(error, MinpythonError)
        _tell(str(error) if known else f"could not start: {type(error).__name__}: {error}")
        return None


def _ask_for_plain() -> "Version | None":
    """Take a request that is one version for the whole program, where that can be had early."""
    variable = environment("PYTHONMINVERSION")
    option = sys._xoptions.get("min_version")
    text = variable if option is None else option
    if not text or text is True or environment("PYTHONMINVERSION_REPORT"):
        return None
    from minpython import early

    version = early.plain(text)
    if version is None or not early.take(version, passed_on=variable == text):
        return None
    return version


def ask_for_script(path: str, version: "Version | None", *, itself: bool) -> None:
    """Take over an entry script that needs a translation.

    Args:
        path: the script, a regular file; empty when there is none.
        version: what `ask` returned.
        itself: it may ask for a version itself.
    """
    if path and (itself or (version is not None and version < (3, 8))):
        try:
            if _refused(path):
                from minpython.source import entry

                entry.take_over(path)
        except Exception as error:  # noqa: BLE001 - the interpreter goes on with the script
            _tell(f"could not take over the script: {type(error).__name__}: {error}")
    elif not path and version is not None and version < (3, 8):
        try:
            take_over_command()
        except Exception as error:  # noqa: BLE001 - the interpreter goes on with what it has
            _tell(f"could not take over the program: {type(error).__name__}: {error}")


def ask_for_files() -> None:
    """Let files that ask for themselves be noticed wherever something compiles them."""
    from minpython import requested

    requested.ask_for_files()
    if getattr(sys, "argv", None) and sys.argv[0] == "-c":
        take_over_command()


def _refused(path: str) -> bool:
    """Return whether the interpreter can't compile the script at ``path``.

    Its symbols tell, which are cheaper than its code; what they leave open is for the compiler.
    Archives and byte code are no text.
    """
    import _symtable  # type: ignore[import-not-found]
    import _warnings

    with open(path, "rb") as file:
        source = file.read()
    if not _is_text(path, source):
        return False
    # The interpreter gives the warnings about the script, when it compiles it.
    quiet = ("ignore", None, Warning, None, 0)
    _warnings.filters.insert(0, quiet)
    try:
        _symtable.symtable(source, path, "exec")
        if b"await" in source:
            from minpython import own

            own.compile(source, path, "exec", dont_inherit=True)
    except SyntaxError:
        return not _is_imported_from(path)
    except (OSError, ValueError):
        pass
    finally:
        _warnings.filters.remove(quiet)
    return False


def _is_text(path: str, source: bytes) -> bool:
    """Return whether a script is source: no byte code, as the interpreter sees it, nor binary."""
    from _frozen_importlib_external import MAGIC_NUMBER

    return not path.endswith(".pyc") and source[:2] != MAGIC_NUMBER[:2] and b"\0" not in source


def _is_imported_from(path: str) -> bool:
    """Return whether the interpreter takes the script for an archive and runs its ``__main__``."""
    for hook in sys.path_hooks:
        try:
            hook(path)
        except ImportError:
            continue
        return True
    return False


def _tell(message: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"minpython: {message}; ignored\n")


def environment(name: str) -> str:
    """Return an environment variable, empty where ``-E`` or ``-I`` leave it out."""
    return "" if sys.flags.ignore_environment else os.environ.get(name, "")


def take_over_command() -> None:
    """Take over ``-c`` or standard input, when this is an interpreter that will run it.

    Here is only what each start looks at; `minpython.source.program` does the rest where it takes
    any.
    """
    from minpython import own

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

        if script == "" and os.isatty(0):
            program.take_prompt()
        else:
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
