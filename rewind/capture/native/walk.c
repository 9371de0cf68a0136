/* The nodes' outer forms (`rewind/model/values.py`); what goes into them is others' matter. */
#include "walk.h"

int
rw_put_omitted(RwBuffer *out, enum RwOmission reason)
{
    return rw_put_node(out, 2, RW_OMITTED) < 0 ? -1 : rw_put_byte(out, (unsigned char)reason);
}

int
rw_walk_seen(RwWalk *walk, PyObject *value)
{
    for (const RwStep *step = walk->path; step != NULL; step = step->outer) {
        if (step->container == value) {
            if (rw_put_node(walk->out, 2, RW_SEEN) < 0) {
                return -1;
            }
            walk->blemishes++;
            return rw_put_identity(walk->out, value) < 0 ? -1 : 1;
        }
    }
    return 0;
}

int
rw_walk_open(RwWalk *walk, RwNode *node, enum RwTag tag, Py_ssize_t size, PyObject *name)
{
    RwBuffer *out = walk->out;
    node->start = out->used;
    node->elements = 3;
    if (node->reason == RW_WHOLE && size > walk->values->max_items) {
        node->reason = RW_OMIT_ITEMS;
    }
    if (rw_reserve(out, 4 + 2 * RW_NUMBER_ROOM) < 0) {
        return -1;
    }
    unsigned char *at = out->data + out->used;
    at[0] = 0xDC;
    at[3] = (unsigned char)tag;
    out->used += 4;
    rw_store_unsigned(out, (uint64_t)(uintptr_t)node->step.container);
    if (name != NULL) {
        node->elements = 4;
        if (rw_put_text(out, name) < 0 || rw_reserve(out, RW_NUMBER_ROOM) < 0) {
            return -1;
        }
    }
    rw_store_unsigned(out, (uint64_t)size);
    return 0;
}

int
rw_walk_close(RwWalk *walk, RwNode *node)
{
    walk->path = node->step.outer;
    walk->depth--;
    if (node->reason != RW_WHOLE) {
        walk->blemishes++;
        node->elements++;
        if (rw_put_omitted(walk->out, node->reason) < 0) {
            return -1;
        }
    }
    if (node->elements > 0xFFFF) {
        PyErr_SetString(PyExc_OverflowError, "int too big to convert");
        return -1;
    }
    rw_store_16(walk->out->data + node->start + 1, (uint16_t)node->elements);
    return 0;
}

int
rw_walk_named(RwWalk *walk, enum RwTag tag, PyObject *value, PyObject *name)
{
    RwBuffer *out = walk->out;
    if (rw_put_node(out, 3, (unsigned char)tag) < 0 || rw_put_identity(out, value) < 0) {
        return -1;
    }
    return rw_put_text(out, name);
}

int
rw_walk_named_by(RwWalk *walk, enum RwTag tag, PyObject *value, PyTypeObject *kind)
{
    PyObject *name = rw_name_of(kind);
    if (name == NULL) {
        return -1;
    }
    int outcome = rw_walk_named(walk, tag, value, name);
    Py_DECREF(name);
    return outcome;
}

int
rw_put_redacted(RwBuffer *out, enum RwRedaction reason, PyTypeObject *kind)
{
    PyObject *name = rw_name_of(kind);
    if (name == NULL) {
        return -1;
    }
    int outcome = rw_put_node(out, 3, RW_REDACTED) < 0
                          || rw_put_byte(out, (unsigned char)reason) < 0
                          || rw_put_text(out, name) < 0
                      ? -1
                      : 0;
    Py_DECREF(name);
    return outcome;
}

int
rw_walk_withhold(RwWalk *walk, enum RwRedaction reason, PyTypeObject *kind)
{
    walk->redacted++;
    walk->blemishes++;
    return rw_put_redacted(walk->out, reason, kind);
}

/* Echoes */

/* Say that the value is a node within another. */
static void
add_part(RwWalk *walk, PyObject *value, uint32_t at)
{
    if (at == 0 || walk->part_count == RW_ECHO_ITEMS) {
        walk->blemishes++;
        return;
    }
    walk->parts[walk->part_count++] = rw_echo_item(walk->echoes, value, at);
}

static void
put_echo(RwWalk *walk, const RwEcho *echo)
{
    rw_store_echo(walk->out->data + walk->out->used, echo);
    walk->out->used += RW_ECHO_SIZE;
    walk->echoes->written++;
    /* The budget counts what it stands for. */
    walk->end -= echo->size - RW_ECHO_SIZE;
    walk->saved += echo->size - RW_ECHO_SIZE;
}

int
rw_walk_echo(RwWalk *walk, PyObject *value)
{
    if (walk->echoes == NULL) {
        return 0;
    }
    const RwEcho *echo = rw_echo_of(walk->echoes, value);
    Py_ssize_t deepest = echo == NULL ? 0 : walk->depth + echo->height;
    if (echo == NULL || deepest > walk->values->max_depth
        || rw_walk_left(walk) < echo->size + RW_LEAST) {
        return 0;
    }
    if (rw_reserve(walk->out, RW_ECHO_SIZE) < 0) {
        return -1;
    }
    put_echo(walk, echo);
    if (deepest > walk->deepest) {
        walk->deepest = deepest;
    }
    add_part(walk, value, echo->at);
    return 1;
}

RwMark
rw_walk_mark(RwWalk *walk, PyObject *value, uint64_t version)
{
    RwMark mark = {
        .value = value,
        .version = version,
        .start = walk->out->used,
        .deepest = walk->deepest,
        .saved = walk->saved,
        .blemishes = walk->blemishes,
        .part_count = walk->part_count,
    };
    walk->deepest = walk->depth;
    return mark;
}

void
rw_walk_keep(RwWalk *walk, const RwMark *mark)
{
    if (mark->start >= RW_ECHO_FARTHEST) {
        walk->blemishes++;
    }
    if (walk->blemishes == mark->blemishes) {
        size_t length = walk->out->used - mark->start;
        RwWritten written = {
            .object = mark->value,
            .version = mark->version,
            .at = RW_ECHO_UNSETTLED | (uint32_t)mark->start,
            .length = length,
            .size = length + walk->saved - mark->saved,
            .height = walk->deepest - walk->depth,
            .parts = walk->parts + mark->part_count,
            .part_count = walk->part_count - mark->part_count,
        };
        uint32_t at = rw_echo_keep(walk->echoes, &written);
        walk->part_count = mark->part_count;
        add_part(walk, mark->value, at);
    }
    if (walk->deepest < mark->deepest) {
        walk->deepest = mark->deepest;
    }
}
