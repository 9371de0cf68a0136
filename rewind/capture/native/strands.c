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
        Py_XDECREF(gone.session);
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
rw_is_handled(RwStrand *strand, uintptr_t error, uintptr_t traceback)
{
    strand->noticed_depth = 0;
    strand->noticed = 0;
    strand->noticed_line = 0;
    strand->settled = error;
    strand->settled_traceback = traceback;
}

void
rw_exits(RwStrand *strand, uintptr_t error, RwWhereabouts place)
{
    strand->exits[strand->exit] = (RwExit){error, place};
    strand->exit = (strand->exit + 1) % RW_EXITS;
    strand->settled = strand->settled_traceback = 0;
}

size_t
rw_left_by(const RwStrand *strand, uintptr_t error, uintptr_t traceback,
           RwWhereabouts places[RW_EXITS])
{
    if (strand->settled == error && strand->settled_traceback != traceback) {
        return 0;
    }
    size_t count = 0;
    for (size_t at = 0; at < RW_EXITS; at++) {
        int last = (at + 1) % RW_EXITS == strand->exit;
        /* Without a traceback the address alone tells, and that only until the next exit. */
        if (strand->exits[at].error == error && (last || strand->exits[at].place.traceback != 0)) {
            places[count++] = strand->exits[at].place;
        }
    }
    return count;
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

/* Random numbers for ids, many at a time: the kernel takes as long for one as for all else that a
 * session's beginning takes. Guarded by the interpreter's lock. */
static uint64_t pool[64];
static size_t pool_left;

void
rw_forget_random(void)
{
    pool_left = 0;
}

static uint64_t
random_number(clockid_t instead)
{
    /* Not `random`: its numbers belong to the program, which may have seeded it. */
    if (pool_left == 0 && getrandom(pool, sizeof pool, GRND_NONBLOCK) == (ssize_t)sizeof pool) {
        pool_left = sizeof pool / sizeof *pool;
    }
    /* None so early after boot: the time to the ns must do. */
    return pool_left > 0 ? pool[--pool_left] : (uint64_t)rw_clock_of(instead);
}

static void
write_hexadecimal(char *at, uint64_t number)
{
    for (int place = 15; place >= 0; place--, number >>= 4) {
        at[place] = "0123456789abcdef"[number & 0xF];
    }
}

/* Write a UUIDv7 (RFC 9562, section 5.7), as rewind.model.identity does. */
static void
write_id(char *id)
{
    uint64_t milliseconds = (uint64_t)rw_clock_of(CLOCK_REALTIME) / 1000000;
    uint64_t more = random_number(CLOCK_REALTIME), most = random_number(CLOCK_MONOTONIC);
    write_hexadecimal(id, milliseconds << 16 | 0x7000 | (more & 0x0FFF));
    write_hexadecimal(id + 16, (most & 0x3FFFFFFFFFFFFFFF) | 0x8000000000000000);
    id[32] = '\0';
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
    session->trace[0] = '\0';
    write_id(session->id);
    return session;
}

static void
session_dealloc(PyObject *self)
{
    rw_buffer_free(&((RwSession *)self)->announcement);
    PyObject_Free(self);
}

static PyObject *
session_get_trace(PyObject *self, void *closure)
{
    (void)closure;
    return PyUnicode_FromString(((RwSession *)self)->trace);
}

static int
session_set_trace(PyObject *self, PyObject *trace, void *closure)
{
    (void)closure;
    RwSession *session = (RwSession *)self;
    Py_ssize_t size = 0;
    const char *text = trace == NULL ? "" : PyUnicode_AsUTF8AndSize(trace, &size);
    if (text == NULL) {
        return -1;
    }
    if (size >= (Py_ssize_t)sizeof session->trace) {
        PyErr_SetString(PyExc_ValueError, "it is longer than a trace");
        return -1;
    }
    memcpy(session->trace, text, (size_t)size + 1);
    return 0;
}

static PyGetSetDef session_properties[] = {
    {"trace", session_get_trace, session_set_trace, "What requests are to say.", NULL},
    {0},
};

static PyMemberDef session_members[] = {
    {"id", T_STRING_INPLACE, offsetof(RwSession, id), READONLY, "Its id, the recording's."},
    {"key", T_ULONGLONG, offsetof(RwSession, key), READONLY, "Its number in the process."},
    {"recorded", T_BOOL, offsetof(RwSession, recorded), READONLY, "Sampling did not pass it over."},
    {0},
};

PyTypeObject RwSession_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "rewind.capture._native.Session",
    .tp_doc = "A session as the recorded process sees it.",
    .tp_basicsize = sizeof(RwSession),
    .tp_dealloc = session_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_members = session_members,
    .tp_getset = session_properties,
};

/* Strands as Python sees them */

RwStrand *
rw_strand_new(RwSession *parent)
{
    RwStrand *strand = PyObject_New(RwStrand, &RwStrand_Type);
    if (strand == NULL) {
        return NULL;
    }
    size_t head = offsetof(RwStrand, stack);
    memset((char *)strand + head, 0, sizeof(RwStrand) - head);
    strand->parent = (RwSession *)Py_XNewRef(parent);
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
    Py_XDECREF(strand->opened);
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

static PyObject *
strand_get_session(PyObject *self, void *closure)
{
    (void)closure;
    RwSession *session = ((RwStrand *)self)->session;
    return Py_NewRef(session == NULL ? Py_None : (PyObject *)session);
}

static int
strand_put_session(PyObject *self, PyObject *session, void *closure)
{
    (void)closure;
    if (session == NULL || (session != Py_None && !Py_IS_TYPE(session, &RwSession_Type))) {
        PyErr_SetString(PyExc_TypeError, "a strand's session is a session of this core");
        return -1;
    }
    rw_strand_set_session((RwStrand *)self, session == Py_None ? NULL : (RwSession *)session);
    return 0;
}

static PyGetSetDef strand_properties[] = {
    {"session", strand_get_session, strand_put_session, "The session that runs, or None.", NULL},
    {"parent", strand_get_parent, strand_set_parent, "The session that started this strand.", NULL},
    {0},
};

static PyMemberDef strand_members[] = {
    {"held", T_BOOL, offsetof(RwStrand, held), 0, "Something else says when the session ends."},
    {"opened", T_OBJECT, offsetof(RwStrand, opened), READONLY, "What was begun on it, or None."},
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
