/* One value being written: where to, how much of its budget is left, and what it is inside of.
 *
 * Private to the value half. A walk lives on the C stack of one `rw_write_value`. Every
 * `rw_walk_...` returns 0, or -1 with an error set.
 *
 * Nothing here runs the program's code, but some of what is called may let another thread, a
 * finalizer or a signal handler in between (a first look at a type, a well-known type's text). So
 * whoever goes through a container holds a reference to the item it writes, and looks again
 * whether the container is still as it was.
 */
#ifndef RW_WALK_H
#define RW_WALK_H

#include "echoes.h"
#include "known.h"
#include "names.h"
#include "patterns.h"
#include "types.h"
#include "values.h"

/* Bytes of the budget below which no further item is begun: it would be a stump. */
#define RW_LEAST 16
/* Bytes kept back when text is cut, for the headers around it. */
#define RW_RESERVE 8

struct RwValues {
    Py_ssize_t max_depth;
    Py_ssize_t max_items;
    size_t max_bytes;
    RwNames names;
    RwReadings readings;
};

/* A container that the value being written is inside of; links lie on the C stack. */
typedef struct RwStep {
    PyObject *container;
    const struct RwStep *outer;
} RwStep;

typedef struct {
    RwValues *values;
    RwBuffer *out;
    size_t end;
    const RwStep *path;
    Py_ssize_t depth;
    int redacted;
    RwEchoes *echoes; /* NULL: nothing is echoed, and what follows is of no use */
    Py_ssize_t deepest; /* that the node being written has gone */
    size_t saved;       /* bytes that echoes stand for, beyond their own */
    size_t blemishes;   /* what was written that cannot be proven to be the same again */
    enum RwBound bound; /* of the node being written, as far as it is written */
    Py_ssize_t shown;   /* elements of items of the node that was closed last */
    size_t part_count;  /* nodes in the one being written */
    RwEchoItem parts[RW_ECHO_ITEMS];
} RwWalk;

/* Where the walk stood before a node that may be echoed later. */
typedef struct {
    PyObject *value;
    uint64_t version; /* see echoes.h, also of the next */
    const RwReading *reading;
    size_t start;
    Py_ssize_t deepest;
    size_t saved;
    size_t blemishes;
    int redacted;
    enum RwBound bound;
    enum RwStands stands; /* of what is told as a text */
    size_t part_count;
} RwMark;

/* A container being written: where it begins, and how many elements it has so far. */
typedef struct {
    RwStep step;
    size_t start;
    size_t elements;
    size_t head; /* of these, what comes before the items */
    enum RwOmission reason;
} RwNode;

/* Bytes of the budget that are left, at least 0. */
RW_HOT size_t
rw_walk_left(const RwWalk *walk)
{
    return walk->out->used < walk->end ? walk->end - walk->out->used : 0;
}

/* Write that the value is inside of itself, if it is: 1 if so, else 0. */
int rw_walk_seen(RwWalk *walk, PyObject *value);

/* Step into a container; `node->reason` is then why not to look inside, if there is a reason. */
RW_HOT void
rw_walk_enter(RwWalk *walk, RwNode *node, PyObject *value)
{
    node->step.container = value;
    node->step.outer = walk->path;
    walk->path = &node->step;
    walk->depth++;
    if (walk->depth > walk->deepest) {
        walk->deepest = walk->depth;
    }
    node->reason = walk->depth > walk->values->max_depth ? RW_OMIT_DEPTH : RW_WHOLE;
}

/* Begin the node of the container entered last; `name` may be NULL. Sets `node->reason` to
 * RW_OMIT_ITEMS where not all items may be shown. */
int rw_walk_open(RwWalk *walk, RwNode *node, enum RwTag tag, Py_ssize_t size, PyObject *name);

/* How many of `size` items may be shown. */
RW_HOT Py_ssize_t
rw_walk_shown(const RwWalk *walk, const RwNode *node, Py_ssize_t size)
{
    if (node->reason == RW_OMIT_DEPTH) {
        return 0;
    }
    return size < walk->values->max_items ? size : walk->values->max_items;
}

/* Whether a further item may be begun; else the node says why not. */
RW_HOT int
rw_walk_has_room(RwWalk *walk, RwNode *node)
{
    if (rw_walk_left(walk) >= RW_LEAST) {
        return 1;
    }
    node->reason = RW_OMIT_BYTES;
    return 0;
}

/* End the container: step out, say why a part is not there, fill in the number of elements. */
int rw_walk_close(RwWalk *walk, RwNode *node);

/* Write an echo in place of the value, where that is proven to be what it was, and as it would fit:
 * 1 if so, else 0, or -1. Nothing of the program's runs. */
int rw_walk_echo(RwWalk *walk, PyObject *value);

/* Begin a node that may be echoed later, and end it. What runs between them, other than this half's
 * own code, must count as a blemish: the value may have become another meanwhile. */
RwMark rw_walk_mark(RwWalk *walk, PyObject *value, uint64_t version);
void rw_walk_keep(RwWalk *walk, const RwMark *mark);

/* End it if it was written; `outcome` says so, and is returned. */
RW_HOT int
rw_walk_kept(RwWalk *walk, const RwMark *mark, int outcome)
{
    if (walk->echoes != NULL && outcome == 0) {
        rw_walk_keep(walk, mark);
    }
    return outcome;
}

/* Write a node that says who the value is: its identity and a name. */
int rw_walk_named(RwWalk *walk, enum RwTag tag, PyObject *value, PyObject *name);

/* The same with the name of its type, or of itself if it is a class. */
int rw_walk_named_by(RwWalk *walk, enum RwTag tag, PyObject *value, PyTypeObject *kind);

/* What was written depends on where the value is. */
RW_HOT void
rw_walk_bind(RwWalk *walk, enum RwBound bound)
{
    if (bound > walk->bound) {
        walk->bound = bound;
    }
}

/* Write that a value of that type is not shown, and count it. */
int rw_walk_withhold(RwWalk *walk, enum RwRedaction reason, PyObject *value, PyTypeObject *kind);
int rw_put_redacted(RwBuffer *out, enum RwRedaction reason, PyTypeObject *kind);

/* Write a value inside another: values.c. */
int rw_walk_write(RwWalk *walk, PyObject *value);

/* scalars.c. `value` may be of a subclass: its builtin half is written. */
int rw_write_integer(RwWalk *walk, PyObject *value);
int rw_write_text(RwWalk *walk, PyObject *value);
int rw_write_octets(RwWalk *walk, PyObject *value);
int rw_write_bytearray(RwWalk *walk, PyObject *value);
int rw_write_complex(RwWalk *walk, PyObject *value);

/* containers.c. `value` may be of a subclass; `fields` (or NULL) name a tuple's first items. */
int rw_write_list(RwWalk *walk, PyObject *value);
int rw_write_tuple(RwWalk *walk, PyObject *value, PyObject *fields);
int rw_write_set(RwWalk *walk, PyObject *value, enum RwTag tag);
/* The next item of the set's table, from place `at`; NULL at its end. */
PyObject *rw_next_of_set(const PySetObject *set, Py_ssize_t *at);

enum { RW_WIDEST_SHOWN = 1 << 17 };

/* Whether a set has so many places that none of its items is looked for: all but a few at the end may
 * be empty, as where a loop takes one after the other, and would be gone through each time. */
RW_HOT int
rw_is_wide(const PySetObject *set)
{
    return set->mask >= RW_WIDEST_SHOWN;
}
int rw_write_deque(RwWalk *walk, PyObject *value);
int rw_write_dict(RwWalk *walk, PyObject *value);

/* instances.c. */
int rw_write_instance(RwWalk *walk, PyObject *value, const RwReading *reading);
int rw_write_exception(RwWalk *walk, PyObject *value, const RwReading *reading);

/* objects.c: known by a name, or of any other type. */
int rw_write_class(RwWalk *walk, PyObject *value);
int rw_write_module(RwWalk *walk, PyObject *value);
int rw_write_function(RwWalk *walk, PyObject *value);
int rw_write_builtin(RwWalk *walk, PyObject *value);
int rw_is_of_module(PyObject *function); /* and not of an object, whose type would tell it */
int rw_write_method(RwWalk *walk, PyObject *value);
int rw_write_thing(RwWalk *walk, PyObject *value);

#endif
