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
    return rw_put_redacted(walk->out, reason, kind);
}
