"""Names that are given back to be read, not to be called: what weakens security unless allowed.

A package that mentions such a name imports. Code that asks whether it is there, or catches that it
isn't, finds that it isn't, and takes its own way out.
"""

from __future__ import annotations

from minpython.engine import state
from minpython.engine.patch import Patch
from minpython.engine.scope import asker
from minpython.errors import InsecureError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType, ModuleType
    from typing import Any, Callable

_READS = ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM", "CALL", "PRECALL")


def uncaught(frame: FrameType | None) -> bool:
    """Return whether the code that runs in ``frame`` reads a name without catching a failure."""
    if frame is None:
        return False
    import dis

    code, place = frame.f_code, frame.f_lasti
    if dis.opname[code.co_code[place]] not in _READS:
        return False
    parse = getattr(dis, "_parse_exception_table", None)
    if parse is None:
        return b"SETUP" not in code.co_code
    return not any(entry.start <= place < entry.end for entry in parse(code))


class Refused:
    """An attribute of a module that refuses to be called; stands where `patch._Lazy` does."""

    __slots__ = ("behaviour", "made")

    def __init__(self, module: ModuleType, name: str, behaviour: str) -> None:
        """Stand for a name of a module; the behaviour is the one that has to be allowed."""
        self.behaviour = behaviour
        self.made = _refusing(module, name, behaviour)

    def seen(self) -> bool:
        """Return whether the code that reads it gets it."""
        frame = asker(1)
        if frame is None or not _reads_by_name(frame):
            return False
        return uncaught(frame)

    def get(self, _module: ModuleType, _name: str) -> Any:
        """Return the function."""
        return self.made


def _reads_by_name(frame: FrameType) -> bool:
    """Return whether a read stands in the code itself, unlike one by ``hasattr`` or ``getattr``."""
    import dis

    return dis.opname[frame.f_code.co_code[frame.f_lasti]] in ("LOAD_ATTR", "IMPORT_FROM")


def _refusing(module: ModuleType, name: str, behaviour: str) -> Callable[..., Any]:
    """Return a function that calls the restored one where that is allowed, else refuses."""

    def refused(*args: Any, **kwargs: Any) -> Any:
        if not state.scopes[behaviour].has(asker(1)):
            raise InsecureError(
                f"{module.__name__}.{name} weakens security, and is restored by name only: "
                f"minpython.enable({behaviour!r}, allow_insecure=True), or "
                f"PYTHONMINVERSION=...,+{behaviour},allow_insecure"
            )
        return _restored(module, name, behaviour)(*args, **kwargs)

    refused.__name__ = refused.__qualname__ = name
    refused.__module__ = module.__name__
    refused.__doc__ = f"Refuse to be called unless {behaviour} is allowed."
    return refused


def _restored(module: ModuleType, name: str, behaviour: str) -> Any:
    taken: dict[str, Any] = {}

    class _Taking(Patch):
        __slots__ = ()

        def lazy(self, _module: ModuleType, name: str, make: Callable[[], Any]) -> None:
            taken[name] = make()

        def attribute(self, _owner: Any, name: str, value: Any) -> None:
            taken[name] = value

    state.restorer(behaviour)(_Taking(behaviour, state.scopes[behaviour]), module)
    return taken[name]
