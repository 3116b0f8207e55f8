"""Mutants of the process at its start, of what installed files hold, and of headers by mode."""

from __future__ import annotations

import re

from elpython.contract.starts import ways

from .lab import SERIES, Copy, Mutant

__all__ = ["MUTANTS"]


def _way(expect: str) -> tuple[str, ...]:
    """Return the ways of starting to try: those named, else the plain one."""
    named = [way for way in ways() if "start" in expect and way in expect]
    return tuple(named) or ("file",)


def _site(name: str, code: str, expect: str) -> Mutant:
    """Return a mutant that runs code whenever `site` is imported."""
    return Mutant(
        name=name,
        promise="process-state",
        expect=expect,
        change=lambda c: c.write(c.lib / "sitecustomize.py", code + "\n"),
        part=_way(expect),
    )


def _early(name: str, code: str, expect: str) -> Mutant:
    return Mutant(
        name=name,
        promise="process-state",
        expect=expect,
        change=lambda c: c.at_start(code),
        part=_way(expect),
    )


def _library(name: str, file: str, code: str, expect: str) -> Mutant:
    return Mutant(
        name=name,
        promise="process-state",
        expect=expect,
        change=lambda c: c.append(file, code),
        part=_way(expect),
    )


STATE = [
    _site(
        "warnings are hidden",
        "import warnings\nwarnings.simplefilter('ignore')",
        r"plain\.warnings\.filters",
    ),
    _site(
        "a signal's disposition",
        "import signal\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)",
        r"plain\.signal\.13",
    ),
    _early("another GC threshold", "import gc\ngc.set_threshold(2000, 10, 10)", r"gc\.threshold"),
    _early(
        "another switch interval", "import sys\nsys.setswitchinterval(0.01)", r"switch_interval"
    ),
    _early(
        "another recursion limit", "import sys\nsys.setrecursionlimit(5000)", r"recursion_limit"
    ),
    _site("a variable is set", "import os\nos.environ['EL_PYTHON'] = '1'", r"plain\.environment"),
    _site("another umask", "import os\nos.umask(0o077)", r"plain\.umask"),
    _site(
        "another excepthook",
        "import sys\n_old = sys.excepthook\nsys.excepthook = lambda *a: _old(*a)",
        r"plain\.excepthook",
    ),
    _site(
        "an import hook more",
        "import sys\nclass Finder:\n    @staticmethod\n    def find_spec(*_a, **_k):\n"
        "        return None\n"
        "sys.meta_path.append(Finder)",
        r"plain\.meta_path",
    ),
    _site(
        "a thread runs at start",
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        r"plain\.(threads|tasks)",
    ),
    _site("a file stays open", "import os\n_kept = os.open('/dev/null', 0)", r"plain\.descriptors"),
    _site(
        "open() is replaced",
        "import builtins\n_open = builtins.open\nbuiltins.open = lambda *a, **k: _open(*a, **k)",
        r"builtin\.open|start\.",
    ),
    _site(
        "output is encoded otherwise",
        "import sys\nsys.stdout.reconfigure(errors='replace')",
        r"plain\.stream\.stdout\.errors",
    ),
    _site(
        "no limit for digits", "import sys\nsys.set_int_max_str_digits(0)", r"int_max_str_digits"
    ),
    _site(
        "faulthandler is on", "import faulthandler\nfaulthandler.enable()", r"plain\.faulthandler"
    ),
    _library("a higher default precision", "decimal.py", "getcontext().prec = 34", r"\.decimal$"),
    _library("logging has a handler", "logging/__init__.py", "root.setLevel(10)", r"\.logging$"),
    _library(
        "another start method",
        "multiprocessing/__init__.py",
        "set_start_method('spawn')",
        r"\.multiprocessing$",
    ),
    _site("a builtin more is gone", "import builtins\ndel builtins.exit", r"builtin_names\.exit"),
    _early(
        "piped programs are read by the start",
        "import os, sys\nif getattr(sys, 'orig_argv', [''])[-1] == '-':\n    os.read(0, 40)",
        r"^start\.(stdin-dash|pipe-unbuffered)",
    ),
    _early(
        "the program is opened before it runs",
        "import sys\nif '/dev/stdin' in getattr(sys, 'orig_argv', ()):\n    sys.stdin = None\n"
        "    import posix\n    posix.read(0, 100)",
        r"^start\.device",
    ),
    _library(
        "a module run by -m says more",
        "json/tool.py",
        "print('el')",
        r"^start\.module-isolated",
    ),
    _library("py_compile says more", "py_compile.py", "print(4)", r"^start\.compiled-all"),
    _site(
        "exit code of an error",
        "import sys, os\nsys.excepthook = lambda *_: os._exit(9)",
        r"start\.error",
    ),
    _site(
        "the prompt",
        "import sys\nif hasattr(sys, 'orig_argv'):\n    sys.ps1 = 'el> '",
        r"start\.interactive",
    ),
]


def _bin(copy: Copy, name: str) -> str:
    return (copy.root / "bin" / name).read_text("utf-8")


def _config_script(copy: Copy) -> None:
    name = f"python{SERIES}-config"
    text = _bin(copy, name)
    assert "-lpython" in text
    copy.write(copy.root / "bin" / name, text.replace("-lpython", "-lelpython"))
    (copy.root / "bin" / name).chmod(0o755)


def _pkgconfig(copy: Copy) -> None:
    file = copy.root / "lib/pkgconfig" / f"python-{SERIES}-embed.pc"
    text = file.read_text("utf-8")
    assert "-lpython" in text
    copy.write(file, text.replace("-lpython", "-lelpython"))


def _makefile(copy: Copy) -> None:
    file = next(copy.lib.glob("config-*/Makefile"))
    copy.write(file, file.read_text("utf-8").replace("\nLDSHARED=", "\nLDSHARED= env"))


def _not_executable(copy: Copy) -> None:
    name = copy.root / "bin" / f"pydoc{SERIES}"
    copy.write(name, name.read_text("utf-8"))


def _private(copy: Copy) -> None:
    copy.append("colorsys.py", "")
    (copy.lib / "colorsys.py").chmod(0o600)


def _relink(copy: Copy) -> None:
    (copy.root / "bin/pydoc3").unlink()
    (copy.root / "bin/pydoc3").symlink_to(f"idle{SERIES}")


def _binary(copy: Copy, old: bytes, new: bytes) -> None:
    file = next((copy.lib / "lib-dynload").glob("_ctypes.*.so"))
    data, mode = file.read_bytes(), file.stat().st_mode
    assert old in data
    assert len(old) == len(new)
    file.unlink()
    file.write_bytes(data.replace(old, new))
    file.chmod(mode)


def _newer_libc(copy: Copy) -> None:
    file = next((copy.lib / "lib-dynload").glob("_ctypes.*.so"))
    wanted = re.search(rb"GLIBC_2[.0-9]+\0", file.read_bytes())
    assert wanted is not None
    _binary(copy, wanted[0], wanted[0].replace(b"_2", b"_9"))


def _makesetup(copy: Copy) -> None:
    file = next(copy.lib.glob("config-*/makesetup"))
    mode = file.stat().st_mode
    copy.write(file, file.read_text("utf-8").replace("$(CC)", "$(ELCC)"))
    file.chmod(mode)


LAYOUT = [
    Mutant(
        name="bin/python3 is gone",
        promise="layout",
        expect=r"-bin/python3$",
        change=lambda c: c.remove("bin/python3"),
    ),
    Mutant(
        name="pydoc is gone",
        promise="layout",
        expect=rf"-bin/pydoc{SERIES}$",
        change=lambda c: c.remove(f"bin/pydoc{SERIES}"),
    ),
    Mutant(
        name="a link leads elsewhere", promise="layout", expect=r"link\.bin/pydoc3$", change=_relink
    ),
    Mutant(
        name="python3-config links another library",
        promise="layout",
        expect=r"content\.bin/python.*-config",
        change=_config_script,
    ),
    Mutant(
        name="pkg-config links another library",
        promise="layout",
        expect=r"content\.pkgconfig/.*embed",
        change=_pkgconfig,
    ),
    Mutant(
        name="a link for pkg-config is gone",
        promise="layout",
        expect=r"-pkgconfig/python3\.pc",
        change=lambda c: c.remove("lib/pkgconfig/python3.pc"),
    ),
    Mutant(
        name="the Makefile links otherwise",
        promise="layout",
        expect=r"makefile\.LDSHARED",
        change=_makefile,
    ),
    Mutant(
        name="makesetup compiles otherwise",
        promise="layout",
        expect=r"content\.config/makesetup",
        change=_makesetup,
    ),
    Mutant(
        name="a program may not be executed",
        promise="layout",
        expect=rf"mode\.bin/pydoc{SERIES}",
        change=_not_executable,
    ),
    Mutant(
        name="a module for the owner alone",
        promise="layout",
        expect=r"mode\.stdlib/colorsys\.py",
        change=_private,
    ),
    Mutant(
        name="an extension module needs another library",
        promise="layout",
        expect=r"elf\.lib-dynload/_ctypes.*needed",
        change=lambda c: _binary(c, b"libffi.so.", b"libffj.so."),
    ),
    Mutant(
        name="an extension module needs a newer C library",
        promise="layout",
        expect=r"elf\.lib-dynload/_ctypes.*versions_wanted",
        change=_newer_libc,
    ),
]


def _modes(
    name: str, file: str, texts: tuple[str, str], expect: str, promise: str = "headers"
) -> Mutant:
    return Mutant(
        name=name,
        promise=promise,
        expect=expect,
        change=lambda c: c.swap(f"include/{file}", *texts),
    )


_SORT = "PyAPI_FUNC(int) PyList_Sort(PyObject *);"
_MIN = "#define Py_MIN(x, y) (((x) > (y)) ? (y) : (x))"

HEADERS = [
    _modes(
        "macro gone in C++ alone",
        "pymacro.h",
        (_MIN, f"#ifndef __cplusplus\n{_MIN}\n#endif"),
        r"-c\+\+\.Py_MIN",
    ),
    _modes(
        "C++ does not compile",
        "pymacro.h",
        (_MIN, f"{_MIN}\nstatic inline int el_new(int new) {{ return new; }}"),
        r"c\+\+\.compiled",
    ),
    _modes(
        "the compiler warns of an inline function",
        "pymacro.h",
        (_MIN, f"{_MIN}\nstatic inline int el_less(unsigned a, int b) {{ return a < b; }}"),
        r"^compiled",
    ),
    _modes(
        "PY_SSIZE_T_CLEAN changes less",
        "modsupport.h",
        ("#define PyArg_Parse                     _PyArg_Parse_SizeT\n", ""),
        r"-ssize_t\.PyArg_Parse",
    ),
    _modes(
        "gone in the oldest limited API alone",
        "listobject.h",
        (_SORT, f"#if !defined(Py_LIMITED_API) || Py_LIMITED_API+0 >= 0x030a0000\n{_SORT}\n#endif"),
        r"-oldest-limited\.PyList_Sort",
    ),
    _modes(
        "pyconfig.h says another size",
        "pyconfig.h",
        ("#define SIZEOF_WCHAR_T 4", "#define SIZEOF_WCHAR_T 2"),
        r"^SIZEOF_WCHAR_T",
    ),
    _modes(
        "a member of a struct that macros reach",
        "cpython/object.h",
        ("    PyObject *ht_name, *ht_slots,", "    PyObject *ht_name, *ht_el, *ht_slots,"),
        r"struct\.(PyHeapTypeObject|_heaptypeobject)",
        "abi",
    ),
    _modes(
        "a flag that modules hold",
        "methodobject.h",
        ("#define METH_KEYWORDS 0x0002", "#define METH_KEYWORDS 0x0004"),
        r"layout\.constant\.METH_KEYWORDS",
        "abi",
    ),
    _modes(
        "a callback of another type",
        "object.h",
        (
            "typedef int (*visitproc)(PyObject *, void *);",
            "typedef long (*visitproc)(PyObject *, double);",
        ),
        r"layout\.typedef\.visitproc",
        "abi",
    ),
    _modes(
        "bits of a string's state",
        "cpython/unicodeobject.h",
        ("unsigned int interned:2;", "unsigned int interned:3;"),
        r"struct\.PyASCIIObject",
        "abi",
    ),
    Mutant(
        name="a function that only a macro calls",
        promise="abi",
        expect=r"-symbol\._PyArg_ParseTuple_SizeT",
        change=lambda c: c.hide_symbol("_PyArg_ParseTuple_SizeT"),
    ),
]

_SLOW = "import time\ntime.sleep(0.06)\n"

SPEED = [
    Mutant(
        name="site takes longer",
        promise="speed",
        expect=r"startup\.site",
        change=lambda c: c.write(c.lib / "sitecustomize.py", _SLOW),
    ),
    Mutant(
        name="an environment takes longer",
        promise="speed",
        expect=r"startup\.venv",
        change=lambda c: c.write(
            c.lib / "sitecustomize.py",
            "import sys\nif sys.prefix != sys.base_prefix:\n    " + _SLOW.replace("\n", "\n    "),
        ),
    ),
]

MUTANTS = [*STATE, *LAYOUT, *HEADERS, *SPEED]
