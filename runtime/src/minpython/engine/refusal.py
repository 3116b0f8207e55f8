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
    from dis import Instruction
    from types import CodeType, FrameType, ModuleType
    from typing import Any, Callable

# Errors that aren't the one when an attribute or a name of a module is missing.
_OTHERS = frozenset(
    [
        "AttributeError",
        "ImportError",
        "ModuleNotFoundError",
        "KeyError",
        "IndexError",
        "NameError",
        "TypeError",
        "ValueError",
        "OSError",
        "IOError",
        "RuntimeError",
        "NotImplementedError",
        "SyntaxError",
    ]
)
_PASSED = frozenset(["PUSH_EXC_INFO", "COPY", "POP_EXCEPT", "NOP", "NOT_TAKEN"])
_READS = ("LOAD_ATTR", "LOAD_METHOD", "IMPORT_FROM", "CALL", "PRECALL")


def uncaught(frame: FrameType | None) -> bool:
    """Return whether the code that runs in ``frame`` reads a name without catching a failure."""
    if frame is None:
        return False
    import dis

    code, place = frame.f_code, frame.f_lasti
    while place and dis.opname[code.co_code[place]] == "CACHE":
        # 3.12 is past a call's own cache while it calls.
        place -= 2
    if dis.opname[code.co_code[place]] not in _READS:
        return False
    parse = getattr(dis, "_parse_exception_table", None)
    if parse is None:
        return b"SETUP" not in code.co_code
    return not _is_caught(code, place)


def _raised(every: list[Instruction], at: int) -> str:
    """Return what fails where a name is missing; a view's ``take`` is compiled from an import."""
    taken = any(each.argval == "take" for each in every[max(at - 4, 0) : at])
    return "ImportError" if taken or every[at].opname == "IMPORT_FROM" else "AttributeError"


def _is_caught(code: CodeType, place: int) -> bool:
    """Return whether the failure to read a name at a place of code may be caught around it.

    By the ways through the handlers, from each to the one around it; whatever isn't understood may
    catch it.
    """
    import dis

    table = dis._parse_exception_table(code)  # type: ignore[attr-defined]
    every = list(dis.get_instructions(code))
    places = {each.offset: at for at, each in enumerate(every)}
    others = _OTHERS - {_raised(every, places[place])}
    for _ in range(len(every)):
        entry = next((each for each in table if each.start <= place < each.end), None)
        if entry is None:
            return False
        at = places[entry.target]
        while every[at].opname != "RERAISE":
            if every[at].opname in _PASSED:
                at += 1
            elif every[at + 1].opname == "CHECK_EXC_MATCH" and every[at].argval in others:
                at = places[every[at + 2].argval]
            else:
                return True
        place = every[at].offset
    return True


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
