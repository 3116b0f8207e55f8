"""Mutants of headers and of the shared library; none needs the interpreter compiled anew."""

from __future__ import annotations

from .lab import Copy, Mutant

__all__ = ["MUTANTS"]


def _no_datetime(copy: Copy) -> None:
    for file in (copy.lib / "lib-dynload").glob("_datetime.*.so"):
        file.unlink()


def _unlimited(copy: Copy) -> None:
    copy.swap(
        "include/listobject.h",
        "PyAPI_FUNC(int) PyList_Sort(PyObject *);",
        "#ifndef Py_LIMITED_API\nPyAPI_FUNC(int) PyList_Sort(PyObject *);\n#endif",
    )


EXTENSIONS = [
    Mutant(
        name="a function that extensions call is gone",
        promise="extensions",
        expect=r"own\.el_buffer",
        change=lambda c: c.hide_symbol("PyDict_Next"),
    ),
    Mutant(
        name="the datetime C API is gone",
        promise="extensions",
        expect=r"own\.el_structs",
        change=_no_datetime,
    ),
    Mutant(
        name="a limited-API function is gone",
        promise="extensions",
        expect=r"own\.el_abi3",
        change=lambda c: c.hide_symbol("PyTuple_GetSlice"),
    ),
    Mutant(
        name="a function that embedding programs call is gone",
        promise="extensions",
        expect=r"own\.el_embed",
        change=lambda c: c.hide_symbol("PyRun_SimpleStringFlags"),
    ),
]

ABI = [
    Mutant(
        name="struct member inserted",
        promise="abi",
        expect=r"struct\.PyVarObject\.extra",
        change=lambda c: c.swap(
            "include/object.h",
            "    PyObject ob_base;\n    Py_ssize_t ob_size;",
            "    PyObject ob_base;\n    void *extra;\n    Py_ssize_t ob_size;",
        ),
    ),
    Mutant(
        name="struct member's type changed",
        promise="abi",
        expect=r"struct\.Py_complex",
        change=lambda c: c.swap("include/cpython/complexobject.h", "double imag;", "float imag;"),
    ),
    Mutant(
        name="struct members exchanged",
        promise="abi",
        expect=r"struct\.PyGetSetDef\.get",
        change=lambda c: c.swap(
            "include/descrobject.h",
            "    getter get;\n    setter set;",
            "    setter set;\n    getter get;",
        ),
    ),
    Mutant(
        name="enum value changed",
        promise="abi",
        expect=r"enum\..*PYMEM_DOMAIN_MEM",
        change=lambda c: c.swap(
            "include/cpython/pymem.h", "    PYMEM_DOMAIN_MEM,", "    PYMEM_DOMAIN_MEM = 7,"
        ),
    ),
    Mutant(
        name="public function not exported",
        promise="abi",
        expect=r"-symbol\.PyList_Append",
        change=lambda c: c.hide_symbol("PyList_Append"),
    ),
    Mutant(
        name="public variable of another size",
        promise="abi",
        expect=r"symbol\.PyFloat_Type",
        change=lambda c: c.resize_symbol("PyFloat_Type"),
    ),
]

HEADERS = [
    Mutant(
        name="macro dropped",
        promise="headers",
        expect=r"-Py_RETURN_NOTIMPLEMENTED",
        change=lambda c: c.swap(
            "include/object.h", "#define Py_RETURN_NOTIMPLEMENTED ", "#define EL_UNUSED "
        ),
    ),
    Mutant(
        name="macro's value changed",
        promise="headers",
        expect=r"^Py_TPFLAGS_BASETYPE",
        change=lambda c: c.swap(
            "include/object.h",
            "#define Py_TPFLAGS_BASETYPE (1UL << 10)",
            "#define Py_TPFLAGS_BASETYPE (1UL << 11)",
        ),
    ),
    Mutant(
        name="inline function changed",
        promise="headers",
        expect=r"^Py_IS_TYPE",
        change=lambda c: c.swap(
            "include/object.h", "return Py_TYPE(ob) == type;", "return Py_TYPE(ob) == type || 0;"
        ),
    ),
    Mutant(
        name="declaration dropped",
        promise="headers",
        expect=r"-PyList_Insert",
        change=lambda c: c.swap(
            "include/listobject.h",
            "PyAPI_FUNC(int) PyList_Insert(PyObject *, Py_ssize_t, PyObject *);",
            "",
        ),
    ),
    Mutant(
        name="parameter's type changed",
        promise="headers",
        expect=r"^PyList_Insert",
        change=lambda c: c.swap(
            "include/listobject.h",
            "PyList_Insert(PyObject *, Py_ssize_t,",
            "PyList_Insert(PyObject *, int,",
        ),
    ),
]

STABLE_ABI = [
    Mutant(
        name="function removed from the stable ABI",
        promise="stable-abi",
        expect=r"-PyUnicode_FromFormat",
        change=lambda c: c.hide_symbol("PyUnicode_FromFormat"),
    ),
    Mutant(
        name="function hidden from the limited API",
        promise="stable-abi",
        expect=r"-PyList_Sort",
        change=_unlimited,
    ),
    Mutant(
        name="variable removed from the stable ABI",
        promise="stable-abi",
        expect=r"-PyExc_KeyError",
        change=lambda c: c.hide_symbol("PyExc_KeyError"),
    ),
]

MUTANTS = [*EXTENSIONS, *ABI, *HEADERS, *STABLE_ABI]
