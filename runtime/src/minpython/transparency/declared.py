"""Which behaviour a difference comes from: by the names that each has changed, not by modules."""

from __future__ import annotations

from minpython._index import TARGETED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Difference = tuple[str, str, str]

# What follows from a change elsewhere: in whatever is made afterwards, and in the interpreter's
# own lists.
_MADE = ("._source", ".__format__", "._generate_next_value_")
_LISTS = ("interpreter", "frames")


class Declared:
    """The differences that the behaviours restored in one process declare."""

    def __init__(self, places: dict[str, list[str]], bare: Any) -> None:
        """Take the changed names of each behaviour, and what a bare interpreter shows."""
        self._names = {name for dotted in places.values() for name in dotted}
        # Behaviours that change something in another way than by name: their targets.
        quiet = {behaviour for behaviour, dotted in places.items() if not dotted}
        self._modules = {target for target, names in TARGETED.items() if quiet & set(names.split())}
        self._bare = bare

    def by(self, each: Difference) -> bool:
        """Tell whether a behaviour that is restored declares the difference."""
        path, before, after = each
        if path.startswith(_LISTS):
            return True
        words = path.split(" ")[0].split(".")
        if path.endswith("[names]"):
            return self._listed(".".join(words), before, after)
        if words[-1] in {name[1:] for name in _MADE}:
            return True
        return any(self._changed(words[:count]) for count in range(1, len(words) + 1))

    def _listed(self, module: str, before: str, after: str) -> bool:
        """Tell whether all names that a module or class has lost or got are declared."""
        names = [word.strip("' ") for side in (before, after) for word in side[2:-1].split(",")]
        made = {name[1:] for name in _MADE} | {"exec", "eval"}
        return module in self._modules or all(
            not name or name in made or f"{module}.{name}" in self._names for name in names
        )

    def _changed(self, words: list[str]) -> bool:
        """Tell whether the thing of this name, or what it is elsewhere, was changed."""
        dotted = ".".join(words)
        if dotted in self._names or dotted in self._modules:
            return True
        facts = self._bare.get(".".join(words[:-1]), {}).get("." + words[-1])
        if not isinstance(facts, dict):
            return False
        return f"{facts['module']}.{facts['qualname']}" in self._names
