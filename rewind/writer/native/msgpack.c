/* See msgpack.h. */
#include "msgpack.h"

/* What the package `msgpack` follows (MSGPACK_EMBED_STACK_SIZE in its unpack_define.h). */
enum { MOST_DEPTH = 1024 };

enum RwSkipped
rw_skip(const uint8_t *at, size_t left, unsigned depth, size_t *size)
{
    uint64_t missing[MOST_DEPTH];
    unsigned bottom = depth;
    size_t used = 0;
    for (;;) {
        if (used == left) {
            return RW_CUT;
        }
        uint64_t inner;
        size_t taken = rw_element(at + used, left - used, &inner);
        if (taken == 0) {
            return at[used] == 0xC1 ? RW_BROKEN : RW_CUT;
        }
        used += taken;
        if (inner > 0) {
            if (depth == MOST_DEPTH) {
                return RW_BROKEN;
            }
            missing[depth++] = inner;
            continue;
        }
        while (depth > bottom && --missing[depth - 1] == 0) {
            depth--;
        }
        if (depth == bottom) {
            *size = used;
            return RW_WHOLE;
        }
    }
}
