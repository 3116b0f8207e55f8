"""Definitions of a later C file are set into an earlier one."""

from __future__ import annotations

import pytest

from elpython.core.errors import BadBranchError
from elpython.prepare.graft.c import items
from elpython.prepare.graft.python import transplant_c

BASE = """\
/* Doc. */
#include "Python.h"

static PyObject *helper(int);

/* Old words. */
static PyObject *
one(PyObject *self)
{
    return "}";
}

#ifdef HAVE_X
static int
maybe(void)
{
#  ifdef A
    if (1) {
#  else
    if (2) {
#  endif
        return 1;
    }
}
#endif /* HAVE_X */

static PyMethodDef methods[] = {
    {"one", one},
    {NULL}
};
"""
LATER = """\
#include "Python.h"
#include "new.h"  // why

typedef struct {
    PyObject_HEAD
    char mark[2];  /* '{' */
} pairobject;

#define FUNC1(name, doc) \\
    static int m_##name(void) \\
    { return 1; }

FUNC1(cbrt,
      "Cube root;")
FUNC1(exp2, "Power.")

PyDoc_STRVAR(two_doc,
"two() -> int");

static PyObject *helper(char);

/* Not this one. */

/*[clinic input]
mod.two as mod_two

    x: object
        A { and a "
    /

Give two.
[clinic start generated code]*/

static PyObject *
mod_two_impl(PyObject *module, PyObject *x)
/*[clinic end generated code: output=12 input=34]*/
{
    char c = '}';
    return x;
}

/* New words. */
Py_LOCAL_INLINE(PyObject *)
one(PyObject *self)
{
    return NULL;
}

static PyMethodDef methods[] = {
    {"one", one},
    {"two", mod_two},
    {NULL}
};

#if defined(HAVE_X) && \\
    defined(HAVE_Y)
typedef int (*func)(void);
#endif
"""


@pytest.mark.parametrize(
    ("names", "after", "expected"),
    [
        (["one"], "", "\n\n/* New words. */\nPy_LOCAL_INLINE(PyObject *)\none(PyObject *self)\n"),
        (["one"], "", "one(PyObject *self)\n{\n    return NULL;\n}\n\n#ifdef"),
        (["mod.two"], "one", '}\n\n/*[clinic input]\nmod.two as mod_two\n'),
        (["mod_two_impl"], "one", "    char c = '}';\n    return x;\n}\n\n#ifdef HAVE_X\n"),
        (["methods"], "", 'one},\n    {"two", mod_two},\n    {NULL}\n};\n'),
        (["pairobject"], '#include "Python.h"', "\n\ntypedef struct {\n    PyObject_HEAD\n"),
        (["cbrt"], "#ifdef HAVE_X", 'HAVE_X */\n\nFUNC1(cbrt,\n      "Cube root;")\n\nst'),
        (["FUNC1", "exp2"], "", '{ return 1; }\n\nFUNC1(exp2, "Power.")\n'),
        (["two_doc"], "maybe", '    }\n}\n\nPyDoc_STRVAR(two_doc,\n"two() -> int");\n#endif'),
        (["helper"], "", "static PyObject *helper(char);\n\n/* Old"),
        (['#include "new.h"'], '#include "Python.h"', '\n\n#include "new.h"  // why\n\nstatic'),
        (["#if defined(HAVE_X) && defined(HAVE_Y)"], "", "typedef int (*func)(void);\n#endif\n"),
        (["func"], "helper;", "helper(int);\n\ntypedef int (*func)(void);\n\n/* Old"),
    ],
)  # fmt: skip
def test_where_definitions_go(names: list[str], after: str, expected: str) -> None:
    text = transplant_c(BASE, LATER, names, after=after, where="m.c")
    assert expected in text


@pytest.mark.parametrize(
    ("names", "after", "reason"),
    [
        (["absent"], "", "the later m.c: has no definition 'absent'"),
        (["mod.tow"], "", "did you mean 'mod.two'"),
        (["two_doc"], "absent", "m.c: has no definition 'absent'"),
        (["one;"], "", "has 0 definitions 'one;'"),
    ],
)
def test_what_is_not_there(names: list[str], after: str, reason: str) -> None:
    with pytest.raises(BadBranchError, match=reason):
        transplant_c(BASE, LATER, names, after=after, where="m.c")


def test_two_of_one_name_are_refused() -> None:
    """Which of an `#if` block's arms is meant must not be guessed."""
    later = "#ifdef A\nint f(void)\n{\n}\n#else\nint f(void)\n{\n}\n#endif\n"
    with pytest.raises(BadBranchError, match=r"has 2 definitions 'f' \(lines 2, 6\)"):
        transplant_c(BASE, later, ["f"], after="", where="m.c")
    text = transplant_c(BASE, later, ["#ifdef A"], after="", where="m.c")
    assert text.endswith("\n" + later)


def test_what_is_taken_twice_stands_once() -> None:
    once = transplant_c(BASE, LATER, ["mod.two", "methods"], after="one", where="m.c")
    assert transplant_c(once, LATER, ["mod.two", "methods"], after="one", where="m.c") == once


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("", []),
        ("/* only words */\n", []),
        ("static int a[3] = {1, 2};\n", [("a",)]),
        ("static PyTypeObject T;\n", [("T",)]),
        ("struct s { int a; };\n", [("s",)]),
        ("typedef struct _s { int a; } s;\n", [("s", "_s")]),
        ('extern "C" {\nint f(void);\n}\n', [("f",)]),
        ("static struct tm *\nf(int a)\n{ return 0; }\n", [("f",)]),
        ("PyAPI_FUNC(int) f(void);\n", [("f",)]),
        ("_Py_IDENTIFIER(close);\n", [("close",)]),
        ("#define A 1\n#define B(x) \\\n  {\n", [("A",), ("B",)]),
        ("enum e { one = '\\'', two };\n", [("e",)]),
        ("/*[clinic input]\nmodule m\n[clinic start generated code]*/\nint a;\n", [("a",)]),
    ],
)
def test_names_of_things(source: str, names: list[tuple[str, ...]]) -> None:
    assert [item.names for item in items(source)] == names
