"""The public names of the standard library, as the running interpreter has them."""

import enum
import importlib
import inspect
import io
import os
import re
import sys
import types
import warnings
from typing import Any, Dict, Iterator, List, Set

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
SIMPLE = (int, str, bytes, bool, type(None))
LONGEST = 200
# Modules into which others put what is public there: site's `exit`, for example.
FILLED = {"builtins", "sys"}
# Values that tell of this process, machine or release, not of the API.
PRIVATE_VALUES = {"sys", "platform", "sysconfig", "site", "resource", "os", "posix"}


def shown(value: Any) -> str:
    """A default or constant as text that is the same in every process."""
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        return getattr(value, "__qualname__", repr(value))
    try:
        text = repr(value)
    except Exception:
        return "<{}>".format(type(value).__name__)
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        text = text.replace(prefix, "{prefix}")
    text = ADDRESS.sub("", text)
    return text if len(text) <= LONGEST else "<{}>".format(type(value).__name__)


def parameters(thing: Any) -> Any:
    """A callable's parameters as [name, kind, default or None]; None when it tells none."""
    try:
        signature = inspect.signature(thing)
    except Exception:
        return None
    empty = inspect.Parameter.empty
    return [
        [item.name, int(item.kind), None if item.default is empty else shown(item.default)]
        for item in signature.parameters.values()
    ]


def of_class(cls: Any) -> Dict[str, Any]:
    """What a class is: its bases, how it is called, its members, fields and enumerators."""
    made = {
        "kind": "class",
        "bases": [base.__module__ + "." + base.__qualname__ for base in cls.__bases__],
        "parameters": None if issubclass(cls, enum.Enum) else parameters(cls),
    }  # type: Dict[str, Any]
    if isinstance(cls, enum.EnumMeta):
        made["members"] = {name: shown(member.value) for name, member in cls.__members__.items()}
    fields = getattr(cls, "__dataclass_fields__", None)
    if isinstance(fields, dict):
        made["fields"] = list(fields)
    if hasattr(cls, "_fields") and isinstance(cls._fields, tuple):
        made["fields"] = [str(name) for name in cls._fields]
    return made


def describe(thing: Any, module: str, name: str) -> Dict[str, Any]:
    """What a name stands for."""
    if inspect.isclass(thing):
        return of_class(thing)
    if callable(thing):
        return {"kind": "function", "parameters": parameters(thing)}
    if isinstance(thing, types.ModuleType):
        return {"kind": "module"}
    made = {"kind": "value", "type": type(thing).__name__}
    if name.isupper() and isinstance(thing, SIMPLE) and module not in PRIVATE_VALUES:
        made["value"] = shown(thing)
    return made


def names_of(module: Any) -> List[str]:
    """A module's public names: `__all__`, and what it defines itself without underscore."""
    listed = getattr(module, "__all__", None)
    chosen = set(listed or ())  # type: Set[str]
    for name, thing in list(vars(module).items()):
        if name.startswith("_") or isinstance(thing, types.ModuleType):
            continue
        owner = getattr(thing, "__module__", None)
        if listed is None and (owner is None or owner == module.__name__):
            chosen.add(name)
        elif module.__name__ in FILLED:
            chosen.add(name)
        elif owner == module.__name__ and callable(thing):
            chosen.add(name)
        elif owner is not None and str(owner).lstrip("_") == module.__name__.lstrip("_"):
            chosen.add(name)
    return sorted(chosen)


def members_of(cls: Any) -> Iterator[Any]:
    """A class's own public members; inherited ones belong to the class that has them."""
    for name in sorted(vars(cls)):
        if name.startswith("_") and not (name.startswith("__") and name.endswith("__")):
            continue
        if name in {
            "__doc__",
            "__module__",
            "__dict__",
            "__weakref__",
            "__firstlineno__",
            "__static_attributes__",
            "__annotations__",
            "__parameters__",
            "__slots__",
            "__abstractmethods__",
            "__dataclass_fields__",
            "__dataclass_params__",
            "__qualname__",
            "__match_args__",
            "__annotate__",
            "__annotations_cache__",
            "__orig_bases__",
            "__classcell__",
            "__annotate_func__",
            "__member_names__",
        }:
            continue
        yield name, vars(cls)[name]


def member(thing: Any) -> Dict[str, Any]:
    """What a class member is."""
    if isinstance(thing, (staticmethod, classmethod)):
        return {"kind": type(thing).__name__, "parameters": parameters(thing.__func__)}
    if isinstance(thing, property):
        return {"kind": "property", "settable": thing.fset is not None}
    if inspect.isclass(thing):
        return of_class(thing)
    if inspect.isroutine(thing):
        return {"kind": "method", "parameters": parameters(thing)}
    return {"kind": "attribute"}


def add_module(table: Dict[str, Any], name: str, public: Set[str]) -> None:
    """Enter one module; one that cannot be imported is entered with the reason.

    A class whose own module is not public is entered with its members wherever it is public: where
    that is first would depend on the modules that one interpreter has more than the other.
    """
    try:
        module = importlib.import_module(name)
    except BaseException as error:
        table[name] = {"kind": "module", "fails": type(error).__name__}
        return
    listed = getattr(module, "__all__", None)
    table[name] = {"kind": "module", "all": sorted(listed) if listed is not None else None}
    for item in names_of(module):
        try:
            thing = getattr(module, item)
        except Exception:
            table[name + "." + item] = {"kind": "value", "type": "missing"}
            continue
        key = name + "." + item
        table[key] = describe(thing, name, item)
        if not inspect.isclass(thing):
            continue
        owner = getattr(thing, "__module__", name)
        if owner != name and owner in public:
            continue
        for part, value in members_of(thing):
            table[key + "." + part] = member(value)


def answer(request: Any) -> Any:
    """Describe the modules asked for."""
    warnings.simplefilter("ignore")
    table = {}  # type: Dict[str, Any]
    public = set(request["modules"])
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    os.environ.setdefault("DISPLAY", "")
    try:
        for name in request["modules"]:
            add_module(table, name, public)
    finally:
        sys.stdout, sys.stderr = kept
    return table
