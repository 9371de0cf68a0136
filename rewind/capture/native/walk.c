/* The nodes' outer forms (`rewind/model/values.py`); what goes into them is others' matter. */
#include "walk.h"

int
rw_put_omitted(RwBuffer *out, enum RwOmission reason)
{
    return rw_put_node(out, 2, RW_OMITTED) < 0 ? -1 : rw_put_byte(out, (unsigned char)reason);
}

/* Say that there is a node within the one being written. */
static void
add_part(RwWalk *walk, RwEchoItem item)
{
    if (walk->part_count == RW_ECHO_ITEMS) {
        walk->blemishes++;
        return;
    }
    walk->parts[walk->part_count++] = item;
}

int
rw_walk_seen(RwWalk *walk, PyObject *value)
{
    for (const RwStep *step = walk->path; step != NULL; step = step->outer) {
        if (step->container == value) {
            if (rw_put_node(walk->out, 2, RW_SEEN) < 0) {
                return -1;
            }
            rw_walk_bind(walk, RW_AS_ROOT);
            add_part(walk, (RwEchoItem){.object = value, .at = RW_ECHO_SEEN});
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
    node->elements = node->head = name == NULL ? 3 : 4;
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
    if (name != NULL && (rw_put_text(out, name) < 0 || rw_reserve(out, RW_NUMBER_ROOM) < 0)) {
        return -1;
    }
    rw_store_unsigned(out, (uint64_t)size);
    return 0;
}

/* Something was left out. */
static void
bind_to(RwWalk *walk, enum RwOmission reason)
{
    if (reason == RW_OMIT_DEPTH) {
        rw_walk_bind(walk, RW_AT_DEPTH);
    }
    else if (reason == RW_OMIT_BYTES) {
        rw_walk_bind(walk, RW_AS_ROOT);
    }
    else if (reason != RW_OMIT_ITEMS) {
        walk->blemishes++;
    }
}

int
rw_walk_close(RwWalk *walk, RwNode *node)
{
    walk->path = node->step.outer;
    walk->depth--;
    walk->shown = (Py_ssize_t)(node->elements - node->head);
    if (node->reason != RW_WHOLE) {
        bind_to(walk, node->reason);
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
rw_walk_withhold(RwWalk *walk, enum RwRedaction reason, PyObject *value, PyTypeObject *kind)
{
    walk->redacted++;
    if (walk->echoes != NULL && !rw_is_constant(value)) {
        RwEchoItem item;
        if (reason == RW_BY_NAME && rw_echo_withheld(walk->echoes, value, &item)) {
            add_part(walk, item);
        }
        else {
            walk->blemishes++;
        }
    }
    return rw_put_redacted(walk->out, reason, kind);
}

/* Echoes */

static void
put_echo(RwWalk *walk, const RwEcho *echo)
{
    rw_store_echo(walk->out->data + walk->out->used, echo);
    walk->out->used += RW_ECHO_SIZE;
    walk->echoes->written++;
    /* The budget counts what it stands for. */
    walk->end -= echo->size - RW_ECHO_SIZE;
    walk->saved += echo->size - RW_ECHO_SIZE;
    walk->redacted += echo->redacted;
}

/* Whether something is left out of the node that would here be told as one that it is inside of. */
static int
is_inside_of_part(const RwWalk *walk, const RwEcho *echo)
{
    for (const RwStep *step = walk->path; echo->bound == RW_AT_DEPTH && step != NULL;
         step = step->outer) {
        if (rw_echo_holds(walk->echoes, echo, step->container)) {
            return 1;
        }
    }
    return 0;
}

int
rw_walk_echo(RwWalk *walk, PyObject *value)
{
    if (walk->echoes == NULL) {
        return 0;
    }
    const RwEcho *echo = rw_echo_of(walk->echoes, value, walk->depth);
    size_t left = rw_walk_left(walk);
    if (echo == NULL || left < RW_LEAST
        || !rw_echo_fits(echo, walk->depth, walk->values->max_depth, left - RW_LEAST)
        || is_inside_of_part(walk, echo)) {
        return 0;
    }
    if (rw_reserve(walk->out, RW_ECHO_SIZE) < 0) {
        return -1;
    }
    put_echo(walk, echo);
    rw_walk_bind(walk, (enum RwBound)echo->bound);
    if (walk->depth + echo->height > walk->deepest) {
        walk->deepest = walk->depth + echo->height;
    }
    add_part(walk, rw_echo_item(walk->echoes, echo));
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
        .redacted = walk->redacted,
        .bound = walk->bound,
        .part_count = walk->part_count,
    };
    walk->deepest = walk->depth;
    walk->bound = RW_ANYWHERE;
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
            .reading = mark->reading,
            .at = RW_ECHO_UNSETTLED | (uint32_t)mark->start,
            .since = RW_ECHO_UNSETTLED,
            .length = length,
            .size = length + walk->saved - mark->saved,
            .height = walk->deepest - walk->depth,
            .depth = walk->depth,
            .shown = walk->shown,
            .redacted = walk->redacted - mark->redacted,
            .bound = walk->bound < RW_AS_ROOT ? walk->bound
                     : walk->depth == 0       ? RW_AS_ROOT
                                              : RW_NOWHERE,
            .parts = walk->parts + mark->part_count,
            .stands = mark->stands,
            .part_count = walk->part_count - mark->part_count,
        };
        const RwEcho *echo = rw_echo_keep(walk->echoes, &written);
        walk->part_count = mark->part_count;
        if (echo == NULL) {
            walk->blemishes++;
        }
        else {
            add_part(walk, rw_echo_item(walk->echoes, echo));
        }
    }
    rw_walk_bind(walk, mark->bound);
    if (walk->deepest < mark->deepest) {
        walk->deepest = mark->deepest;
    }
}
