"""Which behaviour a difference comes from: by the names that each has changed, not by modules."""

from __future__ import annotations

from minpython._index import BEHAVIOURS, HOW, TARGETED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Difference = tuple[str, str, str]

# What follows from a change elsewhere: in whatever is made afterwards, and in the interpreter's
# own lists.
_MADE = ("._source", ".__format__", "._generate_next_value_")
# What a module itself puts in when it is first read (3.12 and 3.13), by whomever.
_ON_READ = frozenset(
    {
        "importlib.abc.ResourceReader",
        "importlib.abc.Traversable",
        "importlib.abc.TraversableResources",
        "typing.Match",
        "typing.Pattern",
    }
)
_LISTS = ("interpreter", "frames")
# What the engine itself puts in, for every version: the import system's names of byte code files
# have a quick way, and the built-in functions that run code take old source.
_ENGINE = frozenset({"importlib.util.cache_from_source [code]"})
_OWN = frozenset({"exec", "eval"})
# With a `__str__` of its own, as it was up to 3.7, `int` makes `enum` give these one too.
_OF_INT = frozenset({"IntEnum", "IntFlag"})


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
        """Return whether a behaviour that is restored declares the difference."""
        path, before, after = each
        if path.startswith(_LISTS) or path in _ENGINE:
            return True
        words = path.split(" ")[0].replace("os.path", "posixpath", 1).split(".")
        if path.endswith("[names]"):
            return self._listed(".".join(words), before, after)
        if words[-1] in {name[1:] for name in _MADE} or words[-1] in _OWN:
            return True
        if words[-1] == "__str__" and words[-2] in _OF_INT:
            return True
        if path.endswith("[signature]") and (
            self._changed([*words, "__new__"]) or self._changed([*words, "__init__"])
        ):
            return True
        return any(self._changed(words[:count]) for count in range(1, len(words) + 1))

    def _listed(self, owner: str, before: str, after: str) -> bool:
        """Return whether all names that a module or class has lost or got are declared."""
        names = [word.strip("' ") for side in (before, after) for word in side[2:-1].split(",")]
        words = owner.split(".")
        made = (
            {name[1:] for name in _MADE} | _OWN | ({"__str__"} if words[-1] in _OF_INT else set())
        )
        return self._changed(words) or all(
            not name or name in made or self._changed([*words, name]) for name in names
        )

    def _changed(self, words: list[str]) -> bool:
        """Return whether the thing of this name, or what it is elsewhere, was changed."""
        dotted = ".".join(words)
        if dotted in self._names or dotted in self._modules or dotted in _ON_READ:
            return True
        if words[-1] == "__getattr__" and self._has_lazy(".".join(words[:-1])):
            return True
        for count in range(1, len(words)):
            facts = self._bare.get(".".join(words[:count]), {})
            for at in range(count, len(words)):
                facts = facts.get("." + words[at]) if isinstance(facts, dict) else None
                home = _home(facts)
                if home is not None and self._at(home, words[at + 1 :]):
                    return True
        return False

    def _has_lazy(self, module: str) -> bool:
        """Return whether attributes of a module are given by ``__getattr__``: it has lost some."""
        names = TARGETED.get(module, "").split()
        lazy = any(BEHAVIOURS[name][HOW] == "lazy-attribute" for name in names)
        return lazy or any(name.startswith(module + ".") for name in self._names)

    def _at(self, home: tuple[str, str], rest: list[str]) -> bool:
        """Return whether a behaviour changed a thing at home, or an attribute that it inherits."""
        module, name = home
        names = {".".join([module, name, *rest]), ".".join(["builtins", name, *rest])}
        if module in self._modules or names & self._names:
            return True
        return bool(rest) and any(
            each.startswith(module + ".") and each.endswith("." + rest[-1]) for each in self._names
        )


def _home(facts: Any) -> tuple[str, str] | None:
    """Return the module and the name that something gives for itself."""
    if isinstance(facts, list):
        facts = next((each for each in facts if isinstance(each, dict)), None)
    if not isinstance(facts, dict) or not isinstance(facts.get("qualname"), str):
        return None
    return (str(facts["module"]), facts["qualname"])
