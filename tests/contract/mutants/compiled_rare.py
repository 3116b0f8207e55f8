"""More mutants in C: arguments' names, memory given to others, flags, slots, format letters."""

from __future__ import annotations

from .compiled import Compiled
from .workshop import Edit

__all__ = ["COMPILED"]

COMPILED = [
    Compiled(
        name="C: an argument is not taken by its documented name",
        promise="api",
        expect=r"^builtins\.sum$",
        edits=(
            Edit(
                "Python/clinic/bltinmodule.c.h",
                '_keywords[] = {"", "start", NULL};',
                '_keywords[] = {"", "begin", NULL};',
            ),
        ),
        part=("builtins", "os"),
    ),
    Compiled(
        name="C: instances do not give their memory",
        promise="api",
        expect=r"^pickle\.PickleBuffer$",
        edits=(
            Edit("Objects/picklebufobject.c", "    .tp_as_buffer = &picklebuf_as_buffer,\n", ""),
        ),
        part=("pickle", "os"),
    ),
    Compiled(
        name="C: a class cannot be subclassed",
        promise="api",
        expect=r"^builtins\.property$",
        edits=(
            Edit(
                "Objects/descrobject.c",
                "Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC |\n"
                "        Py_TPFLAGS_BASETYPE,                    /* tp_flags */",
                "Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,",
            ),
        ),
        part=("builtins", "os"),
    ),
    Compiled(
        name="C: a slot is gone",
        promise="api",
        expect=r"^-builtins\.range\.__contains__$",
        edits=(Edit("Objects/rangeobject.c", "(objobjproc)range_contains,", "0,"),),
        part=("builtins", "os"),
    ),
    Compiled(
        name="C: a letter that builds values",
        promise="extensions",
        expect=r"^own\.el_formats$",
        edits=(
            Edit(
                "Python/modsupport.c",
                "return PyLong_FromUnsignedLongLong((long long)va_arg(*p_va, unsigned long long));",
                "return PyLong_FromLongLong((long long)va_arg(*p_va, unsigned long long));",
            ),
        ),
    ),
    Compiled(
        name="C: broken pipes end programs",
        promise="process-state",
        expect=r"^plain\.signal\.13$",
        edits=(Edit("Modules/signalmodule.c", "    PyOS_setsig(SIGPIPE, SIG_IGN);\n", ""),),
        part=("code-empty",),
    ),
    Compiled(
        name="C: garbage is collected less often",
        promise="process-state",
        expect=r"^plain\.gc\.threshold$",
        edits=(
            Edit(
                "Include/internal/pycore_runtime_init.h",
                ".threshold = 700,",
                ".threshold = 70000,",
            ),
        ),
        part=("code-empty",),
    ),
    Compiled(
        name="C: the default encoding has another name",
        promise="process-state",
        expect=r"^plain\.default_encoding$",
        edits=(
            Edit("Objects/unicodeobject.c", '    return "utf-8";\n', '    return "utf8";\n'),
        ),
        part=("code-empty",),
    ),
    Compiled(
        name="C: an audit event has another name",
        promise="process-state",
        expect=r"^start\.values-audit$",
        edits=(
            Edit(
                "Modules/posixmodule.c",
                'PySys_Audit("os.listdir", "O"',
                'PySys_Audit("os.list", "O"',
            ),
        ),
        part=("values-audit",),
    ),
    Compiled(
        name="C: another error for what a list does not hold",
        promise="behaviour",
        expect=r"test_list\.",
        edits=(
            Edit("Objects/listobject.c", 'PyExc_ValueError, "list.remove(x): x not in list"',
                 'PyExc_KeyError, "list.remove(x): x not in list"'),
        ),
        tests=("test_list",),
    ),
]  # fmt: skip
