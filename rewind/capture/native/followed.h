/* Parts that come one by one, each step a session's; as `Followed` of rewind/capture/opened.py. */
#ifndef RW_FOLLOWED_H
#define RW_FOLLOWED_H

#include <Python.h>

extern PyTypeObject RwFollowed_Type;

/* A method of the engine: what was opened, the parts, and what takes a fault of ours. */
PyObject *rw_engine_follow(PyObject *engine, PyObject *arguments);

#endif
