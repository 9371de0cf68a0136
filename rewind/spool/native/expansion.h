/* Puts in place of each echo what it stands for (docs/format.md, part 3). No Python in here: the
 * recorder uses it, and the reader of segments as well.
 */
#ifndef RW_EXPANSION_H
#define RW_EXPANSION_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *data; /* to be freed by `free` */
    size_t used;
    size_t size;
} RwExpansion;

enum RwExpansionOutcome {
    RW_EXPANDED = 0,
    RW_NO_MEMORY,
    RW_NOT_WHOLE,  /* what is to be expanded is no msgpack, or a part of it is missing */
    RW_ASTRAY,     /* an echo stands for no node that lies before it */
    RW_TOO_LARGE,
    RW_TOO_DEEP,
};

/* Append `size` bytes at `data`, the elements of a record that begins at `end` of the segment. */
enum RwExpansionOutcome rw_expand(RwExpansion *out, const uint8_t *data, size_t size,
                                  const uint8_t *segment, size_t end);

#endif
