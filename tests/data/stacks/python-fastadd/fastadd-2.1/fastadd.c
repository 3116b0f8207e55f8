#include <Python.h>

static PyObject *
add(PyObject *self, PyObject *args)
{
    long left, right;

    if (!PyArg_ParseTuple(args, "ll", &left, &right)) {
        return NULL;
    }
    return PyLong_FromLong(left + right);
}

static PyMethodDef methods[] = {
    {"add", add, METH_VARARGS, "Add two whole numbers."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "fastadd", NULL, -1, methods,
};

PyMODINIT_FUNC
PyInit_fastadd(void)
{
    return PyModule_Create(&module);
}
