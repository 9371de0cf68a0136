/* The state before a chunk: `rewind.writer.keyframe`, byte for byte (docs/format.md, part 4). */
#include "frames.h"
#include "references.h"

#include <string.h>

static int
put_integer(RwGrowing *out, RwInteger number)
{
    if (!number.known) {
        return rw_put(out, "\xC0", 1);
    }
    return number.negative ? rw_put_negative(out, (int64_t)number.bits)
                           : rw_put_unsigned(out, number.bits);
}

static int
put_name(RwGrowing *out, const RwTable *table, uint32_t name)
{
    PyObject *text = PyList_GET_ITEM(table->names, (Py_ssize_t)name);
    PyObject *utf8 = PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
    if (utf8 == NULL) {
        return -1;
    }
    size_t size = (size_t)PyBytes_GET_SIZE(utf8);
    int status = rw_put_text(out, PyBytes_AS_STRING(utf8), size);
    Py_DECREF(utf8);
    return status;
}

static int
put_write(RwGrowing *out, const RwState *state, const RwTable *table, RwWrite *write)
{
    if (rw_put_array(out, 4) < 0 || put_name(out, table, write->name) < 0 ||
        rw_put_unsigned(out, write->n) < 0 || rw_put_unsigned(out, write->site) < 0) {
        return -1;
    }
    const uint8_t *value = rw_bytes(state, write->value);
    size_t size = write->value.size;
    write->at_next = out->used;
    int status = write->value.source == RW_REFERRING ? rw_put_whole(out, value, size)
                                                     : rw_put(out, value, size);
    write->size_next = out->used - write->at_next;
    return status;
}

static int
put_frame(RwGrowing *out, const RwState *state, const RwTable *table, RwFrame *frame)
{
    int status = rw_put_array(out, 6);
    status = status < 0 ? -1 : rw_put_unsigned(out, frame->number);
    status = status < 0 ? -1 : rw_put_unsigned(out, frame->site);
    status = status < 0 ? -1 : put_integer(out, frame->handle);
    status = status < 0 ? -1 : rw_put_unsigned(out, frame->last);
    status = status < 0 ? -1 : rw_put_array(out, frame->write_count);
    for (size_t i = 0; status == 0 && i < frame->write_count; i++) {
        status = put_write(out, state, table, &frame->writes[i]);
    }
    return status < 0 ? -1 : rw_put_unsigned(out, frame->caller);
}

static int
settle_all(RwState *state, const RwTable *table)
{
    for (size_t i = 0; i < state->depth; i++) {
        if (rw_settle(state, table, &state->frames[i]) < 0) {
            return -1;
        }
    }
    Py_ssize_t place = 0;
    PyObject *address;
    while (PyDict_Next(state->suspended, &place, NULL, &address)) {
        if (rw_settle(state, table, PyLong_AsVoidPtr(address)) < 0) {
            return -1;
        }
    }
    return 0;
}

static int
put_all(RwGrowing *out, RwState *state, const RwTable *table)
{
    int status = rw_put(out, "\x82\xA5stack", 7);
    status = status < 0 ? -1 : rw_put_array(out, state->depth);
    for (size_t i = 0; status == 0 && i < state->depth; i++) {
        status = put_frame(out, state, table, &state->frames[i]);
    }
    status = status < 0 ? -1 : rw_put(out, "\xA9suspended", 10);
    status = status < 0 ? -1 : rw_put_array(out, (size_t)PyDict_GET_SIZE(state->suspended));
    Py_ssize_t place = 0;
    PyObject *address;
    while (status == 0 && PyDict_Next(state->suspended, &place, NULL, &address)) {
        status = put_frame(out, state, table, PyLong_AsVoidPtr(address));
    }
    return status;
}

static void
move_values(RwFrame *frame)
{
    for (size_t i = 0; i < frame->write_count; i++) {
        RwWrite *write = &frame->writes[i];
        write->value = (RwPlace){write->at_next, write->size_next, RW_KEYFRAME};
    }
}

static void
move_all(RwState *state)
{
    for (size_t i = 0; i < state->depth; i++) {
        move_values(&state->frames[i]);
    }
    Py_ssize_t place = 0;
    PyObject *address;
    while (PyDict_Next(state->suspended, &place, NULL, &address)) {
        move_values(PyLong_AsVoidPtr(address));
    }
}

PyObject *
rw_keyframe(RwState *state, const RwTable *table, int moves)
{
    RwGrowing out = {0};
    PyObject *keyframe = NULL;
    if (settle_all(state, table) == 0 && put_all(&out, state, table) == 0) {
        keyframe = PyBytes_FromStringAndSize((const char *)out.data, (Py_ssize_t)out.used);
    }
    PyMem_Free(out.data);
    if (keyframe != NULL && moves) {
        move_all(state);
        Py_INCREF(keyframe);
        Py_SETREF(state->keyframe, keyframe);
    }
    return keyframe;
}

/* What is read of a keyframe, front to back. */
typedef struct {
    const uint8_t *data;
    size_t at;
    size_t size;
    int failed;
} Reading;

static uint64_t
read_count(Reading *in, unsigned map)
{
    uint64_t count = 0;
    size_t left = in->size - in->at;
    if (map && left > 0 && (in->data[in->at] & 0xF0) == 0x80) {
        return in->data[in->at++] & 0x0FU;
    }
    size_t size = map ? 0 : rw_array_header(in->data + in->at, left, &count);
    in->failed |= size == 0;
    in->at += size;
    return count;
}

static uint64_t
read_unsigned(Reading *in)
{
    uint64_t number = 0;
    size_t size = rw_unsigned(in->data + in->at, in->size - in->at, &number);
    in->failed |= size == 0;
    in->at += size;
    return number;
}

static RwPlace
read_value(Reading *in)
{
    RwPlace value = {in->at, 0, RW_KEYFRAME};
    in->failed |= rw_skip(in->data + in->at, in->size - in->at, 0, &value.size) != RW_WHOLE;
    in->at += in->failed ? 0 : value.size;
    return value;
}

static PyObject *
read_text(Reading *in)
{
    size_t begin = in->at;
    RwPlace text = read_value(in);
    uint8_t first = in->failed ? 0 : in->data[begin];
    size_t head = (first & 0xE0) == 0xA0 ? 1 : first == 0xD9 ? 2 : first == 0xDA ? 3 : 5;
    if (in->failed || (head == 5 && first != 0xDB)) {
        in->failed = 1;
        return NULL;
    }
    return PyUnicode_DecodeUTF8((const char *)in->data + begin + head,
                                (Py_ssize_t)(text.size - head), "surrogatepass");
}

static int
read_write(Reading *in, RwTable *table, RwFrame *frame)
{
    read_count(in, 0);
    PyObject *text = read_text(in);
    if (text == NULL) {
        return -1;
    }
    RwWrite write = {.name = rw_name(table, text)};
    Py_DECREF(text);
    write.n = read_unsigned(in);
    write.site = read_unsigned(in);
    write.value = read_value(in);
    uint32_t hint = 0;
    RwWrite *place = in->failed || write.name == RW_NO_NAME
                         ? NULL
                         : rw_write(frame, write.name, &hint);
    if (place == NULL) {
        return -1;
    }
    *place = write;
    return 0;
}

static int
read_frame(Reading *in, RwState *state, RwTable *table)
{
    RwFrame *frame = rw_push(state);
    if (frame == NULL) {
        return -1;
    }
    read_count(in, 0);
    frame->number = read_unsigned(in);
    frame->site = read_unsigned(in);
    if (!in->failed && in->at < in->size && in->data[in->at] == 0xC0) {
        in->at++;
    }
    else {
        size_t size = rw_integer(in->data + in->at, in->size - in->at, &frame->handle);
        in->failed |= size == 0;
        in->at += size;
    }
    frame->last = read_unsigned(in);
    const RwSite *site = rw_site(table, frame->site);
    uint64_t writes = read_count(in, 0);
    if (in->failed || site == NULL) {
        in->failed = 1;
        return -1;
    }
    frame->function = site->function;
    frame->caller_known = 1;
    for (uint64_t i = 0; i < writes; i++) {
        if (read_write(in, table, frame) < 0) {
            return -1;
        }
    }
    frame->caller = read_unsigned(in);
    return in->failed ? -1 : 0;
}

static int
read_frames(Reading *in, RwState *state, RwTable *table)
{
    uint64_t count = read_count(in, 0);
    for (uint64_t i = 0; !in->failed && i < count; i++) {
        if (read_frame(in, state, table) < 0) {
            return -1;
        }
    }
    return in->failed ? -1 : 0;
}

static int
read_all(Reading *in, RwState *state, RwTable *table)
{
    uint64_t parts = read_count(in, 1);
    for (uint64_t i = 0; !in->failed && i < parts; i++) {
        PyObject *name = read_text(in);
        if (name == NULL) {
            return -1;
        }
        int suspended = PyUnicode_CompareWithASCIIString(name, "suspended") == 0;
        Py_DECREF(name);
        size_t depth = state->depth;
        if (read_frames(in, state, table) < 0 || (suspended && rw_set_aside(state, depth) < 0)) {
            return -1;
        }
    }
    return in->failed ? -1 : 0;
}

int
rw_restore(RwState *state, RwTable *table, PyObject *keyframe)
{
    Reading in = {(const uint8_t *)PyBytes_AS_STRING(keyframe), 0,
                  (size_t)PyBytes_GET_SIZE(keyframe), 0};
    Py_INCREF(keyframe);
    Py_SETREF(state->keyframe, keyframe);
    if (read_all(&in, state, table) < 0) {
        rw_cut(state, 0);
        if (!PyErr_Occurred()) {
            PyErr_SetString(PyExc_ValueError, "it is no keyframe");
        }
        return -1;
    }
    return 0;
}
