"""The public names of the standard library, as the running interpreter has them."""

import enum
import functools
import hashlib
import importlib
import inspect
import io
import os
import re
import sys
import types
import warnings
from typing import Any, Dict, Iterator, List, Optional, Set

ADDRESS = re.compile(r" at 0x[0-9a-f]+")
LONGEST = 200
# Modules into which others put what is public there: site's `exit`, for example.
FILLED = {"builtins", "sys"}
# Values that tell of this process, machine or release, not of the API.
PRIVATE_VALUES = {
    "sys", "platform", "sysconfig", "site", "resource", "os", "posix", "time", "tempfile",
    "warnings", "linecache", "zipimport", "importlib", "logging", "mimetypes", "threading",
    "__main__", "readline", "distutils.sysconfig", "gc", "socket", "ssl", "errno",
    "tracemalloc", "doctest", "unittest.signals", "encodings", "copyreg", "pkgutil", "pwd",
    "venv", "curses", "locale", "getpass", "imp", "importlib.util", "importlib.machinery",
}  # fmt: skip
# Values whose text says everything; other values are told by their type alone.
PLAIN = (int, float, complex, str, bytes, bool, type(None), type(Ellipsis))
# Bits of a type's flags (Include/object.h).
BASETYPE, HEAPTYPE = 1 << 10, 1 << 9
DEEPEST = 6
# What a class has for itself, or what is told of the class as a whole.
NO_MEMBERS = {
    "__doc__", "__module__", "__dict__", "__weakref__", "__firstlineno__",
    "__static_attributes__", "__annotations__", "__parameters__", "__slots__",
    "__abstractmethods__", "__dataclass_fields__", "__dataclass_params__", "__qualname__",
    "__match_args__", "__annotate__", "__annotations_cache__", "__orig_bases__",
    "__classcell__", "__annotate_func__", "__member_names__", "__hash__", "__final__",
    "__init_subclass__", "__class_getitem__", "__orig_class__", "__annotations_dict__",
    "__new_member__", "__test__", "n_fields", "n_sequence_fields", "n_unnamed_fields",
}  # fmt: skip


def placeless(text: str) -> str:
    """A text without the interpreter's own name and folders."""
    for place in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        text = text.replace(sys.executable or "{python}", "{python}").replace(place, "{prefix}")
    return text


def shown(value: Any) -> str:
    """A default or constant as text that is the same in every process."""
    if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)):
        return getattr(value, "__qualname__", repr(value))
    try:
        text = repr(value)
    except Exception:
        return "<{}>".format(type(value).__name__)
    text = ADDRESS.sub("", placeless(text))
    return text if len(text) <= LONGEST else "<{}>".format(type(value).__name__)


def plain(value: Any, depth: int = 0) -> Optional[str]:
    """A value as text that is the same in every process; None for what has no such text."""
    if depth > DEEPEST:
        return None
    if type(value) in PLAIN:
        return placeless(repr(value)).replace(os.getcwd(), "{folder}")
    if inspect.isclass(value) or inspect.isroutine(value):
        return "{}.{}".format(
            getattr(value, "__module__", None), getattr(value, "__qualname__", type(value).__name__)
        )
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        parts = [plain(item, depth + 1) for item in list(value)]
    elif kind in (dict, types.MappingProxyType):
        parts = [plain(item, depth + 1) for pair in list(value.items()) for item in pair]
        if None not in parts:
            parts = ["{}: {}".format(*parts[at : at + 2]) for at in range(0, len(parts), 2)]
    else:
        return plain_other(value)
    known = [part for part in parts if part is not None]
    if len(known) != len(parts):
        return None
    if kind in (set, frozenset):
        known.sort()
    return "{}({})".format(kind.__name__, ", ".join(known))


def plain_other(value: Any) -> Optional[str]:
    """Enumerators and compiled patterns: they tell what they are by a value of their own."""
    if isinstance(value, enum.Enum):
        return "{}.{}".format(type(value).__qualname__, value.name)
    if isinstance(value, type(re.compile(""))):
        return "re({!r}, {})".format(value.pattern, value.flags)
    return None


def worth(value: Any) -> Optional[str]:
    """A value's text, as a digest where it is long."""
    try:
        text = plain(value)
    except Exception:
        return None
    if text is None or len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return "{} ... ({} characters, {})".format(text[:60], len(text), digest)


def flavour(thing: Any) -> str:
    """How a function gives its result: at once, as a coroutine, as a generator."""
    for test, name in (
        (getattr(inspect, "isasyncgenfunction", None), "asynchronous generator"),
        (inspect.iscoroutinefunction, "coroutine"),
        (inspect.isgeneratorfunction, "generator"),
    ):
        if test is not None and test(thing):
            return name
    return ""


def overloads(thing: Any) -> List[str]:
    """The forms of a call that a function without signature tells in its documentation."""
    name = getattr(thing, "__name__", "")
    lines = (getattr(thing, "__doc__", None) or "").strip().splitlines()
    return [line.strip() for line in lines[:6] if name and line.strip().startswith(name + "(")]


def of_function(thing: Any, kind: str) -> Dict[str, Any]:
    """What a function is: parameters, flavour, annotations, and what it is written in."""
    made = {"kind": kind, "parameters": parameters(thing)}  # type: Dict[str, Any]
    inner = getattr(thing, "__func__", thing)
    made["flavour"] = flavour(inner)
    if made["parameters"] is None:
        made["overloads"] = overloads(inner)
    annotations = getattr(inner, "__annotations__", None)
    if annotations and isinstance(annotations, dict):
        made["annotations"] = {name: shown(value) for name, value in sorted(annotations.items())}
    if isinstance(inner, types.FunctionType):
        made["written_in"] = "Python"
    elif isinstance(inner, (types.BuiltinFunctionType, type(str.join), type(int.__add__))):
        made["written_in"] = "C"
    return made


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


def can_be_subclassed(cls: Any) -> str:
    """Whether a class statement with this base works; the error's name otherwise."""
    if not cls.__flags__ & BASETYPE:
        return "final"
    if issubclass(cls, enum.Enum) or cls.__module__ == "ctypes":
        return "not tried"
    try:
        type(cls)("Sub", (cls,), {"__module__": "probe"})
    except BaseException as error:
        return type(error).__name__
    return "yes"


def shape(cls: Any) -> Dict[str, Any]:
    """What callers, subclasses, pickles and extension modules rely on of a class as a whole."""
    made = {
        "mro": [base.__module__ + "." + base.__qualname__ for base in cls.__mro__[1:]],
        "metaclass": type(cls).__module__ + "." + type(cls).__qualname__,
        "lives": cls.__module__ + "." + cls.__qualname__,
        "abstract": sorted(getattr(cls, "__abstractmethods__", None) or ()),
        "hashable": getattr(cls, "__hash__", None) is not None,
        "instance_dict": cls.__dictoffset__ != 0,
        "weak_references": cls.__weakrefoffset__ != 0,
        "subclass": can_be_subclassed(cls),
        "final": bool(vars(cls).get("__final__")),
        "subclass_parameters": parameters(cls.__init_subclass__),
    }  # type: Dict[str, Any]
    if not cls.__flags__ & HEAPTYPE:
        made["instance_size"] = [cls.__basicsize__, cls.__itemsize__]
    for name in ("__slots__", "__match_args__"):
        value = vars(cls).get(name)
        if isinstance(value, (str, tuple, list)):
            made[name] = [value] if isinstance(value, str) else [str(item) for item in value]
    return made


def field_of(item: Any) -> str:
    """A dataclass's field: its default and what is made of it."""
    names = ("init", "repr", "compare", "hash", "kw_only")
    words = ["{}={}".format(n, getattr(item, n)) for n in names if hasattr(item, n)]
    default = "factory" if "MISSING" not in repr(item.default_factory) else shown(item.default)
    return "default={}, {}".format(default, ", ".join(words))


def of_class(cls: Any) -> Dict[str, Any]:
    """What a class is: its bases, how it is called, its members, fields and enumerators."""
    made = {
        "kind": "class",
        "bases": [base.__module__ + "." + base.__qualname__ for base in cls.__bases__],
        "parameters": None if issubclass(cls, enum.Enum) else parameters(cls),
    }  # type: Dict[str, Any]
    try:
        made.update(shape(cls))
    except Exception as error:
        made["shape"] = type(error).__name__
    if isinstance(cls, enum.EnumMeta):
        made["members"] = {name: shown(member.value) for name, member in cls.__members__.items()}
        made["order"] = [member.name for member in cls]
    fields = getattr(cls, "__dataclass_fields__", None)
    if isinstance(fields, dict):
        made["fields"] = list(fields)
        made["field_details"] = {name: field_of(item) for name, item in fields.items()}
        made["dataclass"] = shown(getattr(cls, "__dataclass_params__", None))
    if hasattr(cls, "_fields") and isinstance(cls._fields, tuple):
        made["fields"] = [str(name) for name in cls._fields]
        defaults = getattr(cls, "_field_defaults", None)
        if isinstance(defaults, dict):
            made["field_details"] = {str(name): shown(item) for name, item in defaults.items()}
    for name in ("n_fields", "n_sequence_fields", "n_unnamed_fields"):
        if isinstance(vars(cls).get(name), int):
            made[name] = vars(cls)[name]
    return made


def describe(thing: Any, module: str) -> Dict[str, Any]:
    """What a name stands for."""
    if inspect.isclass(thing):
        return of_class(thing)
    if callable(thing):
        if not inspect.isroutine(thing) and not isinstance(thing, functools.partial):
            return {
                "kind": "function",
                "parameters": parameters(thing),
                "type": type(thing).__name__,
            }
        return of_function(thing, "function")
    if isinstance(thing, types.ModuleType):
        return {"kind": "module"}
    made = {"kind": "value", "type": type(thing).__name__}
    if module in PRIVATE_VALUES:
        return made
    value = worth(thing)
    if value is not None:
        made["value"] = value
    return made


def names_of(module: Any) -> List[str]:
    """A module's public names: `__all__`, what it defines itself, what its `__getattr__` makes."""
    listed = getattr(module, "__all__", None)
    chosen = set(listed or ()) | made_names(module)  # type: Set[str]
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
        elif owner is None and name.isupper() and worth(thing) is not None:
            chosen.add(name)
    return sorted(chosen)


def made_names(module: Any) -> Set[str]:
    """Names that a module has by its `__getattr__` (PEP 562): those in its code and its tables."""
    maker = vars(module).get("__getattr__")
    code = getattr(maker, "__code__", None)
    if code is None:
        return set()
    words = set()  # type: Set[Any]
    for constant in code.co_consts:
        words |= set(constant) if isinstance(constant, (tuple, frozenset)) else {constant}
    for name in code.co_names:
        table = vars(module).get(name)
        if isinstance(table, (dict, list, tuple, set, frozenset)):
            words |= {item for item in table if isinstance(item, str)}
    if "__dir__" in vars(module):
        words |= set(dir(module)) - set(vars(module))
    found = set()
    for word in words:
        if isinstance(word, str) and word.isidentifier() and word not in vars(module):
            try:
                value = getattr(module, word)
            except Exception:
                continue
            # A module that is imported when somebody asks for it is no name of this one.
            if not word.startswith("_") and not inspect.ismodule(value):
                found.add(word)
    return found


def members_of(cls: Any, public: Set[str]) -> Iterator[Any]:
    """A class's own public members, and those of its private bases.

    Inherited ones belong to the class that has them, where that is public too.
    """
    private = [
        base
        for base in cls.__mro__[1:]
        if base is not object
        and (
            base.__module__ not in public or any(p[:1] == "_" for p in base.__qualname__.split("."))
        )
    ]
    members = {}  # type: Dict[str, Any]
    for base in private[::-1]:
        members.update(vars(base))
    members.update(vars(cls))
    for name in sorted(members):
        if name.startswith("_") and not (name.startswith("__") and name.endswith("__")):
            continue
        if name in NO_MEMBERS:
            continue
        yield name, members[name]


def member(thing: Any) -> Dict[str, Any]:
    """What a class member is."""
    if isinstance(thing, (staticmethod, classmethod)):
        return of_function(thing.__func__, type(thing).__name__)
    if isinstance(thing, property):
        made = {"kind": "property", "settable": thing.fset is not None}
        made["deletable"] = thing.fdel is not None
        return made
    if inspect.isclass(thing):
        return of_class(thing)
    if inspect.isroutine(thing):
        return of_function(thing, "method")
    made = {"kind": "attribute", "type": type(thing).__name__}
    value = worth(thing)
    if value is not None:
        made["value"] = value
    return made


def add_module(table: Dict[str, Any], name: str, public: Set[str]) -> None:
    """Enter one module; one that cannot be imported is entered with the reason.

    A class whose own module is not public is entered with its members wherever it is public.
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
        table[key] = describe(thing, name)
        if not inspect.isclass(thing):
            continue
        owner = getattr(thing, "__module__", name)
        if owner != name and owner in public:
            continue
        parts = dict(members_of(thing, public))
        for part, value in parts.items():
            table[key + "." + part] = member(value)
        table[key]["own"] = sorted(parts)
        table[key]["inherited"] = sorted(
            {part for part in dir(thing) if not part.startswith("_")} - set(parts)
        )


def answer(request: Any) -> Any:
    """Describe the modules asked for."""
    warnings.simplefilter("ignore")
    table = {}  # type: Dict[str, Any]
    public = set(request.get("public") or request["modules"])
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    # wsgiref keeps what the environment holds at import: of this process, not of the API.
    os.environ.clear()
    os.environ.update(HOME="/", PATH=os.defpath, DISPLAY="", LC_ALL="C.UTF-8", TZ="UTC")
    try:
        for name in request["modules"]:
            add_module(table, name, public)
    finally:
        sys.stdout, sys.stderr = kept
    return table
