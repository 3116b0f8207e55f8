"""The tables of views: what restorers have for code that looks things up by a view."""

import sys

from minpython import MISSING
from minpython.engine import journal
from minpython.engine.patch import METHODS, Patch, own
from minpython.likeness import at_home, like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    from minpython.engine.patch import Refused
else:
    ModuleType = type(sys)


class _Entry:
    """What one behaviour has under a name of one owner, for those who see it."""

    __slots__ = ("counts", "kept", "make", "original", "owner", "patch", "refused")

    def __init__(
        self, patch: "Patch", owner: "Any", original: "Any", make: "Callable[..., Any]"
    ) -> None:
        self.patch = patch
        self.owner = owner
        self.original = original
        self.make = make
        self.refused = False
        self.counts = True
        self.kept: dict[int, tuple[Any, Any]] = {}

    def used(self) -> None:
        """Count one use, unless what is restored counts them itself."""
        if self.counts:
            self.patch.used()

    def over(self, base: "Any") -> "Any":
        """Return the value over another one, a function that it goes on calling, made once."""
        kept = self.kept.get(id(base))
        if kept is None or kept[0] is not base:
            kept = self.kept[id(base)] = (base, self.make(base))
        return kept[1]


def bound(value: "Any", instance: "Any", owner: "type | None") -> "Any":
    """Return a value of a class's body as reading it from the instance or the class gives it."""
    if owner is None:
        return value
    get = getattr(type(value), "__get__", None)
    return value if get is None else get(value, instance, owner)


added: "dict[str, list[_Entry]]" = {}
replaced: "dict[str, list[_Entry]]" = {}


class ViewPatch(Patch):
    """The tools of a restorer, for code that looks things up by a view."""

    __slots__ = ()

    def seen(self) -> bool:
        """Whoever gets what was restored sees it."""
        return True

    def lazy(self, module: "ModuleType", name: str, make: "Callable[[], Any]") -> None:
        """Note an attribute that ``module`` lacks."""
        if name not in module.__dict__:
            entry = _Entry(self, module, MISSING, lambda _base: make())
            added.setdefault(name, []).append(entry)

    def attribute(self, owner: "Any", name: str, value: "Any") -> None:
        """Note an attribute that ``owner`` lacks."""
        if isinstance(owner, ModuleType):
            self.lazy(owner, name, lambda: value)
        elif not hasattr(owner, name):
            entry = _Entry(self, owner, MISSING, lambda _base: value)
            added.setdefault(name, []).append(entry)

    def replace(
        self,
        owner: "Any",
        name: str,
        make: "Callable[[Any], Any]",
        *,
        counts: bool = True,
    ) -> None:
        """Note what stands for the function ``owner.name``."""
        found = own(owner, name)
        kind = type(found) if type(found) in METHODS else None

        def over(base: "Any") -> "Any":
            function = base.__func__ if kind else base
            new = like(make(function), function)
            if isinstance(owner, ModuleType):
                new = at_home(new, function, owner, name)
            return kind(new) if kind else new

        entry = _Entry(self, owner, found, over)
        entry.counts = counts
        replaced.setdefault(name, []).append(entry)

    def constant(self, module: "ModuleType", name: str, value: "Any") -> None:
        """Note what stands for ``module.name``."""
        entry = _Entry(self, module, module.__dict__[name], lambda _base: value)
        replaced.setdefault(name, []).append(entry)

    def refuse(self, module: "ModuleType", name: str, refused: "Refused") -> None:
        """Note an attribute that ``module`` lacks, and whose calls are refused."""
        if name not in module.__dict__:
            entry = _Entry(self, module, MISSING, lambda _base: refused.made)
            entry.refused = True
            added.setdefault(name, []).append(entry)

    def at_first_read(self, module: "ModuleType", name: str, action: "Callable[[], None]") -> None:  # noqa: ARG002
        """Do it: the name is being read."""
        action()

    def when_read(self, module: "ModuleType", name: str, action: "Callable[[], None]") -> None:
        """Call ``action`` when the attribute ``name``, which ``module`` has, is read."""

        def make(base: "Any") -> "Any":
            action()
            return base

        replaced.setdefault(name, []).append(_Entry(self, module, getattr(module, name), make))

    def undo(self, undo: "Callable[[], object]") -> None:
        """Remember how to take back a change that none of the tools made."""
        journal.note(self.name, undo)
