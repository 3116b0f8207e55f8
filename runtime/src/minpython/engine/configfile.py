"""``minpython.cfg``: the requests of a project, beside its entry script or in its environment.

::

    [minpython]
    min_version = 3.8
    enable = imp, builtins - open - universal
    disable = distutils
    allow_insecure = no

    [packages]
    oldlib = 3.6

Read without ``configparser``, which would cost a program more start-up time than all the rest.
"""

from __future__ import annotations

from minpython import versions
from minpython.engine.requests import Requests, is_package, unknown
from minpython.errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECTION = "minpython"
PACKAGES = "packages"
KEYS = ("min_version", "enable", "disable", "allow_insecure")


def read(path: str, known: Iterable[str]) -> Requests:
    """Return what the file asks for.

    Args:
        path: the file.
        known: the names of the behaviours that there are.

    Raises:
        ConfigError: it can't be read; the message lists every fault with its line.
    """
    requests = Requests()
    problems: list[str] = []
    names = frozenset(known)
    allowed = False
    try:
        with open(path, encoding="utf-8-sig") as file:
            entries = list(_entries(path, file, problems))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from None
    for where, section, key, value in entries:
        if section == SECTION and key == "allow_insecure":
            allowed = value == "yes"
            if value not in ("yes", "no"):
                problems.append(f"{where}: allow_insecure is yes or no, not {value!r}")
    for where, section, key, value in entries:
        problems.extend(
            f"{where}: {message}"
            for message in _take(requests, section, key, value, names, allowed=allowed)
        )
    if problems:
        raise ConfigError("; ".join(problems))
    return requests


def _entries(
    path: str,
    lines: Iterable[str],
    problems: list[str],
) -> Iterator[tuple[str, str, str, str]]:
    """Yield place, section, key and value of each line that holds one."""
    section = ""
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        where = f"{path}:{number}"
        if line[0] == "[" and line[-1] == "]":
            section = line[1:-1].strip()
            if section not in (SECTION, PACKAGES):
                problems.append(f"{where}: unknown section [{section}]")
            continue
        key, equals, value = line.partition("=")
        if not equals:
            problems.append(f"{where}: not understood: {line}")
        elif not section:
            problems.append(f"{where}: stands before the first section, [{SECTION}]")
        else:
            yield where, section, key.strip(), value.strip()


def _take(
    requests: Requests,
    section: str,
    key: str,
    value: str,
    known: frozenset[str],
    *,
    allowed: bool,
) -> Iterator[str]:
    """Take one entry into ``requests``; yield what is wrong with it."""
    if section == PACKAGES or key == "min_version":
        only = [key] if section == PACKAGES else None
        if only and not is_package(key):
            yield f"{key!r} is no package name"
            return
        try:
            requests.ask(versions.checked(versions.parse(value)), only)
        except ValueError as error:
            yield str(error)
    elif section == SECTION and key in ("enable", "disable"):
        for name in filter(None, (word.strip() for word in value.split(","))):
            if name not in known:
                yield unknown(name, known)
            elif key == "enable":
                requests.enable(name, None, insecure=allowed)
            else:
                requests.disable(name)
    elif section == SECTION and key not in KEYS:
        import difflib

        near = difflib.get_close_matches(key, KEYS, 1)
        yield f"unknown key {key!r}" + (f"; did you mean {near[0]}?" if near else "")
