/* Reads and writes objects by their fields and by the macros that do so. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <datetime.h>
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    int number;
    double real;
    PyObject *any;
    PyObject *weak;
} Fields;

static PyMemberDef fields_members[] = {
    {"number", T_INT, offsetof(Fields, number), 0, "an int"},
    {"real", T_DOUBLE, offsetof(Fields, real), 0, "a double"},
    {"any", T_OBJECT_EX, offsetof(Fields, any), 0, "an object"},
    {NULL, 0, 0, 0, NULL}};

static int fields_traverse(Fields *self, visitproc visit, void *arg) {
    Py_VISIT(self->any);
    return 0;
}

static int fields_clear(Fields *self) {
    Py_CLEAR(self->any);
    return 0;
}

static void fields_dealloc(Fields *self) {
    PyObject_GC_UnTrack(self);
    if (self->weak != NULL)
        PyObject_ClearWeakRefs((PyObject *)self);
    fields_clear(self);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyObject *fields_add(PyObject *a, PyObject *b) {
    (void)b;
    return PyLong_FromLong(((Fields *)a)->number + 1);
}

static Py_hash_t fields_hash(PyObject *self) { return ((Fields *)self)->number + 7; }

static PyObject *fields_compare(PyObject *a, PyObject *b, int op) {
    Py_RETURN_RICHCOMPARE(((Fields *)a)->number, ((Fields *)b)->number, op);
}

static PyNumberMethods fields_number = {.nb_add = fields_add};

static PyTypeObject Fields_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "el_structs.Fields",
    .tp_basicsize = sizeof(Fields),
    .tp_dealloc = (destructor)fields_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)fields_traverse,
    .tp_clear = (inquiry)fields_clear,
    .tp_weaklistoffset = offsetof(Fields, weak),
    .tp_members = fields_members,
    .tp_as_number = &fields_number,
    .tp_hash = fields_hash,
    .tp_richcompare = fields_compare,
    .tp_new = PyType_GenericNew,
};

static PyObject *by_fields(void) {
    PyObject *list = PyList_New(2), *pair = PyTuple_New(2), *bytes, *text, *result;
    PyTypeObject *type = &PyList_Type;
    PyList_SET_ITEM(list, 0, PyLong_FromLong(5));
    PyList_SET_ITEM(list, 1, PyFloat_FromDouble(2.5));
    PyTuple_SET_ITEM(pair, 0, PyBool_FromLong(1));
    PyTuple_SET_ITEM(pair, 1, PyComplex_FromDoubles(1.0, -2.0));
    bytes = PyBytes_FromString("abc");
    text = PyUnicode_FromString("h\xc3\xa9llo");
    result = Py_BuildValue(
        "nnnnddsiiNNNN", PyList_GET_SIZE(list), ((PyVarObject *)list)->ob_size,
        ((PyListObject *)list)->allocated >= 2 ? (Py_ssize_t)1 : (Py_ssize_t)0,
        PyTuple_GET_SIZE(pair), PyFloat_AS_DOUBLE(((PyListObject *)list)->ob_item[1]),
        ((PyComplexObject *)PyTuple_GET_ITEM(pair, 1))->cval.imag, PyBytes_AS_STRING(bytes),
        (int)PyUnicode_KIND(text), (int)PyUnicode_READ_CHAR(text, 1), PyLong_FromSsize_t(PyUnicode_GET_LENGTH(text)),
        PyLong_FromSsize_t(type->tp_basicsize), PyUnicode_FromString(type->tp_name),
        PyBool_FromLong(type->tp_as_sequence->sq_length == PyList_Type.tp_as_sequence->sq_length &&
                        PyType_HasFeature(type, Py_TPFLAGS_LIST_SUBCLASS)));
    Py_DECREF(list);
    Py_DECREF(pair);
    Py_DECREF(bytes);
    Py_DECREF(text);
    return result;
}

static PyObject *dates(void) {
    PyObject *when, *delta, *result;
    PyDateTime_IMPORT;
    if (PyDateTimeAPI == NULL)
        return NULL;
    when = PyDateTime_FromDateAndTime(2026, 11, 21, 13, 5, 7, 42);
    delta = PyDelta_FromDSU(3, 4, 5);
    result = Py_BuildValue("iiiiNN", PyDateTime_GET_YEAR(when), PyDateTime_DATE_GET_MICROSECOND(when),
                           PyDateTime_DELTA_GET_DAYS(delta), PyDateTime_Check(when),
                           PyObject_Str(when), PyNumber_Add(when, delta));
    Py_DECREF(when);
    Py_DECREF(delta);
    return result;
}

static PyObject *exercise(PyObject *self, PyObject *none) {
    PyObject *first, *second;
    (void)self;
    (void)none;
    first = by_fields();
    second = first ? dates() : NULL;
    return second ? Py_BuildValue("NN", first, second) : NULL;
}

static PyMethodDef methods[] = {{"exercise", exercise, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "el_structs", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_el_structs(void) {
    PyObject *made;
    if (PyType_Ready(&Fields_Type) < 0)
        return NULL;
    made = PyModule_Create(&module);
    if (made == NULL)
        return NULL;
    Py_INCREF(&Fields_Type);
    PyModule_AddObject(made, "Fields", (PyObject *)&Fields_Type);
    return made;
}
