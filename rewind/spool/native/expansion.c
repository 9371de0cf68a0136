/* Expands echoes; see expansion.h. The same as `rewind.spool.echoes`, which says why. */
#include "expansion.h"

#include "element.h"

#include <stdlib.h>
#include <string.h>

enum {
    ECHO_SIZE = 10, /* 0xD7, the extension's number, where the node begins, how long it is */
    ECHO_EXT = 1,
    FIRST = 128, /* where a segment's records begin */
    MOST_DEPTH = 256,
};

#define MOST_BYTES ((size_t)1 << 28)

static int
append(RwExpansion *out, const uint8_t *data, size_t size)
{
    if (size > MOST_BYTES - out->used) {
        return RW_TOO_LARGE;
    }
    if (size > out->size - out->used) {
        size_t room = (out->used + size) * 2;
        uint8_t *grown = realloc(out->data, room);
        if (grown == NULL) {
            return RW_NO_MEMORY;
        }
        out->data = grown;
        out->size = room;
    }
    if (size > 0) {
        memcpy(out->data + out->used, data, size);
        out->used += size;
    }
    return RW_EXPANDED;
}

static enum RwExpansionOutcome expand(RwExpansion *out, const uint8_t *data, size_t size,
                                      const uint8_t *segment, size_t end, int depth);

static enum RwExpansionOutcome
expand_echo(RwExpansion *out, const uint8_t *echo, const uint8_t *segment, size_t end, int depth)
{
    size_t at = (size_t)rw_number_at(echo + 2, 4), size = (size_t)rw_number_at(echo + 6, 4);
    if (at < FIRST || at > end || size == 0 || size > end - at) {
        return RW_ASTRAY;
    }
    uint8_t first = segment[at];
    if (first != 0xDC && (first & 0xF0) != 0x90) {
        return RW_ASTRAY;
    }
    return depth == 0 ? RW_TOO_DEEP : expand(out, segment + at, size, segment, at, depth);
}

/* With `depth` below the uppermost the data is one node, and nothing behind it. */
static enum RwExpansionOutcome
expand(RwExpansion *out, const uint8_t *data, size_t size, const uint8_t *segment, size_t end,
       int depth)
{
    size_t at = 0, copied = 0;
    uint64_t missing = 0;
    while (at < size) {
        uint64_t inner;
        size_t length = rw_element(data + at, size - at, &inner);
        if (length == 0) {
            return RW_NOT_WHOLE;
        }
        missing += inner - (missing > 0);
        if (data[at] == 0xD7 && data[at + 1] == ECHO_EXT) {
            int outcome = append(out, data + copied, at - copied);
            if (outcome == RW_EXPANDED) {
                outcome = (int)expand_echo(out, data + at, segment, end, depth - 1);
            }
            if (outcome != RW_EXPANDED) {
                return (enum RwExpansionOutcome)outcome;
            }
            copied = at + length;
        }
        at += length;
        if (missing == 0 && depth < MOST_DEPTH && at < size) {
            return RW_ASTRAY;
        }
    }
    if (missing > 0) {
        return RW_NOT_WHOLE;
    }
    return (enum RwExpansionOutcome)append(out, data + copied, size - copied);
}

enum RwExpansionOutcome
rw_expand(RwExpansion *out, const uint8_t *data, size_t size, const uint8_t *segment, size_t end)
{
    return expand(out, data, size, segment, end, MOST_DEPTH);
}
