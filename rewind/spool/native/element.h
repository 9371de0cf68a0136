/* The elements of msgpack, one by one (https://github.com/msgpack/msgpack/blob/master/spec.md). */
#ifndef RW_ELEMENT_H
#define RW_ELEMENT_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t
rw_number_at(const uint8_t *at, size_t width)
{
    uint64_t number = 0;
    for (size_t i = 0; i < width; i++) {
        number = number << 8 | at[i];
    }
    return number;
}

/* By the first byte of an element from 0xC0 on: how many bytes of a size follow it, and how many
 * bytes follow in any case. */
static const uint8_t rw_widths[64] = {
    [0x04] = 1, [0x05] = 2, [0x06] = 4, [0x07] = 1, [0x08] = 2, [0x09] = 4,
    [0x19] = 1, [0x1A] = 2, [0x1B] = 4, [0x1C] = 2, [0x1D] = 4, [0x1E] = 2, [0x1F] = 4,
};
static const uint8_t rw_fixed[64] = {
    [0x07] = 1,  [0x08] = 1, [0x09] = 1, [0x0A] = 4, [0x0B] = 8, [0x0C] = 1, [0x0D] = 2,
    [0x0E] = 4,  [0x0F] = 8, [0x10] = 1, [0x11] = 2, [0x12] = 4, [0x13] = 8, [0x14] = 2,
    [0x15] = 3,  [0x16] = 5, [0x17] = 9, [0x18] = 17,
};

/* Return how many bytes an element takes without those in it, and how many are in it; 0: it is
 * not whole. */
static inline size_t
rw_element(const uint8_t *at, size_t left, uint64_t *inner)
{
    uint8_t first = at[0];
    size_t size = 1;
    *inner = 0;
    if (first < 0x80 || first >= 0xE0) {
        return 1;
    }
    if (first < 0xC0) {
        if (first >= 0xA0) {
            size += first & 0x1F;
        }
        else {
            *inner = (uint64_t)(first & 0x0F) << (first < 0x90);
        }
        return size <= left ? size : 0;
    }
    size_t width = rw_widths[first - 0xC0];
    size += width + rw_fixed[first - 0xC0];
    if (first == 0xC1 || size > left) {
        return 0;
    }
    if (width > 0) {
        uint64_t number = rw_number_at(at + 1, width);
        if (first >= 0xDC) {
            *inner = number << (first >= 0xDE);
        }
        else if (number > left - size) {
            return 0;
        }
        else {
            size += (size_t)number;
        }
    }
    return size;
}

#endif
