/* Built once for all versions: nothing but the limited API of 3.6. */
#define Py_LIMITED_API 0x03060000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *point_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    allocfunc alloc = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    (void)args;
    (void)kwargs;
    return alloc(type, 0);
}

static PyObject *point_call(PyObject *self, PyObject *args, PyObject *kwargs) {
    (void)self;
    (void)kwargs;
    return PyTuple_GetSlice(args, 0, 1);
}

static Py_ssize_t point_length(PyObject *self) {
    (void)self;
    return 3;
}

static PyType_Slot point_slots[] = {{Py_tp_new, point_new},
                                    {Py_tp_call, point_call},
                                    {Py_sq_length, point_length},
                                    {0, NULL}};
static PyType_Spec point_spec = {"el_abi3.Point", 64, 0, Py_TPFLAGS_DEFAULT, point_slots};

static PyObject *exercise(PyObject *self, PyObject *none) {
    PyObject *type = PyType_FromSpec(&point_spec), *point, *list, *number, *result;
    (void)self;
    (void)none;
    point = PyObject_CallObject(type, NULL);
    list = Py_BuildValue("[iii]", 3, 1, 2);
    PyList_Sort(list);
    number = PyNumber_Power(PyLong_FromLong(2), PyLong_FromLong(100), Py_None);
    result = Py_BuildValue("NNNns", list, number, PyObject_CallFunction(point, "ii", 1, 2),
                           PyObject_Length(point), PyErr_Occurred() ? "error" : "fine");
    Py_DECREF(point);
    Py_DECREF(type);
    return result;
}

static PyMethodDef methods[] = {{"exercise", exercise, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "el_abi3", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_el_abi3(void) { return PyModule_Create(&module); }
