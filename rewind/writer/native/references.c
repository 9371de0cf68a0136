/* See references.h. */
#include "references.h"

#include <string.h>

enum {
    ECHO = 1,
    REFERENCE_SIZE = 10,
    FIRST = 128, /* where a segment's records begin */
    MOST_DEPTH = 256,
};

/* What a record's echoes, and a chunk's references, may amount to. */
#define MOST_BYTES ((size_t)1 << 28)

static enum RwExpansionOutcome
append(RwReferring *self, const uint8_t *data, size_t size)
{
    if (size > MOST_BYTES - self->whole) {
        return RW_TOO_LARGE;
    }
    self->whole += size;
    return self->is_measured || rw_put(self->records, data, size) == 0 ? RW_EXPANDED
                                                                       : RW_NO_MEMORY;
}

static enum RwExpansionOutcome write_elements(RwReferring *self, const uint8_t *data, size_t size,
                                              size_t end, unsigned depth, unsigned *height);

/* Write what is in a node, whose own echo is to be counted yet. */
static enum RwExpansionOutcome
write_node(RwReferring *self, RwNode *node, unsigned depth)
{
    return write_elements(self, self->segment + node->at, node->size, node->at, depth,
                          &node->height);
}

/* A node that lies in the chunk, as part of what was copied: see what it stands for. */
static enum RwExpansionOutcome
measure(RwReferring *self, RwNode *node, unsigned depth)
{
    RwReferring part = *self;
    part.is_measured = 1;
    part.whole = 0;
    node->here_size = node->size;
    enum RwExpansionOutcome outcome = write_node(&part, node, depth);
    node->whole = (uint32_t)part.whole;
    return outcome;
}

/* Write a node out. */
static enum RwExpansionOutcome
write_out(RwReferring *self, RwNode *node, unsigned depth)
{
    size_t whole = self->whole;
    node->here = self->records->used;
    self->is_written = 1;
    enum RwExpansionOutcome outcome = write_node(self, node, depth);
    node->here_size = (uint32_t)(self->records->used - node->here);
    node->whole = (uint32_t)(self->whole - whole);
    return outcome;
}

/* Write a node out that is not in the chunk yet, or see what one stands for that is. Either is done
 * once for each that is echoed. */
static enum RwExpansionOutcome
meet(RwReferring *self, RwNode *node, unsigned depth, int *is_put)
{
    uint8_t first = self->segment[node->at];
    if (self->is_measured || (first != 0xDC && (first & 0xF0) != 0x90)) {
        return RW_ASTRAY;
    }
    if (depth == 0) {
        return RW_TOO_DEEP;
    }
    *is_put = !rw_nodes_place(self->nodes, node->at, node->size, &node->here);
    enum RwExpansionOutcome outcome = *is_put ? write_out(self, node, depth)
                                              : measure(self, node, depth);
    node->height++;
    if (outcome == RW_EXPANDED && rw_nodes_add(self->nodes, *node) < 0) {
        outcome = RW_NO_MEMORY;
    }
    return outcome;
}

static enum RwExpansionOutcome
put_reference(RwReferring *self, const RwNode *node)
{
    if (node->whole > MOST_BYTES - self->whole) {
        return RW_TOO_LARGE;
    }
    self->whole += node->whole;
    if (self->is_measured) {
        return RW_EXPANDED;
    }
    *self->referred += node->whole;
    size_t distance = self->records->used - node->here;
    uint8_t bytes[REFERENCE_SIZE] = {RW_EXTENSION, RW_REFERENCE};
    for (unsigned i = 0; i < 4; i++) {
        bytes[2 + i] = (uint8_t)(distance >> (24 - 8 * i));
        bytes[6 + i] = (uint8_t)(node->here_size >> (24 - 8 * i));
    }
    return rw_put(self->records, bytes, sizeof bytes) == 0 ? RW_EXPANDED : RW_NO_MEMORY;
}

/* Whether the chunk can refer to a node from here: not too far away, nor for too much. */
static int
fits(const RwReferring *self, const RwNode *node)
{
    return *self->referred + node->whole <= MOST_BYTES &&
           self->records->used - node->here <= UINT32_MAX;
}

static enum RwExpansionOutcome
put_echo(RwReferring *self, const uint8_t *echo, size_t end, unsigned depth, unsigned *height)
{
    RwNode node = {.at = (uint32_t)rw_number_at(echo + 2, 4),
                   .size = (uint32_t)rw_number_at(echo + 6, 4)};
    if (node.at < FIRST || node.at > end || node.size == 0 || node.size > end - node.at) {
        return RW_ASTRAY;
    }
    const RwNode *known = rw_node(self->nodes, node.at, node.size);
    enum RwExpansionOutcome outcome = RW_EXPANDED;
    int is_put = 0;
    if (known != NULL) {
        node = *known;
    }
    else {
        outcome = meet(self, &node, depth, &is_put);
    }
    *height = node.height;
    if (outcome != RW_EXPANDED || is_put) {
        return outcome;
    }
    if (node.height > depth) {
        return RW_TOO_DEEP;
    }
    return self->is_measured || fits(self, &node) ? put_reference(self, &node)
                                                  : write_out(self, &node, depth);
}

/* With `depth` below the uppermost the data is one node, and nothing behind it. */
static enum RwExpansionOutcome
write_elements(RwReferring *self, const uint8_t *data, size_t size, size_t end, unsigned depth,
      unsigned *height)
{
    size_t at = 0, copied = 0;
    uint64_t missing = 0;
    *height = 0;
    while (at < size) {
        uint64_t inner;
        size_t length = rw_element(data + at, size - at, &inner);
        if (length == 0) {
            return RW_NOT_WHOLE;
        }
        missing += inner - (missing > 0);
        if (data[at] == RW_EXTENSION && data[at + 1] == RW_REFERENCE) {
            return RW_ASTRAY;
        }
        if (data[at] == RW_EXTENSION && data[at + 1] == ECHO) {
            unsigned within = 0;
            enum RwExpansionOutcome outcome = append(self, data + copied, at - copied);
            if (outcome == RW_EXPANDED) {
                outcome = put_echo(self, data + at, end, depth - 1, &within);
            }
            if (outcome != RW_EXPANDED) {
                return outcome;
            }
            *height = within > *height ? within : *height;
            copied = at + length;
            self->echoes++;
        }
        at += length;
        if (missing == 0 && depth < MOST_DEPTH && at < size) {
            return RW_ASTRAY;
        }
    }
    return missing > 0 ? RW_NOT_WHOLE : append(self, data + copied, size - copied);
}

enum RwExpansionOutcome
rw_refer(RwReferring *referring, const uint8_t *payload, size_t size, size_t end)
{
    unsigned height;
    return write_elements(referring, payload, size, end, MOST_DEPTH, &height);
}

int
rw_put_whole(RwGrowing *out, const uint8_t *data, size_t size)
{
    size_t at = 0, copied = 0;
    while (at < size) {
        uint64_t inner;
        size_t length = rw_element(data + at, size - at, &inner), node_size;
        const uint8_t *node = rw_referred(data + at, &node_size);
        if (node != NULL) {
            if (rw_put(out, data + copied, at - copied) < 0 ||
                rw_put_whole(out, node, node_size) < 0) {
                return -1;
            }
            copied = at + length;
        }
        at += length;
    }
    return rw_put(out, data + copied, size - copied);
}
