/* References: what stands in a chunk for a node that lies earlier in it (docs/format.md, part 4).
 *
 * The same as `rewind.writer.references`.
 */
#ifndef RW_REFERENCES_H
#define RW_REFERENCES_H

#include "element.h"
#include "expansion.h"
#include "growing.h"
#include "nodes.h"

enum {
    RW_EXTENSION = 0xD7, /* echoes and references begin with it; their number follows */
    RW_REFERENCE = 2,
};

/* An event's payload on its way from the segment into the chunk. */
typedef struct {
    RwGrowing *records; /* it is written behind them */
    RwNodes *nodes;
    uint64_t *referred; /* bytes that the chunk's references stand for */
    const uint8_t *segment;
    size_t whole;    /* bytes that it stands for itself, as far as it was read */
    size_t echoes;   /* that were met */
    int is_written;  /* a node was written out; else it is as long as it was */
    int is_measured; /* a node of it, that lies in the chunk: nothing is written */
} RwReferring;

/* Write a payload, the elements of a record that begins at `end` of the segment: in place of each
 * echo stands a reference, or the node itself where it is not in the chunk yet. RW_NO_MEMORY has an
 * exception set. */
enum RwExpansionOutcome rw_refer(RwReferring *referring, const uint8_t *payload, size_t size,
                                 size_t end);

/* Return where the node lies that the reference stands for, if the element is one, else NULL. */
static inline const uint8_t *
rw_referred(const uint8_t *element, size_t *size)
{
    if (element[0] != RW_EXTENSION || element[1] != RW_REFERENCE) {
        return NULL;
    }
    *size = (size_t)rw_number_at(element + 6, 4);
    return element - (size_t)rw_number_at(element + 2, 4);
}

/* Write what lies in the chunk with what its references stand for; 0, or -1 with an exception. */
int rw_put_whole(RwGrowing *out, const uint8_t *data, size_t size);

#endif
