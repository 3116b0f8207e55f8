"""What a program can see of an interpreter: run stand-alone, prints JSON, asks for nothing.

Usage: python survey.py [MODULE ...]. Without names, all public modules of the standard library.
Imports nothing of this distribution, so that it runs in an interpreter without it.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import io
import json
import os
import pickle
import re
import sys
import types
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# Importing these does something, or takes a display or minutes.
LEFT_OUT = {
    *("__main__", "__phello__", "antigravity", "idlelib", "lib2to3", "minpython", "site", "this"),
    *("_elpython", "elpython_features", "sitecustomize", "test", "turtledemo", "usercustomize"),
}
# Names that the interface of minpython itself consists of.
INTERFACE = frozenset({"sys.set_min_python_version"})
# Addresses, and the variables of the process, which some functions have as a default.
_ADDRESS = re.compile(r"0x[0-9a-f]+|environ\(\{.*?\}\)", re.DOTALL)


def modules() -> list[str]:
    """Return the names of the public modules of the standard library, with their submodules."""
    names = set(getattr(sys, "stdlib_module_names", ())) or _in_folder()
    names = {name for name in names if not name.startswith("_") and name not in LEFT_OUT}
    more = (
        "asyncio.tasks collections.abc concurrent.futures concurrent.futures.thread email.message "
        "email.utils html.parser http.client http.cookies http.server importlib.abc "
        "importlib.machinery importlib.metadata importlib.resources importlib.util json.decoder "
        "json.encoder logging.config logging.handlers multiprocessing.pool os.path unittest.mock "
        "urllib.error urllib.parse urllib.request wsgiref.util xml.dom.minidom "
        "xml.etree.ElementTree "
        "xml.sax xmlrpc.client unittest.case unittest.loader"
    )
    return sorted(names | set(more.split()))


def _in_folder() -> set[str]:
    folder = os.path.dirname(os.__file__)
    names = {os.path.splitext(each)[0] for each in os.listdir(folder) if each.endswith(".py")}
    names |= {
        each
        for each in os.listdir(folder)
        if os.path.exists(os.path.join(folder, each, "__init__.py"))
    }
    return names | set(sys.builtin_module_names)


def told(make: Callable[[], Any]) -> str:
    """Return what ``make`` returns as text without addresses, or the kind of its failure."""
    try:
        return _ADDRESS.sub("0x", str(make()))
    except Exception as error:
        return "raises " + type(error).__name__


def function(value: Any) -> dict[str, Any]:
    """Return the facts of one callable."""
    code = getattr(value, "__code__", None)
    facts = {
        "type": type(value).__name__,
        "module": str(getattr(value, "__module__", None)),
        "qualname": str(getattr(value, "__qualname__", None)),
        "doc": told(lambda: hash_of(value.__doc__)),
        "signature": told(lambda: inspect.signature(value)),
        "attributes": told(lambda: sorted(getattr(value, "__dict__", ()))),
        "coroutine": told(
            lambda: (inspect.iscoroutinefunction(value), inspect.isgeneratorfunction(value))
        ),
    }
    if isinstance(code, types.CodeType):
        facts["code"] = [
            code.co_flags,
            code.co_argcount,
            code.co_kwonlyargcount,
            list(code.co_varnames[: code.co_argcount]),
            os.path.basename(code.co_filename),
            code.co_firstlineno,
            len(code.co_code),
        ]
        facts["defaults"] = told(lambda: (value.__defaults__, value.__kwdefaults__))
    return facts


def hash_of(text: Any) -> int:
    """Return a number that is the same in each process."""
    import zlib

    return zlib.crc32(str(text).encode("utf-8", "replace"))


def pickled(value: Any) -> str:
    """Return how a value pickles: the length, or the kind of the failure."""
    return told(lambda: hash_of(pickle.dumps(value, 2)))


def cls(value: type) -> dict[str, Any]:
    """Return the facts of one class, those of its own methods included."""
    facts = function(value)
    facts["mro"] = [each.__name__ for each in value.__mro__]
    del facts["attributes"]
    facts["names"] = sorted(vars(value))
    facts["subclass"] = told(lambda: types.new_class("Sub", (value,)).__mro__[1].__name__)
    facts["pickle"] = pickled(value)
    for name, member in sorted(vars(value).items()):
        inner = getattr(member, "__func__", member)
        if callable(inner) and not isinstance(inner, type):
            facts["." + name] = [type(member).__name__, function(inner)]
        else:
            facts["." + name] = type(member).__name__
    return facts


def module(name: str) -> dict[str, Any]:
    """Return the facts of one module and of its public names."""
    try:
        found = importlib.import_module(name)
    except BaseException as error:
        return {"import": type(error).__name__}
    facts = {"names": sorted(each for each in vars(found) if each != "__warningregistry__")}
    for key, value in sorted(vars(found).items()):
        if key.startswith("_"):
            continue
        if isinstance(value, type):
            facts["." + key] = cls(value)
        elif callable(value):
            facts["." + key] = dict(function(value), pickle=pickled(value))
        else:
            facts["." + key] = type(value).__name__
    return facts


def interpreter() -> dict[str, Any]:
    """Return what there is beside modules."""
    return {
        "meta_path": [told(lambda each=each: each) for each in sys.meta_path],
        "path_hooks": [told(lambda each=each: each) for each in sys.path_hooks],
        "filters": [told(lambda each=each: each) for each in warnings.filters],
        "filters type": type(warnings.filters).__name__,
        "builtins": sorted(vars(__builtins__) if hasattr(__builtins__, "open") else __builtins__),
        "hooks": [
            told(lambda name=name: getattr(sys, name)) for name in ("excepthook", "displayhook")
        ],
        "tag": sys.implementation.cache_tag,
        "flags": str(sys.flags),
    }


def _depth(*_arguments: Any, **_named: Any) -> list[Any]:
    """Return how many frames there are above, and the names of the nearest."""
    frame: Any = sys._getframe(1)
    count, names = 0, []
    while frame is not None:
        if count < 4:
            names.append(frame.f_code.co_name)
        frame, count = frame.f_back, count + 1
    return [count, names]


class _Copied:
    def __copy__(self) -> list[Any]:
        return _depth()

    def __reduce__(self) -> Any:
        return (str, (str(_depth()),))


def _warned() -> list[tuple[str, int]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for level in (1, 2, 3):
            warnings.warn("here", stacklevel=level)
    return [(os.path.basename(each.filename), each.lineno) for each in caught]


def frames() -> dict[str, str]:
    """Return what functions of the standard library show of whoever calls them."""
    import collections
    import enum
    import json as js
    import logging
    import typing

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(module)s %(funcName)s %(lineno)d"))
    logger = logging.Logger("survey")
    logger.addHandler(handler)
    logger.warning("x")
    calls = {
        "namedtuple": lambda: collections.namedtuple("T", "a b").__module__,
        "typing.NamedTuple": lambda: typing.NamedTuple("T", [("a", int)]).__module__,
        "TypedDict": lambda: typing.TypedDict("T", {"a": int}).__module__,
        "TypedDict class": lambda: type(types.new_class("T", (typing.TypedDict,))).__name__,
        "NewType": lambda: getattr(typing.NewType("N", int), "__module__", None),
        "NewType type": lambda: type(typing.NewType("N", int)).__name__,
        "TypeVar": lambda: typing.TypeVar("T").__module__,
        "Enum": lambda: enum.Enum("E", "a b").__module__,
        "warn": _warned,
        "logging": stream.getvalue,
        "re.sub": lambda: re.sub("a", lambda _m: str(_depth()), "a"),
        "json.dumps": lambda: js.dumps(object(), default=_depth),
        "copy": lambda: copy.copy(_Copied()),
        "pickle": lambda: pickle.loads(pickle.dumps(_Copied())),
        "sorted": lambda: sorted([1], key=lambda _x: str(_depth())),
        "stack": lambda: len(inspect.stack()),
        "exec": lambda: eval("here()", {"here": _depth}),
        "import": _imported,
        "compile": lambda: type(compile("1", "x", "eval")).__name__,
        "open": lambda: pickle.dumps(open, 2),
        "sum": lambda: sum([0.1] * 10),
        "traceback": _traced,
    }
    return {name: told(call) for name, call in calls.items()}


def _imported() -> list[Any]:
    """Return what the body of an imported module sees above itself."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        name = "minpython_survey_module"
        with open(os.path.join(folder, name + ".py"), "w", encoding="utf-8") as file:
            file.write(
                "import sys\nframe, names = sys._getframe(), []\n"
                "while frame is not None:\n"
                "    names.append((frame.f_code.co_name, frame.f_code.co_filename[-20:]))\n"
                "    frame = frame.f_back\n"
            )
        sys.path.insert(0, folder)
        try:
            seen = importlib.import_module(name)
        finally:
            sys.path.remove(folder)
        return [
            len(seen.names),
            seen.names[1:6],
            sorted(vars(seen)),
            type(seen.__loader__).__name__,
        ]


def _traced() -> list[str] | None:
    import traceback

    try:
        importlib.import_module("no_such_module_at_all")
    except ImportError:
        return [each.name for each in traceback.extract_tb(sys.exc_info()[2])]
    return None


def places() -> dict[str, list[str]]:
    """Return the dotted names that each restored behaviour has changed; none of those say."""
    journal = sys.modules.get("minpython.engine.journal")
    state = sys.modules.get("minpython.engine.state")
    if journal is None or state is None:
        return {}
    found: dict[str, set[str]] = {name: set() for name, _target in state._applied}
    for behaviour, changed in journal.places.items():
        for owner, name in changed:
            what = journal.owners[owner]
            home = f"{what.__module__}.{what.__qualname__}" if isinstance(what, type) else None
            home = home or getattr(what, "__name__", "")
            found.setdefault(behaviour, set()).add(f"{home}.{name}")
    return {name: sorted(dotted) for name, dotted in found.items()}


def main(names: list[str]) -> None:
    """Print the facts as JSON."""
    warnings.simplefilter("ignore")
    __import__("random").seed(0)
    found = {"frames": frames(), "interpreter": interpreter()}
    warnings.simplefilter("ignore")
    for name in names or modules():
        module(name)
    # Once more, now that whatever imports something else has done so.
    for name in names or modules():
        found[name] = module(name)
    for name in INTERFACE:
        owner, _, last = name.rpartition(".")
        if owner in found:
            found[owner].pop("." + last, None)
            found[owner]["names"] = [each for each in found[owner]["names"] if each != last]
    found["places"] = places()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
