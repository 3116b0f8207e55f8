"""Set attributes on types that refuse ``setattr``: C types and other immutable ones.

The mapping proxy ``type.__dict__`` refers to the type's real dictionary, and the garbage collector
tells what an object refers to. Changing that dictionary behind the interpreter's back is safe only
when the method caches forget the type afterwards. The risk, and what is done about it:

* A *new* name: only "there is no such attribute" can be cached, for the whole process, and
  ``sys._clear_type_cache`` (``sys._clear_internal_caches`` since 3.13) drops that.
* A *replaced* name: call sites that ran often may remember the old value, which is kept alive, and
  go on using it. Where ``ctypes`` is loaded, ``PyType_Modified`` makes them forget; putting the old
  value back always loads it, since the new value goes away.
* Another implementation, a free-threaded build (where the dictionary may be read without a lock),
  or an answer that isn't the dictionary: nothing is touched, `RestoreError` is raised.
* Special methods (``__add__``) live in slots, which a dictionary entry doesn't fill: refused.
"""

import _signal  # type: ignore[import-not-found]
import _thread
import gc
import sys

from minpython import MISSING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def real_dict(owner: type) -> "dict[str, Any]":
    """Return the dictionary behind ``owner.__dict__``.

    Raises:
        RestoreError: this interpreter doesn't hand it out, or it isn't safe to change.
    """
    if sys.implementation.name != "cpython":
        raise _error("the dictionary of a C type can be changed on CPython only")
    if not vars(sys).get("_is_gil_enabled", lambda: True)():
        raise _error("the dictionary of a C type isn't changed on a free-threaded build")
    if not in_main_interpreter():
        raise _error("C types are shared with the main interpreter, which they belong to")
    proxy = owner.__dict__
    for found in gc.get_referents(proxy):
        if type(found) is dict and found == proxy:
            return found
    raise _error(f"can't reach the dictionary of {owner.__module__}.{owner.__qualname__}")


def _error(message: str) -> "Exception":
    from minpython.errors import RestoreError

    return RestoreError(message)


def in_main_interpreter() -> bool:
    """Return whether this is the main interpreter, not a subinterpreter."""
    told = getattr(_thread, "_is_main_interpreter", None)
    if told is not None:
        return bool(told())
    try:
        # This looks at the interpreter first, and no signal has the number: cheaper than below.
        _signal.signal(0, 0)
    except ValueError as error:
        if "out of range" in str(error):
            return True
    for name in ("_xxsubinterpreters", "_interpreters"):
        try:
            module = __import__(name)
        except ImportError:
            continue
        current, main = module.get_current(), module.get_main()
        return bool(current == main or (isinstance(current, tuple) and current[0] == main[0]))
    return True


def forget(owner: type, *, replaced: bool = False) -> None:
    """Drop what the interpreter remembers about the attributes of ``owner``.

    Args:
        owner: a type whose dictionary was changed.
        replaced: an attribute was there before, so call sites may remember it.
    """
    if replaced:
        ctypes = lowlevel()
        modified = ctypes.pythonapi.PyType_Modified
        modified.argtypes = [ctypes.py_object]
        modified.restype = None
        modified(owner)
    clear = vars(sys).get("_clear_internal_caches") or sys._clear_type_cache
    clear()


def lowlevel() -> "Any":
    """Return ``ctypes``; what its import brings along is restored after it, not within it."""
    ready = sys.modules.get("ctypes")
    if ready is None or not hasattr(ready, "pythonapi"):
        from minpython.engine import holding

        with holding.held():
            import ctypes as ready
    return ready


def set_entry(owner: type, name: str, value: object) -> object:
    """Set ``owner.name`` and return what was there, or `MISSING`.

    Raises:
        RestoreError: see `real_dict`; or ``name`` is a special method.
    """
    if name.startswith("__") and name.endswith("__"):
        raise _error(f"{name} lives in a slot of the type, not in its dictionary")
    entries = real_dict(owner)
    before = entries.get(name, MISSING)
    entries[sys.intern(name)] = value
    forget(owner, replaced=before is not MISSING and "ctypes" in sys.modules)
    return before


def reset_entry(owner: type, name: str, before: object) -> None:
    """Put back what `set_entry` returned."""
    entries = real_dict(owner)
    if before is MISSING:
        entries.pop(name, None)
    else:
        entries[name] = before
    forget(owner, replaced=True)
