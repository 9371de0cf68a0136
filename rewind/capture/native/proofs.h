/* How a remembered node is proven to be what it was.
 *
 * Private to the echoes: keeping.c and grounds.c note of a node what its proof compares, proofs.c
 * compares it.
 */
#ifndef RW_PROOFS_H
#define RW_PROOFS_H

#include "arrays.h"
#include "echoes.h"

/* Entries of a set's table that are gone through. */
#define WIDEST_SET 1023

/* How a node is proven to be what it was. */
enum Kind {
    BY_VERSION, /* a dictionary */
    BY_LIST,
    BY_TUPLE,
    BY_SET,
    BY_DEQUE,
    BY_ATTRIBUTES, /* an instance with a namespace, and maybe slots */
    BY_SLOTS,
    BY_NAMES, /* a function, method, class or module */
    BY_CHARACTERS, /* a text of a subclass */
    FOR_GOOD, /* it cannot change, or is known by its address and type only */
};

/* The first of the two places that the object may have, of what is bound to a depth or of what is
 * not: 0, or one more than the depth. */
RW_HOT size_t
rw_echo_place(const PyObject *object, size_t level)
{
    return (((uintptr_t)object >> 4) + level) * 0x9E3779B97F4A7C15ULL >> 52 & ~(size_t)1;
}

RW_HOT size_t
rw_echo_level(enum RwBound bound, Py_ssize_t depth)
{
    return bound == RW_ANYWHERE ? 0 : (size_t)depth + 1;
}

RW_HOT int
rw_echo_is_of(const RwEcho *echo, const PyObject *object, size_t level)
{
    return echo->object == object && rw_echo_level((enum RwBound)echo->bound, echo->depth) == level;
}

_Static_assert(RW_ECHOES == 1 << (64 - 52), "a place is the product's uppermost bits");

/* Note what the node's proof compares, for what is not of the commonest kinds; 0 where there can be
 * none. */
int rw_echo_note(RwEchoes *echoes, RwEcho *echo, const RwWritten *written);

/* Make room for so many items; 0: there is none. */
int rw_echo_grow(RwEcho *echo, Py_ssize_t count);

/* Remember the node no more. */
void rw_echo_forget(RwEchoes *echoes, RwEcho *echo);

/* Whether what was written of the node would be written of its value now. */
int rw_echo_is_same(const RwEchoes *echoes, const RwEcho *echo);

/* The texts by which such a thing is known; how many, at most 2. */
int rw_names_of(PyObject *object, PyObject **names);

/* What else there is to its name; 0: nothing, or it says nothing. */
uint64_t rw_version_by_names(PyObject *object);

/* The version of the dictionary that the instance has, if only that there is none; 0: it says
 * nothing. */
uint64_t rw_attributes_version(PyObject *value);

/* Borrowed; NULL: there is none. */
PyObject *rw_item_of_deque(PyObject *deque, Py_ssize_t place);

#endif
