/* The msgpack that the writer looks into and writes: integers, headers, and whole values skipped. */
#ifndef RW_MSGPACK_H
#define RW_MSGPACK_H

#include "element.h"

/* An integer of a record, such as a handle. */
typedef struct {
    uint8_t known;
    uint8_t negative; /* `bits` are then those of an int64_t */
    uint64_t bits;
} RwInteger;

enum RwSkipped {
    RW_WHOLE,
    RW_CUT,   /* it is not all there */
    RW_BROKEN /* no msgpack, or nested deeper than the package `msgpack` reads */
};

static inline int
rw_same_integer(RwInteger a, RwInteger b)
{
    return a.known && b.known && a.negative == b.negative && a.bits == b.bits;
}

/* Read an array's header; returns its bytes, or 0 where there is none. */
static inline size_t
rw_array_header(const uint8_t *at, size_t left, uint64_t *count)
{
    size_t width = left == 0 ? 0 : at[0] == 0xDC ? 2 : at[0] == 0xDD ? 4 : 0;
    if (left == 0 || left <= width || ((at[0] & 0xF0) != 0x90 && width == 0)) {
        return 0;
    }
    *count = width > 0 ? rw_number_at(at + 1, width) : at[0] & 0x0FU;
    return 1 + width;
}

/* Read an integer from 0 on; returns its bytes, or 0 where there is none. */
static inline size_t
rw_unsigned(const uint8_t *at, size_t left, uint64_t *number)
{
    if (left > 0 && at[0] < 0x80) {
        *number = at[0];
        return 1;
    }
    if (left == 0 || at[0] < 0xCC || at[0] > 0xCF) {
        return 0;
    }
    size_t width = (size_t)1 << (at[0] - 0xCC);
    if (left <= width) {
        return 0;
    }
    *number = rw_number_at(at + 1, width);
    return 1 + width;
}

/* Read any integer; returns its bytes, or 0 where there is none. */
static inline size_t
rw_integer(const uint8_t *at, size_t left, RwInteger *number)
{
    *number = (RwInteger){.known = 1};
    if (left > 0 && at[0] >= 0xE0) {
        number->negative = 1;
        number->bits = (uint64_t)(int64_t)(int8_t)at[0];
        return 1;
    }
    if (left == 0 || at[0] < 0xD0 || at[0] > 0xD3) {
        return rw_unsigned(at, left, &number->bits);
    }
    size_t width = (size_t)1 << (at[0] - 0xD0);
    if (left <= width) {
        return 0;
    }
    uint64_t bits = rw_number_at(at + 1, width);
    number->negative = (uint8_t)(at[1] >> 7);
    if (number->negative && width < 8) {
        bits |= UINT64_MAX << (8 * width);
    }
    number->bits = bits;
    return 1 + width;
}

/* Find the end of the value that begins at `at`, which is `depth` containers deep already. */
enum RwSkipped rw_skip(const uint8_t *at, size_t left, unsigned depth, size_t *size);

#endif
