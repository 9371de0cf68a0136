/* See frames.h. */
#include "frames.h"

#include <string.h>

/* As many frames are kept suspended as by `rewind.writer.callstack`. */
enum { SUSPENDED_KEPT = 10000 };

int
rw_state_init(RwState *state)
{
    state->suspended = PyDict_New();
    state->keyframe = PyBytes_FromStringAndSize(NULL, 0);
    return state->suspended == NULL || state->keyframe == NULL ? -1 : 0;
}

static void
free_frame(RwFrame *frame)
{
    if (frame != NULL) {
        PyMem_Free(frame->writes);
        PyMem_Free(frame);
    }
}

void
rw_state_free(RwState *state)
{
    for (size_t i = 0; i < state->room; i++) {
        PyMem_Free(state->frames[i].writes);
    }
    PyMem_Free(state->frames);
    Py_ssize_t place = 0;
    PyObject *address;
    while (state->suspended != NULL && PyDict_Next(state->suspended, &place, NULL, &address)) {
        free_frame(PyLong_AsVoidPtr(address));
    }
    PyMem_Free(state->records.data);
    Py_XDECREF(state->suspended);
    Py_XDECREF(state->keyframe);
}

const uint8_t *
rw_bytes(const RwState *state, RwPlace place)
{
    const uint8_t *source = place.source == RW_KEYFRAME
                                ? (const uint8_t *)PyBytes_AS_STRING(state->keyframe)
                                : state->records.data;
    return source + place.at;
}

RwFrame *
rw_push(RwState *state)
{
    if (state->depth == state->room) {
        size_t room = state->room * 2 + 8;
        RwFrame *frames = PyMem_Realloc(state->frames, room * sizeof *frames);
        if (frames == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        memset(frames + state->room, 0, (room - state->room) * sizeof *frames);
        state->frames = frames;
        state->room = room;
    }
    RwFrame *frame = &state->frames[state->depth++];
    /* One by one: compilers clear a structure of this size in a way that takes long to begin. Where
     * its arguments are says something only where it has some. */
    frame->number = frame->site = frame->last = frame->caller = frame->batch = 0;
    frame->handle = (RwInteger){0};
    frame->write_count = 0;
    frame->function = 0;
    frame->has_arguments = frame->caller_known = 0;
    return frame;
}

static PyObject *
handle_object(RwInteger handle)
{
    return handle.negative ? PyLong_FromLongLong((long long)(int64_t)handle.bits)
                           : PyLong_FromUnsignedLongLong(handle.bits);
}

static RwFrame *
frame_at(PyObject *address)
{
    return address == NULL ? NULL : PyLong_AsVoidPtr(address);
}

/* Put a frame under its handle, in place of the one that is there, if any. */
static int
keep(RwState *state, PyObject *handle, const RwFrame *frame)
{
    RwFrame *before = frame_at(PyDict_GetItemWithError(state->suspended, handle));
    if (PyErr_Occurred() || (before != NULL && before->batch == frame->batch)) {
        /* Should a handle stand there twice, the lower frame is kept, as by a reader. */
        return PyErr_Occurred() ? -1 : 1;
    }
    RwFrame *kept = PyMem_Malloc(sizeof *kept);
    PyObject *address = kept == NULL ? PyErr_NoMemory() : PyLong_FromVoidPtr(kept);
    if (address == NULL || PyDict_SetItem(state->suspended, handle, address) < 0) {
        Py_XDECREF(address);
        PyMem_Free(kept);
        return -1;
    }
    Py_DECREF(address);
    *kept = *frame;
    free_frame(before);
    return 0;
}

static int
forget_longest_suspended(RwState *state)
{
    Py_ssize_t place = 0;
    PyObject *handle, *address;
    if (PyDict_GET_SIZE(state->suspended) <= SUSPENDED_KEPT ||
        !PyDict_Next(state->suspended, &place, &handle, &address)) {
        return 0;
    }
    RwFrame *frame = frame_at(address);
    Py_INCREF(handle);
    int status = PyDict_DelItem(state->suspended, handle);
    Py_DECREF(handle);
    if (status == 0) {
        free_frame(frame);
    }
    return status;
}

int
rw_set_aside(RwState *state, size_t depth)
{
    size_t end = state->depth;
    state->batches++;
    rw_cut(state, depth);
    for (size_t i = depth; i < end; i++) {
        RwFrame *frame = &state->frames[i];
        if (!frame->handle.known) {
            continue;
        }
        frame->caller = 0;
        frame->caller_known = 1;
        frame->batch = state->batches;
        PyObject *handle = handle_object(frame->handle);
        int status = handle == NULL ? -1 : keep(state, handle, frame);
        Py_XDECREF(handle);
        if (status < 0) {
            return -1;
        }
        if (status == 0) {
            frame->writes = NULL;
            frame->write_room = 0;
        }
    }
    return forget_longest_suspended(state);
}

/* Return the place on the stack of the uppermost frame with that handle plus one, or 0. */
static size_t
find(const RwState *state, RwInteger handle)
{
    size_t place = state->depth;
    while (place > 0 && !rw_same_integer(state->frames[place - 1].handle, handle)) {
        place--;
    }
    return place;
}

int
rw_suspend(RwState *state, RwInteger handle)
{
    size_t place = find(state, handle);
    return place == 0 ? 0 : rw_set_aside(state, place - 1);
}

static RwFrame *
resume_suspended(RwState *state, PyObject *handle, RwFrame *kept)
{
    RwFrame *frame = rw_push(state);
    if (frame == NULL) {
        return NULL;
    }
    if (PyDict_DelItem(state->suspended, handle) < 0) {
        state->depth--;
        return NULL;
    }
    PyMem_Free(frame->writes);
    *frame = *kept;
    PyMem_Free(kept);
    return frame;
}

RwFrame *
rw_bring_back(RwState *state, RwInteger handle)
{
    PyObject *key = handle_object(handle);
    if (key == NULL) {
        return NULL;
    }
    RwFrame *kept = frame_at(PyDict_GetItemWithError(state->suspended, key));
    RwFrame *frame = kept == NULL ? NULL : resume_suspended(state, key, kept);
    Py_DECREF(key);
    if (kept != NULL || PyErr_Occurred()) {
        return frame;
    }
    size_t place = find(state, handle);
    if (place == 0) {
        return NULL;
    }
    rw_cut(state, place);
    return &state->frames[place - 1];
}

static RwWrite *
write_of(const RwFrame *frame, uint32_t name)
{
    for (size_t i = 0; i < frame->write_count; i++) {
        if (frame->writes[i].name == name) {
            return &frame->writes[i];
        }
    }
    return NULL;
}

static RwWrite *
append_write(RwFrame *frame, uint32_t name)
{
    if (frame->write_count == frame->write_room) {
        size_t room = frame->write_room * 2 + 4;
        RwWrite *writes = PyMem_Realloc(frame->writes, room * sizeof *writes);
        if (writes == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        frame->writes = writes;
        frame->write_room = room;
    }
    RwWrite *write = &frame->writes[frame->write_count++];
    *write = (RwWrite){.name = name};
    return write;
}

RwWrite *
rw_find_write(RwFrame *frame, uint32_t name, uint32_t *hint)
{
    RwWrite *known = write_of(frame, name);
    if (known == NULL) {
        *hint = (uint32_t)frame->write_count;
        return append_write(frame, name);
    }
    *hint = (uint32_t)(known - frame->writes);
    return known;
}

void
rw_forget(RwFrame *frame, uint32_t name)
{
    RwWrite *found = write_of(frame, name);
    if (found != NULL) {
        size_t behind = (size_t)(frame->writes + frame->write_count - (found + 1));
        memmove(found, found + 1, behind * sizeof *found);
        frame->write_count--;
    }
}

/* Make the arguments writes, and return how many bytes of the payload they are. */
static int
take_apart(RwState *state, const RwTable *table, RwFrame *frame, size_t *used)
{
    const RwFunction *function = &table->functions[frame->function];
    const uint8_t *payload = rw_bytes(state, frame->arguments);
    uint32_t hint = 0;
    *used = 0;
    for (uint32_t i = 0; i < function->count; i++) {
        size_t size, left = frame->arguments.size - *used;
        if (left == 0 || rw_skip(payload + *used, left, 0, &size) != RW_WHOLE) {
            return 0;
        }
        RwPlace value = frame->arguments;
        value.at += *used;
        value.size = size;
        *used += size;
        uint32_t name = table->parameters[function->first + i];
        RwWrite *write = rw_write(frame, name, &hint);
        if (write == NULL) {
            return -1;
        }
        *write = (RwWrite){frame->number, frame->site, value, 0, 0, name};
    }
    return 0;
}

int
rw_settle(RwState *state, const RwTable *table, RwFrame *frame)
{
    if (!frame->has_arguments) {
        return 0;
    }
    /* Arguments come first; a variable that was written since keeps what it has. */
    RwFrame settled = *frame;
    settled.writes = NULL;
    settled.write_count = settled.write_room = 0;
    size_t used;
    int status = take_apart(state, table, &settled, &used);
    uint32_t hint = 0;
    for (size_t i = 0; status == 0 && i < frame->write_count; i++) {
        RwWrite *write = rw_write(&settled, frame->writes[i].name, &hint);
        if (write == NULL) {
            status = -1;
        }
        else {
            *write = frame->writes[i];
        }
    }
    if (status < 0) {
        PyMem_Free(settled.writes);
        return -1;
    }
    if (!settled.caller_known) {
        const uint8_t *line = rw_bytes(state, frame->arguments) + used;
        if (rw_unsigned(line, frame->arguments.size - used, &settled.caller) == 0) {
            settled.caller = 0;
        }
        settled.caller_known = 1;
    }
    settled.has_arguments = 0;
    PyMem_Free(frame->writes);
    *frame = settled;
    return 0;
}
