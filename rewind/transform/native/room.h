/* Room for recursion in trees that are nested as deep as the interpreter's own compiler goes. */
#ifndef REWIND_TRANSFORM_ROOM_H
#define REWIND_TRANSFORM_ROOM_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* with_room(work) -> what `work()` returns. */
PyObject *with_room(PyObject *module, PyObject *work);

#endif
