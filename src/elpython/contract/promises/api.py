"""API: public names, signatures, defaults, bases, fields and enumerators of the library stay."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elpython.contract.api_compare import compare_apis
from elpython.contract.api_source import breakages
from elpython.contract.compare import removed
from elpython.contract.model import PromiseFindings
from elpython.contract.probe import ask
from elpython.contract.stdlib import modules
from elpython.contract.subject import observe, remember
from elpython.contract.together import together

if TYPE_CHECKING:
    from elpython.contract.model import Difference
    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_SECONDS = 120.0
_TABLE = Path(__file__).parents[1] / "data" / "private.toml"


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Compare what both interpreters say of their modules, then the sources that differ."""
    old, new = (_observe(run, subject) for subject in pair.both())
    found = compare_apis(old, new)
    known = {item.key.split("(")[0] for item in found}
    recorded = pair.base.recorded is not None
    static = [item for item in ([] if recorded else breakages(pair)) if item.key not in known]
    # For a reference file: `modules` reads the names there, public ones and private ones.
    observe(run, pair.base, "modules", lambda: modules(pair.base, private=True))

    found += static + _left_behind(pair, run) + _private(pair, run)
    return PromiseFindings(checked=len(old), differences=tuple(found), partial=recorded)


def _private(pair: Pair, run: Run) -> list[Difference]:
    """Compare the private names that the most used packages use (`contract gather --private`)."""
    table = tomllib.loads(_TABLE.read_text("utf-8"))
    names = {
        name: count
        for name, count in table["names"].items()
        if not run.part or name.rpartition(".")[0] in run.part
    }

    def asked(subject: Subject) -> dict[str, Any]:
        def make() -> object:
            flags = ("-I", "-S")
            return ask(subject.python, "private", {"names": list(names)}, flags=flags)

        told: dict[str, Any] = remember(run, subject, "private", make)
        return told

    old, new = (asked(subject) for subject in pair.both())
    new = {name: thing for name, thing in new.items() if name in old}
    return [
        replace(
            item,
            what=f"{item.what} (private; {names.get(item.key.partition('(')[0], 0)} of the"
            f" {table['packages']} most used packages use it)",
        )
        for item in compare_apis(old, new)
        if not item.harmless
    ]


def _left_behind(pair: Pair, run: Run) -> list[Difference]:
    """Compare which submodules an import brings along: programs use them without an import."""
    names = [name for name in modules(pair.base) if not run.part or name in run.part]
    packages = {name.partition(".")[0] for name in modules(pair.base) if "." in name}
    names = [name for name in names if name.partition(".")[0] in packages]

    def asked(subject: Subject) -> dict[str, list[str] | None]:
        def make() -> object:
            request = {"modules": names}
            return ask(subject.python, "along", request, flags=("-I", "-S"), timeout=_SECONDS)

        told: dict[str, list[str] | None] = remember(run, subject, "along", make)
        return told

    old, new = (asked(subject) for subject in pair.both())
    what = "no longer comes along: programs that import {} alone cannot use it"
    return [
        replace(removed(f"{name}(import {other})", what.format(name), other), breaks="callers")
        for name, others in old.items()
        if others is not None and new.get(name) is not None
        for other in others
        if other not in (new[name] or ())
    ]


def _described(subject: Subject, request: dict[str, Any], jobs: int) -> dict[str, Any]:
    """Ask what the names are, and how they act; unlisted values are told by the latter alone."""

    def asked(probe: str) -> dict[str, Any]:
        told: dict[str, Any] = ask(
            subject.python, probe, request, flags=("-I", "-S"), timeout=_SECONDS
        )
        return told

    table, traits, words = together(asked, ("api", "traits", "keywords"), jobs)
    for name, made in (*traits.items(), *words.items()):
        if name in table:
            table[name] |= {k: v for k, v in made.items() if k not in {"kind", "unlisted"}}
        elif made.get("kind") == "value":
            table[name] = made
    return table


def _observe(run: Run, subject: Subject) -> dict[str, Any]:
    def make() -> object:
        wanted = [name for name in modules(subject) if not run.part or name in run.part]
        request = {"modules": wanted, "public": modules(subject)}
        # Without site: what is installed beside the library may patch it. But what site itself
        # adds (`exit`, on EL Python `sys.set_min_python_version`) is public too.
        bare = _described(subject, request, run.jobs)
        if run.part:
            return bare
        touched = {"modules": ["builtins", "sys"]}
        return bare | ask(subject.python, "api", touched, flags=("-I",), timeout=_SECONDS)

    found: dict[str, Any] = remember(run, subject, "api", make)
    return found
