"""Preprocessed C is split into named declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from elpython.contract.headers_view import declarations, view

if TYPE_CHECKING:
    from elpython.contract.subject import Run, Subject


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("int f(void); extern int v;", ["f", "v"]),
        ('extern __attribute__ ((visibility ("default"))) int (f)(int);', ["int"]),
        ("typedef struct _object PyObject;", ["typedef PyObject"]),
        ("typedef int (*visitproc)(PyObject *, void *);", ["typedef visitproc"]),
        ("typedef struct { int a; } Fields;", ["typedef Fields"]),
        ("struct _object { int a; struct { int b; } c; };", ["struct _object"]),
        ("struct later;", ["struct later"]),
        ("enum kind { A = 1, B };", ["enum kind"]),
        ("static inline int f(int a) { if (a) { return 1; } return 0; } int g;", ["f", "g"]),
        ("static inline const char *s(void) { return x; }", ["s"]),
        ("extern const char names[3];", ["names"]),
        (";;", []),
        ("", []),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert [name for name, _ in declarations(text)] == names


def test_linkage_is_told_and_hides_nothing() -> None:
    text = 'extern "C" { int f(int); static inline int g(void) { return 1; } } int h;'
    assert list(declarations(text)) == [
        ("f", 'extern "C" int f(int)'),
        ("g", 'extern "C" static inline int g(void) { return 1; }'),
        ("h", "int h"),
    ]


def test_white_space_is_no_difference() -> None:
    assert list(declarations("int   f(\n void);")) == list(declarations("int f( void);"))


@pytest.mark.slow
def test_a_real_interpreter(run: Run, subject: Subject) -> None:
    whole, limited = view(run, subject), view(run, subject, mode="limited")
    assert "PyList_Append" in limited.declarations
    assert "Py_RETURN_NONE" in whole.macros
    assert "PyCode_New" in whole.declarations
    assert "PyCode_New" not in limited.declarations
    assert not any(name.startswith("_GNU") or name == "printf" for name in whole.declarations)
