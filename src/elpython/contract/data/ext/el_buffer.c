/* Gives and takes buffers, keeps context variables, allocates in each domain. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

typedef struct {
    PyObject_HEAD
    short data[6];
    int exports;
} Grid;

static Py_ssize_t grid_shape[2] = {2, 3};
static Py_ssize_t grid_strides[2] = {6, 2};

static int grid_get(PyObject *self, Py_buffer *view, int flags) {
    Grid *grid = (Grid *)self;
    (void)flags;
    view->obj = self;
    Py_INCREF(self);
    view->buf = grid->data;
    view->len = sizeof(grid->data);
    view->readonly = 0;
    view->itemsize = sizeof(short);
    view->format = "h";
    view->ndim = 2;
    view->shape = grid_shape;
    view->strides = grid_strides;
    view->suboffsets = NULL;
    view->internal = NULL;
    grid->exports += 1;
    return 0;
}

static void grid_release(PyObject *self, Py_buffer *view) {
    (void)view;
    ((Grid *)self)->exports -= 1;
}

static PyBufferProcs grid_buffer = {grid_get, grid_release};

static PyTypeObject Grid_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "el_buffer.Grid",
    .tp_basicsize = sizeof(Grid),
    .tp_as_buffer = &grid_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT,
};

static PyObject *given(void) {
    Grid *grid = PyObject_New(Grid, &Grid_Type);
    PyObject *view, *list, *result;
    int i;
    grid->exports = 0;
    for (i = 0; i < 6; i++)
        grid->data[i] = (short)(i * i);
    view = PyMemoryView_FromObject((PyObject *)grid);
    list = PyObject_CallMethod(view, "tolist", NULL);
    result = Py_BuildValue("Nin", list, PyMemoryView_GET_BUFFER(view)->ndim,
                           PyMemoryView_GET_BUFFER(view)->itemsize);
    Py_DECREF(view);
    if (grid->exports != 0)
        PyErr_SetString(PyExc_RuntimeError, "a buffer was not released");
    Py_DECREF(grid);
    return PyErr_Occurred() ? NULL : result;
}

static PyObject *taken(void) {
    Py_buffer view;
    PyObject *array = PyByteArray_FromStringAndSize("\1\2\3", 3), *result;
    if (PyObject_GetBuffer(array, &view, PyBUF_WRITABLE) < 0)
        return NULL;
    ((char *)view.buf)[0] = 9;
    result = Py_BuildValue("nii", view.len, view.readonly, (int)PyByteArray_AS_STRING(array)[0]);
    PyBuffer_Release(&view);
    Py_DECREF(array);
    return result;
}

static PyObject *memory(void) {
    void *raw = PyMem_RawMalloc(100), *mem = PyMem_Calloc(4, 25), *object = PyObject_Malloc(100);
    int zero = mem != NULL && ((char *)mem)[99] == 0;
    mem = PyMem_Realloc(mem, 5000);
    PyMem_RawFree(raw);
    PyMem_Free(mem);
    PyObject_Free(object);
    return Py_BuildValue("i", zero);
}

static PyObject *collections(void) {
    PyObject *dict = PyDict_New(), *set = PySet_New(NULL), *key, *value, *one = PyLong_FromLong(1);
    Py_ssize_t at = 0, seen = 0;
    Py_hash_t hash;
    PyDict_SetItemString(dict, "a", one);
    PyDict_SetItem(dict, one, one);
    hash = PyObject_Hash(one);
    while (PyDict_Next(dict, &at, &key, &value))
        seen += 1;
    PySet_Add(set, one);
    return Py_BuildValue("NNnin", dict, set, seen, hash == 1, PyDict_GET_SIZE(dict));
}

static PyObject *exercise(PyObject *self, PyObject *none) {
    (void)self;
    (void)none;
    return Py_BuildValue("NNNN", given(), taken(), memory(), collections());
}

static PyMethodDef methods[] = {{"exercise", exercise, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "el_buffer", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_el_buffer(void) {
    if (PyType_Ready(&Grid_Type) < 0)
        return NULL;
    return PyModule_Create(&module);
}
