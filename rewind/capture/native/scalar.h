/* The values that most are: written where they are met, without a call.
 *
 * Private to the value half.
 */
#ifndef RW_SCALAR_H
#define RW_SCALAR_H

#include "walk.h"

#if PY_VERSION_HEX >= 0x030C0000
#define RW_IS_COMPACT(value) PyUnstable_Long_IsCompact((PyLongObject *)(value))
#define RW_COMPACT_VALUE(value) PyUnstable_Long_CompactValue((PyLongObject *)(value))
#else
#define RW_IS_COMPACT(value) ((size_t)(Py_SIZE(value) + 1) < 3)
#define RW_COMPACT_VALUE(value) (Py_SIZE(value) * (Py_ssize_t)((PyLongObject *)(value))->ob_digit[0])
#endif

/* Write a value that needs no budget: 1, or 0 if it is no such value, or -1. */
RW_HOT int
rw_write_free(RwBuffer *out, PyObject *value, PyTypeObject *kind)
{
    if (kind == &PyLong_Type) {
        if (RW_UNLIKELY(!RW_IS_COMPACT(value))) {
            return 0;
        }
        return rw_put_signed(out, RW_COMPACT_VALUE(value)) < 0 ? -1 : 1;
    }
    if (value == Py_None) {
        return rw_put_nil(out) < 0 ? -1 : 1;
    }
    if (kind == &PyBool_Type) {
        return rw_put_bool(out, value == Py_True) < 0 ? -1 : 1;
    }
    if (kind == &PyFloat_Type) {
        return rw_put_float(out, PyFloat_AS_DOUBLE(value)) < 0 ? -1 : 1;
    }
    return 0;
}

/* Write ASCII of fewer than `RW_SHORTEST_CREDENTIAL` characters. */
RW_HOT int
rw_put_short_text(RwBuffer *out, PyObject *value)
{
    size_t size = (size_t)PyUnicode_GET_LENGTH(value);
    if (rw_reserve(out, RW_SHORTEST_CREDENTIAL) < 0) {
        return -1;
    }
    unsigned char *at = out->data + out->used;
    at[0] = (unsigned char)(0xA0 + size);
    rw_copy_short(at + 1, PyUnicode_1BYTE_DATA(value), size);
    out->used += 1 + size;
    return 0;
}

/* Write text that is too short for a credential and surely fits: 1, or 0 if it is not such, or
 * -1. Most text is. */
RW_HOT int
rw_walk_short_text(RwWalk *walk, PyObject *value)
{
    RwBuffer *out = walk->out;
    size_t size = (size_t)PyUnicode_GET_LENGTH(value);
    if (size >= RW_SHORTEST_CREDENTIAL || !PyUnicode_IS_COMPACT_ASCII(value)
        || out->used + size + RW_RESERVE > walk->end) {
        return 0;
    }
    return rw_put_short_text(out, value) < 0 ? -1 : 1;
}

/* Write a number, None or short text: 1, or 0 if it is none of these, or -1. */
RW_HOT int
rw_walk_scalar(RwWalk *walk, PyObject *value)
{
    PyTypeObject *kind = Py_TYPE(value);
    return kind == &PyUnicode_Type ? rw_walk_short_text(walk, value)
                                   : rw_write_free(walk->out, value, kind);
}

/* Write any value inside another while holding it. */
RW_HOT int
rw_walk_item(RwWalk *walk, PyObject *value)
{
    int written = rw_walk_scalar(walk, value);
    if (written != 0) {
        return written < 0 ? -1 : 0;
    }
    Py_INCREF(value);
    int outcome = rw_walk_write(walk, value);
    Py_DECREF(value);
    return outcome;
}

/* Whether what has this key is withheld: 1, 0 or -1. */
RW_HOT int
rw_walk_is_secret(RwWalk *walk, PyObject *key)
{
    RwNames *names = &walk->values->names;
    int known = PyUnicode_CheckExact(key) ? rw_names_remember(names, key) : -2;
    return known != -2 ? known : rw_names_cover_key(names, key);
}

#endif
