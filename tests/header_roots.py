"""Small installed header roots, made from a few lines of C, for tests that measure them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = """
typedef long Py_ssize_t;
typedef struct _object { Py_ssize_t ob_refcnt; struct _typeobject *ob_type; } PyObject;
typedef struct { PyObject ob_base; Py_ssize_t ob_size; } PyVarObject;
#define PyObject_HEAD PyObject ob_base;
struct PyThing_s {
    PyObject_HEAD
    int first;
    union { long whole; char half[4]; };
    struct { unsigned int low:2; unsigned int high:3; unsigned int :0; } state;
    int (*call)(PyObject *self, const char *name);
    PyObject *items[1];
};
typedef struct PyThing_s PyThing;
typedef struct _hidden PyHidden;
typedef struct { PyThing base; int more; } PyHolder;
typedef struct _ts { int id; void *stack; } PyThreadState;
typedef enum { PyMODE_A, PyMODE_B = 5, PyMODE_C } PyMode;
#define PyThing_FLAG (1UL << 3)
#define PyThing_FIRST(op) (((PyThing *)(op))->first)
static inline int PyThing_Low(PyThing *op) { return op->state.low + (int)PyThing_FLAG; }
__attribute__((visibility("default"))) PyObject *PyThing_New(const char *name, Py_ssize_t size);
extern __attribute__((visibility("default"))) int PyThing_Count(void);
__attribute__((noreturn)) void Py_Stop(const char *message, ...);
extern PyObject PyThing_None;
"""


def header_root(folder: Path, text: str = PLAIN, version: str = "3.14.0a1") -> Path:
    """Write an include folder with a `Python.h`; return the prefix that holds it."""
    series = ".".join(version.split(".")[:2])
    include = folder / "include" / f"python{series}"
    include.mkdir(parents=True, exist_ok=True)
    (include / "pyconfig.h").write_text("#define SIZEOF_LONG 8\n")
    (include / "patchlevel.h").write_text(f'#define PY_VERSION "{version}"\n')
    (include / "object.h").write_text(text)
    (include / "Python.h").write_text(
        '#include "patchlevel.h"\n#include "pyconfig.h"\n#include <string.h>\n#include "object.h"\n'
    )
    return folder
