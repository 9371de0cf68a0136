/* Values of the program, written as they are at this moment: bounded, redacted, and without
 * running any of its code. The form is that of `rewind/model/values.py`; the bytes are those that
 * `rewind.capture.snapshot.Snapshots` writes.
 *
 * The interpreter lock is held in all of these. A result of -1 (or NULL with an error set) is a
 * fault: the Python error says which, and the buffer holds what it held before the call.
 */
#ifndef RW_VALUES_H
#define RW_VALUES_H

#include "buffer.h"

/* Elements' numbers; `rewind.model.values` explains each. */
enum RwTag {
    RW_LIST = 1,
    RW_TUPLE,
    RW_SET,
    RW_FROZENSET,
    RW_DICT,
    RW_INSTANCE,
    RW_OPAQUE,
    RW_TEXT,
    RW_BYTES,
    RW_INTEGER,
    RW_COMPLEX,
    RW_EXCEPTION,
    RW_TYPE,
    RW_FUNCTION,
    RW_MODULE,
    RW_REDACTED,
    RW_OMITTED,
    RW_SEEN,
    RW_SUBCLASS,
    RW_KNOWN,
    RW_BYTEARRAY,
};

enum RwOmission {
    RW_WHOLE = 0, /* Nothing is left out: never written. */
    RW_OMIT_DEPTH,
    RW_OMIT_ITEMS,
    RW_OMIT_BYTES,
    RW_OMIT_CHANGED,
    RW_OMIT_FAULT,
    RW_OMIT_UNBOUND,
    RW_OMIT_HIDDEN,
    RW_OMIT_OFF,
};

enum RwRedaction {
    RW_BY_NAME = 1,
    RW_BY_PATTERN,
};

/* What writing any value needs: limits, secret names, how each type is read. Used by probes of all
 * threads; after a fork the child goes on with its copy. */
typedef struct RwValues RwValues;

/* Make one from `rewind.capture.walk.Limits` and `rewind.capture.secrets.Secrets`. */
RwValues *rw_values_new(PyObject *limits, PyObject *secrets);
void rw_values_free(RwValues *values);

/* Append the value; return how many secrets were withheld in it, or -1. */
int rw_write_value(RwValues *values, RwBuffer *buffer, PyObject *value);

/* Append that the value is secret because of its name; return 1, or -1. */
int rw_withhold(RwValues *values, RwBuffer *buffer, PyObject *value);

/* Append who the value is, not what: its identity and type. Returns 0 or -1. */
int rw_write_reference(RwValues *values, RwBuffer *buffer, PyObject *value);

/* Whether the value is a changeable builtin container, or of a subclass of one: 1, 0, or -1. */
int rw_is_container(RwValues *values, PyObject *value);

/* Append that a value, or the rest of one, is not there. Returns 0 or -1. */
int rw_put_omitted(RwBuffer *buffer, enum RwOmission reason);

/* Whether a value known by that name (a `str`) is withheld: 1, 0, or -1. */
int rw_is_secret(RwValues *values, PyObject *name);

/* What the object itself holds under `name`, as a new reference. NULL without an error: unknown,
 * as only the program's code could tell. */
PyObject *rw_peek_attribute(RwValues *values, PyObject *object, PyObject *name);

/* The item under `key`, likewise. */
PyObject *rw_peek_item(PyObject *object, PyObject *key);

/* What is known of an exception that passes a probe; see `rewind.capture.exceptions`. `error` may
 * be NULL or None. */

/* The line where it came up in the frame that handles it; 0 if unknown. */
int rw_exception_line(PyObject *error);

/* Whether it has passed a frame of the function of that qualified name on its way here. */
int rw_exception_came_out_of(PyObject *error, PyObject *qualname);

/* Append `[[file, line, function]...]`, the innermost `depth` frames, the outermost first. */
int rw_write_trace(RwBuffer *buffer, PyObject *error, Py_ssize_t depth);

/* Append what follows the value in the payload of an `exception` event: line, through, trace. */
int rw_write_passage(RwBuffer *buffer, PyObject *error, int through, Py_ssize_t depth);

#endif
