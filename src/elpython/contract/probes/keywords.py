"""Which arguments functions in C take by the names that they tell.

A function's documented names and those that it takes are two tables in C. It is called so that no
call runs: with a name that no function has beside the documented one, or with too few arguments.
"""

import contextlib
import enum
import importlib
import inspect
import io
import sys
import types
import warnings
from typing import Any, Iterator, List

# A name that no function takes.
OTHER = "no_such_name_at_all"
# Instances whose methods are asked too.
MAKERS = (
    "1", "1.5", "1j", "'a'", "b'a'", "bytearray(b'a')", "memoryview(b'a')", "[1]", "{1: 2}", "{1}",
    "__import__('array').array('i')", "__import__('collections').deque()",
    "__import__('collections').OrderedDict()", "__import__('datetime').datetime(2026, 1, 1)",
    "__import__('datetime').date(2026, 1, 1)", "__import__('datetime').time(1)",
    "__import__('datetime').timedelta(1)", "__import__('io').StringIO()",
    "__import__('io').BytesIO()", "__import__('decimal').Decimal(1)",
    "__import__('decimal').Context()", "__import__('re').compile('a')",
    "__import__('re').compile('a').match('a')", "__import__('struct').Struct('i')",
    "__import__('hashlib').md5()", "__import__('zlib').compressobj()",
    "__import__('zlib').decompressobj()", "__import__('lzma').LZMADecompressor()",
    "__import__('bz2').BZ2Decompressor()", "__import__('random').Random()",
    "(lambda: 0).__code__", "__import__('sqlite3').connect(':memory:')",
)  # fmt: skip


def written_in_c(thing: Any) -> bool:
    """Whether a callable takes its arguments apart in C."""
    if isinstance(thing, types.BuiltinFunctionType):
        return True
    if not inspect.isclass(thing) or isinstance(thing, enum.EnumMeta):
        return False
    makers = [getattr(thing, name, None) for name in ("__new__", "__init__")]
    makers += [vars(base).get("__call__") for base in type(thing).__mro__]
    return not any(isinstance(item, types.FunctionType) for item in makers)


def words_of(thing: Any) -> Any:
    """The names that a function tells: how many come by position, needed ones, others."""
    kinds = inspect.Parameter
    parameters = list(inspect.signature(thing).parameters.values())
    if any(item.kind == kinds.VAR_KEYWORD for item in parameters):
        return 0, [], []
    named = [item for item in parameters if item.kind in (kinds.POSITIONAL_OR_KEYWORD,
                                                          kinds.KEYWORD_ONLY)]  # fmt: skip
    first = [item for item in parameters if item.kind == kinds.POSITIONAL_ONLY]
    needed = [item.name for item in named if item.default is kinds.empty]
    others = [item.name for item in named if item.default is not kinds.empty]
    return len([item for item in first if item.default is kinds.empty]), needed, others


def said(thing: Any, count: int, words: List[str], value: Any = None) -> str:
    """What a call that cannot run says of its arguments."""
    try:
        thing(*[value] * count, **dict.fromkeys(words, value))
    except TypeError as error:
        return str(error)
    except BaseException as error:
        return type(error).__name__
    return ""


def refused(thing: Any) -> List[str]:
    """The documented names that are not taken."""
    count, needed, others = words_of(thing)
    found = []
    for at in range(len(needed)):
        # One that is needed is missing: the error names one, and nothing runs.
        text = said(thing, count, needed[:at])
        if any("'{}'".format(word) in text and "unexpected" in text for word in needed[:at]):
            found.append(needed[at - 1])
        elif "missing" in text and "'" in text and "'{}'".format(needed[at]) not in text:
            found.append(needed[at])
    for word in others:
        # Where there is no place for one more name, no argument is of any use to the function.
        more, value = ([OTHER], None) if len(others) > 1 else ([], object())
        text = said(thing, count, needed + [word] + more, value)
        if "'{}'".format(word) in text and OTHER not in text and is_refusal(text):
            found.append(word)
    return sorted(set(found))


def is_refusal(text: str) -> bool:
    """Whether an error says that a name is none of the function's."""
    return "invalid keyword" in text or "unexpected keyword" in text


def callables(module: Any) -> Iterator[Any]:
    """A module's public functions and classes in C, by name."""
    for name, thing in sorted(vars(module).items()):
        if not name.startswith("_") and written_in_c(thing):
            yield name, thing


def methods() -> Iterator[Any]:
    """Methods of some instances, by the name of the class."""
    for maker in MAKERS:
        try:
            made = eval(maker)  # noqa: S307 - the texts above
        except Exception:
            continue
        owner = "{}.{}".format(type(made).__module__, type(made).__qualname__)
        for name in sorted(dir(made)):
            thing = getattr(made, name, None)
            if not name.startswith("_") and isinstance(thing, types.BuiltinFunctionType):
                yield "{}.{}".format(owner, name), thing


def answer(request: Any) -> Any:
    """Print which of its names each function in C of the modules asked for refuses."""
    warnings.simplefilter("ignore")
    table = {}  # type: Dict[str, Any]
    kept = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        every = list(methods())
        for name in request["modules"]:
            with contextlib.suppress(BaseException):
                module = importlib.import_module(name)
                every += [("{}.{}".format(name, item), thing) for item, thing in callables(module)]
        for key, thing in every:
            with contextlib.suppress(BaseException):
                table[key] = {"refused_words": refused(thing)}
    finally:
        sys.stdout, sys.stderr = kept
    return table
