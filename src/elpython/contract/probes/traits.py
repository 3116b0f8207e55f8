"""What names of the library are beyond their shape: how they act, and values outside of `__all__`.

The probe `api` describes what a name is. This one tells, by the same names, what `isinstance`,
`match`, pickles and readers see of it, and the module values that nobody listed.
"""

import abc
import contextlib
import enum
import hashlib
import importlib
import inspect
import io
import os
import re
import sys
import types
import warnings
from typing import Any, Dict, Optional

ADDRESS = re.compile(r" at 0x[0-9a-f]+|<[a-z_.]+ object")
LONGEST = 200
DEEPEST = 6
PLAIN = (int, float, complex, str, bytes, bool, type(None), type(Ellipsis))
# Special methods that change what works already when a class gets its own.
HOOKS = (
    "__eq__", "__ne__", "__hash__", "__bool__", "__len__", "__repr__", "__str__", "__format__",
    "__setattr__", "__delattr__", "__getattribute__", "__copy__", "__deepcopy__", "__reduce__",
    "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__",
)  # fmt: skip
# Bits of a type's flags (Include/object.h) that `match` statements and patches go by.
FLAGS = {"sequence pattern": 1 << 5, "mapping pattern": 1 << 6, "immutable": 1 << 8,
         "not instantiable": 1 << 7, "collected": 1 << 14}  # fmt: skip
# What they hold is told elsewhere, or belongs to this process.
SHOWN_OTHERWISE = (types.ModuleType, io.IOBase, dict, list, tuple, set, frozenset)
# Modules whose values tell of this process, machine or build; others are named one by one.
NO_VALUES = {
    "sys", "builtins", "platform", "sysconfig", "site", "readline", "distutils.sysconfig",
    "posix", "linecache", "__main__", "zipimport",
}  # fmt: skip
NO_VALUE = re.compile(
    r"^(os\.(environb?|sys|st|abc)|time\.(timezone|altzone|daylight|tzname)|tempfile\.tempdir"
    r"|warnings\.(filters|onceregistry)|mimetypes\.(inited|knownfiles|encodings_map_strict)"
    r"|ssl\.(OPENSSL_.*|_OPENSSL.*)|_?locale\.(?!locale_alias|windows_locale).*|venv\.logger"
    r"|importlib\.util\.MAGIC_NUMBER|importlib\..*|imp\..*|tracemalloc\..*|gc\.(garbage|callbacks)"
    r"|pkgutil\.iter_importer_modules|curses\.(COLORS|COLOR_PAIRS|LINES|COLS|ACS_.*)|pwd\..*"
    r"|.*\.(__version__|version)_info|unittest\.signals\..*|copyreg\.dispatch_table"
    r"|xml\.sax\.expatreader\.version|pyexpat\..*|xml\.parsers\.expat\..*|sqlite3\..*version.*"
    r"|ctypes\.pythonapi|zlib\.ZLIB_RUNTIME_VERSION|zlib\.ZLIB_VERSION|multiprocessing\.util\..*|subprocess\._.*"
    r"|(lib2to3\.pgen2\.)?tokenize\.([A-Z][a-z].*|endpats|endprogs)|.*\.logger|.*\.(log|lock)|_?thread\..*|threading\.__excepthook__|test\..*|.*\.__test__)$"
)


def plain(value: Any, depth: int = 0) -> Optional[str]:
    """A value as text that is the same in every process; None for what has no such text."""
    if depth > DEEPEST:
        return None
    kind = type(value)
    if kind in PLAIN:
        return without_places(repr(value))
    if inspect.isclass(value) or inspect.isroutine(value):
        return "{}.{}".format(
            getattr(value, "__module__", None), getattr(value, "__qualname__", kind.__name__)
        )
    if isinstance(value, enum.Enum):
        return "{}.{}".format(kind.__qualname__, value.name)
    if isinstance(value, type(re.compile(""))):
        return "re({!r}, {})".format(value.pattern, value.flags)
    if kind in (dict, types.MappingProxyType):
        parts = [plain(item, depth + 1) for pair in list(value.items()) for item in pair]
    elif kind in (list, tuple, set, frozenset):
        parts = [plain(item, depth + 1) for item in list(value)]
    else:
        return by_its_text(value)
    known = [part for part in parts if part is not None]
    if len(known) != len(parts):
        return None
    if kind in (set, frozenset):
        known.sort()
    return "{}({})".format(kind.__name__, ", ".join(known))


def by_its_text(value: Any) -> Optional[str]:
    """An instance's own text, where its class writes one that tells no address."""
    if type(value).__repr__ is object.__repr__ or isinstance(value, (types.ModuleType, io.IOBase)):
        return None
    text = without_places(repr(value))
    return None if ADDRESS.search(text) or text.startswith("<") else text


def holds(thing: Any) -> Optional[str]:
    """What an instance without a text of its own holds, as far as that has a text."""
    try:
        parts = dict(vars(thing))
    except TypeError:
        parts = {}
    for base in type(thing).__mro__:
        slots = vars(base).get("__slots__", ())
        for name in [slots] if isinstance(slots, str) else slots:
            if hasattr(thing, name):
                parts.setdefault(name, getattr(thing, name))
    told = {name: plain(part) for name, part in sorted(parts.items())
            if name not in ("__doc__", "doc", "__weakref__")}  # fmt: skip
    return worth({name: text for name, text in told.items() if text is not None}) if told else None


def without_places(text: str) -> str:
    """A text without the folders of this interpreter and this process."""
    text = text.replace(sys.executable or "{python}", "{python}")
    for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        text = text.replace(prefix, "{prefix}")
    return text.replace(os.getcwd(), "{folder}")


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


def abstract_classes() -> Dict[str, Any]:
    """The abstract base classes and runtime protocols that `isinstance` is asked with."""
    found = {}  # type: Dict[str, Any]
    for name in ("collections.abc", "numbers", "io", "os", "contextlib", "typing",
                 "importlib.abc", "importlib.resources.abc", "asyncio"):  # fmt: skip
        try:
            module = importlib.import_module(name)
        except Exception:
            continue
        for item, thing in vars(module).items():
            if item.startswith("_") or not isinstance(thing, abc.ABCMeta):
                continue
            if not getattr(thing, "_is_protocol", False) or is_checkable(thing):
                found.setdefault(thing.__module__ + "." + thing.__qualname__, thing)
    return found


def is_checkable(protocol: Any) -> bool:
    """Whether `isinstance` can be asked with a protocol."""
    return bool(getattr(protocol, "_is_runtime_protocol", False))


def acts(cls: Any, asked: Dict[str, Any]) -> Dict[str, Any]:
    """How a class and its instances act."""
    made = {
        "subscriptable": hasattr(cls, "__class_getitem__") or hasattr(type(cls), "__getitem__"),
        "virtual": [],
        "hooks": [name for name in HOOKS if own_hook(cls, name)],
        "documentation": bool(cls.__doc__),
    }  # type: Dict[str, Any]
    for name, base in asked.items():
        try:
            if issubclass(cls, base) and base is not cls:
                made["virtual"].append(name)
        except Exception:
            continue
    for name, bit in FLAGS.items():
        made[name] = bool(cls.__flags__ & bit) if sys.version_info >= (3, 10) else False
    if getattr(cls, "_is_protocol", False):
        made["checkable"] = is_checkable(cls)
    made["buffer"] = gives_buffer(cls)
    if isinstance(cls, enum.EnumMeta) and cls.__members__:
        made["unknown"] = unknown(cls)
    if hasattr(cls, "_boundary_") and isinstance(cls, enum.EnumMeta):
        made["boundary"] = str(getattr(cls, "_boundary_", None))
    if isinstance(cls, enum.EnumMeta):
        made["member_details"] = {
            name: worth({k: v for k, v in vars(item).items() if k[:1] != "_"})
            for name, item in cls.__members__.items()
        }
    fields = vars(cls).get("_fields_")
    if isinstance(fields, (list, tuple)) and cls.__module__.startswith("ctypes"):
        made["c_fields"] = [[str(item[0]), item[1].__name__, *item[2:]] for item in fields]
    annotations = vars(cls).get("__annotations__")
    if isinstance(annotations, dict):
        made["annotations"] = {name: without_places(str(v)) for name, v in annotations.items()}
    return made


def unknown(cls: Any) -> str:
    """What an enumeration makes of a value that it does not have."""
    try:
        return str(cls("no value of it"))
    except Exception as error:
        return type(error).__name__


def gives_buffer(cls: Any) -> Optional[bool]:
    """Whether instances give C code their memory: from 3.12 on only is there a name for that."""
    try:
        import ctypes
    except ImportError:
        return None

    def told(one: Any) -> bool:
        # Its slots follow the object's header in an order that the stable ABI keeps.
        at = id(one) + object.__basicsize__ + 18 * ctypes.sizeof(ctypes.c_void_p)
        slots = ctypes.c_void_p.from_address(at).value
        return bool(slots and ctypes.c_void_p.from_address(slots).value)

    return told(cls) if told(bytes) and not told(int) else None


def own_hook(cls: Any, name: str) -> bool:
    """Whether a class (or a base of it) has a special method that `object` does not give it."""
    missing = object()
    found = getattr(cls, name, missing)
    if name in ("__copy__", "__deepcopy__", "__bool__", "__len__"):
        # A metaclass's own would be found by getattr.
        found = next((vars(base)[name] for base in cls.__mro__ if name in vars(base)), missing)
    return found is not missing and found is not getattr(object, name, missing)


def of_function(thing: Any) -> Dict[str, Any]:
    """How a function is named, and what was registered with it."""
    made = {"documentation": bool(getattr(thing, "__doc__", None))}  # type: Dict[str, Any]
    if isinstance(thing, types.FunctionType):
        made["named"] = "{}.{}".format(thing.__module__, thing.__qualname__)
    registry = getattr(thing, "registry", None)
    if isinstance(registry, types.MappingProxyType):
        made["registry"] = sorted(item.__qualname__ for item in registry if inspect.isclass(item))
    return made


def read(module: Any, item: str) -> Any:
    """A module's attribute, and the categories of what reading it warns of."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        thing = getattr(module, item)
    return thing, sorted({one.category.__name__ for one in told})


def is_value(thing: Any) -> bool:
    """Whether a thing is neither module, class, function nor other code."""
    return not (inspect.ismodule(thing) or inspect.isclass(thing) or callable(thing))


def described(
    key: str, thing: Any, asked: Dict[str, Any], told: Dict[Any, Dict[str, Any]]
) -> Dict[str, Any]:
    """What one name has; `told` keeps what was told of a class that other modules show too."""
    if inspect.isclass(thing):
        if thing not in told:
            told[thing] = acts(thing, asked)
        return dict(told[thing])
    if inspect.isroutine(thing):
        return of_function(thing)
    if is_value(thing) and key.rpartition(".")[0] not in NO_VALUES and not NO_VALUE.match(key):
        value = worth(thing)
        if value is not None:
            return {"kind": "value", "type": type(thing).__name__, "value": value}
        if not isinstance(thing, SHOWN_OTHERWISE):
            return {"kind": "value", "type": type(thing).__name__, "holds": holds(thing)}
    if callable(thing):
        return {"holds": holds(thing)}
    return {}


def add_module(
    table: Dict[str, Any], name: str, asked: Dict[str, Any], told: Dict[Any, Dict[str, Any]]
) -> None:
    """Enter what one module has."""
    try:
        module = importlib.import_module(name)
    except BaseException:
        return
    listed = set(getattr(module, "__all__", None) or ())
    for item in sorted(listed | set(vars(module))):
        if item.startswith("_") and item != "__version__":
            continue
        key = "{}.{}".format(name, item)
        try:
            thing, warned = read(module, item)
        except Exception:
            continue
        made = described(key, thing, asked, told)
        if warned:
            made["warns"] = warned
        if made and (item not in listed):
            made["unlisted"] = True
        if made:
            table[key] = made


def settle() -> None:
    """Bring what modules read of the machine back to what the library itself says."""
    import mimetypes

    del mimetypes.knownfiles[:]
    mimetypes.init()


def answer(request: Any) -> Any:
    """Return the traits of the modules asked for; all are imported before one is looked at."""
    warnings.simplefilter("ignore")
    table = {}  # type: Dict[str, Any]
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    os.environ.clear()
    os.environ.update(HOME="/", PATH=os.defpath, DISPLAY="", LC_ALL="C.UTF-8", TZ="UTC")
    names = request["modules"]  # type: List[str]
    try:
        settle()
        for name in names:
            with contextlib.suppress(BaseException):
                importlib.import_module(name)
        asked = abstract_classes()
        told = {}  # type: Dict[Any, Dict[str, Any]]
        for name in names:
            add_module(table, name, asked, told)
    finally:
        sys.stdout, sys.stderr = kept
    return table
