/* Bytes that grow, and the msgpack that a keyframe needs written into them.
 *
 * What writes returns 0, or -1 with MemoryError set. Zeroed memory is empty.
 */
#ifndef RW_GROWING_H
#define RW_GROWING_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *data; /* to be freed by `PyMem_Free` */
    size_t used;
    size_t size;
} RwGrowing;

/* Make sure that `more` bytes fit behind what is written. */
int rw_grow(RwGrowing *out, size_t more);

static inline int
rw_room(RwGrowing *out, size_t more)
{
    return out->size - out->used >= more ? 0 : rw_grow(out, more);
}

int rw_put(RwGrowing *out, const void *data, size_t size);
int rw_put_unsigned(RwGrowing *out, uint64_t number);
int rw_put_negative(RwGrowing *out, int64_t number);
int rw_put_array(RwGrowing *out, size_t count);
int rw_put_text(RwGrowing *out, const char *utf8, size_t size);

#endif
