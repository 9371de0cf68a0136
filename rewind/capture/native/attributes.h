/* An instance's own attributes, read where they lie.
 *
 * The interpreter keeps the attributes of most instances in a bare array and makes a dictionary of
 * it only when the program asks for one. To ask here would make the program larger and slower, so
 * the array is read as it is; only where its form is not known is the dictionary asked for.
 */
#ifndef RW_ATTRIBUTES_H
#define RW_ATTRIBUTES_H

#include "types.h"

/* A walk through the attributes of one instance. */
typedef struct {
    PyObject *dict; /* A reference of ours. NULL: there is an array, or there is nothing. */
    Py_ssize_t size;
    Py_ssize_t at; /* Where the next one is, in the dictionary or the array. */
} RwAttributes;

enum RwStepOutcome {
    RW_AT_END,
    RW_AT_ITEM,
    RW_CHANGED, /* Another thread has added or taken some meanwhile. */
};

/* Find out, once, what the interpreter's own `__dict__` getter is. */
int rw_attributes_prepare(void);

/* How what a class has as `__dict__` gives the attributes of instances of `kind`. */
enum RwNamespace rw_namespace_kind(PyTypeObject *kind, PyObject *descriptor);

/* Begin a walk. Returns 0, or -1 with an error set; `rw_attributes_leave` drops what is held. */
int rw_attributes_of(PyObject *value, const RwReading *reading, RwAttributes *walk);
void rw_attributes_leave(RwAttributes *walk);

/* The next attribute; references are borrowed. */
enum RwStepOutcome rw_attributes_next(RwAttributes *walk, PyObject *value, PyObject **name,
                                      PyObject **held);

/* The attribute of that name as a new reference. NULL without an error: there is none. */
PyObject *rw_attribute_named(PyObject *value, const RwReading *reading, PyObject *name);

#endif
