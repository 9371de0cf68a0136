/* The control records of a session that come most often, where they are as usual; all others are
 * for Python: `rewind.writer.decoder` and `rewind.writer.facts`.
 */
#ifndef RW_CONTROL_H
#define RW_CONTROL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Make the names of the attributes that are asked for. Returns 0, or -1 with an exception set. */
int rw_know_names(void);

/* follow(piece, at, clock, session, sessions) -> at, clock, events taken, what is wrong (or None),
 * and the session then: takes events in, also those of the sessions that are switched to. */
PyObject *rw_follow(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

/* begun(record, row, places): the row of a session that begins, or None where the record is not as
 * usual. `row` is one to begin with, `places` says where in it the key and each fact stand. */
PyObject *rw_begun(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

#endif
