/* Writes a value as it is at this moment; values.h says how, walk.h what each file does for it. */
#include "attributes.h"
#include "walk.h"

/* Made and dropped */

static int
read_limits(RwValues *values, PyObject *limits)
{
    Py_ssize_t bytes;
    PyObject *possible = PyObject_CallMethod(limits, "possible", NULL);
    if (possible == NULL) {
        return -1;
    }
    int is_read = PyArg_ParseTuple(possible, "nnn", &values->max_depth, &values->max_items,
                                   &bytes);
    Py_DECREF(possible);
    if (!is_read) {
        return -1;
    }
    values->max_bytes = bytes > 0 ? (size_t)bytes : 0;
    return 0;
}

RwValues *
rw_values_new(PyObject *limits, PyObject *secrets)
{
    if (rw_types_prepare() < 0 || rw_attributes_prepare() < 0 || rw_known_prepare() < 0) {
        return NULL;
    }
    RwValues *values = PyMem_RawCalloc(1, sizeof *values);
    if (values == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (read_limits(values, limits) < 0 || rw_names_init(&values->names, secrets) < 0) {
        rw_values_free(values);
        return NULL;
    }
    return values;
}

void
rw_values_free(RwValues *values)
{
    if (values != NULL) {
        rw_names_clear(&values->names);
        rw_readings_clear(&values->readings);
        PyMem_RawFree(values);
    }
}

/* Values */

#if PY_VERSION_HEX >= 0x030C0000
#define IS_COMPACT(value) PyUnstable_Long_IsCompact((PyLongObject *)(value))
#define COMPACT_VALUE(value) PyUnstable_Long_CompactValue((PyLongObject *)(value))
#else
#define IS_COMPACT(value) ((size_t)(Py_SIZE(value) + 1) < 3)
#define COMPACT_VALUE(value) (Py_SIZE(value) * (Py_ssize_t)((PyLongObject *)(value))->ob_digit[0])
#endif

/* Write a value that needs no budget: 1, or 0 if it is no such value, or -1. */
RW_HOT int
write_free(RwBuffer *out, PyObject *value, PyTypeObject *kind)
{
    if (kind == &PyLong_Type) {
        if (RW_UNLIKELY(!IS_COMPACT(value))) {
            return 0;
        }
        return rw_put_signed(out, COMPACT_VALUE(value)) < 0 ? -1 : 1;
    }
    if (value == Py_None) {
        return rw_put_nil(out) < 0 ? -1 : 1;
    }
    if (kind == &PyBool_Type) {
        return rw_put_bool(out, value == Py_True) < 0 ? -1 : 1;
    }
    if (kind == &PyFloat_Type) {
        return rw_put_float(out, PyFloat_AS_DOUBLE(value)) < 0 ? -1 : 1;
    }
    return 0;
}

/* Copy up to 15 bytes, without a call. */
RW_HOT void
copy_short(unsigned char *to, const unsigned char *from, size_t size)
{
    if (size >= 8) {
        memcpy(to, from, 8);
        memcpy(to + size - 8, from + size - 8, 8);
    }
    else if (size >= 4) {
        memcpy(to, from, 4);
        memcpy(to + size - 4, from + size - 4, 4);
    }
    else if (size > 0) {
        to[0] = from[0];
        to[size / 2] = from[size / 2];
        to[size - 1] = from[size - 1];
    }
}

/* Write text that is too short for a credential and surely fits: 1, or 0 if it is not such, or
 * -1. Most text is. */
RW_HOT int
write_short_text(RwWalk *walk, PyObject *value)
{
    RwBuffer *out = walk->out;
    size_t size = (size_t)PyUnicode_GET_LENGTH(value);
    if (size >= RW_SHORTEST_CREDENTIAL || !PyUnicode_IS_COMPACT_ASCII(value)
        || out->used + size + RW_RESERVE > walk->end) {
        return 0;
    }
    if (rw_reserve(out, RW_SHORTEST_CREDENTIAL) < 0) {
        return -1;
    }
    unsigned char *at = out->data + out->used;
    at[0] = (unsigned char)(0xA0 + size);
    copy_short(at + 1, (const unsigned char *)((PyASCIIObject *)value + 1), size);
    out->used += 1 + size;
    return 1;
}

static int
write_builtin_kind(RwWalk *walk, PyObject *value, PyTypeObject *kind)
{
    if (kind == &PyUnicode_Type) {
        return rw_write_text(walk, value);
    }
    if (kind == &PyDict_Type) {
        return rw_write_dict(walk, value);
    }
    if (kind == &PyList_Type) {
        return rw_write_list(walk, value);
    }
    if (kind == &PyTuple_Type) {
        return rw_write_tuple(walk, value, NULL);
    }
    if (kind == &PyLong_Type) {
        return rw_write_integer(walk, value);
    }
    if (kind == &PyBytes_Type) {
        return rw_write_octets(walk, value);
    }
    if (kind == &PySet_Type || kind == &PyFrozenSet_Type) {
        return rw_write_set(walk, value, kind == &PySet_Type ? RW_SET : RW_FROZENSET);
    }
    return kind == &PyByteArray_Type ? rw_write_bytearray(walk, value)
                                     : rw_write_complex(walk, value);
}

static int
is_builtin_kind(PyTypeObject *kind)
{
    return kind == &PyUnicode_Type || kind == &PyDict_Type || kind == &PyList_Type
           || kind == &PyTuple_Type || kind == &PyLong_Type || kind == &PyBytes_Type
           || kind == &PySet_Type || kind == &PyFrozenSet_Type || kind == &PyByteArray_Type
           || kind == &PyComplex_Type;
}

static int
write_object(RwWalk *walk, PyObject *value, PyTypeObject *kind)
{
    if (kind == &PyType_Type) {
        return rw_write_class(walk, value);
    }
    if (kind == &PyFunction_Type) {
        return rw_write_function(walk, value);
    }
    if (kind == &PyModule_Type) {
        return rw_write_module(walk, value);
    }
    if (kind == &PyCFunction_Type) {
        return rw_write_builtin(walk, value);
    }
    return kind == &PyMethod_Type ? rw_write_method(walk, value) : rw_write_thing(walk, value);
}

int
rw_walk_write(RwWalk *walk, PyObject *value)
{
    PyTypeObject *kind = Py_TYPE(value);
    int written = kind == &PyUnicode_Type ? write_short_text(walk, value)
                                          : write_free(walk->out, value, kind);
    if (written != 0) {
        return written < 0 ? -1 : 0;
    }
    return is_builtin_kind(kind) ? write_builtin_kind(walk, value, kind)
                                 : write_object(walk, value, kind);
}

int
rw_write_value(RwValues *values, RwBuffer *buffer, PyObject *value)
{
    size_t start = buffer->used;
    int written = write_free(buffer, value, Py_TYPE(value));
    if (written != 0) {
        return written < 0 ? -1 : 0;
    }
    RwWalk walk = {.values = values, .out = buffer, .end = start + values->max_bytes};
    if (rw_walk_write(&walk, value) < 0) {
        buffer->used = start;
        return -1;
    }
    return walk.redacted;
}

/* What is said of a value besides */

int
rw_withhold(RwValues *Py_UNUSED(values), RwBuffer *buffer, PyObject *value)
{
    size_t start = buffer->used;
    if (rw_put_redacted(buffer, RW_BY_NAME, Py_TYPE(value)) < 0) {
        buffer->used = start;
        return -1;
    }
    return 1;
}

int
rw_write_reference(RwValues *values, RwBuffer *buffer, PyObject *value)
{
    size_t start = buffer->used;
    const RwReading *reading = rw_reading_of(&values->readings, Py_TYPE(value));
    if (reading == NULL || rw_put_node(buffer, 3, RW_OPAQUE) < 0
        || rw_put_identity(buffer, value) < 0 || rw_put_text(buffer, reading->name) < 0) {
        buffer->used = start;
        return -1;
    }
    return 0;
}

int
rw_is_secret(RwValues *values, PyObject *name)
{
    return rw_names_cover(&values->names, name);
}

static int
is_changeable(const PyTypeObject *kind)
{
    return kind == &PyList_Type || kind == &PyDict_Type || kind == &PySet_Type
           || kind == rw_deque_type;
}

int
rw_is_container(RwValues *values, PyObject *value)
{
    PyTypeObject *kind = Py_TYPE(value);
    if (is_changeable(kind) || kind == &PyByteArray_Type) {
        return 1;
    }
    const RwReading *reading = rw_reading_of(&values->readings, kind);
    return reading == NULL ? -1 : is_changeable(reading->base);
}
