/* Calls of Rewind's own functions in Python: unseen, as C is; and what becomes of their errors. */
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

/* Hand the error that is set to `fault`, with the name of what failed or, where that is NULL, with
 * its site. Returns 0, or -1 with an error that passes: one that is no `Exception`, which stays where
 * it is, or what `fault` has raised. */
int rw_hand_over(PyObject *fault, const char *name, size_t site);

/* Clear the error of a call for which there was no room: nobody is told, and nobody complains. */
static inline void
rw_pardon_no_room(void)
{
    if (PyErr_ExceptionMatches(PyExc_RecursionError) || PyErr_ExceptionMatches(PyExc_MemoryError)) {
        PyErr_Clear();
    }
}

/* Set the error that was fetched again. One that is set by now, as a signal's handler has raised it
 * meanwhile, stays and has that as context. Takes the three over. */
void rw_restore_error(PyObject *type, PyObject *error, PyObject *traceback);

#endif
