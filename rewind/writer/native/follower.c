/* See follower.h. What is asked of a session once for each chunk, or for each frame that moves. */
#include "follower.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

enum { KEPT_SIZE = 1 << 20 }; /* bytes of memory that are kept for the next chunk */

static PyObject *
follower_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(keywords))
{
    RwTable *table;
    long long origin;
    if (!PyArg_ParseTuple(arguments, "O!L", &RwTable_Type, &table, &origin)) {
        return NULL;
    }
    RwFollower *self = (RwFollower *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    Py_INCREF(table);
    self->table = table;
    self->origin = origin;
    if (rw_state_init(&self->state) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void
follower_dealloc(RwFollower *self)
{
    rw_state_free(&self->state);
    rw_nodes_free(&self->nodes);
    PyMem_Free(self->seen);
    Py_XDECREF(self->table);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

/* A handle as an integer; anything else is nobody's. */
static RwInteger
handle_of(PyObject *object)
{
    RwInteger handle = {0};
    if (PyLong_CheckExact(object)) {
        int overflow;
        long long number = PyLong_AsLongLongAndOverflow(object, &overflow);
        handle.known = overflow == 0;
        handle.negative = number < 0;
        handle.bits = (uint64_t)number;
        if (overflow > 0) {
            handle.bits = PyLong_AsUnsignedLongLong(object);
            handle.known = !PyErr_Occurred();
        }
        PyErr_Clear();
    }
    return handle;
}

static PyObject *
keep_record(RwFollower *self, int status, PyObject *record)
{
    if (status < 0 || rw_put(&self->state.records, PyBytes_AS_STRING(record),
                             (size_t)PyBytes_GET_SIZE(record)) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* follower.suspend(handle, record): that frame, and what lies above it, leave the stack unseen. */
static PyObject *
follower_suspend(RwFollower *self, PyObject *arguments)
{
    PyObject *handle, *record;
    if (!PyArg_ParseTuple(arguments, "OS", &handle, &record)) {
        return NULL;
    }
    RwInteger wanted = handle_of(handle);
    return keep_record(self, wanted.known ? rw_suspend(&self->state, wanted) : 0, record);
}

/* follower.reenter(handle, record): that frame is back on top, unseen. */
static PyObject *
follower_reenter(RwFollower *self, PyObject *arguments)
{
    PyObject *handle, *record;
    if (!PyArg_ParseTuple(arguments, "OS", &handle, &record)) {
        return NULL;
    }
    RwInteger wanted = handle_of(handle);
    if (wanted.known && rw_bring_back(&self->state, wanted) == NULL && PyErr_Occurred()) {
        return NULL;
    }
    return keep_record(self, 0, record);
}

/* follower.unwind(count, record): so many frames leave the top, for good. */
static PyObject *
follower_unwind(RwFollower *self, PyObject *arguments)
{
    PyObject *object, *record;
    int overflow;
    if (!PyArg_ParseTuple(arguments, "O!S", &PyLong_Type, &object, &record)) {
        return NULL;
    }
    long long count = PyLong_AsLongLongAndOverflow(object, &overflow);
    size_t depth = self->state.depth;
    if (overflow > 0 || (count > 0 && (unsigned long long)count >= depth)) {
        rw_cut(&self->state, 0);
    }
    else if (overflow == 0 && count > 0) {
        rw_cut(&self->state, depth - (size_t)count);
    }
    return keep_record(self, 0, record);
}

static PyObject *
follower_keyframe(RwFollower *self, PyObject *Py_UNUSED(nothing))
{
    return rw_keyframe(&self->state, self->table, 0);
}

static void
release(RwGrowing *growing)
{
    growing->used = 0;
    if (growing->size > KEPT_SIZE) {
        PyMem_Free(growing->data);
        *growing = (RwGrowing){0};
    }
}

int
rw_put_clock(RwGrowing *records, uint64_t ns)
{
    enum { CLOCK = -9 }; /* rewind.model.events.Control */
    return rw_put_array(records, 2) < 0 || rw_put_negative(records, CLOCK) < 0
               ? -1
               : rw_put_unsigned(records, ns);
}

static int
begin_chunk(RwFollower *self)
{
    release(&self->state.records);
    rw_nodes_clear(&self->nodes);
    self->referred = 0;
    self->seen_count = 0;
    self->started = 0;
    return rw_put_clock(&self->state.records, self->end_ns);
}

/* follower.seal() -> the keyframe before the next chunk, which begins. */
static PyObject *
follower_seal(RwFollower *self, PyObject *Py_UNUSED(nothing))
{
    PyObject *keyframe = rw_keyframe(&self->state, self->table, 1);
    if (keyframe != NULL && begin_chunk(self) < 0) {
        Py_CLEAR(keyframe);
    }
    return keyframe;
}

/* follower.restore(keyframe, end_ns): go on from that state, at that time. Meant for one that has
 * followed nothing. */
static PyObject *
follower_restore(RwFollower *self, PyObject *arguments)
{
    PyObject *keyframe;
    unsigned long long end;
    if (!PyArg_ParseTuple(arguments, "SK", &keyframe, &end) ||
        rw_restore(&self->state, self->table, keyframe) < 0) {
        return NULL;
    }
    self->end_ns = end;
    if (begin_chunk(self) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* How often each site was seen, in the order in which they were first. */
static PyObject *
counted(RwFollower *self)
{
    RwSite *sites = self->table->sites;
    uint32_t *first = PyMem_Malloc((self->seen_count + 1) * sizeof *first);
    PyObject *counts = first == NULL ? PyErr_NoMemory() : PyDict_New();
    if (counts == NULL) {
        PyMem_Free(first);
        return NULL;
    }
    size_t distinct = 0;
    for (size_t i = 0; i < self->seen_count; i++) {
        first[distinct] = self->seen[i];
        distinct += sites[self->seen[i]].seen++ == 0;
    }
    for (size_t i = 0; i < distinct; i++) {
        RwSite *site = &sites[first[i]];
        PyObject *number = PyLong_FromUnsignedLongLong(site->number);
        PyObject *count = PyLong_FromUnsignedLong(site->seen);
        site->seen = 0;
        if (counts != NULL && (number == NULL || count == NULL ||
                               PyDict_SetItem(counts, number, count) < 0)) {
            Py_CLEAR(counts);
        }
        Py_XDECREF(number);
        Py_XDECREF(count);
    }
    PyMem_Free(first);
    return counts;
}

/* follower.chunk() -> the open chunk's records, and how often each site occurs in it. */
static PyObject *
follower_chunk(RwFollower *self, PyObject *Py_UNUSED(nothing))
{
    const RwGrowing *records = &self->state.records;
    PyObject *data = PyBytes_FromStringAndSize((const char *)records->data,
                                               (Py_ssize_t)records->used);
    PyObject *counts = data == NULL ? NULL : counted(self);
    if (counts == NULL) {
        Py_XDECREF(data);
        return NULL;
    }
    return Py_BuildValue("NN", data, counts);
}

static PyObject *
integer_object(RwInteger number)
{
    if (!number.known) {
        Py_RETURN_NONE;
    }
    return number.negative ? PyLong_FromLongLong((long long)(int64_t)number.bits)
                           : PyLong_FromUnsignedLongLong(number.bits);
}

static PyObject *
get_raised(RwFollower *self, void *Py_UNUSED(closure))
{
    if (!self->state.raised) {
        Py_RETURN_NONE;
    }
    PyObject *identity = integer_object(self->state.identity);
    return identity == NULL
               ? NULL
               : Py_BuildValue("NK", identity, (unsigned long long)self->state.raised_at);
}

static PyObject *
get_last_site(RwFollower *self, void *Py_UNUSED(closure))
{
    if (self->state.depth == 0) {
        Py_RETURN_NONE;
    }
    return PyLong_FromUnsignedLongLong(self->state.frames[self->state.depth - 1].last);
}

static PyMethodDef methods[] = {
    {"suspend", (PyCFunction)follower_suspend, METH_VARARGS, "suspend(handle, record)"},
    {"reenter", (PyCFunction)follower_reenter, METH_VARARGS, "reenter(handle, record)"},
    {"unwind", (PyCFunction)follower_unwind, METH_VARARGS, "unwind(count, record)"},
    {"keyframe", (PyCFunction)follower_keyframe, METH_NOARGS, "keyframe() -> the state"},
    {"seal", (PyCFunction)follower_seal, METH_NOARGS, "seal() -> the next chunk's keyframe"},
    {"restore", (PyCFunction)follower_restore, METH_VARARGS, "restore(keyframe, end_ns)"},
    {"chunk", (PyCFunction)follower_chunk, METH_NOARGS, "chunk() -> records, sites"},
    {0},
};

static PyMemberDef members[] = {
    {"events", T_ULONGLONG, offsetof(RwFollower, events), 0, "Number of the last event."},
    {"boundary", T_ULONGLONG, offsetof(RwFollower, boundary), 0,
     "Number of the last event that the open chunk takes."},
    {"start_ns", T_ULONGLONG, offsetof(RwFollower, start_ns), READONLY,
     "Of the chunk's first event, since the session's start."},
    {"end_ns", T_ULONGLONG, offsetof(RwFollower, end_ns), READONLY, "Of the session's last event."},
    {0},
};

static PyGetSetDef getters[] = {
    {"raised", (getter)get_raised, NULL, "An exception's identity, and where it was first.", NULL},
    {"last_site", (getter)get_last_site, NULL, "Of the frame on top, or None.", NULL},
    {0},
};

PyTypeObject RwFollower_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "rewind.writer._following.Follower",
    .tp_basicsize = sizeof(RwFollower),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Follows one session's events.",
    .tp_new = follower_new,
    .tp_dealloc = (destructor)follower_dealloc,
    .tp_methods = methods,
    .tp_members = members,
    .tp_getset = getters,
};
