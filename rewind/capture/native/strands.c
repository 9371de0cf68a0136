/* Call stacks and what frames keep; see strands.h. */
#include "strands.h"

#include <stddef.h>
#include <stdlib.h>
#include <structmember.h>
#include <sys/random.h>

#include "clock.h"

enum { FIRST_ROOM = 16 };

/* Make room for one more element; return the new array, NULL where there is no memory. */
static void *
wider(void *array, size_t *room, size_t element)
{
    size_t more = *room == 0 ? FIRST_ROOM : *room * 2;
    void *grown = realloc(array, more * element);
    if (grown != NULL) {
        *room = more;
    }
    return grown;
}

int
rw_stack_grow(RwStrand *strand)
{
    RwEntry *bottom = strand->stack == NULL ? NULL : strand->stack - 1;
    RwEntry *grown = wider(bottom, &strand->room, sizeof(RwEntry));
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    grown[0] = (RwEntry){(RwCode *)grown, NULL};
    strand->stack = grown + 1;
    return 0;
}

static void drop(RwStores *stores, size_t depth);

/* Frames */

RwFrame *
rw_frame_new(RwCode *code, uint64_t handle, uintptr_t address)
{
    RwFrame *frame = calloc(1, sizeof(RwFrame));
    if (frame == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    frame->code = code;
    frame->handle = handle;
    frame->address = address;
    frame->references = 1;
    return frame;
}

void
rw_frame_release(RwFrame *frame)
{
    if (--frame->references == 0) {
        RwFrame gone = *frame;
        free(frame);
        drop(&gone.stores, 0);
        free(gone.stores.items);
        Py_XDECREF(gone.pending);
    }
}

/* Exceptions */

int
rw_notices(RwStrand *strand, size_t site, uintptr_t error, long line)
{
    int same = strand->noticed_depth == strand->depth && strand->noticed == error
               && strand->noticed_line == line;
    if (same && strand->noticed_at != site) {
        return 0;
    }
    strand->noticed_depth = strand->depth;
    strand->noticed = error;
    strand->noticed_line = line;
    strand->noticed_at = site;
    return 1;
}

void
rw_is_handled(RwStrand *strand)
{
    strand->noticed_depth = 0;
    strand->noticed = 0;
    strand->noticed_line = 0;
}

/* Stores */

static RwStores *
stores_of_top(RwStrand *strand)
{
    RwFrame *frame = rw_top(strand)->frame;
    return frame == NULL ? &strand->stores : &frame->stores;
}

int
rw_hold_store(RwStrand *strand, size_t site, PyObject *value)
{
    RwStores *stores = stores_of_top(strand);
    if (stores->count == stores->room) {
        RwStore *grown = wider(stores->items, &stores->room, sizeof(RwStore));
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        stores->items = grown;
    }
    stores->items[stores->count++] = (RwStore){strand->depth, site, Py_NewRef(value)};
    return 0;
}

PyObject *
rw_take_store(RwStrand *strand, size_t site)
{
    RwStores *stores = stores_of_top(strand);
    for (size_t at = stores->count; at-- > 0;) {
        RwStore *kept = &stores->items[at];
        if (stores == &strand->stores && kept->depth != strand->depth) {
            break;
        }
        if (kept->site == site) {
            PyObject *value = kept->value;
            stores->count--;
            memmove(kept, kept + 1, (stores->count - at) * sizeof(RwStore));
            return value;
        }
    }
    return NULL;
}

/* Forget what is kept from this depth on. Read anew each time: a finalizer's probes may keep and
 * drop as well. */
static void
drop(RwStores *stores, size_t depth)
{
    while (stores->count > 0 && stores->items[stores->count - 1].depth >= depth) {
        Py_DECREF(stores->items[--stores->count].value);
    }
}

void
rw_drop_stores(RwStrand *strand, size_t depth)
{
    for (size_t at = depth; at > 0 && at <= strand->depth; at++) {
        RwFrame *frame = strand->stack[at - 1].frame;
        if (frame != NULL && frame->stores.count > 0) {
            frame->references++;
            drop(&frame->stores, 0);
            rw_frame_release(frame);
        }
    }
    drop(&strand->stores, depth);
}

/* Sessions as Python sees them */

/* Write a UUIDv7 (RFC 9562, section 5.7), as rewind.model.identity does. */
static void
write_id(char *id)
{
    uint64_t random[2] = {0, 0};
    /* Not `random`: its numbers belong to the program, which may have seeded it. */
    if (getrandom(random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random) {
        /* So early after boot that there is none: the time to the ns must do. */
        random[0] = (uint64_t)rw_clock_of(CLOCK_REALTIME);
        random[1] = (uint64_t)rw_clock_of(CLOCK_MONOTONIC);
    }
    uint64_t milliseconds = (uint64_t)rw_clock_of(CLOCK_REALTIME) / 1000000;
    uint64_t high = milliseconds << 16 | 0x7000 | (random[0] & 0x0FFF);
    uint64_t low = (random[1] & 0x3FFFFFFFFFFFFFFF) | 0x8000000000000000;
    PyOS_snprintf(id, 33, "%016llx%016llx", (unsigned long long)high, (unsigned long long)low);
}

RwSession *
rw_session_new(uint64_t key, int recorded)
{
    RwSession *session = PyObject_New(RwSession, &RwSession_Type);
    if (session == NULL) {
        return NULL;
    }
    session->key = key;
    session->events = session->dropped = session->redacted = 0;
    session->announcement = (RwBuffer)RW_BUFFER_EMPTY;
    session->recorded = recorded != 0;
    write_id(session->id);
    return session;
}

static void
session_dealloc(PyObject *self)
{
    rw_buffer_free(&((RwSession *)self)->announcement);
    PyObject_Free(self);
}

PyTypeObject RwSession_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "rewind.capture._native.Session",
    .tp_doc = "A session as the recorded process sees it.",
    .tp_basicsize = sizeof(RwSession),
    .tp_dealloc = session_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};

/* Strands as Python sees them */

RwStrand *
rw_strand_new(RwSession *parent, uintptr_t task)
{
    RwStrand *strand = PyObject_New(RwStrand, &RwStrand_Type);
    if (strand == NULL) {
        return NULL;
    }
    size_t head = offsetof(RwStrand, stack);
    memset((char *)strand + head, 0, sizeof(RwStrand) - head);
    strand->parent = (RwSession *)Py_XNewRef(parent);
    strand->task = task;
    if (rw_stack_grow(strand) < 0) {
        Py_DECREF(strand);
        return NULL;
    }
    return strand;
}

void
rw_strand_set_session(RwStrand *strand, RwSession *session)
{
    RwSession *before = strand->session;
    strand->session = (RwSession *)Py_XNewRef(session);
    Py_XDECREF(before);
}

static void
strand_dealloc(PyObject *self)
{
    RwStrand *strand = (RwStrand *)self;
    drop(&strand->stores, 0);
    while (strand->depth > 0) {
        RwFrame *frame = strand->stack[--strand->depth].frame;
        if (frame != NULL) {
            frame->strand = NULL;
            rw_frame_release(frame);
        }
    }
    if (strand->stack != NULL) {
        free(strand->stack - 1);
    }
    free(strand->stores.items);
    Py_XDECREF(strand->session);
    Py_XDECREF(strand->parent);
    PyObject_Free(self);
}

static PyObject *
strand_get_parent(PyObject *self, void *closure)
{
    (void)closure;
    RwSession *parent = ((RwStrand *)self)->parent;
    return Py_NewRef(parent == NULL ? Py_None : (PyObject *)parent);
}

static int
strand_set_parent(PyObject *self, PyObject *parent, void *closure)
{
    (void)closure;
    if (parent == NULL || (parent != Py_None && !Py_IS_TYPE(parent, &RwSession_Type))) {
        PyErr_SetString(PyExc_TypeError, "a strand's parent is a session of this core");
        return -1;
    }
    RwStrand *strand = (RwStrand *)self;
    RwSession *before = strand->parent;
    strand->parent = parent == Py_None ? NULL : (RwSession *)Py_NewRef(parent);
    Py_XDECREF(before);
    return 0;
}

static PyGetSetDef strand_properties[] = {
    {"parent", strand_get_parent, strand_set_parent, "The session that started this strand.", NULL},
    {0},
};

static PyMemberDef strand_members[] = {
    {"session", T_OBJECT, offsetof(RwStrand, session), READONLY, "The running session or None."},
    {"held", T_BOOL, offsetof(RwStrand, held), 0, "Something else says when the session ends."},
    {0},
};

PyTypeObject RwStrand_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "rewind.capture._native.Strand",
    .tp_doc = "One line of execution with its stack and session.",
    .tp_basicsize = sizeof(RwStrand),
    .tp_dealloc = strand_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_members = strand_members,
    .tp_getset = strand_properties,
};
