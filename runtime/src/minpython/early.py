"""What a start with one plain version does, before anything that the version restores is met.

Most of a version's work is about modules that a program hasn't imported yet, and that it may never
import. Here the few things are done that can't wait, without the engine; whatever meets one of the
others wakes it (`minpython.awake`): the import of a module in which something is to be restored or
that is gone, an attribute that a module from the start lacks, a text that the compiler refuses, and
every import of the engine itself.
"""

import sys

from minpython import MISSING, as_import_system, done_early, waiting_for_engine
from minpython._targets import GONE, TARGETS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any, Callable

    Version = tuple[int, int, int]
    Note = tuple[Callable[[], object], Any, str]

_undo: "list[Callable[[], object]]" = []


def number(version: "tuple[int, ...]") -> int:
    """Return a version 3.x.y as the one number that the tables of targets have."""
    return version[1] * 100 + version[2]


def plain(text: str) -> "Version | None":
    """Return the version when ``text`` is one that the running Python can act as, and no more."""
    parts = text.split(".")
    if len(parts) not in (2, 3) or not all(part.isdigit() and part.isascii() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    version = (numbers[0], numbers[1], numbers[2] if len(parts) == 3 else 0)
    return version if (3, 6, 0) <= version <= sys.version_info[:3] else None


def take(version: "Version", *, passed_on: bool) -> bool:
    """Do what can't wait for the version; False when everything has to be done at once.

    Args:
        version: a version that `plain` returned.
        passed_on: other processes find the request in their environment themselves.
    """
    wanted, running = number(version), number(sys.version_info[:3])
    loaded = {}
    for name in tuple(sys.modules):
        row = _row(name)
        if row:
            if any(wanted < int(changed) <= running for changed in _entries(row[_EAGER])):
                return False
            loaded[name] = row
    if not passed_on and "subprocess" in sys.modules:
        return False
    waiting_for_engine.append(version)
    for name, row in loaded.items():
        _ready(sys.modules[name], row, wanted, running)
    if version < (3, 8):
        _take_old_source()
    _tell(version)
    finder = Finder(wanted, passed_on=passed_on)
    sys.meta_path.insert(0, finder)  # type: ignore[arg-type]
    _undo.append(lambda: sys.meta_path.remove(finder))  # type: ignore[arg-type]
    finder.known = _finders()
    return True


def give_back() -> None:
    """Take back everything that the engine does itself."""
    while _undo:
        _undo.pop()()


def wake() -> None:
    """Put the version in force in full; what waits for that in another thread waits here too."""
    __import__("minpython.awake")


class Finder:
    """A meta path finder that finds nothing, and wakes the engine before what it has to see."""

    def __init__(self, wanted: int, *, passed_on: bool) -> None:
        self._wanted = wanted
        self._passed_on = passed_on
        self.known: tuple[int, int] = (0, 0)

    @as_import_system
    def find_spec(self, fullname: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """Wake the engine when a module is its concern, or when there are finders of others."""
        if fullname.partition(".")[0] == "minpython":
            return None
        if (
            _is_target(fullname, self._wanted)
            or f"\n{fullname}\n" in GONE
            or (fullname == "subprocess" and not self._passed_on)
            or _finders() != self.known
        ):
            wake()
            from minpython.engine.gate import GATE

            return GATE.find_spec(fullname, path, target)
        return None


_NAME, _NEWEST, _EAGER, _ATTRIBUTES, _FUNCTIONS, _EARLY = range(6)


def _row(name: str) -> "list[str]":
    """Return the fields about a module; none when nothing is restored in it."""
    at = TARGETS.find(f"\n{name} ") + 1
    return TARGETS[at : TARGETS.index("\n", at)].split(" ") if at else []


def _entries(field: str) -> "list[str]":
    return [] if field == "-" else field.split(",")


def _is_target(name: str, wanted: int) -> bool:
    row = _row(name)
    return bool(row) and wanted < int(row[_NEWEST])


def _finders() -> "tuple[int, int]":
    return (len(sys.meta_path), len(sys.path_hooks))


class _EarlyPatch:
    """A `minpython.engine.patch.Patch` for the whole program, as far as a start needs one."""

    __slots__ = ("_notes", "name", "scope")

    everyone = True

    def __init__(self, name: str, notes: "list[Note]") -> None:
        self.name = name
        self.scope = self
        self._notes = notes

    def has_module(self, _name: str) -> bool:
        return True

    def attribute(self, owner: "Any", name: str, value: "Any") -> None:
        if not hasattr(owner, name):
            self._put(owner, name, value)

    def used(self) -> None:
        pass

    def replace(
        self,
        owner: "Any",
        name: str,
        make: "Callable[[Any], Any]",
        *,
        counts: bool = True,  # noqa: ARG002 - where uses are counted, nothing is done early
    ) -> None:
        from minpython.likeness import at_home, like

        original = getattr(owner, name)
        self._put(owner, name, at_home(like(make(original), original), original, owner, name))

    def when_read(self, _module: "ModuleType", _name: str, action: "Callable[[], None]") -> None:
        action()

    def undo(self, undo: "Callable[[], object]") -> None:
        self._notes.append((undo, None, ""))

    def _put(self, owner: "Any", name: str, value: "Any") -> None:
        self._notes.append((_putting_back(owner, name, value), owner, name))
        setattr(owner, name, value)


def _putting_back(owner: "Any", name: str, value: "Any") -> "Callable[[], None]":
    """Return what gives ``owner.name`` back what it has now, if it has ``value`` then."""
    before = vars(owner).get(name, MISSING)

    def undo() -> None:
        if vars(owner).get(name) is value:
            if before is MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    return undo


def _set(owner: "Any", name: str, value: "Any") -> None:
    _undo.append(_putting_back(owner, name, value))
    setattr(owner, name, value)


def _ready(module: "ModuleType", row: "list[str]", wanted: int, running: int) -> None:
    """Restore in a module from the start what can't wait, and notice what is read or called."""
    for entry in _entries(row[_EARLY]):
        changed, behaviour, restorer = entry.split("=")
        if wanted < int(changed) <= running:
            _restore(behaviour, restorer, module, row[_NAME])
    for entry in _entries(row[_FUNCTIONS]):
        changed, function = entry.split("=")
        if wanted < int(changed) <= running and function in module.__dict__:
            _set(module, function, _waiting(module, function))
    if any(wanted < int(changed) <= running for changed in _entries(row[_ATTRIBUTES])):
        _set(module, "__getattr__", _reading(module))


def _restore(behaviour: str, restorer: str, module: "ModuleType", target: str) -> None:
    """Call a restorer of `minpython.start_restorers`; where it fails, the engine will tell."""
    from minpython import start_restorers

    notes: list[Note] = []
    try:
        getattr(start_restorers, restorer)(_EarlyPatch(behaviour, notes), module)
    except Exception:  # noqa: BLE001 - as with the engine: start-up goes on, doctor tells
        while notes:
            notes.pop()[0]()
    else:
        done_early[behaviour, target] = notes


def _waiting(module: "ModuleType", function: str) -> "Any":
    from minpython.likeness import at_home, like

    original = module.__dict__[function]

    def waiting(*args: "Any", **kwargs: "Any") -> "Any":
        if module.__dict__.get(function) is not made:
            # Someone has put another function around this one.
            return original(*args, **kwargs)
        wake()
        return module.__dict__[function](*args, **kwargs)

    made = at_home(like(waiting, original), original, module, function)
    return made


def _reading(module: "ModuleType") -> "Callable[[str], Any]":
    def __getattr__(name: str) -> "Any":  # noqa: N807 - PEP 562
        wake()
        if module.__dict__.get("__getattr__") is __getattr__:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        return getattr(module, name)

    return __getattr__


def _tell(version: "Version") -> None:
    """Let ``sys.implementation`` tell the version, and byte code files keep their names."""
    facts = sys.implementation
    if facts.cache_tag is not None and version != sys.version_info[:3]:
        import _frozen_importlib_external

        from minpython import ORDINARY_TAG, tagged

        ordinary = tagged(ORDINARY_TAG)
        for name, module in (
            ("", _frozen_importlib_external),
            ("importlib.util", sys.modules.get("importlib.util")),
        ):
            if module is not None or not name:
                _set(module, "cache_from_source", ordinary)
    if facts.cache_tag is not None:
        _set(facts, "cache_tag", f"{facts.name}-{version[0]}{version[1]}{version[2]}")
    _set(facts, "used_version", version)


def _take_old_source() -> None:
    """Let every way to the compiler take old source."""
    import _frozen_importlib as bootstrap
    import _frozen_importlib_external as external

    from minpython import builtin_hooks, own, watching

    watching.append(True)
    _undo.append(watching.clear)
    for module in (external, bootstrap):
        _set(module, "exec", own.exec)
    builtin_hooks.put()  # type: ignore[no-untyped-call]
