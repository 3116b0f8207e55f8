/* Multi-phase initialisation, module state, heap types, capsules, threads and the GIL. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <marshal.h>

typedef struct {
    PyObject *error;
    long count;
} State;

static PyObject *heap_repr(PyObject *self) { return PyUnicode_FromFormat("<%s>", Py_TYPE(self)->tp_name); }

static PyType_Slot heap_slots[] = {{Py_tp_repr, heap_repr}, {Py_tp_doc, "a heap type"}, {0, NULL}};
static PyType_Spec heap_spec = {"el_module.Heap", sizeof(PyObject), 0,
                                Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, heap_slots};

static int count(void *state) {
    ((State *)state)->count += 1;
    return 0;
}

static PyObject *states(PyObject *self) {
    State *state = PyModule_GetState(self);
    PyGILState_STATE held;
    PyThreadState *thread;
    Py_AddPendingCall(count, state);
    Py_MakePendingCalls();
    thread = PyEval_SaveThread();
    held = PyGILState_Ensure();
    state->count += 10;
    PyGILState_Release(held);
    PyEval_RestoreThread(thread);
    return Py_BuildValue("liO", state->count, PyGILState_Check(), state->error);
}

static PyObject *capsules(void) {
    static int secret = 77;
    PyObject *capsule = PyCapsule_New(&secret, "el_module.secret", NULL), *result;
    int *got = PyCapsule_GetPointer(capsule, "el_module.secret");
    result = Py_BuildValue("ii", *got, PyCapsule_IsValid(capsule, "other"));
    Py_DECREF(capsule);
    return result;
}

static PyObject *compiled(void) {
    PyObject *names = PyDict_New(), *value, *code, *bytes, *again;
    PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins());
    code = Py_CompileString("sum(range(5)) * 2", "<extension>", Py_eval_input);
    bytes = PyMarshal_WriteObjectToString(code, Py_MARSHAL_VERSION);
    again = PyMarshal_ReadObjectFromString(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
    value = PyEval_EvalCode(again, names, names);
    Py_DECREF(names);
    Py_DECREF(code);
    Py_DECREF(bytes);
    Py_DECREF(again);
    return value;
}

static PyObject *exercise(PyObject *self, PyObject *none) {
    PyObject *heap, *made, *imported;
    (void)none;
    heap = PyObject_GetAttrString(self, "Heap");
    made = PyObject_CallObject(heap, NULL);
    imported = PyImport_ImportModule("textwrap");
    Py_DECREF(heap);
    return Py_BuildValue("NNNNN", states(self), capsules(), compiled(), PyObject_Repr(made),
                         PyObject_CallMethod(imported, "dedent", "s", "  x"));
}

static int fill(PyObject *self) {
    State *state = PyModule_GetState(self);
    PyObject *heap = PyType_FromSpec(&heap_spec);
    state->count = 0;
    state->error = PyErr_NewException("el_module.Error", PyExc_KeyError, NULL);
    if (heap == NULL || state->error == NULL)
        return -1;
    return PyModule_AddObject(self, "Heap", heap);
}

static int traverse(PyObject *self, visitproc visit, void *arg) {
    Py_VISIT(((State *)PyModule_GetState(self))->error);
    return 0;
}

static PyMethodDef methods[] = {{"exercise", exercise, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "el_module", NULL, sizeof(State), methods,
                                    slots, traverse, NULL, NULL};

PyMODINIT_FUNC PyInit_el_module(void) { return PyModuleDef_Init(&module); }
