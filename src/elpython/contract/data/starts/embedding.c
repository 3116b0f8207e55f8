/* A program that carries an interpreter and runs a file in it: embedding.c's main(), file, text. */
#include <Python.h>
#include <stdio.h>

int main(int argc, char **argv) {
    FILE *stream;
    PyConfig config;
    PyStatus status;
    PyConfig_InitPythonConfig(&config);
    config.parse_argv = 0;
    status = PyConfig_SetBytesString(&config, &config.program_name, argv[1]);
    if (!PyStatus_Exception(status))
        status = PyConfig_SetBytesArgv(&config, argc - 2, argv + 2);
    if (!PyStatus_Exception(status))
        status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status))
        return 3;
    stream = fopen(argv[2], "rb");
    if (stream == NULL || PyRun_SimpleFileExFlags(stream, argv[2], 1, NULL) != 0)
        return 4;
    if (PyRun_SimpleString("import sys; print(sys.argv[1:], __name__)") != 0)
        return 5;
    return Py_FinalizeEx() < 0 ? 6 : 0;
}
