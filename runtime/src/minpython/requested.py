"""Requests that take more than a start with one plain version: the whole of their text form."""

import os
import sys

from minpython._index import BEHAVIOURS, INSECURE
from minpython.engine import requests, state
from minpython.source import hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from minpython.engine.requests import Requests, Version


def ask(config: "str | None", environment: "Callable[[str], str]") -> None:
    """Put in force what the first of command line, environment and file asks for.

    Args:
        config: the path of a ``minpython.cfg`` that may be there, or None to read none.
        environment: returns the value of a variable, or an empty text.

    Raises:
        ConfigError: a request can't be read or had.
    """
    report = environment("PYTHONMINVERSION_REPORT")
    try:
        found = _read(config, environment)
    finally:
        if report:
            from minpython.commands import report as reporting

            reporting.begin(report)
    if found is not None:
        put_in_force(found)


def ask_for_files() -> None:
    """Let files that ask for themselves be noticed wherever something compiles them."""
    with state.lock:
        state.requests.per_file = True
    hooks.install()


def syntax_version() -> "Version | None":
    """Return the version whose syntax the main program is written in, or None."""
    return state.syntax_version("__main__")


def _read(config: "str | None", environment: "Callable[[str], str]") -> "Requests | None":
    """Return what the strongest source asks for."""
    option = sys._xoptions.get("min_version")
    if option is not None:
        text = "" if option is True else str(option)
        return requests.parse(text, "-X min_version", BEHAVIOURS)
    variable = environment("PYTHONMINVERSION")
    if variable:
        return requests.parse(variable, "PYTHONMINVERSION", BEHAVIOURS)
    if config is not None and os.path.isfile(config):
        from minpython.engine import configfile

        return configfile.read(config, BEHAVIOURS)
    return None


def put_in_force(found: "Requests") -> None:
    """Check the single behaviours among the requests, and take them all into force.

    Raises:
        ConfigError: some can't be had in this way; the rest is in force all the same.
    """
    problems = _checked(found) if found.enabled else []
    with state.lock:
        state.requests = found
    hooks.install()
    state.refresh()
    if problems:
        from minpython.errors import ConfigError

        raise ConfigError("; ".join(problems))


def _checked(found: "Requests") -> "list[str]":
    """Take out of the requests the single behaviours that can't be had; return why."""
    from minpython import api

    problems = []
    for name, (everyone, packages) in list(found.enabled.items()):
        try:
            api.check(
                name,
                None if everyone else packages,
                allow_insecure=name in found.insecure or not BEHAVIOURS[name][INSECURE],
            )
        except ValueError as error:
            problems.append(str(error))
            del found.enabled[name]
    insecure = [name for name in found.enabled if BEHAVIOURS[name][INSECURE]]
    if insecure:
        api.warn_insecure(insecure)
    return problems
