/* Where words stand in a source. */
#ifndef RW_LINES_H
#define RW_LINES_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* `lines_with` of `rewind.transform.table`, which says what it returns. */
PyObject *rw_lines_with(PyObject *module, PyObject *const *arguments, Py_ssize_t count);

#endif
