/* Values that are written where they are met, as nothing has to be looked up or counted for them.
 *
 * Their bytes are those of the walk, which the settings' limits may cut short: where they might,
 * the walk it is.
 */
#include "arrays.h"
#include "engine.h"
#include "in_place.h"
#include "straight.h"
#include "walk.h"

enum {
    MOST_ITEMS = 3,
    LONGEST_TYPE_NAME = RW_OWNER_ROOM - 16,
    MOST_ARGUMENTS = 2, /* of an exception, */
    LONGEST_MESSAGE = 96, /* and the longest text among them */
};

_Static_assert(RW_FAILURE_ROOM >= RW_OWNER_ROOM + 5 + MOST_ARGUMENTS * (LONGEST_MESSAGE + 2),
               "an exception fits");
_Static_assert(RW_ALONE_ROOM >= 5 + RW_NUMBER_ROOM + MOST_ITEMS * RW_SCALAR_ROOM, "a tuple fits");

uint8_t *
rw_write_wide_integer(uint8_t *at, PyObject *value)
{
    uint64_t highest = rw_digit(value, 2);
    if (rw_digits(value) > 3 || highest > UINT64_MAX >> 2 * PyLong_SHIFT) {
        return NULL;
    }
    uint64_t number = highest << 2 * PyLong_SHIFT | (uint64_t)rw_digit(value, 1) << PyLong_SHIFT
                      | rw_digit(value, 0);
    if (!rw_is_negative(value)) {
        return rw_write_unsigned(at, number);
    }
    return number > (uint64_t)INT64_MAX ? NULL : rw_write_negative(at, -(int64_t)number);
}

/* Write a tuple of few scalars. It is as soon written as it is remembered. */
static uint8_t *
write_small_tuple(const RwValues *values, uint8_t *at, PyObject *tuple)
{
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    if (size > MOST_ITEMS || size > values->max_items || values->max_bytes < 2 * RW_ALONE_ROOM
        || values->max_depth < 1) {
        return NULL;
    }
    at[0] = 0xDC;
    at[1] = 0;
    at[2] = (uint8_t)(3 + size);
    at[3] = RW_TUPLE;
    at = rw_write_unsigned(at + 4, (uint64_t)(uintptr_t)tuple);
    *at++ = (uint8_t)size;
    for (Py_ssize_t i = 0; i < size && at != NULL; i++) {
        at = rw_write_scalar(at, PyTuple_GET_ITEM(tuple, i));
    }
    return at;
}

/* Write, at `at`, a small tuple or an echo of what the value was before: what needs no walk. Returns
 * what comes behind it; NULL where there is more to do. The echo is of a node that lies before
 * `record`, a place in the segment. */
RW_HOT uint8_t *
write_alone(const RwValues *values, const RwEchoes *echoes, size_t record, uint8_t *at,
            PyObject *value, int *echoing)
{
    if (PyTuple_CheckExact(value)) {
        uint8_t *end = write_small_tuple(values, at, value);
        if (end != NULL) {
            return end;
        }
    }
    const RwEcho *echo = rw_echo_of(echoes, value, 0);
    if (echo == NULL) {
        return NULL;
    }
    size_t left = values->max_bytes > RW_LEAST ? values->max_bytes - RW_LEAST : 0;
    if (echo->at >= record || echo->redacted > 0
        || !rw_echo_fits(echo, 0, values->max_depth, left)) {
        return NULL;
    }
    *echoing |= RW_HOLDS_ECHOES;
    rw_store_echo(at, echo);
    return at + RW_ECHO_SIZE;
}

/* Whether what is written of the value may be echoed. */
RW_HOT int
is_node(PyObject *value)
{
    return PyUnicode_CheckExact(value) ? PyUnicode_GET_LENGTH(value) > RW_STRAIGHT_TEXT
                                       : !PyLong_CheckExact(value);
}

uint8_t *
rw_write_other(RwRecorder *recorder, const RwSite *site, uint8_t *at, PyObject *value, size_t behind,
               int *echoing)
{
    RwValues *values = recorder->engine->values;
    const RwStream *stream = &recorder->stream;
    uint8_t *record = stream->map + stream->end;
    if (is_node(value)) {
        uint8_t *end = write_alone(values, recorder->echoes, stream->end, at, value, echoing);
        if (RW_LIKELY(end != NULL)) {
            return end;
        }
        /* What the payload in `scratch` has in mind is its own. */
        if (recorder->scratch_taken) {
            return NULL;
        }
        *echoing |= RW_HOLDS_NODES;
        if (site->echoes) {
            /* What may be echoed later is best written where it stays. */
            at = rw_mark_echoing(record, at);
        }
    }
    const uint8_t *ready = stream->map + stream->ready;
    RwRoom room = {stream->map, record, (size_t)(ready - at) > behind ? ready - behind : at};
    return rw_write_straight(values, recorder->echoes, &room, at, value, echoing);
}

uint8_t *
rw_end_echoing(RwRecorder *recorder, RwSite *site, uint8_t *end, int echoing)
{
    const RwStream *stream = &recorder->stream;
    RwEchoes *echoes = recorder->echoes;
    uint8_t *record = stream->map + stream->end;
    if (echoing & RW_HOLDS_ECHOES) {
        site->echoes = 1;
        uint8_t *moved = rw_mark_echoing(record, end);
        if (moved != end && echoing & RW_HOLDS_NODES) {
            rw_echoes_move(echoes, (uint32_t)stream->end, RW_MARK_ROOM);
        }
        end = moved;
    }
    if (echoing & RW_HOLDS_NODES) {
        rw_echoes_stay(echoes);
    }
    return end;
}

RW_HOT uint8_t *
write_type_name(uint8_t *at, const RwReading *reading)
{
    PyObject *name = reading->name;
    if (!PyUnicode_IS_COMPACT_ASCII(name) || PyUnicode_GET_LENGTH(name) > LONGEST_TYPE_NAME) {
        return NULL;
    }
    size_t size = (size_t)PyUnicode_GET_LENGTH(name);
    at = rw_write_short_header(at, size);
    rw_copy_text(at, (const uint8_t *)((PyASCIIObject *)name + 1), size);
    return at + size;
}

RW_HOT uint8_t *
write_named(uint8_t *at, PyObject *value, const RwReading *reading)
{
    at[0] = 0x93;
    at[1] = RW_OPAQUE;
    at = rw_write_unsigned(at + 2, (uint64_t)(uintptr_t)value);
    return write_type_name(at, reading);
}

/* Write a text that is no credential and surely fits, as it is one line or less. */
static uint8_t *
write_message(uint8_t *at, PyObject *text)
{
    size_t size = (size_t)PyUnicode_GET_LENGTH(text);
    if (size > LONGEST_MESSAGE || !PyUnicode_IS_COMPACT_ASCII(text)
        || (size >= RW_SHORTEST_CREDENTIAL && rw_is_credential(text, size))) {
        return NULL;
    }
    at = rw_write_short_header(at, size);
    rw_copy_text(at, (const uint8_t *)((PyASCIIObject *)text + 1), size);
    return at + size;
}

/* Begin an exception with so many arguments. */
static uint8_t *
write_failure_head(uint8_t *at, PyObject *error, const RwReading *reading, Py_ssize_t size)
{
    at[0] = 0xDC;
    rw_store_16(at + 1, (uint16_t)(4 + size));
    at[3] = RW_EXCEPTION;
    at = rw_write_unsigned(at + 4, (uint64_t)(uintptr_t)error);
    at = write_type_name(at, reading);
    return at == NULL ? NULL : rw_write_unsigned(at, (uint64_t)size);
}

uint8_t *
rw_write_failure(const RwValues *values, uint8_t *at, PyObject *error)
{
    const RwReading *reading = rw_reading_at_hand(&values->readings, Py_TYPE(error));
    if (reading == NULL || reading->base != (PyTypeObject *)PyExc_BaseException
        || reading->known != NULL || reading->is_enum || values->max_bytes < 2 * RW_FAILURE_ROOM
        || values->max_depth < 1) {
        return NULL;
    }
    PyObject *arguments = ((PyBaseExceptionObject *)error)->args;
    if (arguments == NULL || !PyTuple_CheckExact(arguments)) {
        return NULL;
    }
    Py_ssize_t size = PyTuple_GET_SIZE(arguments);
    if (size > MOST_ARGUMENTS || size > values->max_items) {
        return NULL;
    }
    at = write_failure_head(at, error, reading, size);
    for (Py_ssize_t i = 0; i < size && at != NULL; i++) {
        PyObject *argument = PyTuple_GET_ITEM(arguments, i);
        at = PyUnicode_CheckExact(argument) ? write_message(at, argument)
                                            : rw_write_scalar(at, argument);
    }
    return at;
}

uint8_t *
rw_write_owner(const RwValues *values, uint8_t *at, PyObject *value)
{
    const RwReading *reading = rw_reading_at_hand(&values->readings, Py_TYPE(value));
    return reading == NULL ? NULL : write_named(at, value, reading);
}

/* What the instance holds under that name, borrowed; NULL where that is not at hand. */
static PyObject *
held_under(PyObject *owner, const RwReading *reading, const PyObject *name)
{
    for (Py_ssize_t i = 0; reading->shape == RW_BY_SLOTS && i < reading->slot_count; i++) {
        if (reading->slots[i].name == name) {
            PyObject **at = rw_slot_in(owner, &reading->slots[i]);
            return at == NULL ? NULL : *at;
        }
    }
    RwArray array = {.size = 0};
    if (reading->shape == RW_BY_ATTRIBUTES && !rw_array_of(owner, &array)) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < array.size; i++) {
        PyObject *one, *held = rw_array_take(&array, i, &one);
        if (one == name) {
            return held;
        }
    }
    return NULL;
}

uint8_t *
rw_write_held(const RwValues *values, uint8_t *at, PyObject *owner, PyObject *name, PyObject **held)
{
    const RwReading *reading = rw_reading_at_hand(&values->readings, Py_TYPE(owner));
    *held = reading == NULL ? NULL : held_under(owner, reading, name);
    return *held == NULL ? NULL : write_named(at, owner, reading);
}
