"""Mutants of how names act: what `isinstance`, patterns, pickles, logs and readers see of them."""

from __future__ import annotations

from .lab import Copy, Mutant

__all__ = ["MUTANTS"]


def _api(name: str, file: str, code: str, expect: str, *others: str) -> Mutant:
    """Return a mutant that appends code to a module; `others` are looked at too."""
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Mutant(
        name=name,
        promise="api",
        expect=expect,
        change=lambda c: c.append(file, code),
        part=(module, "os", *others),
    )


def _swapped(name: str, file: str, texts: tuple[str, str], expect: str) -> Mutant:
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Mutant(
        name=name,
        promise="api",
        expect=expect,
        change=lambda c: c.swap(file, *texts),
        part=(module, "os"),
    )


def _queue(name: str, method: str, code: str) -> Mutant:
    """Return a mutant that gives `queue.Queue` a special method that it did not have."""
    return _api(
        name,
        "queue.py",
        f"def _new(self, *rest):\n    {code}\nQueue.{method} = _new",
        rf"^\+queue\.Queue\.{method}$",
    )


HOOKS = [
    _queue("a class is false when it is empty", "__len__", "return self.qsize()"),
    _queue("a class refuses to be true or false", "__bool__", "raise TypeError('no')"),
    _queue(
        "instances refuse attributes by a hook", "__setattr__", "object.__setattr__(self, *rest)"
    ),
    _queue("a class has another text", "__repr__", "return '<q>'"),
    _queue("copies are refused", "__deepcopy__", "raise TypeError('no')"),
    _queue("pickles are made in another way", "__reduce__", "return (Queue, ())"),
    _api(
        "instances compare otherwise, and have a hash",
        "queue.py",
        "Queue.__eq__ = lambda self, other: True\nQueue.__hash__ = lambda self: 1",
        r"^\+queue\.Queue\.__eq__$",
    ),
    _api(
        "the hash is that of every object",
        "fractions.py",
        "Fraction.__hash__ = object.__hash__",
        r"^fractions\.Fraction\.__hash__$",
    ),
]

ACTS = [
    _api(
        "a class is not subscriptable any more",
        "queue.py",
        "del Queue.__class_getitem__",
        r"^queue\.Queue$",
    ),
    _api(
        "a class is no virtual subclass any more",
        "numbers.py",
        "import _abc\n_abc._reset_registry(Integral)",
        r"^builtins\.int$",
        "builtins",
    ),
    _api(
        "a number is no Number any more",
        "decimal.py",
        "import numbers, _abc\n_abc._reset_registry(numbers.Number)",
        r"^decimal\.Decimal$",
        "numbers",
    ),
    _api(
        "a protocol cannot be asked at run time",
        "typing.py",
        "SupportsInt._is_runtime_protocol = False",
        r"^typing\.SupportsInt$",
    ),
    _api(
        "a flag refuses unknown bits",
        "re/__init__.py",
        "RegexFlag._boundary_ = enum.STRICT",
        r"^re\.RegexFlag$",
    ),
    _api(
        "what an enumerator tells besides its value",
        "http/__init__.py",
        "HTTPStatus.OK.phrase = 'Okay'",
        r"^http\.HTTPStatus\.OK$",
    ),
    _api(
        "the fields of a structure in C",
        "ctypes/wintypes.py",
        "class POINT(ctypes.Structure):\n    _fields_ = [('x', LONG), ('y', ctypes.c_short)]",
        r"^ctypes\.wintypes\.POINT$",
    ),
    _api(
        "a function has another name",
        "shlex.py",
        "quote.__name__ = quote.__qualname__ = 'shquote'",
        r"^shlex\.quote$",
    ),
    _api(
        "a function says another module", "shlex.py", "quote.__module__ = '_s'", r"^shlex\.quote$"
    ),
    _api(
        "reading a name warns",
        "string.py",
        "import warnings\n_digits = digits\ndel digits\n"
        "def __getattr__(name):\n    if name != 'digits':\n        raise AttributeError(name)\n"
        "    warnings.warn('x', DeprecationWarning, stacklevel=2)\n    return _digits",
        r"^string\.digits$",
    ),
    _api(
        "a method became a property",
        "queue.py",
        "Queue.qsize = property(Queue.qsize)",
        r"^queue\.Queue\.qsize$",
    ),
    _api(
        "a class method became static",
        "fractions.py",
        "Fraction.from_float = staticmethod(lambda f: Fraction(f))",
        r"^fractions\.Fraction\.from_float$",
    ),
    _api(
        "an iterator cannot be iterated",
        "csv.py",
        "del DictReader.__iter__",
        r"-csv\.DictReader\.__iter__",
    ),
    _api(
        "a context manager is none",
        "zipfile.py",
        "del ZipFile.__enter__, ZipFile.__exit__",
        r"-zipfile\.ZipFile\.__enter__",
    ),
    _api(
        "an alias of an exception became a subclass",
        "shutil.py",
        "class SameFileError(OSError):\n    pass",
        r"^shutil\.SameFileError$",
    ),
    _api(
        "socket.error is another",
        "socket.py",
        "class error(OSError):\n    pass",
        r"^socket\.error$",
    ),
    _api(
        "an error is no ValueError any more",
        "json/decoder.py",
        "class JSONDecodeError(Exception):\n    pass",
        r"^json\.decoder\.JSONDecodeError$",
    ),
    _api(
        "a coroutine function returns what can be awaited",
        "asyncio/tasks.py",
        "_sleep = sleep\ndef sleep(delay, result=None):\n    return _sleep(delay, result)",
        r"^asyncio\.tasks\.sleep$",
    ),
    _api(
        "a coroutine method became an asynchronous generator",
        "asyncio/streams.py",
        "async def _read(self, n=-1):\n    yield b''\nStreamReader.read = _read",
        r"^asyncio\.streams\.StreamReader\.read$",
    ),
    _api(
        "a slot became a class attribute",
        "zipfile.py",
        "ZipInfo.comment = b''",
        r"^zipfile\.ZipInfo\.comment$",
    ),
    _api(
        "a deque matches no sequence",
        "collections/__init__.py",
        "class deque(deque):\n    pass",
        r"^collections\.deque$",
    ),
    _api(
        "words of any name are refused",
        "textwrap.py",
        "def wrap(text, width=70):\n    return []",
        r"^textwrap\.wrap$",
    ),
    _swapped(
        "an attribute of instances renamed",
        "cmd.py",
        ("self.cmdqueue = []", "self.cmd_queue = []"),
        r"-cmd\.Cmd\.cmdqueue",
    ),
    _swapped(
        "one of several attributes set at once is gone",
        "http/client.py",
        ("(self.host, self.port) = ", "(self.hostname, self.port) = "),
        r"-http\.client\.HTTPConnection\.host",
    ),
]

VALUES = [
    _api("a table outside of __all__", "urllib/parse.py", "uses_netloc.remove('ftp')",
         r"^urllib\.parse\.uses_netloc$"),
    _api("a name outside of __all__ is gone", "urllib/parse.py", "del uses_query",
         r"-urllib\.parse\.uses_query"),
    _api("a type of files", "mimetypes.py", "types_map['.js'] = 'text/plain'",
         r"^mimetypes\.types_map$"),
    _api("the number of a log level", "logging/__init__.py", "WARNING = 31", r"^logging\.WARNING$"),
    _api("the basic format of logs", "logging/__init__.py", "BASIC_FORMAT = '%(message)s'",
         r"^logging\.BASIC_FORMAT$"),
    _api("a name of a locale", "locale.py", "locale_alias['german'] = 'de_DE.UTF-8'",
         r"^locale\.locale_alias$"),
    _api("the context that threads begin with", "decimal.py", "DefaultContext.prec = 30",
         r"^decimal\.DefaultContext$"),
    _api("the default of a policy", "email/policy.py", "default = default.clone(max_line_length=9)",
         r"^email\.policy\.default$"),
    _api("a module's own version", "json/__init__.py", "__version__ = '3.0'",
         r"^json\.__version__$"),
    _api("a dialect of CSV", "csv.py", "excel.delimiter = ';'", r"^csv\.excel\.delimiter$"),
    _api("an option of a command", "distutils/command/build_ext.py",
         "build_ext.user_options = build_ext.user_options[1:]", r"build_ext\.user_options$"),
    _api("a class of lib2to3 is gone", "lib2to3/pytree.py", "del Leaf", r"-lib2to3\.pytree\.Leaf"),
    _api("ensurepip has no bootstrap", "ensurepip/__init__.py", "del bootstrap",
         r"^ensurepip\.bootstrap$"),
]  # fmt: skip


def _data(name: str, file: str, code: str, expect: str) -> Mutant:
    module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Mutant(
        name=name,
        promise="roll-back",
        expect=expect,
        change=lambda c: c.append(file, code),
        part=(module, "os"),
    )


ROLL_BACK = [
    _data(
        "an exception that cannot be read back",
        "configparser.py",
        "_had = NoSectionError.__init__\n"
        "NoSectionError.__init__ = lambda self, section, *, el: _had(self, section)",
        r"NoSectionError",
    ),
    _data(
        "a counter is written by a new function",
        "collections/__init__.py",
        "def _counted(items):\n    return Counter(items)\n"
        "Counter.__reduce__ = lambda self: (_counted, (dict(self),))",
        r"^back\..*[cC]ounter",
    ),
    _data(
        "a state with other names",
        "uuid.py",
        "_had, _has = UUID.__getstate__, UUID.__setstate__\n"
        "def _get(self):\n    return {'number': self.int}\n"
        "def _set(self, state):\n"
        "    _has(self, {'int': state.get('number', state.get('int'))})\n"
        "UUID.__getstate__, UUID.__setstate__ = _get, _set",
        r"^back\..*(uuid|UUID)",
    ),
    _data(
        "gzip files begin with something else",
        "gzip.py",
        "_had = GzipFile._write_gzip_header\n"
        "def _head(self, level):\n    self.fileobj.write(b'EL')\n    _had(self, level)\n"
        "GzipFile._write_gzip_header = _head",
        r"gzip",
    ),
    _data(
        "property lists are binary",
        "plistlib.py",
        "_had = dump\ndef dump(value, fp, *, fmt=FMT_BINARY, **more):\n"
        "    _had(value, fp, fmt=fmt, **more)",
        r"plist",
    ),
]


def _warning(name: str, file: str, code: str, expect: str) -> Mutant:
    return Mutant(
        name=name, promise="warnings", expect=expect, change=lambda c: c.append(file, code)
    )


WARNINGS = [
    _warning("an import warns of the future", "asyncore.py",
             "import warnings\nwarnings.warn('x', FutureWarning)", r"FutureWarning"),
    _warning("the compiler warns of a module", "colorsys.py", "def _same(x):\n    return x is 1",
             r"colorsys\.SyntaxWarning"),
]  # fmt: skip


def _without_entry(copy: Copy) -> None:
    """Rename the function by which an extension module is loaded."""
    file = next((copy.lib / "lib-dynload").glob("_csv.*.so"))
    data, mode = file.read_bytes(), file.stat().st_mode
    assert b"PyInit__csv\0" in data
    file.unlink()
    file.write_bytes(data.replace(b"PyInit__csv\0", b"PyInit__csw\0"))
    file.chmod(mode)


OTHERS = [
    Mutant(
        name="an extension module without its function",
        promise="api",
        expect=r"csv",
        change=_without_entry,
        part=("csv", "os"),
    ),
]

MUTANTS = [*HOOKS, *ACTS, *VALUES, *ROLL_BACK, *WARNINGS, *OTHERS]
