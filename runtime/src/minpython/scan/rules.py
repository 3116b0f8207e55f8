"""The modern forms of what is gone: ``fixes.ini``, looked up by fact."""

from __future__ import annotations

import configparser
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NamedTuple

    from minpython.scan.finding import Fact

    class Rule(NamedTuple):
        """What to write for a fact: the section of ``fixes.ini``, and what it says there."""

        kind: str
        new: str

else:
    from collections import namedtuple

    Rule = namedtuple("Rule", "kind new")

_PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fixes.ini")
MEMBERS = "members"


class Rules:
    """The sections of ``fixes.ini``."""

    def __init__(self, path: str = _PATH) -> None:
        parser = configparser.ConfigParser(
            interpolation=None, delimiters=("=",), comment_prefixes=("#",), default_section=""
        )
        parser.optionxform = str  # type: ignore[assignment, method-assign]
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
        self.sections = {name: dict(parser.items(name)) for name in parser.sections()}
        self._facts = {
            fact: Rule(kind, new)
            for kind, rows in self.sections.items()
            if kind != MEMBERS
            for fact, new in rows.items()
        }
        self.members = self.sections[MEMBERS]

    def of(self, fact: Fact) -> Rule | None:
        """Return the rule for a fact; ``None`` when nothing that means the same can be written.

        A module without a rule has the rule of its members, if there is one for any of them.
        """
        rule = self._facts.get(fact.name)
        if rule is not None or fact.kind != "module":
            return rule
        known = any(name.startswith(fact.name + ".") for name in self.members)
        return Rule(MEMBERS, "") if known else None
