/* Calls of Rewind's own functions in Python: unseen, as C is. */
#ifndef RW_OWN_H
#define RW_OWN_H

#include <Python.h>

/* Call `function` with a tuple of arguments, which is taken over and may be NULL for an error that
 * is set. Tracers, profilers and `sys.monitoring` are not told of it, nor of what it calls. */
static inline PyObject *
rw_call_own(PyObject *function, PyObject *arguments)
{
    if (arguments == NULL) {
        return NULL;
    }
    PyThreadState *state = PyThreadState_Get();
    PyThreadState_EnterTracing(state);
    PyObject *result = PyObject_CallObject(function, arguments);
    PyThreadState_LeaveTracing(state);
    Py_DECREF(arguments);
    return result;
}

#endif
