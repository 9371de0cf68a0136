/* Writes values that hold no others: numbers, text, bytes. */
#include "walk.h"

#define LONGEST_INTEGER 4096

/* An integer beyond 64 bits, as `hex()` would say it; only its size where that is too long. */
static int
write_long_integer(RwWalk *walk, PyObject *value)
{
    RwBuffer *out = walk->out;
    size_t bits = _PyLong_NumBits(value);
    if (bits > LONGEST_INTEGER) {
        walk->blemishes++; /* It is not held. */
    }
    if (rw_put_node(out, 3, RW_INTEGER) < 0 || rw_put_unsigned(out, bits) < 0) {
        return -1;
    }
    size_t longest = rw_walk_left(walk) * 4;
    if (bits > (longest < LONGEST_INTEGER ? longest : LONGEST_INTEGER)) {
        rw_walk_bind(walk, RW_AS_ROOT);
        return rw_put_utf8(out, "", 0);
    }
    PyObject *text = PyNumber_ToBase(value, 16);
    if (text == NULL) {
        return -1;
    }
    int outcome = rw_put_text(out, text);
    Py_DECREF(text);
    return outcome;
}

int
rw_write_integer(RwWalk *walk, PyObject *value)
{
    int overflow;
    long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow == 0) {
        return rw_put_signed(walk->out, number);
    }
    if (overflow > 0 && _PyLong_NumBits(value) <= 64) {
        unsigned long long large = PyLong_AsUnsignedLongLong(value);
        return rw_put_unsigned(walk->out, large);
    }
    return write_long_integer(walk, value);
}

/* How much of a text is looked at depends on the room for it. */
static int
withhold(RwWalk *walk, PyObject *value, PyTypeObject *kind)
{
    rw_walk_bind(walk, RW_AS_ROOT);
    return rw_walk_withhold(walk, RW_BY_PATTERN, value, kind);
}

static size_t
room_for(const RwWalk *walk)
{
    size_t left = rw_walk_left(walk);
    return left > RW_RESERVE ? left - RW_RESERVE : 0;
}

/* How many characters of the text's beginning fit into `room` bytes; `size`: how many they take. */
static Py_ssize_t
fitting(PyObject *text, size_t room, size_t *size)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), i = 0;
    size_t used = 0;
    for (; i < length; i++) {
        Py_UCS4 one = PyUnicode_READ(kind, data, i);
        size_t width = one < 0x80 ? 1 : one < 0x800 ? 2 : one < 0x10000 ? 3 : 4;
        if (used + width > room) {
            break;
        }
        used += width;
    }
    *size = used;
    return i;
}

static int
write_cut_text(RwWalk *walk, PyObject *text, Py_ssize_t shown, size_t size)
{
    RwBuffer *out = walk->out;
    rw_walk_bind(walk, RW_AS_ROOT);
    if (rw_put_node(out, 3, RW_TEXT) < 0
        || rw_put_unsigned(out, (uint64_t)PyUnicode_GET_LENGTH(text)) < 0
        || rw_put_text_header(out, size) < 0) {
        return -1;
    }
    return rw_put_characters(out, text, shown, size);
}

int
rw_write_text(RwWalk *walk, PyObject *value)
{
#if PY_VERSION_HEX < 0x030C0000
    /* An old extension may have made text that has no characters yet. */
    if (PyUnicode_READY(value) < 0) {
        return -1;
    }
#endif
    size_t size, room = room_for(walk);
    Py_ssize_t length = PyUnicode_GET_LENGTH(value), shown;
    if (rw_is_credential(value, room)) {
        return withhold(walk, value, &PyUnicode_Type);
    }
    if (PyUnicode_IS_ASCII(value)) {
        size = (size_t)length <= room ? (size_t)length : room;
        shown = (Py_ssize_t)size;
    }
    else {
        shown = fitting(value, room, &size);
    }
    if (shown < length) {
        return write_cut_text(walk, value, shown, size);
    }
    if (rw_put_text_header(walk->out, size) < 0) {
        return -1;
    }
    return rw_put_characters(walk->out, value, length, size);
}

int
rw_write_octets(RwWalk *walk, PyObject *value)
{
    RwBuffer *out = walk->out;
    const char *data = PyBytes_AS_STRING(value);
    size_t size = (size_t)PyBytes_GET_SIZE(value), room = room_for(walk);
    if (rw_bytes_are_credential(data, (Py_ssize_t)size, room)) {
        return withhold(walk, value, &PyBytes_Type);
    }
    if (size <= room) {
        return rw_put_bytes(out, data, size);
    }
    rw_walk_bind(walk, RW_AS_ROOT);
    if (rw_put_node(out, 3, RW_BYTES) < 0 || rw_put_unsigned(out, size) < 0) {
        return -1;
    }
    return rw_put_bytes(out, data, room);
}

int
rw_write_bytearray(RwWalk *walk, PyObject *value)
{
    RwBuffer *out = walk->out;
    const char *data = PyByteArray_AS_STRING(value);
    size_t size = (size_t)PyByteArray_GET_SIZE(value), room = room_for(walk);
    if (rw_bytes_are_credential(data, (Py_ssize_t)size, room)) {
        return withhold(walk, value, &PyByteArray_Type);
    }
    if (rw_put_node(out, 4, RW_BYTEARRAY) < 0 || rw_put_identity(out, value) < 0
        || rw_put_unsigned(out, size) < 0) {
        return -1;
    }
    return rw_put_bytes(out, data, size < room ? size : room);
}

int
rw_write_complex(RwWalk *walk, PyObject *value)
{
    Py_complex number = ((PyComplexObject *)value)->cval;
    if (rw_put_node(walk->out, 3, RW_COMPLEX) < 0 || rw_put_float(walk->out, number.real) < 0) {
        return -1;
    }
    return rw_put_float(walk->out, number.imag);
}
