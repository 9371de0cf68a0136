/* Values that fit where they are needed: written in place, without asking anything about them.
 *
 * The bytes are those that `rw_write_value` writes. Text is short enough to be no credential (see
 * rewind.capture.secrets) and to fit any budget that the settings allow.
 */
#ifndef RW_IN_PLACE_H
#define RW_IN_PLACE_H

#include <Python.h>

#include "recorder.h"
#include "values.h"

enum {
    RW_SCALAR_ROOM = 12, /* bytes that any of them takes at most, with some to spare */
    RW_SHORT_TEXT = 8,   /* of the least `max_value_bytes`, 16, eight are kept back */
};

RW_HOT uint8_t *
rw_write_negative(uint8_t *at, int64_t number)
{
    RwBuffer here = {at, 0, RW_NUMBER_ROOM};
    rw_store_signed(&here, number);
    return at + here.used;
}

/* The interpreter's integers: digits of 30 bits, the lowest first. */
RW_HOT Py_ssize_t
rw_digits(PyObject *value)
{
#if PY_VERSION_HEX >= 0x030C0000
    return (Py_ssize_t)(((PyLongObject *)value)->long_value.lv_tag >> _PyLong_NON_SIZE_BITS);
#else
    return Py_ABS(Py_SIZE(value));
#endif
}

RW_HOT int
rw_is_negative(PyObject *value)
{
#if PY_VERSION_HEX >= 0x030C0000
    return (((PyLongObject *)value)->long_value.lv_tag & _PyLong_SIGN_MASK) == 2;
#else
    return Py_SIZE(value) < 0;
#endif
}

RW_HOT uint64_t
rw_digit(PyObject *value, int place)
{
#if PY_VERSION_HEX >= 0x030C0000
    return ((PyLongObject *)value)->long_value.ob_digit[place];
#else
    return ((PyLongObject *)value)->ob_digit[place];
#endif
}

/* Write an integer of at most two digits; NULL if it has more. */
RW_HOT uint8_t *
rw_write_small_integer(uint8_t *at, PyObject *value)
{
    Py_ssize_t digits = rw_digits(value);
    if (RW_UNLIKELY(digits > 2)) {
        return NULL;
    }
    uint64_t number = digits == 0 ? 0 : rw_digit(value, 0);
    if (RW_UNLIKELY(digits == 2)) {
        number |= rw_digit(value, 1) << PyLong_SHIFT;
    }
    if (RW_UNLIKELY(rw_is_negative(value))) {
        return rw_write_negative(at, -(int64_t)number);
    }
    return rw_write_unsigned(at, number);
}

/* Write any other exact integer of at most 64 bits, as hashes are; NULL if it has more. It is no scalar
 * in what the format says of times. */
uint8_t *rw_write_wide_integer(uint8_t *at, PyObject *value);

RW_HOT uint8_t *
rw_write_double(uint8_t *at, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    at[0] = 0xCB;
    rw_store_64(at + 1, bits);
    return at + 9;
}

RW_HOT uint8_t *
rw_write_short_text(uint8_t *at, PyObject *value)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(value);
    if (length > RW_SHORT_TEXT || !PyUnicode_IS_COMPACT_ASCII(value)) {
        return NULL;
    }
    *at = (uint8_t)(0xA0 + length);
    rw_copy_short(at + 1, (const uint8_t *)((PyASCIIObject *)value + 1), (size_t)length);
    return at + 1 + length;
}

/* Write the value if it is a scalar and return what comes behind it; NULL if it is none. */
RW_HOT uint8_t *
rw_write_scalar(uint8_t *at, PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyLong_Type) {
        return rw_write_small_integer(at, value);
    }
    if (type == &PyUnicode_Type) {
        return rw_write_short_text(at, value);
    }
    if (value == Py_None) {
        *at = 0xC0;
        return at + 1;
    }
    if (type == &PyBool_Type) {
        *at = value == Py_True ? 0xC3 : 0xC2;
        return at + 1;
    }
    if (type == &PyFloat_Type) {
        return rw_write_double(at, PyFloat_AS_DOUBLE(value));
    }
    return NULL;
}

/* Write a value that is no scalar into the site's record that was begun in place; NULL where there is
 * more to do. Leaves room for as many bytes as may come `behind` it: what it takes itself may be all
 * that is ready. Adds to `echoing` what the record holds by it. */
uint8_t *rw_write_other(RwRecorder *recorder, const RwSite *site, uint8_t *at, PyObject *value,
                        size_t behind, int *echoing);

/* Write any value likewise. */
RW_HOT uint8_t *
rw_write_in_place(RwRecorder *recorder, const RwSite *site, uint8_t *at, PyObject *value,
                  size_t behind, int *echoing)
{
    uint8_t *end = rw_write_scalar(at, value);
    return RW_LIKELY(end != NULL) ? end : rw_write_other(recorder, site, at, value, behind, echoing);
}

/* End a record that holds echoes, or what may be echoed; returns its end. */
uint8_t *rw_end_echoing(RwRecorder *recorder, RwSite *site, uint8_t *end, int echoing);

/* End a record that may be `echoing`. */
RW_HOT void
rw_end_any_in_place(RwRecorder *recorder, RwSite *site, uint8_t *end, int echoing, int64_t now)
{
    if (RW_UNLIKELY(echoing)) {
        end = rw_end_echoing(recorder, site, end, echoing);
    }
    rw_end_in_place(recorder, end, now);
}

/* Record an event whose payload is one value; 0 where the long way must be taken. */
RW_HOT int
rw_emit_in_place(RwRecorder *recorder, RwStrand *strand, RwSite *site, PyObject *value,
                 int64_t now)
{
    if (site->open == NULL) {
        return 0;
    }
    int echoing = 0;
    uint8_t *at = rw_begin_in_place(recorder, strand->session, site, RW_ALONE_ROOM, now);
    at = at == NULL ? NULL : rw_write_in_place(recorder, site, at, value, 0, &echoing);
    if (at == NULL) {
        return 0;
    }
    rw_end_any_in_place(recorder, site, at, echoing, now);
    return 1;
}

#endif
