/* Errors that are set where a probe ends; see `rw_fault` in engine.h. */
#define PY_SSIZE_T_CLEAN
#include "engine.h"
#include "own.h"

/* Whether the error cannot be reported, or needs not be: there is no room to look or to complain. */
static int
passes_in_silence(void)
{
    if (PyErr_ExceptionMatches(PyExc_RecursionError)) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_MemoryError)) {
        return 0;
    }
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    /* With a traceback it comes from a signal handler, and is the program's. */
    int ours = traceback == NULL;
    PyErr_Restore(type, error, traceback);
    return ours;
}

int
rw_fault(RwEngine *engine, size_t site)
{
    if (!PyErr_Occurred()) {
        return 0;
    }
    if (passes_in_silence()) {
        PyErr_Clear();
        return 0;
    }
    int status = rw_hand_over(engine->fault, NULL, site);
    if (status < 0 && passes_in_silence()) {
        PyErr_Clear();
        return 0;
    }
    return status;
}
