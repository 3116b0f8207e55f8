"""Whom a difference reaches: the packages that use what differs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from elpython.contract.environment.model import Decision, Needs
from elpython.contract.model import Kind, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from elpython.contract.environment.model import Package
    from elpython.contract.model import Difference, PromiseOutcome

__all__ = ["Index", "decide"]

_BINARY = {"abi", "headers", "stable-abi"}
_NAMED = {"api", "warnings"}
_MODULE_FILE = re.compile(r"^-?stdlib/(.+?)(?:/__init__)?\.py$")


@dataclass(slots=True)
class Index:
    """Needs by what is needed, so that each difference is one look."""

    names: dict[str, set[str]] = field(default_factory=dict)
    classes: dict[str, set[str]] = field(default_factory=dict)
    symbols: dict[str, set[str]] = field(default_factory=dict)
    attributes: dict[str, set[str]] = field(default_factory=dict)
    patches: dict[str, set[str]] = field(default_factory=dict)
    modules: dict[str, set[str]] = field(default_factory=dict)
    keywords: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    config: dict[str, set[str]] = field(default_factory=dict)
    compiled: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, needs: Iterable[Needs]) -> Index:
        """Build the index over any number of needs."""
        index = cls()
        for package in (package for item in needs for package in item.packages):
            index.add(package)
        return index

    def add(self, package: Package) -> None:
        """Enter one package."""
        for table, keys in (
            (self.names, package.names),
            (self.classes, package.subclasses),
            (self.symbols, package.symbols),
            (self.attributes, package.attributes),
            (self.patches, package.patches),
            (self.config, package.config),
        ):
            for key in keys:
                table.setdefault(key, set()).add(package.name)
        for name in package.names:
            parts = name.split(".")
            for length in range(1, len(parts) + 1):
                self.modules.setdefault(".".join(parts[:length]), set()).add(package.name)
        for name, words in package.keywords.items():
            for word in words:
                self.keywords.setdefault((name, word), set()).add(package.name)
        if package.extensions and not package.limited:
            self.compiled.add(package.name)


def decide(outcomes: Iterable[PromiseOutcome], needs: Iterable[Needs]) -> list[Decision]:
    """Mark each difference with the packages that it reaches; additions reach nobody.

    A branch's declared changes are asked too: what a branch means to change may still be used.
    """
    index = Index.of(needs)
    return [
        replace(_decision(outcome.promise, item.difference, index), state=item.state.value)
        for outcome in outcomes
        for item in outcome.judged
        if not item.difference.harmless
        and item.difference.kind is not Kind.UNMATCHED
        and not (item.state is State.DECLARED and item.difference.kind is Kind.ADDED)
    ]


def _decision(promise: str, found: Difference, index: Index) -> Decision:
    users: set[str] = set()
    possible: set[str] = set()
    if promise in _BINARY:
        users, possible = _binary(found, index)
    elif promise in _NAMED or promise == "roll-back":
        users, possible = _named(promise, found, index)
    elif promise == "layout":
        users = _placed(found, index)
    return Decision(
        promise=promise,
        difference=found,
        users=tuple(sorted(users)),
        possible=tuple(sorted(possible - users)),
    )


def _binary(found: Difference, index: Index) -> tuple[set[str], set[str]]:
    """A symbol is known from the binary; a struct or a constant is not, so all may hold it."""
    words = re.findall(r"\w+", found.key)
    users = set().union(*(index.symbols.get(word, set()) for word in words))
    about_symbols = found.key.startswith(("symbol.", "function.", "layout.function.")) or users
    return users, set() if about_symbols else set(index.compiled)


def _named(promise: str, found: Difference, index: Index) -> tuple[set[str], set[str]]:
    key = found.key
    if promise == "warnings":
        key = key.removeprefix("import.").rpartition(".")[0]
        return set(index.modules.get(key, ())), set()
    if promise == "roll-back":
        match = re.search(r"(?:name|instance)\.(.+)$", key)
        return (set(index.names.get(match.group(1), ())) if match else set()), set()
    key, _, parameter = key.partition("(")
    if parameter.startswith("import "):
        other = parameter.removeprefix("import ").rstrip(")")
        return index.modules.get(key, set()) & index.modules.get(other, set()), set()
    if parameter:
        return set(index.keywords.get((key, parameter.rstrip(")")), ())), set()
    owner, _, last = key.rpartition(".")
    if found.breaks == "subclasses":
        # A new abstract method, a metaclass: it reaches whoever derives from the class.
        return set(index.classes.get(key, ())) | set(index.classes.get(owner, ())), set()
    if found.breaks == "extensions":
        return set(), set(index.compiled)
    users = set(index.modules.get(key, ()))
    # Who assigns to a name does not fail without it, but wants an effect.
    possible = set(index.patches.get(key, ()))
    if owner in index.names:
        # A method of an object whose type is not known: by its name, and the class is used.
        possible |= index.attributes.get(last, set()) & index.names[owner]
    return users, possible


def _placed(found: Difference, index: Index) -> set[str]:
    match = _MODULE_FILE.match(found.key)
    if match:
        return set(index.modules.get(match.group(1).replace("/", "."), ()))
    area, _, name = found.key.partition(".")
    return set(index.config.get(name, ())) if area in {"config", "makefile"} else set()
