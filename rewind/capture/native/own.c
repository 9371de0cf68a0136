/* What becomes of errors around calls of Rewind's own; see own.h. */
#include "own.h"

int
rw_hand_over(PyObject *fault, const char *name, size_t site)
{
    if (!PyErr_ExceptionMatches(PyExc_Exception)) {
        return -1;
    }
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    PyErr_NormalizeException(&type, &error, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(error, traceback);
    }
    PyObject *told = name != NULL ? Py_BuildValue("(sO)", name, error)
                                  : Py_BuildValue("(nO)", (Py_ssize_t)site, error);
    PyObject *done = rw_call_own(fault, told);
    Py_XDECREF(done);
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(traceback);
    return done == NULL ? -1 : 0;
}

void
rw_restore_error(PyObject *type, PyObject *error, PyObject *traceback)
{
    if (!PyErr_Occurred()) {
        PyErr_Restore(type, error, traceback);
        return;
    }
    PyObject *later, *raised, *its_traceback;
    PyErr_Fetch(&later, &raised, &its_traceback);
    PyErr_NormalizeException(&type, &error, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(error, traceback);
    }
    PyErr_NormalizeException(&later, &raised, &its_traceback);
    PyException_SetContext(raised, error);
    PyErr_Restore(later, raised, its_traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
}
