/* `rewind.store._references`, the twin of `rewind.store.references`: what a chunk's references stand
 * for is put in their place.
 *
 * Front to back: what a reference stands for has been put back by then, and is copied. So whatever the
 * bytes are, it takes no longer than they and what comes of them are long.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include "element.h"

enum {
    MARK = 0xDC, /* what an event begins with that holds references */
    MARK_SIZE = 3,
    EXTENSION = 0xD7,
    REFERENCE = 2,
};

/* What all references of a chunk may amount to. */
#define MOST_BYTES ((size_t)1 << 28)

/* From a place in the chunk on, how much farther its bytes are among those that were put back. */
typedef struct {
    size_t from;
    ptrdiff_t by;
} Shift;

typedef struct {
    const uint8_t *data;
    size_t size;
    size_t at;     /* all before it is read */
    size_t copied; /* all before it is put back */
    uint8_t *out;
    size_t used;
    size_t room;
    Shift *shifts;
    size_t shift_count;
    size_t shift_room;
    size_t referred;
    const char *why; /* NULL where memory is short */
} Chunk;

static const char not_whole[] = "its records are no msgpack";
static const char astray[] = "a reference stands for no node before it";
static const char too_large[] = "its references stand for too much";

static int
refuse(Chunk *chunk, const char *why)
{
    chunk->why = why;
    return -1;
}

static int
append(Chunk *chunk, size_t size)
{
    if (size > chunk->room - chunk->used) {
        size_t room = (chunk->used + size) * 2;
        uint8_t *out = PyMem_Realloc(chunk->out, room);
        if (out == NULL) {
            return -1;
        }
        chunk->out = out;
        chunk->room = room;
    }
    chunk->used += size;
    return 0;
}

/* Put back what is between the last reference and this place. */
static int
put_plain(Chunk *chunk, size_t end)
{
    size_t size = end - chunk->copied;
    if (size == 0) {
        return 0;
    }
    if (append(chunk, size) < 0) {
        return -1;
    }
    memcpy(chunk->out + chunk->used - size, chunk->data + chunk->copied, size);
    chunk->copied = end;
    return 0;
}

/* Go on behind what something else was put back for. */
static int
go_on(Chunk *chunk, size_t from)
{
    if (chunk->shift_count == chunk->shift_room) {
        size_t room = chunk->shift_room * 2 + 64;
        Shift *shifts = PyMem_Realloc(chunk->shifts, room * sizeof *shifts);
        if (shifts == NULL) {
            return -1;
        }
        chunk->shifts = shifts;
        chunk->shift_room = room;
    }
    chunk->copied = from;
    chunk->shifts[chunk->shift_count++] =
        (Shift){from, (ptrdiff_t)chunk->used - (ptrdiff_t)from};
    return 0;
}

/* Where bytes of the chunk are among those that were put back. */
static size_t
place_of(const Chunk *chunk, size_t at)
{
    size_t low = 0, high = chunk->shift_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (chunk->shifts[middle].from <= at) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low == 0 ? at : (size_t)((ptrdiff_t)at + chunk->shifts[low - 1].by);
}

/* Whether the bytes are one node, and nothing behind it. */
static int
is_node(const uint8_t *node, size_t size)
{
    uint64_t missing = 1;
    size_t at = 0;
    if (node[0] != MARK && (node[0] & 0xF0) != 0x90) {
        return 0;
    }
    while (missing > 0 && at < size) {
        uint64_t inner;
        size_t length = rw_element(node + at, size - at, &inner);
        if (length == 0) {
            return 0;
        }
        missing += inner - 1;
        at += length;
    }
    return missing == 0 && at == size;
}

static int
put_back(Chunk *chunk, size_t length)
{
    const uint8_t *reference = chunk->data + chunk->at;
    size_t distance = (size_t)rw_number_at(reference + 2, 4);
    size_t size = (size_t)rw_number_at(reference + 6, 4);
    if (distance > chunk->at || size == 0 || size > distance ||
        !is_node(reference - distance, size)) {
        return refuse(chunk, astray);
    }
    if (put_plain(chunk, chunk->at) < 0) {
        return -1;
    }
    size_t begin = place_of(chunk, chunk->at - distance);
    size_t end = place_of(chunk, chunk->at - distance + size);
    if (begin >= end || end > chunk->used) {
        return refuse(chunk, astray);
    }
    if (end - begin > MOST_BYTES - chunk->referred) {
        return refuse(chunk, too_large);
    }
    chunk->referred += end - begin;
    if (append(chunk, end - begin) < 0) {
        return -1;
    }
    memcpy(chunk->out + chunk->used - (end - begin), chunk->out + begin, end - begin);
    return go_on(chunk, chunk->at + length);
}

/* Give an event the header that it has without references. */
static int
put_header(Chunk *chunk)
{
    const uint8_t *header = chunk->data + chunk->at;
    if (header[1] != 0 || header[2] >= 16) {
        return 0;
    }
    if (put_plain(chunk, chunk->at) < 0 || append(chunk, 1) < 0) {
        return -1;
    }
    chunk->out[chunk->used - 1] = 0x90 | header[2];
    return go_on(chunk, chunk->at + MARK_SIZE);
}

static int
read_record(Chunk *chunk)
{
    int marked = chunk->data[chunk->at] == MARK;
    uint64_t missing = 1;
    for (int first = 1; missing > 0; first = 0) {
        const uint8_t *element = chunk->data + chunk->at;
        uint64_t inner;
        size_t left = chunk->size - chunk->at;
        size_t length = left == 0 ? 0 : rw_element(element, left, &inner);
        if (length == 0) {
            return refuse(chunk, not_whole);
        }
        int status = 0;
        if (marked && first) {
            status = put_header(chunk);
        }
        else if (marked && element[0] == EXTENSION && element[1] == REFERENCE) {
            status = put_back(chunk, length);
        }
        if (status < 0) {
            return -1;
        }
        missing += inner - 1;
        chunk->at += length;
    }
    return 0;
}

static PyObject *
put_all_back(PyObject *Py_UNUSED(module), PyObject *data)
{
    if (!PyBytes_Check(data)) {
        PyErr_SetString(PyExc_TypeError, "a chunk is bytes");
        return NULL;
    }
    Chunk chunk = {.data = (const uint8_t *)PyBytes_AS_STRING(data),
                   .size = (size_t)PyBytes_GET_SIZE(data)};
    int status = 0;
    while (status == 0 && chunk.at < chunk.size) {
        status = read_record(&chunk);
    }
    status = status < 0 ? -1 : put_plain(&chunk, chunk.size);
    PyObject *whole = NULL;
    if (status == 0) {
        whole = PyBytes_FromStringAndSize((const char *)chunk.out, (Py_ssize_t)chunk.used);
    }
    else if (chunk.why == NULL) {
        PyErr_NoMemory();
    }
    else {
        PyErr_SetString(PyExc_ValueError, chunk.why);
    }
    PyMem_Free(chunk.out);
    PyMem_Free(chunk.shifts);
    return whole;
}

static PyMethodDef functions[] = {
    {"put_back", put_all_back, METH_O, "put_back(data) -> data without references"},
    {0},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "rewind.store._references",
    .m_methods = functions,
};

PyMODINIT_FUNC
PyInit__references(void)
{
    return PyModuleDef_Init(&definition);
}
