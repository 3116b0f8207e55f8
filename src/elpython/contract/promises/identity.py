"""Identity: programs see the base; only what tells a variant apart may differ."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from elpython.contract.compare import changed, tables
from elpython.contract.model import Difference, PromiseFindings
from elpython.contract.subject import observe
from elpython.core.process import run as run_program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from elpython.contract.subject import Pair, Run, Subject

__all__ = ["check"]

_SYS = ("version_info", "hexversion", "api_version", "abiflags", "maxsize", "byteorder")
# What a variant's own identity consists of (PEP 421 leaves both to the implementation).
_VARIANT = {"version", "hexversion", "variant"}
_BUILD_DETAILS = re.compile(r"^\S+ \(.*\) *(\n| )?\[.+\]$", re.DOTALL)
_EL_VERSION = re.compile(r"^(\d+\.\d+\.\d+)\.(\d{2})\.(\d{2})\.(\d+)((?:a|b|rc)\d+)?$")
_LEVELS = {"alpha": "a", "beta": "b", "candidate": "rc", "final": ""}


def check(pair: Pair, run: Run) -> PromiseFindings:
    """Compare `sys`, `sys.implementation`, `platform` and the markers of PEP 508."""
    old, new = _table(pair.base.facts), _table(pair.candidate.facts)
    # A field more (a limit that a security fix brought) is the promise api's to tell.
    infos = pair.base.facts["infos"]
    new |= {f"sys.{k}": v for k, v in pair.candidate.facts["infos"].items() if k in infos}
    old |= {f"sys.{name}": value for name, value in infos.items()}
    variant = pair.candidate.facts["implementation"].get("variant")
    found = tables(old, new, "value", harmless=False, ignore=_ignored(variant is not None))
    found += _options(pair, run)
    found += _version_text(pair.base.facts, pair.candidate.facts)
    notes: tuple[str, ...] = ()
    if variant is not None:
        found += _variant_table(pair.base.facts, pair.candidate.facts)
        notes = (f"the candidate is the variant {variant!r}",)
    return PromiseFindings(
        checked=len(old.keys() | new.keys()) + 4, differences=tuple(found), notes=notes
    )


def _options(pair: Pair, run: Run) -> list[Difference]:
    """Compare what `-V` and `--version` print: scripts parse it."""
    told = [observe(run, subject, "options", partial(_told, subject)) for subject in pair.both()]
    return tables(told[0], told[1], "printed text", harmless=False)


def _told(subject: Subject) -> dict[str, str]:
    told = {}
    for option in ("-V", "--version"):
        done = run_program([subject.python, option], timeout=30, check=False)
        text = f"{done.stdout}{done.stderr}".strip() or f"exit code {done.returncode}"
        told[f"option.{option}"] = text
    return told


def _ignored(is_variant: bool) -> set[str]:  # noqa: FBT001 - one private caller
    if not is_variant:
        return set()
    return {f"sys.implementation.{name}" for name in _VARIANT} | {"marker.implementation_version"}


def _table(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a program can ask, by dotted name; the build's date is left out."""
    table = {f"sys.{name}": facts[name] for name in _SYS}
    table["sys.platform"] = facts["platform_name"]
    for name, value in facts["implementation"].items():
        table[f"sys.implementation.{name}"] = value
    for name, value in facts["markers"].items():
        table[f"marker.{name}"] = value
    for name, value in facts["platform"].items():
        table[f"platform.{name}"] = value[:1] if name == "python_build" else value
    table["importlib.suffixes"] = facts["suffixes"]
    return table


def _version_text(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Check that `sys.version` still has the form that programs parse."""
    if _BUILD_DETAILS.match(new["version"]):
        return []
    return [
        changed("sys.version", "does not end with build details", old["version"], new["version"])
    ]


def _variant_table(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Hold an EL Python against its identity table: each fact must follow from the EL version."""
    first = new["version"].split(" ", 1)[0]
    match = _EL_VERSION.match(first)
    base = "{}.{}.{}".format(*old["version_info"][:3])
    if match is None or match.group(1) != base:
        return [
            changed("sys.version", "does not begin with the EL version", f"{base}.YY.MM.N", first)
        ]
    implementation = new["implementation"]
    major, minor, micro, level, serial = implementation["version"]
    suffix = _LEVELS.get(level, "?") + (str(serial) if level != "final" else "")
    told = [f"{major:02d}", f"{minor:02d}", str(micro), suffix]
    meant = [match.group(2), match.group(3), match.group(4), match.group(5) or ""]
    found = []
    if told != meant:
        what = "does not follow from the EL version"
        found.append(changed("sys.implementation.version", what, meant, told))
    digit = {"alpha": 0xA, "beta": 0xB, "candidate": 0xC, "final": 0xF}.get(level, 0)
    hexversion = major << 24 | minor << 16 | micro << 8 | digit << 4 | serial
    if implementation["hexversion"] != hexversion:
        what = "does not follow from sys.implementation.version"
        old_text, new_text = hex(hexversion), hex(implementation["hexversion"])
        found.append(changed("sys.implementation.hexversion", what, old_text, new_text))
    if not re.fullmatch(r"elpython(-[a-z0-9]+)*", str(implementation["variant"])):
        what = "is no name of an EL Python"
        found.append(
            changed("sys.implementation.variant", what, "elpython", implementation["variant"])
        )
    return found
