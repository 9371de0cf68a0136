/* What is known of an exception that passes a probe; see `rewind.capture.exceptions`. `error` may
 * be NULL or None.
 */
#ifndef RW_EXCEPTIONS_H
#define RW_EXCEPTIONS_H

#include "buffer.h"

/* Where an exception stands: its traceback, the interpreter's code of the frame that it is passing
 * now, and the instruction at which it came up there. Addresses, to compare; zeroes if it has no
 * traceback. */
typedef struct {
    uintptr_t traceback;
    uintptr_t code;
    int instruction;
} RwWhereabouts;

/* The line where it came up in the frame that handles it; 0 if unknown. */
int rw_exception_line(PyObject *error);

RwWhereabouts rw_exception_whereabouts(PyObject *error);

/* Whether it has passed one of these places on its way here. */
int rw_exception_came_by(PyObject *error, const RwWhereabouts *places, size_t count);

/* Append `[[file, line, function]...]`, the innermost `depth` frames, the outermost first. */
int rw_write_trace(RwBuffer *buffer, PyObject *error, Py_ssize_t depth);

/* Append what follows the value in the payload of an `exception` event: line, through, trace. */
int rw_write_passage(RwBuffer *buffer, PyObject *error, int through, Py_ssize_t depth);

#endif
