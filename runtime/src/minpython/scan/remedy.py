"""What helps against a finding: the behaviour that restores it, and the modern way."""

from __future__ import annotations

import re

from minpython import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from minpython.scan.finding import Fact

    class Remedy(NamedTuple):
        """The behaviour that restores something, if any does, and how to do without it."""

        behaviour: str | None
        reason: str
        instead: str

else:
    from collections import namedtuple

    Remedy = namedtuple("Remedy", "behaviour reason instead")


class Remedies:
    """The behaviour table, looked up by fact."""

    def __init__(self) -> None:
        self._behaviours = {fact: entry for entry in table.load() for fact in entry.facts}
        self._modules = {name: entry for entry in table.load() for name in entry.modules}
        self._reasons = {
            fact: entry.reason for entry in table.load_not_restored() for fact in entry.facts
        }

    def of(self, fact: Fact) -> Remedy:
        """Return what helps against a fact."""
        key = f"{fact.kind} {fact.name} {fact.removed_in}"
        entry = self._behaviours.get(key)
        if entry is None and fact.kind == "module":
            entry = self._modules.get(fact.name)
        instead = fact.instead or (entry.instead if entry else "")
        if entry is not None:
            return Remedy(entry.name, "", instead)
        return Remedy(None, self._reasons.get(key, "no behaviour restores it"), instead)


def rule(fact: Fact) -> str:
    """Return the identifier of a fact in reports: ``attribute/collections.Mapping``."""
    return f"{fact.kind}/{re.sub(r'[^A-Za-z0-9_.]+', '-', fact.name).strip('-')}"
