/* An instance's own attributes, read where they lie.
 *
 * The interpreter keeps the attributes of most instances in a bare array and makes a dictionary of
 * it only when the program asks for one. To ask here would make the program larger and slower, so
 * the array is read as it is; only where its form is not known is the dictionary asked for,
 * of the interpreter and never of the type: an extension's getter may run the program's code.
 */
#ifndef RW_ATTRIBUTES_H
#define RW_ATTRIBUTES_H

#include "types.h"

/* The array of an instance, as it is at this moment. */
typedef struct {
    PyObject *const *values;
    PyObject *const *names;     /* Every second one. */
    const unsigned char *order; /* Places in both, the first set first. */
    int step;                   /* From one place to the next. */
    Py_ssize_t size;
} RwArray;

/* The attribute that was set as number `at`; borrowed, as is its name. */
static inline PyObject *
rw_array_take(const RwArray *array, Py_ssize_t at, PyObject **name)
{
    unsigned char place = array->order[at * array->step];
    *name = array->names[2 * place];
    return array->values[place];
}

/* A walk through the attributes of one instance. */
typedef struct {
    PyObject *dict; /* A reference of ours. NULL: there is an array, or there is nothing. */
    Py_ssize_t size;
    Py_ssize_t at; /* Where the next one is, in the dictionary or the array. */
    RwArray array; /* As it was found last. */
} RwAttributes;

enum RwStepOutcome {
    RW_AT_END,
    RW_AT_ITEM,
    RW_CHANGED, /* Another thread has added or taken some meanwhile. */
};

/* Find out, once, whether arrays have the form that is known. */
int rw_attributes_prepare(void);

/* The dictionary of an instance that has one of the exact type, as a new reference; NULL: it has
 * none now. For types that have a namespace. */
PyObject *rw_dict_in_place(PyObject *value);

/* Begin a walk; `rw_attributes_leave` drops what is held. */
void rw_attributes_of(PyObject *value, const RwReading *reading, RwAttributes *walk);
void rw_attributes_leave(RwAttributes *walk);

/* The next attribute; references are borrowed. */
enum RwStepOutcome rw_attributes_next(RwAttributes *walk, PyObject *value, PyObject **name,
                                      PyObject **held);

/* The same of an array where nothing can have changed it since the last one was told. */
static inline void
rw_attributes_take(RwAttributes *walk, PyObject **name, PyObject **held)
{
    *held = rw_array_take(&walk->array, walk->at++, name);
}

/* The attribute of that name as a new reference. NULL without an error: there is none. */
PyObject *rw_attribute_named(PyObject *value, const RwReading *reading, PyObject *name);

#endif
