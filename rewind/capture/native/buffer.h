/* A growable buffer of bytes, and msgpack written into it.
 *
 * One thread uses a buffer, holding the interpreter lock. Every `rw_put_...` returns 0, or -1 with
 * MemoryError set when the buffer could not grow; what was written before stays. The forms are
 * those of `rewind/model/wire.py`, byte for byte.
 */
#ifndef RW_BUFFER_H
#define RW_BUFFER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <string.h>

#define RW_HOT static inline __attribute__((always_inline, unused))
#define RW_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define RW_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

typedef struct {
    unsigned char *data;
    size_t used;
    size_t size;
} RwBuffer;

/* Zeroed memory is an empty buffer. */
#define RW_BUFFER_EMPTY {NULL, 0, 0}

int rw_buffer_grow(RwBuffer *buffer, size_t more);
void rw_buffer_free(RwBuffer *buffer);

/* Forget what was written; the memory is kept for the next record. */
RW_HOT void
rw_buffer_clear(RwBuffer *buffer)
{
    buffer->used = 0;
}

/* Make sure that `more` bytes fit behind what is written. */
RW_HOT int
rw_reserve(RwBuffer *buffer, size_t more)
{
    if (RW_LIKELY(buffer->size - buffer->used >= more)) {
        return 0;
    }
    return rw_buffer_grow(buffer, more);
}

RW_HOT int
rw_put_raw(RwBuffer *buffer, const void *data, size_t size)
{
    if (rw_reserve(buffer, size) < 0) {
        return -1;
    }
    if (size > 0) {
        memcpy(buffer->data + buffer->used, data, size);
        buffer->used += size;
    }
    return 0;
}

RW_HOT int
rw_put_byte(RwBuffer *buffer, unsigned char byte)
{
    if (rw_reserve(buffer, 1) < 0) {
        return -1;
    }
    buffer->data[buffer->used++] = byte;
    return 0;
}

/* Copy up to 15 bytes, without a call. */
RW_HOT void
rw_copy_short(unsigned char *to, const unsigned char *from, size_t size)
{
    if (size >= 8) {
        memcpy(to, from, 8);
        memcpy(to + size - 8, from + size - 8, 8);
    }
    else if (size >= 4) {
        memcpy(to, from, 4);
        memcpy(to + size - 4, from + size - 4, 4);
    }
    else if (size > 0) {
        to[0] = from[0];
        to[size / 2] = from[size / 2];
        to[size - 1] = from[size - 1];
    }
}

/* Write the header of text of up to 255 bytes; returns what is behind it. */
RW_HOT uint8_t *
rw_write_short_header(uint8_t *at, size_t size)
{
    if (size < 32) {
        *at = (uint8_t)(0xA0 + size);
        return at + 1;
    }
    at[0] = 0xD9;
    at[1] = (uint8_t)size;
    return at + 2;
}

/* Copy a short text, mostly without a call. */
RW_HOT void
rw_copy_text(unsigned char *to, const unsigned char *from, size_t size)
{
    if (size < 16) {
        rw_copy_short(to, from, size);
    }
    else if (size <= 32) {
        memcpy(to, from, 16);
        memcpy(to + size - 16, from + size - 16, 16);
    }
    else {
        memcpy(to, from, size);
    }
}

/* Move bytes to where they may overlap, mostly without a call. */
RW_HOT void
rw_shift(unsigned char *to, const unsigned char *from, size_t size)
{
    if (RW_LIKELY(size >= 16 && size <= 32)) {
        unsigned char first[16], last[16];
        memcpy(first, from, 16);
        memcpy(last, from + size - 16, 16);
        memcpy(to, first, 16);
        memcpy(to + size - 16, last, 16);
    }
    else {
        memmove(to, from, size);
    }
}

/* Numbers in network order, behind what is written; the caller has reserved the room. */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RW_NETWORK(bits, number) __builtin_bswap##bits(number)
#else
#define RW_NETWORK(bits, number) (number)
#endif

RW_HOT void
rw_store_16(unsigned char *at, uint16_t number)
{
    number = RW_NETWORK(16, number);
    memcpy(at, &number, sizeof number);
}

RW_HOT void
rw_store_32(unsigned char *at, uint32_t number)
{
    number = RW_NETWORK(32, number);
    memcpy(at, &number, sizeof number);
}

RW_HOT void
rw_store_64(unsigned char *at, uint64_t number)
{
    number = RW_NETWORK(64, number);
    memcpy(at, &number, sizeof number);
}

/* The most that a number takes. */
#define RW_NUMBER_ROOM 9

/* Write an unsigned number in its shortest form; `RW_NUMBER_ROOM` bytes are reserved. */
RW_HOT void
rw_store_unsigned(RwBuffer *buffer, uint64_t number)
{
    unsigned char *at = buffer->data + buffer->used;
    if (number < 0x80) {
        at[0] = (unsigned char)number;
        buffer->used += 1;
    }
    else if (number <= 0xFF) {
        at[0] = 0xCC;
        at[1] = (unsigned char)number;
        buffer->used += 2;
    }
    else if (number <= 0xFFFF) {
        at[0] = 0xCD;
        rw_store_16(at + 1, (uint16_t)number);
        buffer->used += 3;
    }
    else if (number <= 0xFFFFFFFF) {
        at[0] = 0xCE;
        rw_store_32(at + 1, (uint32_t)number);
        buffer->used += 5;
    }
    else {
        at[0] = 0xCF;
        rw_store_64(at + 1, number);
        buffer->used += 9;
    }
}

/* Write a number in its shortest form; `RW_NUMBER_ROOM` bytes are reserved. */
RW_HOT void
rw_store_signed(RwBuffer *buffer, int64_t number)
{
    unsigned char *at = buffer->data + buffer->used;
    if (number >= 0) {
        rw_store_unsigned(buffer, (uint64_t)number);
    }
    else if (number >= -0x20) {
        at[0] = (unsigned char)number;
        buffer->used += 1;
    }
    else if (number >= -0x80) {
        at[0] = 0xD0;
        at[1] = (unsigned char)number;
        buffer->used += 2;
    }
    else if (number >= -0x8000) {
        at[0] = 0xD1;
        rw_store_16(at + 1, (uint16_t)number);
        buffer->used += 3;
    }
    else if (number >= -0x80000000LL) {
        at[0] = 0xD2;
        rw_store_32(at + 1, (uint32_t)number);
        buffer->used += 5;
    }
    else {
        at[0] = 0xD3;
        rw_store_64(at + 1, (uint64_t)number);
        buffer->used += 9;
    }
}

RW_HOT int
rw_put_nil(RwBuffer *buffer)
{
    return rw_put_byte(buffer, 0xC0);
}

RW_HOT int
rw_put_bool(RwBuffer *buffer, int truth)
{
    return rw_put_byte(buffer, truth ? 0xC3 : 0xC2);
}

RW_HOT int
rw_put_unsigned(RwBuffer *buffer, uint64_t number)
{
    if (rw_reserve(buffer, RW_NUMBER_ROOM) < 0) {
        return -1;
    }
    rw_store_unsigned(buffer, number);
    return 0;
}

RW_HOT int
rw_put_signed(RwBuffer *buffer, int64_t number)
{
    if (rw_reserve(buffer, RW_NUMBER_ROOM) < 0) {
        return -1;
    }
    rw_store_signed(buffer, number);
    return 0;
}

/* Write who an object is: its address. */
RW_HOT int
rw_put_identity(RwBuffer *buffer, const void *object)
{
    return rw_put_unsigned(buffer, (uint64_t)(uintptr_t)object);
}

RW_HOT int
rw_put_float(RwBuffer *buffer, double number)
{
    uint64_t bits;
    if (rw_reserve(buffer, RW_NUMBER_ROOM) < 0) {
        return -1;
    }
    memcpy(&bits, &number, sizeof bits);
    buffer->data[buffer->used] = 0xCB;
    rw_store_64(buffer->data + buffer->used + 1, bits);
    buffer->used += 9;
    return 0;
}

/* Headers. Sizes beyond 32 bits do not occur: values are cut to their budget, records are not
 * longer than a segment. */
int rw_put_text_header(RwBuffer *buffer, size_t size);
int rw_put_bytes_header(RwBuffer *buffer, size_t size);
int rw_put_array_header(RwBuffer *buffer, size_t size);
int rw_put_map_header(RwBuffer *buffer, size_t size);

/* Write UTF-8 that is at hand as text. */
int rw_put_utf8(RwBuffer *buffer, const char *text, size_t size);

int rw_put_bytes(RwBuffer *buffer, const void *data, size_t size);

/* Write a `str` (or the text half of a subclass's instance) whole; lone surrogates are kept. Does
 * not fill the object's own UTF-8 cache. */
int rw_put_text(RwBuffer *buffer, PyObject *text);

/* Write the first `length` characters of a `str` as text. */
int rw_put_prefix(RwBuffer *buffer, PyObject *text, Py_ssize_t length);

/* Write the first `length` characters, which take `size` bytes of UTF-8, without a header. */
int rw_put_characters(RwBuffer *buffer, PyObject *text, Py_ssize_t length, size_t size);

/* The bytes of UTF-8 that the first `length` characters take. */
size_t rw_utf8_size(PyObject *text, Py_ssize_t length);

/* Begin a node of `size` elements (at most 15), the tag among them. */
RW_HOT int
rw_put_node(RwBuffer *buffer, unsigned size, unsigned char tag)
{
    if (rw_reserve(buffer, 2) < 0) {
        return -1;
    }
    buffer->data[buffer->used++] = (unsigned char)(0x90 + size);
    buffer->data[buffer->used++] = tag;
    return 0;
}

#endif
