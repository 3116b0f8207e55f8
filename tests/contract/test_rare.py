"""What promises look at rarely: warnings that nobody raises, names in C, hooks that nobody sees."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from elpython.contract.probe import PROBES
from elpython.contract.probes import keywords
from elpython.contract.promises.extensions import build_extension
from elpython.contract.starts import ways
from elpython.contract.subject import Pair, Subject
from elpython.contract.warned_source import new_warnings

if TYPE_CHECKING:
    from pathlib import Path


def side(role: str, folder: Path, text: str) -> Subject:
    """Return an interpreter whose library is one module."""
    folder.mkdir()
    (folder / "one.py").write_text(text, "utf-8")
    facts = {"places": {"os": str(folder)}, "builtin_modules": []}
    return Subject(role=role, name=role, python=folder, facts=facts, digest=role)


OLD = """
import warnings
def old():
    warnings.warn("x", DeprecationWarning)
class C:
    def method(self):
        pass
"""


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OLD + "\n# a comment\n", []),
        (OLD.replace("pass", "warnings.warn('x', UserWarning)"), []),
        (OLD.replace("pass", "self.warn('x', DeprecationWarning)"), []),
        (OLD.replace("pass", "warnings.warn('x', DeprecationWarning)"),
         ["+source.one.C.method.DeprecationWarning"]),
        (OLD.replace("pass", "warnings.warn('x', category=PendingDeprecationWarning)"),
         ["+source.one.C.method.PendingDeprecationWarning"]),
        (OLD.replace("pass", "warnings._deprecated('x', remove=(3, 20))"),
         ["+source.one.C.method.DeprecationWarning"]),
        (OLD + "    warnings.warn_explicit('x', FutureWarning, 'f', 1)\n",
         ["+source.one.C.FutureWarning"]),
        (OLD.replace("def old", "def renamed"), ["+source.one.renamed.DeprecationWarning"]),
        ("def (", []),
    ],
)  # fmt: skip
def test_new_warnings_are_read(tmp_path: Path, new: str, expected: list[str]) -> None:
    pair = Pair(
        base=side("base", tmp_path / "a", OLD), candidate=side("candidate", tmp_path / "b", new)
    )
    assert [item.declaration for item in new_warnings(pair)] == expected


class InC:
    """Answers as a function in C does whose names are not those that it documents."""

    def __init__(self, signature: str, taken: tuple[str, ...], needed: int = 0) -> None:
        names: dict[str, Any] = {}
        exec(f"def function{signature}: pass", names)
        self.__signature__ = inspect.signature(names["function"])
        self.taken, self.needed = taken, needed

    def __call__(self, *args: object, **words: object) -> None:
        if len(args) + len(words) > len(self.taken):
            raise TypeError(f"f() takes at most {len(self.taken)} arguments")
        for at, name in enumerate(self.taken[: self.needed]):
            if len(args) <= at and name not in words:
                raise TypeError(f"f() missing required argument '{name}' (pos {at + 1})")
        for name in words:
            if name not in self.taken:
                raise TypeError(f"'{name}' is an invalid keyword argument for f()")
        raise AssertionError("it ran")


@pytest.mark.parametrize(
    ("signature", "taken", "needed", "expected"),
    [
        ("(data, level=1, bits=2)", ("data", "level", "bits"), 1, []),
        ("(data, level=1, bits=2)", ("data", "lvl", "bits"), 1, ["level"]),
        ("(data, level=1, bits=2)", ("source", "level", "bits"), 1, ["data"]),
        ("(*, loop=None, other=None)", ("loop", "another"), 0, ["other"]),
        ("(one, two)", ("one", "second"), 2, ["two"]),
        ("(**words)", ("one",), 0, []),
    ],
)
def test_names_that_are_refused_are_told(
    signature: str, taken: tuple[str, ...], needed: int, expected: list[str]
) -> None:
    assert keywords.refused(InC(signature, taken, needed)) == expected


IN_C = """
#include <Python.h>
static PyObject *one(PyObject *self, PyObject *words, PyObject *named) {
    static char *names[] = {"data", "lvl", NULL};
    PyObject *data;
    int level = 1;
    if (!PyArg_ParseTupleAndKeywords(words, named, "O|i:one", names, &data, &level))
        return NULL;
    return PyLong_FromLong(level);
}
static PyMethodDef methods[] = {
    {"one", (PyCFunction)one, METH_VARARGS | METH_KEYWORDS,
     "one($module, /, data, level=1)\\n--\\n\\nDo nothing."},
    {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "el_names", NULL, -1, methods};
PyMODINIT_FUNC PyInit_el_names(void) { return PyModule_Create(&module); }
"""


def test_a_function_in_c_that_documents_another_name(tmp_path: Path, subject: Subject) -> None:
    (tmp_path / "el_names.c").write_text(IN_C, "utf-8")
    build_extension(subject, tmp_path / "el_names.c", tmp_path)
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(PROBES)!r}]\n"
        "import el_names, keywords; print(keywords.refused(el_names.one))"
    )
    done = subprocess.run(
        [subject.python, "-I", "-c", code], check=True, timeout=60, capture_output=True, text=True
    )
    assert done.stdout == "['level']\n"


def test_real_functions_take_their_names() -> None:
    for function in (zlib.compress, sum, "".split, b"".decode, compile):
        assert keywords.refused(function) == []
    assert keywords.written_in_c(zlib.compress)
    assert not keywords.written_in_c(inspect.signature)


def test_what_the_interpreter_alone_holds_is_told(tmp_path: Path) -> None:
    code = (
        "def len_of(*words): return len(words)\n"
        "import os, sys; sys.addaudithook(len_of); os.register_at_fork(before=len_of)\n"
        "sys.argv = ['x', {!r}]\n"
        "exec(compile(open({!r}).read(), 'state.py', 'exec'))"
    ).format(str(tmp_path / "state.json"), str(PROBES / "state.py"))
    subprocess.run([sys.executable, "-I", "-c", code], check=True, timeout=60)
    told = json.loads((tmp_path / "state.json").read_text("utf-8"))
    assert "__main__.len_of" in told["listeners"]
    assert told["audited"] is True
    assert told["context_variables"] == 0
    assert told["kernel.subreaper"] in {0, 1}


def test_the_help_of_each_module_is_a_way_of_its_own() -> None:
    assert {"help.tarfile", "help.http.server", "values-audit", "values-registries"} <= set(ways())
