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
#include "echoes.h"

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

/* Append the value; return how many secrets were withheld in it, or -1. With `echoes` the buffer is
 * a payload of its own, and what it was in the segment before is told by an echo. */
int rw_write_value(RwValues *values, RwEchoes *echoes, RwBuffer *buffer, PyObject *value);

/* Bytes that a small tuple, an echo or a scalar, and what `rw_write_owner` writes, take at most. */
#define RW_ALONE_ROOM 64
#define RW_OWNER_ROOM 128

/* Write, at `at`, an exception of few arguments, all scalars or one line of text. Returns what comes
 * behind it, `RW_FAILURE_ROOM` bytes at most; NULL where there is more to do. It can be no echo, nor be
 * echoed. */
#define RW_FAILURE_ROOM 384
uint8_t *rw_write_failure(const RwValues *values, uint8_t *at, PyObject *error);

/* Write, at `at`, who the value is, as `rw_write_reference` has it. Returns what comes behind it; NULL
 * where there is more to do. */
uint8_t *rw_write_owner(const RwValues *values, uint8_t *at, PyObject *value);

/* The same of an instance; finds what it holds under `name`, borrowed. NULL as well where that is
 * not at hand. */
uint8_t *rw_write_held(const RwValues *values, uint8_t *at, PyObject *owner, PyObject *name,
                       PyObject **held);

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

#endif
