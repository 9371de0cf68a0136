/* What becomes of errors around calls of Rewind's own; see own.h. */
#include "own.h"

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
