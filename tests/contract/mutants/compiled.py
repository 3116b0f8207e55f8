"""Mutants in C: each is compiled into the base's interpreter; ccache keeps the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .lab import Mutant
from .workshop import Edit

if TYPE_CHECKING:
    from .lab import Copy
    from .workshop import Workshop

__all__ = ["COMPILED", "CONTROLS", "Compiled", "Control", "bound"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Compiled:
    """One mutation of the sources; the attributes are those of `Mutant`."""

    name: str
    promise: str
    expect: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...] = ()
    part: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """A change of the sources that breaks nothing: each promise named must say so."""

    name: str
    promises: tuple[str, ...]
    edits: tuple[Edit, ...]


def bound(mutant: Compiled, shop: Workshop) -> Mutant:
    """Return the mutant as the laboratory takes it."""

    def change(copy: Copy) -> None:
        shop.put(mutant.edits, copy)

    return Mutant(
        name=mutant.name,
        promise=mutant.promise,
        expect=mutant.expect,
        change=change,
        tests=mutant.tests,
        part=mutant.part,
    )


def _site(name: str, way: str, old: str, new: str) -> Compiled:
    """Return a mutant of `site`, which is compiled into the interpreter (frozen)."""
    return Compiled(
        name=f"frozen: {name}",
        promise="process-state",
        expect=rf"^start\.{way}",
        edits=(Edit("Lib/site.py", old, new),),
        part=(way,),
    )


_WARN = 'PyErr_WarnEx(PyExc_DeprecationWarning, "use another", 1) < 0'

COMPILED = [
    _site(
        "usercustomize runs before sitecustomize",
        "site-user",
        "    execsitecustomize()\n    if ENABLE_USER_SITE:\n        execusercustomize()\n",
        "    if ENABLE_USER_SITE:\n        execusercustomize()\n    execsitecustomize()\n",
    ),
    _site(
        "the user's own packages are not found",
        "site-user",
        "    known_paths = addusersitepackages(known_paths)\n    known_paths = addsite",
        "    known_paths = addsite",
    ),
    _site(
        "path files are read in another order",
        "site-path-files",
        "for name in sorted(names):",
        "for name in sorted(names, reverse=True):",
    ),
    _site(
        "path files run nothing",
        "site-path-files",
        'if line.startswith(("import ", "import\\t")):',
        'if line.startswith(("import\\t",)):',
    ),
    _site(
        "packages of an environment come first",
        "environment-venv",
        "        addsitepackages(known_paths, [sys.prefix])\n",
        "        addsitepackages(known_paths, [sys.prefix])\n"
        "        sys.path.insert(0, sys.path.pop())\n",
    ),
    Compiled(
        name="C: a generator may yield when it is closed",
        promise="process-state",
        expect=r"^start\.ending",
        edits=(
            Edit(
                "Objects/genobject.c",
                '    if (retval) {\n        const char *msg = "generator ignored GeneratorExit";\n',
                "    if (retval && PyGen_CheckExact(gen)) {\n        return retval;\n    }\n"
                '    if (retval) {\n        const char *msg = "generator ignored GeneratorExit";\n',
            ),
        ),
        part=("ending",),
    ),
    Compiled(
        name="C: what ends a program runs in another order",
        promise="process-state",
        expect=r"^start\.ending",
        edits=(
            Edit(
                "Modules/atexitmodule.c",
                "    for (int i = state->ncallbacks - 1; i >= 0; i--) {\n",
                "    for (int i = 0; i < state->ncallbacks; i++) {\n",
            ),
        ),
        part=("ending",),
    ),
    Compiled(
        name="C: tuples have other hashes",
        promise="process-state",
        expect=r"^start\.values-hashes",
        edits=(
            Edit(
                "Objects/tupleobject.c",
                "acc += len ^ (_PyHASH_XXPRIME_5 ^ 3527539UL);",
                "acc += len ^ (_PyHASH_XXPRIME_5 ^ 3527541UL);",
            ),
        ),
        part=("values-hashes",),
    ),
    # The installed headers stay as they are seen from outside: only debug information tells.
    Compiled(
        name="C: the library has another member in a public struct than its headers say",
        promise="abi",
        expect=r"struct\.PyFunctionObject\.(el_inserted|vectorcall)",
        edits=(
            Edit(
                "Include/cpython/funcobject.h",
                "    vectorcallfunc vectorcall;\n",
                "#ifdef Py_BUILD_CORE\n    void *el_inserted;\n#endif\n"
                "    vectorcallfunc vectorcall;\n",
            ),
        ),
    ),
    Compiled(
        name="C: struct member inserted",
        promise="abi",
        expect=r"struct\.PyFunctionObject\.el_inserted",
        edits=(
            Edit(
                "Include/cpython/funcobject.h",
                "    vectorcallfunc vectorcall;\n",
                "    void *el_inserted;\n    vectorcallfunc vectorcall;\n",
            ),
        ),
    ),
    Compiled(
        name="C: the library has another enum value than its headers say",
        promise="abi",
        expect=r"enum\..*PYGEN_NEXT",
        edits=(
            Edit(
                "Include/object.h",
                "    PYGEN_NEXT = 1,\n",
                "#ifdef Py_BUILD_CORE\n    PYGEN_NEXT = 2,\n#else\n    PYGEN_NEXT = 1,\n#endif\n",
            ),
        ),
    ),
    Compiled(
        name="C: function removed from the stable ABI",
        promise="stable-abi",
        expect=r"-PyObject_CopyData",
        edits=(
            Edit(
                "Objects/abstract.c",
                "int PyObject_CopyData(",
                "int el_copy(PyObject *, PyObject *);\nint el_copy(",
            ),
        ),
    ),
    Compiled(
        name="C: a buffer is read-only",
        promise="extensions",
        expect=r"own\.el_buffer",
        edits=(
            Edit(
                "Objects/bytearrayobject.c",
                "PyBuffer_FillInfo(view, (PyObject*)obj, ptr, Py_SIZE(obj), 0, flags);",
                "PyBuffer_FillInfo(view, (PyObject*)obj, ptr, Py_SIZE(obj), 1, flags);",
            ),
        ),
    ),
    Compiled(
        name="C: stable-ABI extensions are not looked for",
        promise="extensions",
        expect=r"own\.el_abi3",
        edits=(Edit("Python/dynload_shlib.c", '    ".abi" PYTHON_ABI_STRING ".so",\n', ""),),
    ),
    Compiled(
        name="C: default argument changed",
        promise="api",
        expect=r"^builtins\.print$",
        edits=(
            Edit(
                "Python/clinic/bltinmodule.c.h",
                "file=None, flush=False)\\n",
                "file=None, flush=True)\\n",
            ),
        ),
    ),
    Compiled(
        name="C: method removed",
        promise="api",
        expect=r"-builtins\.str\.swapcase",
        edits=(Edit("Objects/unicodeobject.c", "    UNICODE_SWAPCASE_METHODDEF\n", ""),),
    ),
    Compiled(
        name="C: exception type changed",
        promise="behaviour",
        expect=r"test_tuple\.",
        edits=(
            Edit(
                "Objects/tupleobject.c",
                '(PyExc_ValueError, "tuple.index(x): x not in tuple")',
                '(PyExc_KeyError, "tuple.index(x): x not in tuple")',
            ),
        ),
        tests=("test_tuple",),
    ),
    Compiled(
        name="C: one result is wrong",
        promise="behaviour",
        expect=r"test_long\..*bit_length",
        edits=(
            Edit(
                "Objects/longobject.c",
                "return PyLong_FromSsize_t((ndigits-1)*PyLong_SHIFT + msd_bits);",
                "return PyLong_FromSsize_t((ndigits-1)*PyLong_SHIFT + msd_bits + (ndigits > 4));",
            ),
        ),
        tests=("test_long",),
    ),
    Compiled(
        name="C: a new DeprecationWarning at a call",
        promise="warnings",
        expect=r"sample\.language\.DeprecationWarning",
        edits=(
            Edit(
                "Python/bltinmodule.c",
                "    round = _PyObject_LookupSpecial(number, &_Py_ID(__round__));\n",
                f"    if ({_WARN}) {{\n        return NULL;\n    }}\n"
                "    round = _PyObject_LookupSpecial(number, &_Py_ID(__round__));\n",
            ),
        ),
    ),
    Compiled(
        name="C: magic number changed",
        promise="pyc",
        expect=r"magic_number",
        edits=(
            Edit(
                "Lib/importlib/_bootstrap_external.py",
                "MAGIC_NUMBER = (3495)",
                "MAGIC_NUMBER = (3496)",
            ),
        ),
    ),
    Compiled(
        name="C: an environment's extension gets another answer",
        promise="in-place",
        expect=r"replaced\.venv",
        edits=(
            Edit(
                "Python/pystate.c",
                "    return (tstate == _PyGILState_GetThisThreadState(gilstate));",
                "    return (tstate != _PyGILState_GetThisThreadState(gilstate));",
            ),
        ),
    ),
    Compiled(
        name="C: marshal version raised",
        promise="roll-back",
        expect=r"format\.marshal",
        edits=(
            Edit(
                "Include/marshal.h", "#define Py_MARSHAL_VERSION 4", "#define Py_MARSHAL_VERSION 5"
            ),
        ),
    ),
    Compiled(
        name="C: another implementation name",
        promise="identity",
        expect=r"implementation_name",
        edits=(
            Edit(
                "Python/sysmodule.c",
                "value = PyUnicode_FromString(_PySys_ImplName);",
                'value = PyUnicode_FromString("elpython");',
            ),
        ),
    ),
    Compiled(
        name="C: slower start-up",
        promise="speed",
        expect=r"startup",
        edits=(
            Edit(
                "Modules/main.c",
                "    return Py_RunMain();\n}\n\n\nint\nPy_Main(",
                "    usleep(80000);\n    return Py_RunMain();\n}\n\n\nint\nPy_Main(",
            ),
        ),
    ),
]

CONTROLS = [
    # What CPython's own micro releases do: runtime structs below Include/internal change.
    Control(
        name="C: a private runtime struct has another member",
        promises=("abi", "headers", "stable-abi", "identity"),
        edits=(
            Edit(
                "Include/internal/pycore_interp.h",
                "struct _is {\n\n    PyInterpreterState *next;\n",
                "struct _is {\n\n    PyInterpreterState *next;\n    void *el_inserted;\n",
            ),
        ),
    ),
    Control(
        name="C: a new private function, and words in a comment",
        promises=("abi", "headers", "stable-abi", "api", "extensions", "pyc"),
        edits=(
            Edit(
                "Objects/listobject.c",
                "int\nPyList_SetSlice(",
                "/* What the list's own file needs. */\nint _el_private(void);\n"
                "int _el_private(void) { return 4; }\n\nint\nPyList_SetSlice(",
            ),
        ),
    ),
]
