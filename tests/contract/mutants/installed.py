"""Mutants of what is installed beside the modules, of headers in rare modes, and of processes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from .lab import SERIES, Copy, Mutant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["MUTANTS"]


def _own(path: Path, mode: int) -> None:
    """Give a file a mode of its own: a copy's files are linked to the untouched one's."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    path.chmod(mode)


def _layout(name: str, change: Callable[[Copy], None], expect: str) -> Mutant:
    return Mutant(name=name, promise="layout", expect=expect, change=change)


def _module(copy: Copy, name: str) -> Path:
    return next((copy.lib / "lib-dynload").glob(f"{name}.*.so"))


def _program_header(path: Path, kind: int, flags: int) -> None:
    """Overwrite the flags of a program header of a 64-bit ELF file."""
    data, mode = bytearray(path.read_bytes()), path.stat().st_mode
    (start,) = struct.unpack_from("<Q", data, 0x20)
    size, count = struct.unpack_from("<HH", data, 0x36)
    for at in range(start, start + size * count, size):
        if struct.unpack_from("<I", data, at)[0] == kind:
            struct.pack_into("<I", data, at + 4, flags)
    path.unlink()
    path.write_bytes(data)
    path.chmod(mode)


def _overwrite(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def _makefile(copy: Copy) -> None:
    file = next(copy.lib.glob("config-*/Makefile"))
    copy.write(file, file.read_text("utf-8").replace("\nCCSHARED=\t-fPIC", "\nCCSHARED=\t"))


def _config(name: str, value: str) -> Callable[[Copy], None]:
    def change(copy: Copy) -> None:
        file = next(copy.lib.glob("_sysconfigdata_*linux*.py"))
        copy.append(file.name, f"build_time_vars[{name!r}] = {value}")

    return change


LAYOUT = [
    _layout("a header for the owner alone", lambda c: _own(c.include / "listobject.h", 0o600),
            r"mode\.include/listobject\.h"),
    _layout("an extension module for the owner alone", lambda c: _own(_module(c, "_csv"), 0o700),
            r"mode\.stdlib/lib-dynload/_csv"),
    _layout("the library for the owner alone", lambda c: _own(c.library, 0o700), r"mode\.library"),
    _layout("a folder for the owner alone", lambda c: (c.lib / "json").chmod(0o700),
            r"mode\.stdlib/json$"),
    _layout("the manual page is gone", lambda c: c.remove(f"share/man/man1/python{SERIES}.1"),
            r"-man/python"),
    _layout("the script that enters an environment",
            lambda c: c.swap("venv/scripts/common/activate", "hash -r", "true"),
            r"content\.stdlib/venv/scripts/common/activate"),
    _layout("a grammar that comes along",
            lambda c: c.swap("lib2to3/Grammar.txt", "(NEWLINE | stmt)* END", "stmt* END"),
            r"content\.stdlib/lib2to3/Grammar\.txt"),
    _layout("a wheel that comes along has other bytes",
            lambda c: _overwrite(next((c.lib / "ensurepip/_bundled").glob("pip-*")), b"x"),
            r"content\.stdlib/ensurepip/_bundled/pip"),
    _layout("a wheel that comes along is gone",
            lambda c: next((c.lib / "ensurepip/_bundled").glob("pip-*")).unlink(),
            r"-stdlib/ensurepip/_bundled/pip"),
    _layout("the program's stack can be executed",
            lambda c: _program_header((c.root / f"bin/python{SERIES}"), 0x6474E551, 7),
            r"elf\.python\.stack"),
    _layout("an extension module is no ELF file",
            lambda c: _overwrite(_module(c, "_csv"), b"none"),
            r"elf\.lib-dynload/_csv"),
    _layout("extension modules are compiled without -fPIC", _makefile, r"makefile\.CCSHARED"),
    _layout("Setup.local is gone", lambda c: next(c.lib.glob("config-*/Setup.local")).unlink(),
            r"Setup\.local"),
    _layout("the licence is gone", lambda c: c.remove(f"lib/python{SERIES}/LICENSE.txt"),
            r"-stdlib/LICENSE\.txt"),
    _layout("python3-config is gone", lambda c: c.remove("bin/python3-config"),
            r"-bin/python3-config"),
    _layout("2to3 is gone", lambda c: c.remove(f"bin/2to3-{SERIES}"), r"-bin/2to3"),
    _layout("extensions are compiled for this machine alone", _config("CFLAGS", "'-march=native'"),
            r"config\.CFLAGS"),
    _layout("headers are looked for elsewhere", _config("INCLUDEPY", "'/usr/include/el'"),
            r"config\.INCLUDEPY"),
    _layout("pyconfig.h is called otherwise",
            lambda c: c.append("sysconfig.py", "get_config_h_filename = lambda: '/el/pyconfig.h'"),
            r"file\.config_h"),
    _layout("the Makefile is called otherwise",
            lambda c: c.append("sysconfig.py", "get_makefile_filename = lambda: '/el/Makefile'"),
            r"file\.makefile"),
]  # fmt: skip

IDENTITY = [
    Mutant(
        name="threads lock otherwise",
        promise="identity",
        expect=r"sys\.thread_info\.lock",
        change=lambda c: c.at_start(
            "import sys\nclass _Info:\n    name = 'pthread'\n    lock = 'mutex+cond'\n"
            "sys.thread_info = _Info()"
        ),
    ),
    Mutant(
        name="another C library is told",
        promise="identity",
        expect=r"platform\.libc_ver",
        change=lambda c: c.append("platform.py", "libc_ver = lambda *_, **__: ('el', '1')"),
    ),
]


def _header(
    name: str, file: str, texts: tuple[str, str], expect: str, promise: str = "headers"
) -> Mutant:
    return Mutant(
        name=name,
        promise=promise,
        expect=expect,
        change=lambda c: c.swap(f"include/{file}", *texts),
    )


def _later(copy: Copy) -> None:
    """Take a function out of the limited APIs of 3.7 to 3.9; newer and older ones stay alike."""
    file = copy.include / "sliceobject.h"
    text = file.read_text("utf-8")
    at = text.index("PyAPI_FUNC(int) PySlice_Unpack")
    end = text.index(";", at) + 1
    when = "#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030A0000\n"
    copy.write(file, text[:at] + when + text[at:end] + "\n#endif\n" + text[end:])


def _without_guard(copy: Copy) -> None:
    file = copy.include / "datetime.h"
    text = file.read_text("utf-8").replace("#define DATETIME_H\n", "", 1)
    copy.write(file, text.replace("#ifndef DATETIME_H\n", "#define DATETIME_H\n#if 1\n", 1))


def _mangled(copy: Copy) -> None:
    file = copy.include / "listobject.h"
    text = file.read_text("utf-8").replace('#ifdef __cplusplus\nextern "C" {\n#endif\n', "")
    copy.write(file, text.replace("#ifdef __cplusplus\n}\n#endif\n", ""))


_MIN = "#define Py_MIN(x, y)"

HEADERS = [
    Mutant(name="gone in limited APIs between", promise="headers",
           expect=r"-limited-3\.[789]\.PySlice_Unpack", change=_later),
    Mutant(name="a header twice does not compile", promise="headers", expect=r"^compiled",
           change=_without_guard),
    Mutant(name="functions with names of C++", promise="headers",
           expect=r"^c\+\+\.PyList_Append", change=_mangled),
    _header("no C99", "pymacro.h",
            (_MIN, f"static inline int el_f(void) {{ return ({{ 1; }}); }}\n{_MIN}"), r"^compiled"),
    _header("no C++11", "pymacro.h",
            (_MIN, f"#ifdef __cplusplus\nstatic inline auto el() {{ return 1; }}\n#endif\n{_MIN}"),
            r"^c\+\+\.compiled"),
    _header("a function is deprecated", "listobject.h",
            ("PyAPI_FUNC(int) PyList_Sort", "Py_DEPRECATED(3.3) PyAPI_FUNC(int) PyList_Sort"),
            r"^PyList_Sort"),
    _header("a text may be written to", "unicodeobject.h",
            ("PyUnicode_FromString(\n    const char *u", "PyUnicode_FromString(\n    char *u"),
            r"^PyUnicode_FromString"),
    _header("an inline function asserts more", "cpython/tupleobject.h",
            ("PyTuple_GET_SIZE(PyObject *op) {", "PyTuple_GET_SIZE(PyObject *op) { (void)op;"),
            r"^PyTuple_GET_SIZE"),
    _header("a slot's number", "typeslots.h", ("#define Py_tp_free 74", "#define Py_tp_free 75"),
            r"Py_tp_free", "abi"),
    _header("a table of function pointers", "datetime.h",
            ("PyTypeObject *DateType;\n    PyTypeObject *DateTimeType;",
             "PyTypeObject *DateTimeType;\n    PyTypeObject *DateType;"),
            r"PyDateTime_CAPI", "abi"),
    _header("a field of the configuration", "cpython/initconfig.h",
            ("    int isolated;\n    int use_environment;",
             "    int isolated;\n    int el;\n    int use_environment;"),
            r"PyConfig", "abi"),
    _header("a kind of member", "structmember.h",
            ("#define T_INT       1", "#define T_INT       21"), r"T_INT", "abi"),
    _header("two fields of every type exchanged", "cpython/object.h",
            ("destructor tp_finalize;\n    vectorcallfunc tp_vectorcall;",
             "vectorcallfunc tp_vectorcall;\n    destructor tp_finalize;"),
            r"tp_finalize|tp_vectorcall", "abi"),
]  # fmt: skip


def _site(name: str, code: str, expect: str) -> Mutant:
    return Mutant(
        name=name, promise="process-state", expect=expect, part=("file",),
        change=lambda c: c.write(c.lib / "sitecustomize.py", code + "\n"),
    )  # fmt: skip


def _library(name: str, file: str, code: str, expect: str) -> Mutant:
    return Mutant(
        name=name, promise="process-state", expect=expect, part=("file",),
        change=lambda c: c.append(file, code),
    )  # fmt: skip


def _way(name: str, way: str, file: str, code: str) -> Mutant:
    """Return a mutant of a module that one way of starting shows."""
    return Mutant(
        name=name, promise="process-state", expect=rf"^start\.{way}", part=(way,),
        change=lambda c: c.append(file, code),
    )  # fmt: skip


def _prctl(option: int, value: int) -> str:
    return f"import ctypes\nctypes.CDLL(None).prctl({option}, {value}, 0, 0, 0)"


STATE = [
    _site("times are told in another language",
          "import locale\nlocale.setlocale(locale.LC_TIME, 'C.UTF-8')", r"plain\.locale"),
    _site("another folder at start", "import os\nos.chdir('/')", r"plain\.working|^start\."),
    _site("stacks of threads", "import threading\nthreading.stack_size(262144)",
          r"plain\.thread\.stack_size"),
    _site("errors of threads are told otherwise",
          "import threading\n_had = threading.excepthook\nthreading.excepthook = lambda a: _had(a)",
          r"plain\.thread\.excepthook"),
    _site("threads are profiled", "import threading\nthreading.setprofile(lambda *_: None)",
          r"plain\.thread\.traced"),
    _site("a timer runs", "import signal\nsignal.setitimer(signal.ITIMER_REAL, 900)",
          r"plain\.timers"),
    _site("extension modules see each other's symbols",
          "import os, sys\nsys.setdlopenflags(os.RTLD_NOW | os.RTLD_GLOBAL)",
          r"plain\.dlopen_flags"),
    _site("a lower priority", "import os\nos.nice(3)", r"plain\.priority"),
    _site("one processor", "import os\nos.sched_setaffinity(0, [min(os.sched_getaffinity(0))])",
          r"plain\.processors"),
    _site("temporary files go elsewhere", "import tempfile\ntempfile.tempdir = '/var/tmp'",
          r"plain\.tempfile\.folder"),
    _site("random numbers are the same each time", "import random\nrandom.seed(7)",
          r"random\.seeded"),
    _site("the process has another name",
          "import ctypes\nctypes.CDLL(None).prctl(15, b'el', 0, 0, 0)", r"plain\.name"),
    _site("no core dumps", _prctl(4, 0), r"plain\.kernel\.dumpable"),
    _site("no new rights", _prctl(38, 1), r"plain\.kernel\.NoNewPrivs"),
    _site("a function is replaced at start",
          "import os\n_had = os.getcwd\nos.path.join = lambda *a, _j=os.path.join: _j(*a)",
          r"replaced"),
    _site("short tracebacks", "import sys\nsys.tracebacklimit = 1", r"plain\.traceback_limit"),
    _site("short fields of CSV", "import csv\ncsv.field_size_limit(10)", r"plain\.csv\.limit"),
    _library("weeks begin on Sunday", "calendar.py", "setfirstweekday(6)",
             r"plain\.calendar\.first"),
    _library("a dialect of CSV is not registered", "csv.py", "unregister_dialect('unix')",
             r"plain\.csv\.dialects"),
    _way("byte code by hash is refused", "byte-code-hashes", "encodings/__init__.py",
         "import _frozen_importlib_external as _external\n_had = _external._classify_pyc\n"
         "def _classify(*words):\n    if _had(*words):\n        raise ImportError('hash')\n"
         "    return 0\n_external._classify_pyc = _classify"),
    _way("settings are written without blanks", "values-formats", "configparser.py",
         "_had = RawConfigParser.write\n"
         "RawConfigParser.write = lambda self, file, blanks=False: _had(self, file, blanks)"),
    _way("a codec of another language", "values-codecs", "encodings/big5.py",
         "Codec.encode = lambda self, text, errors='strict': (b'?' * len(text), len(text))\n"
         "_had = getregentry\ndef getregentry():\n"
         "    return _had().__class__(encode=Codec().encode, decode=Codec().decode,\n"
         "        incrementalencoder=IncrementalEncoder, incrementaldecoder=IncrementalDecoder,\n"
         "        streamreader=StreamReader, streamwriter=StreamWriter, name='big5')"),
    _way("a code page in Python", "values-codecs", "encodings/cp1252.py",
         "decoding_table = decoding_table.replace('\\u20ac', '\\u20ad')\n"
         "encoding_table = codecs.charmap_build(decoding_table)"),
    _way("a domain name is written otherwise", "values-codecs", "encodings/idna.py",
         "_had = nameprep\nnameprep = lambda label: _had(label.replace('\\xdf', 's'))"),
    _way("another name of a codec", "values-codecs", "encodings/aliases.py",
         "aliases['latin'] = 'cp1252'"),
    Mutant(
        name="an environment exports another variable",
        promise="process-state",
        expect=r"^start\.environment-active",
        part=("environment-active",),
        change=lambda c: c.swap(
            "venv/scripts/common/activate", "export VIRTUAL_ENV\n", "export EL_ENV\n"
        ),
    ),
]  # fmt: skip

WHEELS = [
    Mutant(
        name="wheels for many systems are refused",
        promise="wheels",
        expect=r"tag",
        change=lambda c: c.write(
            c.lib / "_manylinux.py", "def manylinux_compatible(*_):\n    return False\n"
        ),
    ),
]

MUTANTS = [*LAYOUT, *IDENTITY, *HEADERS, *STATE, *WHEELS]
