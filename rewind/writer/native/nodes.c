/* See nodes.h. */
#include "nodes.h"

#include <string.h>

enum { LEAST_SLOTS = 64, MOST_SLOTS_KEPT = 1 << 12 };

void
rw_nodes_free(RwNodes *nodes)
{
    PyMem_Free(nodes->slots);
    PyMem_Free(nodes->stretches);
    Py_XDECREF(nodes->segment);
}

void
rw_nodes_clear(RwNodes *nodes)
{
    if (nodes->mask >= MOST_SLOTS_KEPT) {
        PyMem_Free(nodes->slots);
        nodes->slots = NULL;
        nodes->mask = 0;
    }
    if (nodes->count > 0 && nodes->slots != NULL) {
        memset(nodes->slots, 0, (nodes->mask + 1) * sizeof *nodes->slots);
    }
    nodes->count = nodes->stretch_count = 0;
}

void
rw_nodes_of(RwNodes *nodes, PyObject *segment)
{
    if (nodes->segment != segment) {
        rw_nodes_clear(nodes);
        Py_XINCREF(segment);
        Py_XSETREF(nodes->segment, segment);
    }
}

static size_t
slot_of(const RwNodes *nodes, uint32_t at)
{
    return (size_t)(at * 0x9E3779B97F4A7C15U >> 32) & nodes->mask;
}

const RwNode *
rw_node(const RwNodes *nodes, uint32_t at, uint32_t size)
{
    if (nodes->count == 0) {
        return NULL;
    }
    for (size_t i = slot_of(nodes, at); nodes->slots[i].at != 0; i = (i + 1) & nodes->mask) {
        if (nodes->slots[i].at == at && nodes->slots[i].size == size) {
            return &nodes->slots[i];
        }
    }
    return NULL;
}

static void
put_node(RwNodes *nodes, const RwNode *node)
{
    size_t i = slot_of(nodes, node->at);
    while (nodes->slots[i].at != 0) {
        i = (i + 1) & nodes->mask;
    }
    nodes->slots[i] = *node;
}

static int
enlarge(RwNodes *nodes)
{
    RwNodes larger = *nodes;
    larger.mask = nodes->slots == NULL ? LEAST_SLOTS - 1 : nodes->mask * 2 + 1;
    larger.slots = PyMem_Calloc(larger.mask + 1, sizeof *larger.slots);
    if (larger.slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; nodes->slots != NULL && i <= nodes->mask; i++) {
        if (nodes->slots[i].at != 0) {
            put_node(&larger, &nodes->slots[i]);
        }
    }
    PyMem_Free(nodes->slots);
    *nodes = larger;
    return 0;
}

int
rw_nodes_add(RwNodes *nodes, RwNode node)
{
    if ((nodes->slots == NULL || nodes->count * 2 > nodes->mask) && enlarge(nodes) < 0) {
        return -1;
    }
    put_node(nodes, &node);
    nodes->count++;
    return 0;
}

int
rw_nodes_begin_stretch(RwNodes *nodes, RwStretch stretch)
{
    if (nodes->stretch_count == nodes->stretch_room) {
        size_t room = nodes->stretch_room * 2 + 16;
        RwStretch *stretches = PyMem_Realloc(nodes->stretches, room * sizeof *stretches);
        if (stretches == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        nodes->stretches = stretches;
        nodes->stretch_room = room;
    }
    nodes->stretches[nodes->stretch_count++] = stretch;
    return 0;
}

int
rw_nodes_place(const RwNodes *nodes, uint32_t at, uint32_t size, size_t *here)
{
    size_t low = 0, high = nodes->stretch_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (nodes->stretches[middle].at <= at) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    if (low == 0) {
        return 0;
    }
    const RwStretch *found = &nodes->stretches[low - 1];
    *here = found->here + (at - found->at);
    return at + (size_t)size <= found->at + found->size;
}
