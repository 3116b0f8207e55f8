/* Every letter with which C code takes arguments apart, builds values and formats texts. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

static PyObject *value_of(const char *text) {
    PyObject *names = PyDict_New(), *value;
    PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins());
    value = PyRun_String(text, Py_eval_input, names, names);
    Py_DECREF(names);
    return value;
}

/* Takes the error that is set away and tells it. */
static PyObject *error(void) {
    PyObject *type, *value, *traceback, *told;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    told = value ? PyUnicode_FromFormat("%R", value) : PyUnicode_FromString("no error");
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return told;
}

/* Numbers: what is written into memory, byte for byte. */
static PyObject *number(const char *letter, const char *text) {
    unsigned char memory[32];
    PyObject *value = value_of(text), *told;
    memset(memory, 0x5a, sizeof(memory));
    if (value && PyArg_Parse(value, letter, memory))
        told = Py_BuildValue("sy#", letter, (char *)memory, (Py_ssize_t)sizeof(memory));
    else
        told = Py_BuildValue("ssN", letter, text, error());
    Py_XDECREF(value);
    return told;
}

static PyObject *plain(const char *letter, const char *text) {
    const char *found = NULL;
    PyObject *value = value_of(text), *told;
    if (value && PyArg_Parse(value, letter, &found))
        told = Py_BuildValue("sz", letter, found);
    else
        told = Py_BuildValue("ssN", letter, text, error());
    Py_XDECREF(value);
    return told;
}

static PyObject *measured(const char *letter, const char *text) {
    const char *found = NULL;
    Py_ssize_t size = -1;
    PyObject *value = value_of(text), *told;
    if (value && PyArg_Parse(value, letter, &found, &size))
        told = Py_BuildValue("sny#", letter, size, found, size);
    else
        told = Py_BuildValue("ssN", letter, text, error());
    Py_XDECREF(value);
    return told;
}

static PyObject *encoded(const char *letter, const char *text) {
    char *found = NULL;
    PyObject *value = value_of(text), *told;
    if (value && PyArg_Parse(value, letter, "latin-1", &found)) {
        told = Py_BuildValue("sy", letter, found);
        PyMem_Free(found);
    } else
        told = Py_BuildValue("ssN", letter, text, error());
    Py_XDECREF(value);
    return told;
}

static PyObject *buffered(const char *letter, const char *text) {
    Py_buffer view;
    PyObject *value = value_of(text), *told;
    if (value && PyArg_Parse(value, letter, &view)) {
        told = Py_BuildValue("snii", letter, view.len, view.readonly, view.ndim);
        PyBuffer_Release(&view);
    } else
        told = Py_BuildValue("ssN", letter, text, error());
    Py_XDECREF(value);
    return told;
}

static PyObject *object(const char *letter, const char *text) {
    PyObject *value = value_of(text), *found = NULL, *told;
    if (value && PyArg_Parse(value, letter, &found))
        told = Py_BuildValue("sO", letter, found);
    else
        told = Py_BuildValue("ssN", letter, text, error());
    Py_XDECREF(value);
    return told;
}

static int converted(PyObject *value, void *place) {
    *(Py_ssize_t *)place = PyObject_Length(value);
    return *(Py_ssize_t *)place >= 0;
}

static PyObject *others(void) {
    int first = 0, second = 0, third = 9;
    Py_ssize_t length = 0;
    PyObject *value = value_of("((1, 2), {3: 4}, 'ab')"), *dict = NULL, *told;
    if (PyArg_ParseTuple(value, "(ii)O!O&|i:named", &first, &second, &PyDict_Type, &dict, converted,
                         &length, &third))
        told = Py_BuildValue("iiOni", first, second, dict, length, third);
    else
        told = error();
    if (PyArg_ParseTuple(value, "OO;what this takes", &dict, &dict))
        PyErr_SetString(PyExc_SystemError, "three were two");
    told = Py_BuildValue("NN", told, error());
    if (PyArg_ParseTuple(value, "iOO:named", &first, &dict, &dict))
        PyErr_SetString(PyExc_SystemError, "a tuple was a number");
    told = Py_BuildValue("NN", told, error());
    Py_DECREF(value);
    return told;
}

static PyObject *taken(void) {
    static const char *const texts[] = {"7", "-1", "255", "300", "70000", "2**31", "2**40", "2**63",
                                        "2**64", "1.5", "True", "'a'", "b'c'", "None", "1j"};
    const char *const letters = "bBhHiIlkLKncCfdDp";
    PyObject *told = PyList_New(0), *one;
    size_t at, which;
    for (at = 0; at < strlen(letters); at++) {
        const char letter[2] = {letters[at], 0};
        for (which = 0; which < sizeof(texts) / sizeof(texts[0]); which++) {
            one = number(letter, texts[which]);
            PyList_Append(told, one);
            Py_XDECREF(one);
        }
    }
    return told;
}

static PyObject *strings(void) {
    static const char *const texts[] = {"'word'", "b'word'", "None", "'a\\0b'", "b'a\\0b'",
                                        "bytearray(b'ab')", "'\\u20ac'", "5"};
    PyObject *told = PyList_New(0), *one;
    size_t which, at;
    for (which = 0; which < sizeof(texts) / sizeof(texts[0]); which++) {
        PyObject *(*const ways[])(const char *, const char *) = {plain,    plain,    plain,
                                                                 measured, measured, measured,
                                                                 encoded,  encoded,  buffered,
                                                                 buffered, buffered, buffered,
                                                                 object,   object,   object,
                                                                 object};
        static const char *const letters[] = {"s",  "z",  "y",  "s#", "z#", "y#", "es", "et",
                                              "s*", "z*", "y*", "w*", "S",  "Y",  "U",  "O"};
        for (at = 0; at < sizeof(letters) / sizeof(letters[0]); at++) {
            one = ways[at](letters[at], texts[which]);
            PyList_Append(told, one);
            Py_XDECREF(one);
        }
    }
    return told;
}

static PyObject *built(void) {
    Py_complex many = {1.5, -2.0};
    return Py_BuildValue(
        "(bBhHiIlk)(LKncCdfD)(ss#zz#yy#U)[ii](){s:i,s:N}(OS)", 200, 200, -5, 65535, -7,
        4294967295U, -8L, 18446744073709551615UL, -9LL, 18446744073709551615ULL, (Py_ssize_t)-10,
        'x', 0x20ac, 2.5, 3.5, &many, "text", "cut here", (Py_ssize_t)3, NULL, NULL, (Py_ssize_t)0,
        "bytes", "by\0tes", (Py_ssize_t)6, "unicode", 1, 2, "key", 3, "other", PyList_New(0),
        Py_None, Py_True);
}

static PyObject *formatted(void) {
    PyObject *value = value_of("['\\u20ac']"), *text = PyObject_Str(value), *told;
    told = Py_BuildValue(
        "NNNN",
        PyUnicode_FromFormat("%c|%d|%u|%ld|%lu|%lld|%llu|%zd|%zu|%i|%x|%%", 0x20ac, -1, 4294967295U,
                             -2L, 18446744073709551615UL, -3LL, 18446744073709551615ULL,
                             (Py_ssize_t)-4, (size_t)5, -6, 255),
        PyUnicode_FromFormat("%5d|%05d|%.3d|%10s|%.2s|%S|%R|%A|%U|%V|%V", 7, 8, 9, "ab", "abc", value,
                             value, value, text,
                             NULL, "other", text, "unused"),
        PyBytes_FromFormat("%c|%d|%u|%ld|%lu|%zd|%zu|%i|%x|%s|%.2s|%%", 'c', -1, 2U, -3L, 4UL,
                           (Py_ssize_t)-5, (size_t)6, 7, 255, "text", "cut"),
        (PyErr_Format(PyExc_ValueError, "%s of %zd: %R", "one", (Py_ssize_t)3, value), error()));
    Py_DECREF(text);
    Py_DECREF(value);
    return told;
}

static PyObject *exercise(PyObject *self, PyObject *none) {
    (void)self;
    (void)none;
    return Py_BuildValue("NNNNN", taken(), strings(), others(), built(), formatted());
}

static PyMethodDef methods[] = {{"exercise", exercise, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "el_formats", NULL, -1, methods,
                                    NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_el_formats(void) { return PyModule_Create(&module); }
