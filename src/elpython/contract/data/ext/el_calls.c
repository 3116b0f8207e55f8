/* Calls in every way that the C API has: vectorcall, fast methods, keywords, exceptions, iterators. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <frameobject.h>
#include <structmember.h>

#if PY_VERSION_HEX >= 0x03090000
#define HAVE_VECTORCALL 1
#endif

typedef struct {
    PyObject_HEAD
#ifdef HAVE_VECTORCALL
    vectorcallfunc call;
#endif
    Py_ssize_t calls;
} Callable;

#ifdef HAVE_VECTORCALL
static PyObject *callable_call(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *names) {
    ((Callable *)self)->calls += 1;
    (void)args;
    return Py_BuildValue("nn", PyVectorcall_NARGS(nargsf), names ? PyTuple_GET_SIZE(names) : (Py_ssize_t)0);
}
#endif

static PyMemberDef callable_members[] = {
    {"calls", T_PYSSIZET, offsetof(Callable, calls), READONLY, NULL},
#ifdef HAVE_VECTORCALL
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Callable, call), READONLY, NULL},
#endif
    {NULL, 0, 0, 0, NULL}};

static PyTypeObject Callable_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "el_calls.Callable",
    .tp_basicsize = sizeof(Callable),
    .tp_flags = Py_TPFLAGS_DEFAULT
#ifdef HAVE_VECTORCALL
#if PY_VERSION_HEX >= 0x03090000
                | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_vectorcall_offset = offsetof(Callable, call),
    .tp_call = PyVectorcall_Call,
#endif
#else
    ,
#endif
    .tp_members = callable_members,
};

static PyObject *fast(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    (void)self;
    return Py_BuildValue("nO", count, count ? args[0] : Py_None);
}

static PyObject *keywords(PyObject *self, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"a", "b", "flag", NULL};
    int a = 0, flag = 0;
    const char *b = "none";
    (void)self;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|s$p", names, &a, &b, &flag))
        return NULL;
    return Py_BuildValue("isi", a, b, flag);
}

static PyObject *raised(void) {
    PyObject *type, *value, *trace, *result;
    PyErr_Format(PyExc_ValueError, "%s %d %R", "bad", 3, Py_None);
    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    result = Py_BuildValue("Ni", PyObject_Str(value), PyErr_GivenExceptionMatches(type, PyExc_Exception));
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
    return result;
}

static PyObject *summed(PyObject *iterable) {
    PyObject *iterator = PyObject_GetIter(iterable), *item;
    long total = 0;
    if (iterator == NULL)
        return NULL;
    while ((item = PyIter_Next(iterator)) != NULL) {
        total += PyLong_AsLong(item);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? NULL : PyLong_FromLong(total);
}

static PyObject *called(void) {
#ifdef HAVE_VECTORCALL
    Callable *made = PyObject_New(Callable, &Callable_Type);
    PyObject *args[3], *names, *result;
    made->call = callable_call;
    made->calls = 0;
    args[0] = args[1] = args[2] = Py_None;
    names = Py_BuildValue("(s)", "k");
    result = Py_BuildValue("NNNn", PyObject_Vectorcall((PyObject *)made, args, 2, names),
                           PyObject_CallNoArgs((PyObject *)made),
                           PyObject_CallFunction((PyObject *)made, "ii", 1, 2), made->calls);
    Py_DECREF(names);
    Py_DECREF(made);
    return result;
#else
    Py_RETURN_NONE;
#endif
}

static PyObject *exercise(PyObject *self, PyObject *none) {
    PyObject *range = PyObject_CallFunction((PyObject *)&PyRange_Type, "i", 10), *result;
    PyFrameObject *frame = PyEval_GetFrame();
    (void)none;
    result = Py_BuildValue("NNNNi", called(), raised(), summed(range),
                           PyObject_CallMethod(self, "keywords", "is", 4, "x"),
                           frame != NULL && PyFrame_GetLineNumber(frame) > 0);
    Py_DECREF(range);
    return result;
}

static PyMethodDef methods[] = {
    {"exercise", exercise, METH_NOARGS, NULL},
    {"fast", (PyCFunction)(void (*)(void))fast, METH_FASTCALL, NULL},
    {"keywords", (PyCFunction)(void (*)(void))keywords, METH_VARARGS | METH_KEYWORDS, NULL},
    {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "el_calls", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_el_calls(void) {
    if (PyType_Ready(&Callable_Type) < 0)
        return NULL;
    return PyModule_Create(&module);
}
