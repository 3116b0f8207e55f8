"""What a module's own functions read while one of its attributes is kept back."""

from minpython.engine import journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FunctionType, ModuleType
    from typing import Any


def readers(module: "ModuleType", name: str) -> "list[FunctionType]":
    """Return the functions of a module that have a name of it in their code."""
    names = module.__dict__
    return [
        each
        for each in list(names.values())
        if getattr(each, "__globals__", None) is names and name in each.__code__.co_names
    ]


def keep(behaviour: str, module: "ModuleType", name: str) -> None:
    """Let the functions of ``module`` that read ``name`` read it by another name, until undone.

    Global names are looked up without a module's ``__getattr__``. A test holds that none of these
    functions has the name for anything else.
    """
    functions = readers(module, name)
    if not functions or name not in module.__dict__:
        return
    other = f"_minpython_{name}"
    setattr(module, other, module.__dict__[name])
    journal.at(behaviour, module, other)
    journal.note(behaviour, lambda: module.__dict__.pop(other, None))
    for function in functions:
        code = function.__code__
        names = tuple(other if each == name else each for each in code.co_names)
        function.__code__ = code.replace(co_names=names)
        journal.note(behaviour, _putting_back(function, code))


def _putting_back(function: "FunctionType", code: "Any") -> "Any":
    def undo() -> None:
        function.__code__ = code

    return undo
