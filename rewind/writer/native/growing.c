/* See growing.h. Every number in its shortest form, as the package `msgpack` writes it. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include "growing.h"

enum { LEAST = 256 };

int
rw_grow(RwGrowing *out, size_t more)
{
    if (more > (size_t)PY_SSIZE_T_MAX / 2 - out->used) {
        PyErr_NoMemory();
        return -1;
    }
    size_t size = (out->used + more) * 2;
    size = size < LEAST ? LEAST : size;
    uint8_t *data = PyMem_Realloc(out->data, size);
    if (data == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    out->data = data;
    out->size = size;
    return 0;
}

int
rw_put(RwGrowing *out, const void *data, size_t size)
{
    if (rw_room(out, size) < 0) {
        return -1;
    }
    if (size > 0) {
        memcpy(out->data + out->used, data, size);
        out->used += size;
    }
    return 0;
}

/* A first byte, and a number of so many bytes in network order. */
static int
put_wide(RwGrowing *out, uint8_t first, uint64_t number, size_t width)
{
    uint8_t bytes[9] = {first};
    for (size_t i = 0; i < width; i++) {
        bytes[1 + i] = (uint8_t)(number >> (8 * (width - 1 - i)));
    }
    return rw_put(out, bytes, 1 + width);
}

/* By the number's size: the first byte is the first of a row, for one, two, four or eight bytes. */
static int
put_sized(RwGrowing *out, uint8_t first, uint64_t number, unsigned narrowest)
{
    unsigned row = number <= 0xFF ? 0 : number <= 0xFFFF ? 1 : number <= 0xFFFFFFFF ? 2 : 3;
    row = row < narrowest ? narrowest : row;
    return put_wide(out, (uint8_t)(first + row - narrowest), number, (size_t)1 << row);
}

int
rw_put_unsigned(RwGrowing *out, uint64_t number)
{
    return number < 0x80 ? put_wide(out, (uint8_t)number, 0, 0) : put_sized(out, 0xCC, number, 0);
}

int
rw_put_negative(RwGrowing *out, int64_t number)
{
    if (number >= -0x20) {
        return put_wide(out, (uint8_t)number, 0, 0);
    }
    unsigned row = number >= INT8_MIN ? 0 : number >= INT16_MIN ? 1 : number >= INT32_MIN ? 2 : 3;
    return put_wide(out, (uint8_t)(0xD0 + row), (uint64_t)number, (size_t)1 << row);
}

int
rw_put_array(RwGrowing *out, size_t count)
{
    return count < 16 ? put_wide(out, (uint8_t)(0x90 + count), 0, 0)
                      : put_sized(out, 0xDC, count, 1);
}

int
rw_put_text(RwGrowing *out, const char *utf8, size_t size)
{
    int status = size < 32 ? put_wide(out, (uint8_t)(0xA0 + size), 0, 0)
                           : put_sized(out, 0xD9, size, 0);
    return status < 0 ? -1 : rw_put(out, utf8, size);
}
