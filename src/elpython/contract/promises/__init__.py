"""The promises, one module each.

A module has `check(pair, run) -> Findings`; its docstring's first line is what the promise says.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from elpython.contract.model import PromiseFindings
    from elpython.contract.subject import Pair, Run

__all__ = ["ALONE", "NEEDS_BASE", "PROMISES", "checker", "summary"]

# name -> module; the order is the report's.
PROMISES: dict[str, str] = {
    "identity": "identity",
    "layout": "layout",
    "pyc": "pyc",
    "extensions": "extensions",
    "wheels": "wheels",
    "abi": "abi",
    "headers": "headers",
    "stable-abi": "stable_abi",
    "api": "api",
    "behaviour": "behaviour",
    "process-state": "process_state",
    "warnings": "warned",
    "in-place": "in_place",
    "roll-back": "roll_back",
    "speed": "speed",
}

# These use the whole machine, so that nothing may run beside them.
ALONE = ("behaviour", "speed")


# These run the base itself, so that a reference file is not enough for them; with the reason.
NEEDS_BASE = {
    "extensions": "extension modules are built for the base",
    "behaviour": "the base's test suite runs on the base too",
    "in-place": "environments are made with the base",
    "roll-back": "the base reads what the candidate wrote",
    "speed": "both are measured in turn",
}


def checker(name: str) -> Callable[[Pair, Run], PromiseFindings]:
    """Import a promise's module and return its `check`."""
    module = importlib.import_module(f"{__name__}.{PROMISES[name]}")
    check: Callable[[Pair, Run], PromiseFindings] = module.check
    return check


def summary(name: str) -> str:
    """Return what a promise says, in one line."""
    module = importlib.import_module(f"{__name__}.{PROMISES[name]}")
    return (module.__doc__ or "").splitlines()[0].partition(": ")[2].rstrip(".")
