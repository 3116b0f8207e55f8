/* A program that carries an interpreter: started, used, ended, and started again. */
#include <Python.h>

int main(void) {
    int round;
    for (round = 0; round < 2; round++) {
        Py_Initialize();
        if (PyRun_SimpleString("import json, sys\nprint(json.dumps({'round': len(sys.argv) >= 0}))"))
            return 3;
        if (Py_FinalizeEx() < 0)
            return 4;
    }
    return 0;
}
