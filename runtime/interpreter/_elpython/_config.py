"""Read what was asked of the toggles: environment, -X, files; ours, then what others know.

Imported only when something is set, or when a toggle is first read.
"""

from __future__ import annotations

import os
import sys

from _elpython import _table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, NoReturn

    Setting = tuple[str, str]  # the value, and where it comes from
    Spec = dict[str, Any]

__all__ = ["ToggleError", "asked", "default", "elsewhere", "own_files", "start_up"]

VARIABLE = "ELPYTHON_TOGGLES"
REPORT = "ELPYTHON_TOGGLES_REPORT"
XOPTION = "el_toggles"
SYSTEM_FILE = "/etc/elpython/toggles.cfg"
ROOT = ""  # stands before the paths of system files: for tests

_ENDING = 1  # the exit code of CPython's own fatal configuration errors


class ToggleError(ValueError):
    """A setting that cannot be taken; each line says where it stands."""


def own_files() -> tuple[str, str]:
    """Return EL Python's own files: the one below the prefix, then the system's."""
    return os.path.join(sys.base_prefix, "etc/elpython/toggles.cfg"), ROOT + SYSTEM_FILE


def _hint(word: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"


def _number(spec: Spec, word: str) -> str | None:
    least = spec.get("least")
    if least is None or not (word.isascii() and word.isdigit()) or len(word) > 9:
        return None
    return str(int(word)) if int(word) == 0 or int(word) >= least else None


def taken(name: str, word: str) -> str:
    """Return the value that a word stands for.

    Raises:
        ToggleError: there is no such toggle, or it has no such value.
    """
    spec = _table.TOGGLES.get(name)
    if spec is None:
        raise ToggleError(f"there is no toggle {name!r}; {_hint(name, sorted(_table.TOGGLES))}")
    if word in spec["values"]:
        return word
    if word in {"new", "legacy"}:
        return str(spec[word])
    number = _number(spec, word)
    if number is not None:
        return number
    known = [*spec["values"], "new", "legacy"]
    also = f", or a whole number from {spec['least']} on" if "least" in spec else ""
    raise ToggleError(f"{name} cannot be {word!r}; {_hint(word, known)}{also}")


def _pair(text: str) -> Setting:
    name, mark, word = text.partition("=")
    if not mark:
        raise ToggleError(f"{text.strip()!r} is not of the form name=value")
    return name.strip(), word.strip()


def _from_words(text: object, source: str, problems: list[str]) -> dict[str, Setting]:
    if not isinstance(text, str):
        problems.append(f"{source}: needs name=value,...")
        return {}
    items = ((part, source) for part in text.split(",") if part.strip())
    return _collected(items, problems)


def _from_file(path: str, problems: list[str]) -> dict[str, Setting]:
    return _collected(
        ((line, f"{path}, line {number}") for number, line in _lines(path, problems)), problems
    )


def _lines(path: str, problems: list[str]) -> list[tuple[int, str]]:
    """Return the lines of a file that say something, with their numbers from 1 on."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8-sig")
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        return []
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
        return []
    except UnicodeDecodeError as error:
        problems.append(f"{path}: is not UTF-8: byte {error.start}")
        return []
    lines = enumerate((line.strip() for line in text.splitlines()), 1)
    return [(number, line) for number, line in lines if line and not line.startswith("#")]


def _collected(items: Iterator[tuple[str, str]], problems: list[str]) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for text, source in items:
        try:
            name, word = _pair(text)
            value = taken(name, word)
        except ToggleError as error:
            problems.append(f"{source}: {error}")
            continue
        if name in found:
            problems.append(f"{source}: {name} is set twice")
        found[name] = value, source
    return found


def asked(problems: list[str]) -> dict[str, Setting]:
    """Return what EL Python's own sources ask for: toggle -> value and source.

    Args:
        problems: gets a line for each thing that cannot be taken, with its place.
    """
    layers = []
    if not sys.flags.ignore_environment and VARIABLE in os.environ:
        layers.append(_from_words(os.environ[VARIABLE], VARIABLE, problems))
    if XOPTION in sys._xoptions:
        layers.append(_from_words(sys._xoptions[XOPTION], f"-X {XOPTION}", problems))
    layers += [_from_file(path, problems) for path in own_files()]
    found: dict[str, Setting] = {}
    for layer in reversed(layers):
        found.update(layer)
    return found


def _word_in(path: str, section: str, key: str) -> tuple[str, str] | None:
    """Return the word behind a key of an ini file, and its place."""
    inside, problems = False, []  # type: bool, list[str]
    found = None
    for number, line in _lines(path, problems):
        if line.startswith("["):
            inside = line[1:].partition("]")[0].strip() == section
        elif inside:
            cut = min([at for at in (line.find("="), line.find(":")) if at >= 0], default=-1)
            if cut >= 0 and line[:cut].strip().lower() == key.lower():
                found = line[cut + 1 :].strip(), f"{path}, line {number}"
    if problems:
        raise ToggleError(problems[0])
    return found


def _others_word(other: Spec) -> tuple[str, str] | None:
    if "file" in other:
        return _word_in(ROOT + other["file"], other["section"], other["key"])
    if sys.flags.ignore_environment or not os.environ.get(other["variable"]):
        return None
    return os.environ[other["variable"]], other["variable"]


def elsewhere(spec: Spec) -> Setting | None:
    """Return what another Python's variable or file for the same switch asks for.

    Raises:
        ToggleError: it has a word that this switch does not take.
    """
    for other in spec["also"]:
        found = _others_word(other)
        if found is None or not found[0]:
            continue
        word, source = found
        value = other["words"].get(word.lower(), other["words"].get("*"))
        if value is None:
            known = [item for item in other["words"] if item != "*"]
            raise ToggleError(f"{source}: {word!r} is not known; {_hint(word, known)}")
        if value:
            return value, source
    return None


def cpythons_own(spec: Spec) -> str | None:
    """Return where CPython's own option or variable for the switch is set; None when it is not.

    It is as close to the program as a call's argument, so that it wins over every toggle.
    """
    own = spec.get("cpython")
    if own is None:
        return None
    if own["xoption"] in sys._xoptions:
        return f"-X {own['xoption']}"
    if not sys.flags.ignore_environment and os.environ.get(own["variable"]):
        return str(own["variable"])
    return None


def default(spec: Spec) -> Setting:
    """Return the branch's default."""
    return str(spec["default"]), f"EL Python {_table.BRANCH}"


def start_up() -> None:
    """Check everything that is set, and end the process when something cannot be taken.

    ``site`` calls it when it sees that something is set. All that is wrong is told at once, on the
    standard error stream, as CPython tells a wrong ``-X`` option of its own.
    """
    problems: list[str] = []
    asked(problems)
    for spec in _table.TOGGLES.values():
        try:
            elsewhere(spec)
        except ToggleError as error:
            problems.append(str(error))
    if problems:
        _end(problems)
    _warn_of_slips()
    from _elpython import toggles

    toggles.start_up()
    if not sys.flags.ignore_environment and os.environ.get(REPORT):
        from _elpython import _report

        _report.start(os.environ[REPORT])


def _warn_of_slips() -> None:
    """Warn on the standard error stream of what is set under nearly the name of a switch."""
    slips = [(f"-X {XOPTION[:-1]}", f"-X {XOPTION}")] if XOPTION[:-1] in sys._xoptions else []
    if not sys.flags.ignore_environment:
        slips += [
            (name, VARIABLE if "REPORT" not in name else REPORT)
            for name in os.environ
            if name.startswith(VARIABLE[:-1]) and name not in {VARIABLE, REPORT}
        ]
    for slip, meant in slips:
        line = f"elpython: warning: {slip} is not read; {meant} is\n"
        os.write(2, line.encode("utf-8", "backslashreplace"))


def _end(problems: list[str]) -> NoReturn:
    text = "".join(f"Fatal Python error: toggles: {line}\n" for line in problems)
    os.write(2, text.encode("utf-8", "backslashreplace"))
    os._exit(_ENDING)
