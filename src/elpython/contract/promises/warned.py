"""Warnings: importing and using the library warns of nothing that the base does not warn of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from elpython.contract.compare import added
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.probe import ask, ask_python
from elpython.contract.stdlib import modules
from elpython.contract.subject import remember
from elpython.contract.warned_source import new_warnings
from elpython.core.store import key_of

if TYPE_CHECKING:
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_SAMPLES = Path(__file__).parents[1] / "data" / "samples"
_SECONDS = 180.0
# What the probe itself has imported before it can listen: imported again, with ears open.
_EARLY = """
import sys, warnings
for name in "json json.decoder json.encoder io os importlib typing re enum".split():
    sys.modules.pop(name, None)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import io, os, importlib, json, re, enum, typing
for item in caught:
    sys.stdout.write("{}: {}\\n".format(item.category.__name__, item.message))
"""


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Compare the warnings of each import and of each sample."""
    # Modules of the base: one that only the candidate has cannot warn the base's users.
    # Public ones first: who imports `_asyncio` before `asyncio` gets two halves that do not fit.
    names = sorted(modules(pair.base, private=True), key=lambda name: (name.startswith("_"), name))
    old, new = (_observe(run, subject, names) for subject in pair.both())
    found: list[Difference] = []
    for key in sorted(old.keys() & new.keys()):
        before, after = set(old[key]), set(new[key])
        for text in sorted(after - before):
            # A module that cannot be imported is the promise `api`'s to tell.
            if key.startswith("sample.") or not text.startswith("fails"):
                name = f"{key}.{text.split(':')[0]}"
                found.append(added(name, "warns now", text, harmless=False))
    blind = [name for name in old if name.startswith("sample.") and _fails(old[name])]
    recorded = pair.base.recorded is not None
    found += [] if recorded else new_warnings(pair)
    gaps = tuple(f"{name} shows nothing: it {_fails(old[name])} on the base" for name in blind)
    return PromiseFindings(checked=len(old), differences=tuple(found), gaps=gaps, partial=recorded)


def _fails(texts: list[str]) -> str:
    """Return how a sample ended; empty for one that went to its end."""
    return next((text for text in texts if text.startswith("fails")), "")


def _observe(run: Run, subject: Subject, names: list[str]) -> dict[str, list[str]]:
    def make() -> object:
        request = {
            "modules": names,
            "samples": {path.stem: str(path) for path in _SAMPLES.glob("*.py")},
        }
        flags = ("-I", "-S", "-B")
        found = ask(subject.python, "warned", request, flags=flags, timeout=_SECONDS)
        early = ask_python(subject.python, _EARLY, flags=flags)
        found["import.early"] = sorted(set(early.splitlines()))
        return found

    found: dict[str, list[str]] = remember(run, subject, f"warned-{key_of(names)}", make)
    return found
