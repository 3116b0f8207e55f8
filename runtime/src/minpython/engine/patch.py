"""The tools of a restorer: each changes one place, for the right code only, and can be undone.

A restorer is a function that takes one `Patch`. It says *what* comes back; the patch knows for whom
(its scope), counts uses when a report is wanted, and keeps the undo record.
"""

import sys

from minpython import MISSING
from minpython.engine import journal
from minpython.engine.asking import Scoped, dispatcher
from minpython.engine.scope import Scope, asker
from minpython.likeness import at_home, like

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable, Protocol

    class Refused(Protocol):
        """A `minpython.engine.refusal.Refused`, as far as a patch needs it."""

        made: Callable[..., Any]

else:
    ModuleType = type(sys)

# As they are now: a behaviour may put another type under one of these names.
METHODS = (staticmethod, classmethod)
_LAZY = "__minpython_lazy__"
_stand_ins: "dict[tuple[str, int], tuple[Any, Any]]" = {}


class Patch:
    """What one behaviour may change: its name, its scope, and the tools to change things with."""

    __slots__ = ("name", "scope")

    def __init__(self, name: str, scope: "Scope") -> None:
        self.name = name
        self.scope = scope

    def seen(self) -> bool:
        """Return whether the code that called the restored thing sees this behaviour."""
        return self.scope.everyone or self.scope.has(asker(1))

    def used(self) -> None:
        """Count one use, for ``minpython report``; cheap when nothing is counted."""
        if journal.counting:
            journal.count(self.name)

    def lazy(self, module: "ModuleType", name: str, make: "Callable[[], Any]") -> None:
        """Give ``module`` the attribute ``name``, made by ``make()`` when it is first read.

        After the first read the value lies in the module itself, as the original did, so reading it
        costs nothing more. When only some packages see it, it never lies there: each read asks who
        reads. An attribute that the module has is left alone.
        """
        if name not in module.__dict__:
            _lazy_table(module)[name] = _Lazy(self, make)
            journal.at(self.name, module, name)
            journal.note(self.name, lambda: _lazy_table(module).pop(name, None))

    def aliases(self, module: "ModuleType", source: "ModuleType", names: str) -> None:
        """Let each of the space-separated ``names`` be read from ``module`` as from ``source``.

        ``old=new`` gives the attribute ``new`` of ``source`` the name ``old``.
        """
        for pair in names.split():
            old, _, new = pair.partition("=")
            self.lazy(module, old, _reader(source, new or old))

    def attribute(self, owner: "Any", name: str, value: "Any") -> None:
        """Set ``owner.name``, on a class, a C type or a module, unless it is there already.

        ``value`` is what would stand in a class body: a function, a property, a staticmethod. When
        only some packages see it, a descriptor asks at each read who reads; for the others
        ``hasattr`` is false.

        Raises:
            RestoreError: the type takes no attributes on this interpreter.
        """
        if isinstance(owner, ModuleType):
            self.lazy(owner, name, lambda: value)
        elif not hasattr(owner, name):
            self._put(owner, name, value if self._plain() else Scoped(self, name, value))

    def replace(
        self, owner: "Any", name: str, make: "Callable[[Any], Any]", *, counts: bool = True
    ) -> None:
        """Put ``make(original)`` in the place of the function ``owner.name``.

        Code that doesn't see the behaviour goes on calling the original. Static and class methods
        stay what they are. Each call is a use, unless with ``counts=False`` the function itself
        says, by `used`, when it has done what the original wouldn't.
        """
        found = own(owner, name)
        kind = type(found) if type(found) in METHODS else None
        original = found.__func__ if kind else found
        new = self._made(original, make, counts=counts)
        if isinstance(owner, ModuleType):
            new = at_home(new, original, owner, name)
        self._put(owner, name, kind(new) if kind else new)

    def _made(self, original: "Any", make: "Callable[[Any], Any]", *, counts: bool) -> "Any":
        """Return what stands for a function; the same in each place that has the function."""
        key = (self.name, id(original))
        kept = _stand_ins.get(key)
        if kept is None or kept[0] is not original:
            new = like(make(original), original)
            if not self._plain():
                new = like(dispatcher(self, original, new, counts=counts), original)
            kept = _stand_ins[key] = (original, new)
        return kept[1]

    def stand_in(self, module: "ModuleType", name: str, body: "dict[str, Any]") -> None:
        """Put a subclass of the type ``module.name``, with ``body`` added, in the type's place.

        Objects that C code makes stay of the original type; ``isinstance`` and ``issubclass`` with
        the subclass accept them.

        Raises:
            RestoreError: only some packages are to see it, which a replaced type can't do.
        """
        if not self.scope.everyone:
            from minpython.errors import RestoreError

            raise RestoreError(f"{self.name}: a replaced type is seen by the whole program")
        original = getattr(module, name)
        meta = type(original)
        checks = {
            "__instancecheck__": lambda _cls, value: isinstance(value, original),
            "__subclasscheck__": lambda _cls, other: issubclass(other, original),
        }
        new = type(meta.__name__, (meta,), checks)(
            original.__name__,
            (original,),
            {"__slots__": (), "__doc__": original.__doc__, **body},
        )
        new.__module__ = original.__module__
        new.__qualname__ = original.__qualname__
        self._put(module, name, new)

    def value(self, owner: "Any", name: str, value: "Any") -> None:
        """Set ``owner.name`` to ``value`` for the whole program, whatever is there now.

        Raises:
            RestoreError: only some packages are to see it.
        """
        if not self.scope.everyone:
            from minpython.errors import RestoreError

            raise RestoreError(f"{self.name}: {name} is seen by the whole program")
        self._put(owner, name, value)

    def constant(self, module: "ModuleType", name: str, value: "Any") -> None:
        """Let ``module.name`` be ``value`` for code that sees this.

        Where the main program alone does, which no view tells from others, nothing is changed.
        """
        if self.scope.everyone:
            self._put(module, name, value)

    def refuse(self, module: "ModuleType", name: str, refused: "Refused") -> None:
        """Let ``module.name`` be read, by code that takes no other way, and refuse its calls."""
        if name not in module.__dict__ and name not in _lazy_table(module):
            _lazy_table(module)[name] = refused  # type: ignore[assignment]
            journal.note(self.name, lambda: _lazy_table(module).pop(name, None))

    def at_first_read(self, module: "ModuleType", name: str, action: "Callable[[], None]") -> None:
        """Call ``action`` when the attribute ``name``, which ``module`` has, is first read.

        For what is dear to restore, and out of reach without this attribute.
        """
        held = _lazy_table(module).get(name)
        if not isinstance(held, _Held):
            from minpython.engine import own_functions

            own_functions.keep(self.name, module, name)
            value = module.__dict__.pop(name, MISSING)
            if value is MISSING:
                action()
                return
            held = _lazy_table(module)[name] = _Held(value)  # type: ignore[assignment]
            journal.note(self.name, lambda: held.release(module, name))
        held.actions.append((self, action))

    def when_read(self, module: "ModuleType", name: str, action: "Callable[[], None]") -> None:  # noqa: ARG002
        """Call ``action`` before code that sees this reads ``module.name``; here, at once."""
        action()

    def undo(self, undo: "Callable[[], object]") -> None:
        """Remember how to take back a change that none of the tools made."""
        journal.note(self.name, undo)

    def _plain(self) -> bool:
        return self.scope.everyone and not journal.counting

    def _put(self, owner: "Any", name: str, value: "Any") -> None:
        before = vars(owner).get(name, MISSING)
        try:
            setattr(owner, name, value)
        except (TypeError, AttributeError):
            if not isinstance(owner, type):
                raise
            from minpython import typedict

            typedict.set_entry(owner, name, value)
        journal.at(self.name, owner, name)
        journal.note(self.name, lambda: _take_back(owner, name, value, before))


class _Lazy:
    """A module attribute that isn't made yet, or that not everyone sees."""

    __slots__ = ("made", "make", "patch")

    def __init__(self, patch: "Patch", make: "Callable[[], Any]") -> None:
        self.patch = patch
        self.make = make
        self.made = MISSING

    def seen(self) -> bool:
        return self.patch.seen()

    def get(self, module: "ModuleType", name: str) -> "Any":
        if self.made is MISSING:
            self.made = self.make()
        value = self.made
        if self.patch._plain():
            module.__dict__[name] = value
            journal.note(self.patch.name, lambda: _take_back(module, name, value, MISSING))
        self.patch.used()
        return value


class _Held:
    """A module's own attribute, kept back until it is read, for what has to happen before."""

    __slots__ = ("actions", "value")

    def __init__(self, value: "Any") -> None:
        self.value = value
        self.actions: list[tuple[Patch, Callable[[], None]]] = []

    def seen(self) -> bool:
        return True

    def release(self, module: "ModuleType", name: str) -> None:
        if _lazy_table(module).pop(name, None) is self:
            module.__dict__.setdefault(name, self.value)

    def get(self, module: "ModuleType", name: str) -> "Any":
        self.release(module, name)
        for patch, action in self.actions:
            try:
                action()
            except Exception as error:  # noqa: BLE001 - told by doctor
                journal.failed[patch.name] = f"{type(error).__name__}: {error}"
        return self.value


class _Table(dict):  # type: ignore[type-arg]
    """The lazy attributes of one module, and what is to be done before they are looked at."""

    __slots__ = ("failures", "waiting")

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Callable[[], None]] = []
        self.failures: list[str] = []


def defer(module: "ModuleType", action: "Callable[[], None]") -> None:
    """Call ``action`` when an attribute that ``module`` lacks is read, before it is looked for."""
    waiting = _lazy_table(module).waiting
    waiting.append(action)
    journal.note("", lambda: waiting.remove(action) if action in waiting else None)


def wait(name: str, module: "ModuleType", function: str, action: "Callable[[], object]") -> None:
    """Call ``action``, for the behaviour ``name``, before a function of a module is first called.

    Whoever took the function before goes through this one each time, to the restored one. When
    something else was put around it before the first call, the function stays as it is.
    """
    original, done = module.__dict__[function], False

    def waiting(*args: "Any", **kwargs: "Any") -> "Any":
        nonlocal done
        if not done:
            if module.__dict__.get(function) is not made:
                return original(*args, **kwargs)
            done = True
            module.__dict__[function] = original
            action()
        return module.__dict__[function](*args, **kwargs)

    made = module.__dict__[function] = at_home(like(waiting, original), original, module, function)
    journal.at(name, module, function)
    journal.note(name, lambda: _take_back(module, function, made, original))


def _settle(module: "ModuleType", table: "_Table", found: "Any") -> None:
    """Put everything that everyone sees into the module, and take ``__getattr__`` away again.

    While a module has one, the interpreter doesn't specialise reads of *any* of its attributes; so
    the first use of a restored one makes the others too.
    """
    for name, entry in list(table.items()):
        if isinstance(entry, _Lazy) and entry.patch._plain() and name not in module.__dict__:
            try:
                entry.get(module, name)
            except Exception:  # noqa: BLE001 - whoever reads it shall see this
                return
    if table.waiting or table.failures or not all(name in module.__dict__ for name in table):
        return
    getter = module.__dict__.get("__getattr__")
    if getattr(getter, _LAZY, None) is not table or journal.counting:
        return
    if found is None:
        del module.__dict__["__getattr__"]
    else:
        module.__dict__["__getattr__"] = found
    journal.note("", lambda: module.__dict__.setdefault("__getattr__", getter))


def tell_failure(module: "ModuleType", reason: str) -> None:
    """Let the message for an attribute that ``module`` lacks tell that this wasn't restored."""
    failures = _lazy_table(module).failures
    failures.append(reason)
    journal.note("", lambda: failures.remove(reason) if reason in failures else None)


def _lazy_table(module: "ModuleType") -> "_Table":
    """Return the lazy attributes of ``module``; the first call gives it a ``__getattr__``."""
    found = module.__dict__.get("__getattr__")
    known: _Table | None = getattr(found, _LAZY, None)
    if known is not None:
        return known
    table = _Table()

    def __getattr__(name: str) -> "Any":  # noqa: N807 - PEP 562
        while table.waiting:
            try:
                action = table.waiting.pop(0)
            except IndexError:
                break
            action()
        entry = table.get(name)
        if entry is not None and entry.seen():
            value = entry.get(module, name)
            _settle(module, table, found)
            return value
        if found is not None:
            return found(name)
        told = "; minpython could not restore " + ", ".join(table.failures)
        raise AttributeError(
            f"module {module.__name__!r} has no attribute {name!r}{told if table.failures else ''}",
        )

    setattr(__getattr__, _LAZY, table)
    module.__dict__["__getattr__"] = __getattr__
    journal.note("", lambda: _take_back(module, "__getattr__", __getattr__, found or MISSING))
    return table


def _reader(source: "ModuleType", name: str) -> "Callable[[], Any]":
    return lambda: getattr(source, name)


def own(owner: "Any", name: str) -> "Any":
    """Return what stands under ``name`` in the body of ``owner``, or what it inherits."""
    found = vars(owner).get(name, MISSING)
    return getattr(owner, name) if found is MISSING else found


def _take_back(owner: "Any", name: str, value: "Any", before: "Any") -> None:
    """Put ``before`` back under ``owner.name`` if ``value`` still stands there."""
    if vars(owner).get(name, MISSING) is not value:
        return
    try:
        if before is MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, before)
    except (TypeError, AttributeError):
        if not isinstance(owner, type):
            raise
        from minpython import typedict

        typedict.reset_entry(owner, name, before)


def module(name: str) -> "ModuleType":
    """Return the imported module ``name``; for restorers whose target has several modules."""
    return sys.modules[name]
