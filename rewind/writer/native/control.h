/* The control records of a session that come most often, where they are as usual; all others are
 * for Python: `rewind.writer.decoder` and `rewind.writer.facts`.
 */
#ifndef RW_CONTROL_H
#define RW_CONTROL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>

/* Make the names of the attributes that are asked for. Returns 0, or -1 with an exception set. */
int rw_know_names(void);

/* follow(piece, at, clock, session, usual) -> at, clock, events taken, what is wrong (or None), and
 * the session then. `usual` is a `rewind.writer.following.Usual`, or None: nothing but events. */
PyObject *rw_follow(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

/* Make the row of a session that begins, like `blank`, of the record that begins there, of which
 * `size` becomes the bytes. NULL with no exception set: it is not as usual, or not whole. */
PyObject *rw_begun(const uint8_t *record, size_t left, PyObject *blank, PyObject *places,
                   size_t *size);

#endif
