/* Grows buffers, and writes into them what is more than a number: headers, text, bytes. */
#include "buffer.h"

#define LEAST 256
#define ASCII_BITS 0x8080808080808080ULL

int
rw_buffer_grow(RwBuffer *buffer, size_t more)
{
    size_t size = buffer->size < LEAST ? LEAST : buffer->size;
    while (size - buffer->used < more) {
        if (size > PY_SSIZE_T_MAX / 2) {
            PyErr_NoMemory();
            return -1;
        }
        size *= 2;
    }
    unsigned char *data = PyMem_RawRealloc(buffer->data, size);
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    buffer->data = data;
    buffer->size = size;
    return 0;
}

void
rw_buffer_free(RwBuffer *buffer)
{
    PyMem_RawFree(buffer->data);
    *buffer = (RwBuffer)RW_BUFFER_EMPTY;
}

static int
put_header_32(RwBuffer *buffer, unsigned char first, size_t size)
{
    if (size > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "more than msgpack can hold");
        return -1;
    }
    if (rw_reserve(buffer, 5) < 0) {
        return -1;
    }
    buffer->data[buffer->used] = first;
    rw_store_32(buffer->data + buffer->used + 1, (uint32_t)size);
    buffer->used += 5;
    return 0;
}

/* `word` is the first byte of the form with 16 bits; the one with 32 bits is the next. */
static int
put_header(RwBuffer *buffer, unsigned char word, size_t size)
{
    if (size > 0xFFFF) {
        return put_header_32(buffer, (unsigned char)(word + 1), size);
    }
    if (rw_reserve(buffer, 3) < 0) {
        return -1;
    }
    buffer->data[buffer->used] = word;
    rw_store_16(buffer->data + buffer->used + 1, (uint16_t)size);
    buffer->used += 3;
    return 0;
}

static int
put_header_8(RwBuffer *buffer, unsigned char first, size_t size)
{
    if (rw_reserve(buffer, 2) < 0) {
        return -1;
    }
    buffer->data[buffer->used++] = first;
    buffer->data[buffer->used++] = (unsigned char)size;
    return 0;
}

int
rw_put_text_header(RwBuffer *buffer, size_t size)
{
    if (size < 32) {
        return rw_put_byte(buffer, (unsigned char)(0xA0 + size));
    }
    return size <= 0xFF ? put_header_8(buffer, 0xD9, size) : put_header(buffer, 0xDA, size);
}

int
rw_put_bytes_header(RwBuffer *buffer, size_t size)
{
    return size <= 0xFF ? put_header_8(buffer, 0xC4, size) : put_header(buffer, 0xC5, size);
}

int
rw_put_array_header(RwBuffer *buffer, size_t size)
{
    if (size < 16) {
        return rw_put_byte(buffer, (unsigned char)(0x90 + size));
    }
    return put_header(buffer, 0xDC, size);
}

int
rw_put_map_header(RwBuffer *buffer, size_t size)
{
    if (size < 16) {
        return rw_put_byte(buffer, (unsigned char)(0x80 + size));
    }
    return put_header(buffer, 0xDE, size);
}

int
rw_put_utf8(RwBuffer *buffer, const char *text, size_t size)
{
    return rw_put_text_header(buffer, size) < 0 ? -1 : rw_put_raw(buffer, text, size);
}

int
rw_put_bytes(RwBuffer *buffer, const void *data, size_t size)
{
    return rw_put_bytes_header(buffer, size) < 0 ? -1 : rw_put_raw(buffer, data, size);
}

static size_t
latin_size(const Py_UCS1 *data, Py_ssize_t length)
{
    size_t size = (size_t)length;
    Py_ssize_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t eight;
        memcpy(&eight, data + i, sizeof eight);
        size += (size_t)__builtin_popcountll(eight & ASCII_BITS);
    }
    for (; i < length; i++) {
        size += data[i] >> 7;
    }
    return size;
}

static size_t
width(Py_UCS4 character)
{
    return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
}

size_t
rw_utf8_size(PyObject *text, Py_ssize_t length)
{
    if (PyUnicode_IS_ASCII(text)) {
        return (size_t)length;
    }
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if (kind == PyUnicode_1BYTE_KIND) {
        return latin_size(data, length);
    }
    size_t size = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        size += width(PyUnicode_READ(kind, data, i));
    }
    return size;
}

static unsigned char *
store_character(unsigned char *at, Py_UCS4 character)
{
    if (character < 0x80) {
        *at++ = (unsigned char)character;
        return at;
    }
    if (character < 0x800) {
        *at++ = (unsigned char)(0xC0 | character >> 6);
    }
    else {
        if (character < 0x10000) {
            *at++ = (unsigned char)(0xE0 | character >> 12);
        }
        else {
            *at++ = (unsigned char)(0xF0 | character >> 18);
            *at++ = (unsigned char)(0x80 | (character >> 12 & 0x3F));
        }
        *at++ = (unsigned char)(0x80 | (character >> 6 & 0x3F));
    }
    *at++ = (unsigned char)(0x80 | (character & 0x3F));
    return at;
}

int
rw_put_characters(RwBuffer *buffer, PyObject *text, Py_ssize_t length, size_t size)
{
    if (PyUnicode_IS_ASCII(text)) {
        return rw_put_raw(buffer, PyUnicode_1BYTE_DATA(text), (size_t)length);
    }
    if (rw_reserve(buffer, size) < 0) {
        return -1;
    }
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    unsigned char *at = buffer->data + buffer->used;
    for (Py_ssize_t i = 0; i < length; i++) {
        at = store_character(at, PyUnicode_READ(kind, data, i));
    }
    buffer->used += size;
    return 0;
}

int
rw_put_text(RwBuffer *buffer, PyObject *text)
{
    return rw_put_prefix(buffer, text, PyUnicode_GET_LENGTH(text));
}

/* Most names and texts are such. */
static int
put_short_ascii(RwBuffer *buffer, const unsigned char *text, size_t size)
{
    if (rw_reserve(buffer, size + 2) < 0) {
        return -1;
    }
    unsigned char *at = buffer->data + buffer->used;
    if (size < 32) {
        *at++ = (unsigned char)(0xA0 + size);
    }
    else {
        *at++ = 0xD9;
        *at++ = (unsigned char)size;
    }
    memcpy(at, text, size);
    buffer->used = (size_t)(at - buffer->data) + size;
    return 0;
}

int
rw_put_prefix(RwBuffer *buffer, PyObject *text, Py_ssize_t length)
{
    if (PyUnicode_IS_COMPACT_ASCII(text) && length <= 0xFF) {
        return put_short_ascii(buffer, (const unsigned char *)((PyASCIIObject *)text + 1),
                               (size_t)length);
    }
    size_t size = rw_utf8_size(text, length);
    return rw_put_text_header(buffer, size) < 0 ? -1
                                                : rw_put_characters(buffer, text, length, size);
}
