"""What ``minpython explain``, ``minpython doctor`` and the reference page tell of the table."""

from __future__ import annotations

import os
import sys

from minpython import api, table, versions
from minpython.behaviour import HOW
from minpython.engine import journal
from minpython.engine.requests import unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from minpython.behaviour import Behaviour
    from minpython.engine.requests import Version


def entry(name: str) -> Behaviour:
    """Return the table's entry ``name``.

    Raises:
        ValueError: there is none; the message has a near miss.
    """
    known = {behaviour.name: behaviour for behaviour in table.load()}
    if name not in known:
        raise ValueError(unknown(name, known))
    return known[name]


def facts(behaviour: Behaviour) -> dict[str, Any]:
    """Return an entry as JSON data."""
    return {
        "name": behaviour.name,
        "what": behaviour.what,
        "changed_in": versions.text(behaviour.changed_in),
        "by": behaviour.by,
        "how": behaviour.how,
        "target": list(behaviour.target),
        "modules": list(behaviour.modules),
        "provider": behaviour.provider,
        "scope": behaviour.scope,
        "scope_reason": behaviour.scope_reason,
        "instead": behaviour.instead,
        "security": behaviour.security,
        "allow_insecure": behaviour.allow_insecure,
        "default": behaviour.default,
        "until": behaviour.until,
    }


def as_text(behaviour: Behaviour) -> str:
    """Return an entry for people."""
    lines = [
        behaviour.name,
        f"  {behaviour.what}",
        f"  changed in:    Python {versions.text(behaviour.changed_in)} ({behaviour.by})",
        f"  restored by:   {HOW[behaviour.how]}",
    ]
    if behaviour.target:
        lines.append(f"  where:         {', '.join(behaviour.target)}")
    if behaviour.modules:
        lines.append(f"  modules:       {', '.join(behaviour.modules)}")
    if behaviour.provider:
        lines.append(f"  provided by:   {behaviour.provider}")
    if behaviour.scope == "package":
        lines.append("  scope:         the program, a package or a file")
    else:
        lines.append(f"  scope:         the program only: {behaviour.scope_reason}")
    if not behaviour.default and not behaviour.allow_insecure:
        lines.append("  asked for:     by its name only, a version doesn't switch it on")
    if behaviour.instead:
        lines.append(f"  modern way:    {behaviour.instead}")
    if behaviour.security:
        lines.append(f"  security:      {behaviour.security}")
    if behaviour.allow_insecure:
        lines.append("  needs:         its name and allow_insecure")
    lines.append(f"  supported to:  Python {behaviour.until}")
    return "\n".join([*lines, ""])


def diagnose(version: Version, packages: list[str]) -> list[dict[str, Any]]:
    """Try to restore everything that ``version`` asks for here; return what stays away and why.

    Imports every module that has something to restore, so this belongs into a process of its own.

    Args:
        version: the minimum version.
        packages: the packages that ask for it; none for the whole program.
    """
    behaviours = [each for each in table.load() if version < each.changed_in <= versions.running()]
    findings = [
        _finding(each.name, "not for packages", each.scope_reason)
        for each in behaviours
        if packages and each.scope == "global"
    ]
    api.set_min_python_version(version, packages or ["*"])
    for behaviour in behaviours:
        if behaviour.allow_insecure:
            findings.append(_finding(behaviour.name, "insecure", behaviour.security))
        elif not behaviour.default:
            findings.append(_finding(behaviour.name, "by name only", behaviour.what))
        else:
            findings.extend(_tried(behaviour))
    findings.extend(_other_places())
    return findings


def _tried(behaviour: Behaviour) -> list[dict[str, Any]]:
    found = []
    for module in (*behaviour.target, *behaviour.modules):
        try:
            __import__(module)
        except ModuleNotFoundError as error:
            found.append(_finding(behaviour.name, "missing module", str(error)))
        except Exception as error:  # noqa: BLE001 - any module may fail in any way
            reason = f"import of {module}: {type(error).__name__}: {error}"
            found.append(_finding(behaviour.name, "failed", reason))
    if behaviour.name in journal.failed:
        found.append(_finding(behaviour.name, "failed", journal.failed[behaviour.name]))
    return found


def not_restored(version: Version) -> list[dict[str, Any]]:
    """Return the known removals since ``version`` that nothing restores, with the reasons."""
    found = []
    for group in table.load_not_restored():
        for fact in group.facts:
            changed = versions.parse(fact.rpartition(" ")[2])
            if version < changed <= versions.running():
                found.append(_finding(fact, "not restored", group.reason))
    return found


def _other_places() -> list[dict[str, Any]]:
    """Return what is wrong with the installation itself."""
    from minpython.source import cache

    found = []
    if getattr(sys.flags, "no_site", 0):
        found.append(_finding("start-up", "not active", "-S keeps minpython.pth from being read"))
    if sys.implementation.name != "cpython":
        found.append(_finding("start-up", "not active", "this is not CPython"))
    folder = cache.user_folder()
    nearest = folder
    while nearest and not os.path.isdir(nearest) and os.path.dirname(nearest) != nearest:
        nearest = os.path.dirname(nearest)
    if not os.access(nearest, os.W_OK):
        reason = f"{folder} can't be written: translations in read-only places are made anew"
        found.append(_finding("cache", "slow", reason))
    return found


def _finding(name: str, state: str, reason: str) -> dict[str, Any]:
    return {"name": name, "state": state, "reason": reason}
