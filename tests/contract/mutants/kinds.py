"""Mutants of kinds of change that names and signatures alone do not show."""

from __future__ import annotations

from .lab import Copy, Mutant

__all__ = ["MUTANTS"]


def _api(name: str, file: str, code: str, expect: str) -> Mutant:
    """Return a mutant that appends code to a module."""
    return Mutant(
        name=name,
        promise="api",
        expect=expect,
        change=lambda c: c.append(file, code),
        part=_modules(file),
    )


def _modules(file: str) -> tuple[str, ...]:
    """Return the modules to look at: the changed one, and `os`."""
    return file.removesuffix(".py").removesuffix("/__init__").replace("/", "."), "os"


def _swapped(name: str, file: str, texts: tuple[str, str], expect: str) -> Mutant:
    return Mutant(
        name=name,
        promise="api",
        expect=expect,
        change=lambda c: c.swap(file, *texts),
        part=_modules(file),
    )


API = [
    _api(
        "a function turned asynchronous",
        "textwrap.py",
        "_dedent = dedent\nasync def dedent(text):\n    return _dedent(text)",
        r"^textwrap\.dedent$",
    ),
    _api(
        "a function turned generator",
        "glob.py",
        "_escape = escape\ndef escape(pathname):\n    yield _escape(pathname)",
        r"^glob\.escape$",
    ),
    _api(
        "a generator turned function",
        "difflib.py",
        "_ndiff = ndiff\ndef ndiff(a, b, linejunk=None, charjunk=IS_CHARACTER_JUNK):\n"
        "    return _ndiff(a, b)\n"
        "_unified = unified_diff\ndef unified_diff(a, b, fromfile='', tofile='', fromfiledate='',\n"
        "                 tofiledate='', n=3, lineterm='\\n'):\n    return list(_unified(a, b))",
        r"^difflib\.unified_diff$",
    ),
    _api("a class's default changed", "cmd.py", "Cmd.prompt = '> '", r"^cmd\.Cmd\.prompt$"),
    _api(
        "a class's table changed",
        "configparser.py",
        "RawConfigParser.BOOLEAN_STATES = {**RawConfigParser.BOOLEAN_STATES, 'ja': True}",
        r"^configparser\.RawConfigParser\.BOOLEAN_STATES$",
    ),
    _api(
        "a class's default of another type",
        "http/server.py",
        "BaseHTTPRequestHandler.protocol_version = b'HTTP/1.0'",
        r"^http\.server\.BaseHTTPRequestHandler\.protocol_version$",
    ),
    _api(
        "a lower-case module value changed",
        "string.py",
        "whitespace = whitespace + '\\x1c'",
        r"^string\.whitespace$",
    ),
    _api(
        "an entry in a long module table",
        "html/entities.py",
        "name2codepoint['el'] = 1",
        r"^html\.entities\.name2codepoint$",
    ),
    _swapped(
        "a new abstract method",
        "numbers.py",
        (
            "    @abstractmethod\n    def __floor__(self):",
            (
                "    @abstractmethod\n    def to_el(self):\n        raise NotImplementedError\n\n"
                "    @abstractmethod\n    def __floor__(self):"
            ),
        ),
        r"^numbers\.Real\.to_el$",
    ),
    _api(
        "equality without hash",
        "email/message.py",
        "Message.__eq__ = lambda self, other: self is other\nMessage.__hash__ = None",
        r"^email\.message\.Message$",
    ),
    _api(
        "subclasses need an argument",
        "cmd.py",
        "def _hook(cls, *, el, **rest):\n    super(Cmd, cls).__init_subclass__(**rest)\n"
        "Cmd.__init_subclass__ = classmethod(_hook)",
        r"^cmd\.Cmd(\.__init_subclass__)?$",
    ),
    _api(
        "subclasses are refused",
        "cmd.py",
        "def _hook(cls, **rest):\n    raise TypeError('no')\n"
        "Cmd.__init_subclass__ = classmethod(_hook)",
        r"^cmd\.Cmd$",
    ),
    _api("a class is final", "cmd.py", "import typing\nCmd = typing.final(Cmd)", r"^cmd\.Cmd$"),
    _swapped(
        "another metaclass",
        "cmd.py",
        ("class Cmd:\n", "import abc\nclass Cmd(metaclass=abc.ABCMeta):\n"),
        r"^cmd\.Cmd$",
    ),
    _swapped(
        "instances take no attributes",
        "cmd.py",
        ("class Cmd:\n", "class Cmd:\n    __slots__ = ('cmdqueue', 'completekey')\n"),
        r"^cmd\.Cmd$",
    ),
    _swapped(
        "a class between two classes",
        "socketserver.py",
        (
            "class TCPServer(BaseServer):",
            "class _Between(BaseServer):\n    pass\n\nclass TCPServer(_Between):",
        ),
        r"^socketserver\.UDPServer$",
    ),
    _api("a class moved", "cmd.py", "Cmd.__module__ = '_cmd'", r"^cmd\.Cmd$"),
    _api("a class's qualified name", "cmd.py", "Cmd.__qualname__ = 'Base.Cmd'", r"^cmd\.Cmd$"),
    _swapped(
        "a parameter by keyword alone",
        "textwrap.py",
        ("def indent(text, prefix, predicate=None)", "def indent(text, prefix, *, predicate=None)"),
        r"^textwrap\.indent$",
    ),
    _swapped(
        "a parameter by position alone",
        "textwrap.py",
        ("def indent(text, prefix, predicate=None)", "def indent(text, prefix, predicate=None, /)"),
        r"^textwrap\.indent$",
    ),
    _api(
        "a method of a private base is gone",
        "argparse.py",
        "del _ActionsContainer.add_mutually_exclusive_group",
        r"-argparse\.ArgumentParser\.add_mutually_exclusive_group",
    ),
    _swapped(
        "enumerators in another order",
        "http/__init__.py",
        ("    OK = 200, 'OK', 'Request fulfilled, document follows'\n", ""),
        r"-http\.HTTPStatus\.OK",
    ),
    _swapped(
        "a dataclass is frozen",
        "pstats.py",
        ("@dataclass(unsafe_hash=True)\nclass Fun", "@dataclass(frozen=True)\nclass Fun"),
        r"^pstats\.FunctionProfile$",
    ),
    _api(
        "a property cannot be deleted",
        "urllib/request.py",
        "Request.full_url = property(Request.full_url.fget, Request.full_url.fset)",
        r"^urllib\.request\.Request\.full_url$",
    ),
    _swapped(
        "an accelerator is not used",
        "heapq.py",
        ("    from _heapq import *\n", "    raise ImportError\n"),
        r"^heapq\.heappush$",
    ),
    _api(
        "positional patterns changed",
        "pstats.py",
        "StatsProfile.__match_args__ = ('func_profiles', 'total_tt')",
        r"^pstats\.StatsProfile$",
    ),
    _api(
        "annotations changed",
        "urllib/parse.py",
        "urlsplit.__annotations__ = {'url': int}",
        r"^urllib\.parse\.urlsplit$",
    ),
    _api(
        "a name that __getattr__ made is gone",
        "concurrent/futures/__init__.py",
        "def __getattr__(name):\n    raise AttributeError(name)",
        r"concurrent\.futures\.ThreadPoolExecutor",
    ),
]


def _data_mutant(name: str, file: str, code: str, expect: str) -> Mutant:
    return Mutant(
        name=name,
        promise="roll-back",
        expect=expect,
        change=lambda c: c.append(file, code),
        part=_modules(file),
    )


def _authentication(copy: Copy) -> None:
    copy.swap(
        "multiprocessing/connection.py", "CHALLENGE = b'#CHALLENGE#'", "CHALLENGE = b'#CHALLENGX#'"
    )


ROLL_BACK = [
    _data_mutant(
        "pickles name a new module",
        "pathlib.py",
        "import sys\nPurePosixPath.__module__ = 'pathlib._local'\n"
        "sys.modules['pathlib._local'] = sys.modules[__name__]",
        r"^back\.(special|instance)\..*(path\.posix|PurePosixPath)",
    ),
    _data_mutant(
        "pickles call a new function",
        "uuid.py",
        "def _made(number):\n    return UUID(int=number)\n"
        "UUID.__reduce__ = lambda self: (_made, (self.int,))",
        r"^back\..*uuid",
    ),
    _data_mutant(
        "a state of another form",
        "random.py",
        "Random.VERSION = 4\n_had = Random.getstate\n"
        "Random.getstate = lambda self: (4, *_had(self)[1:])\n"
        "_has = Random.setstate\n"
        "Random.setstate = lambda self, state: _has(self, (3, *state[1:]))",
        r"^back\..*(random|Random)",
    ),
    _data_mutant(
        "a class that cannot be pickled",
        "fractions.py",
        "def _no(self):\n    raise TypeError('no')\nFraction.__reduce__ = _no",
        r"^written\..*Fraction",
    ),
    _data_mutant(
        "old pickles are not read",
        "email/message.py",
        "def _no(self, state):\n    raise TypeError('old')\nMessage.__setstate__ = _no",
        r"(forward|written)\..*Message",
    ),
    _data_mutant(
        "a reducer is gone",
        "copyreg.py",
        "dispatch_table.pop(complex, None)",
        r"-reducer\.copyreg\.builtins\.complex",
    ),
    Mutant(
        name="processes greet each other in another way",
        promise="roll-back",
        expect=r"messages\.",
        change=_authentication,
        part=("os",),
    ),
]

MUTANTS = [*API, *ROLL_BACK]
