/* Writes a value as it is at this moment; values.h says how, walk.h what each file does for it. */
#include "attributes.h"
#include "scalar.h"

#include <stddef.h>

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

static int
write_builtin_kind(RwWalk *walk, PyObject *value, PyTypeObject *kind)
{
    if (kind == &PyUnicode_Type) {
        return rw_write_text(walk, value);
    }
    if (kind == &PyLong_Type) {
        return rw_write_integer(walk, value);
    }
    if (kind == &PyBytes_Type) {
        return rw_write_octets(walk, value);
    }
    walk->blemishes++;
    return kind == &PyByteArray_Type ? rw_write_bytearray(walk, value)
                                     : rw_write_complex(walk, value);
}

/* Write text or bytes that are the whole value: where that is cut, it is a node that may be echoed. */
static int
write_long(RwWalk *walk, PyObject *value, PyTypeObject *kind)
{
    int echoed = rw_walk_echo(walk, value);
    if (echoed != 0) {
        return echoed < 0 ? -1 : 0;
    }
    RwMark mark = rw_walk_mark(walk, value, 0);
    mark.stands = RW_FOR_GOOD;
    int outcome = write_builtin_kind(walk, value, kind);
    return walk->bound == RW_AS_ROOT ? rw_walk_kept(walk, &mark, outcome) : outcome;
}

static int
write_builtin_container(RwWalk *walk, PyObject *value, PyTypeObject *kind)
{
    if (kind == &PyDict_Type) {
        return rw_write_dict(walk, value);
    }
    if (kind == &PySet_Type || kind == &PyFrozenSet_Type) {
        return rw_write_set(walk, value, kind == &PySet_Type ? RW_SET : RW_FROZENSET);
    }
    return kind == &PyList_Type ? rw_write_list(walk, value) : rw_write_tuple(walk, value, NULL);
}

/* Write a container, or what is known by a name, or that it is what it was. */
static int
write_echoed(RwWalk *walk, PyObject *value, PyTypeObject *kind)
{
    int echoed = rw_walk_echo(walk, value);
    if (echoed != 0) {
        return echoed < 0 ? -1 : 0;
    }
    RwMark mark = rw_walk_mark(walk, value, kind == &PyDict_Type ? rw_dict_version(value) : 0);
    int outcome = kind == &PyFunction_Type    ? rw_write_function(walk, value)
                  : kind == &PyCFunction_Type ? rw_write_builtin(walk, value)
                  : kind == &PyMethod_Type    ? rw_write_method(walk, value)
                  : kind == &PyModule_Type    ? rw_write_module(walk, value)
                  : kind == &PyType_Type      ? rw_write_class(walk, value)
                                              : write_builtin_container(walk, value, kind);
    return rw_walk_kept(walk, &mark, outcome);
}

static int
is_builtin_kind(PyTypeObject *kind)
{
    return kind == &PyUnicode_Type || kind == &PyLong_Type || kind == &PyBytes_Type
           || kind == &PyByteArray_Type || kind == &PyComplex_Type;
}

static int
write_object(RwWalk *walk, PyObject *value, PyTypeObject *kind)
{
    if (kind != &PyType_Type && kind != &PyFunction_Type && kind != &PyModule_Type
        && kind != &PyCFunction_Type && kind != &PyMethod_Type) {
        return rw_write_thing(walk, value);
    }
    if (kind == &PyCFunction_Type && !rw_is_of_module(value)) {
        walk->blemishes++; /* Its name may change. */
        return rw_write_builtin(walk, value);
    }
    return write_echoed(walk, value, kind);
}

int
rw_walk_write(RwWalk *walk, PyObject *value)
{
    PyTypeObject *kind = Py_TYPE(value);
    int written = rw_walk_scalar(walk, value);
    if (written != 0) {
        return written < 0 ? -1 : 0;
    }
    if (kind == &PyDict_Type || kind == &PyList_Type || kind == &PyTuple_Type
        || kind == &PySet_Type || kind == &PyFrozenSet_Type) {
        return write_echoed(walk, value, kind);
    }
    if (!is_builtin_kind(kind)) {
        return write_object(walk, value, kind);
    }
    return walk->depth == 0 ? write_long(walk, value, kind) : write_builtin_kind(walk, value, kind);
}

int
rw_write_value(RwValues *values, RwEchoes *echoes, RwBuffer *buffer, PyObject *value)
{
    size_t start = buffer->used;
    int written = rw_write_free(buffer, value, Py_TYPE(value));
    if (written != 0) {
        return written < 0 ? -1 : 0;
    }
    RwWalk walk;
    memset(&walk, 0, offsetof(RwWalk, parts));
    walk.values = values;
    walk.out = buffer;
    walk.end = start + values->max_bytes;
    walk.echoes = values->max_bytes <= RW_ECHO_MOST ? echoes : NULL;
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
