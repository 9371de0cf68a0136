/* `_native.Values`: what Python sees of the value half. It has the face of
 * `rewind.capture.snapshot.Snapshots`, so that one suite of tests holds both to the same bytes;
 * the native core itself never calls it.
 */
#include "exceptions.h"
#include "parts.h"
#include "patterns.h"
#include "values.h"

typedef struct {
    PyObject_HEAD
    RwValues *values;
    RwEchoes *echoes; /* Of what `append` wrote. */
    RwBuffer segment;
} ValuesObject;

static RwValues *
values_of(PyObject *self)
{
    return ((ValuesObject *)self)->values;
}

/* Segments have a header, and so no node lies at 0. */
static int
begin_segment(ValuesObject *self)
{
    static const unsigned char header[128];
    rw_echoes_begin_segment(self->echoes);
    rw_buffer_clear(&self->segment);
    return rw_put_raw(&self->segment, header, sizeof header);
}

static PyObject *
values_new(PyTypeObject *type, PyObject *arguments, PyObject *named)
{
    static char *names[] = {"limits", "secrets", NULL};
    PyObject *limits, *secrets;
    if (!PyArg_ParseTupleAndKeywords(arguments, named, "OO", names, &limits, &secrets)) {
        return NULL;
    }
    RwValues *values = rw_values_new(limits, secrets);
    if (values == NULL) {
        return NULL;
    }
    ValuesObject *self = PyObject_New(ValuesObject, type);
    if (self == NULL) {
        rw_values_free(values);
        return NULL;
    }
    self->values = values;
    self->segment = (RwBuffer)RW_BUFFER_EMPTY;
    self->echoes = rw_echoes_new();
    if (self->echoes == NULL || begin_segment(self) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void
values_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    rw_values_free(values_of(self));
    rw_echoes_free(((ValuesObject *)self)->echoes);
    rw_buffer_free(&((ValuesObject *)self)->segment);
    PyObject_Free(self);
    Py_DECREF(type);
}

/* Give up a buffer for the bytes in it; NULL if `outcome` is a fault. */
static PyObject *
taken(RwBuffer *buffer, int outcome)
{
    PyObject *bytes = NULL;
    if (outcome >= 0) {
        bytes = PyBytes_FromStringAndSize((const char *)buffer->data, (Py_ssize_t)buffer->used);
    }
    rw_buffer_free(buffer);
    return bytes;
}

static PyObject *
values_write(PyObject *self, PyObject *value)
{
    RwBuffer buffer = RW_BUFFER_EMPTY;
    int secrets = rw_write_value(values_of(self), NULL, &buffer, value);
    PyObject *bytes = taken(&buffer, secrets);
    return bytes == NULL ? NULL : Py_BuildValue("Ni", bytes, secrets);
}

/* Write a value behind those before it, as a recorder does into its segment. */
static PyObject *
values_append(PyObject *object, PyObject *value)
{
    ValuesObject *self = (ValuesObject *)object;
    RwBuffer buffer = RW_BUFFER_EMPTY;
    size_t start = self->segment.used;
    int outcome = rw_write_value(self->values, self->echoes, &buffer, value);
    if (outcome >= 0 && rw_put_raw(&self->segment, buffer.data, buffer.used) == 0) {
        rw_echoes_settle(self->echoes, start);
    }
    rw_echoes_end_payload(self->echoes);
    PyObject *bytes = taken(&buffer, outcome);
    return bytes == NULL ? NULL : Py_BuildValue("Ni", bytes, outcome);
}

static PyObject *
values_segment(PyObject *object, PyObject *Py_UNUSED(unused))
{
    const RwBuffer *segment = &((ValuesObject *)object)->segment;
    return PyBytes_FromStringAndSize((const char *)segment->data, (Py_ssize_t)segment->used);
}

static PyObject *
values_begin_segment(PyObject *self, PyObject *Py_UNUSED(unused))
{
    return begin_segment((ValuesObject *)self) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
values_withhold(PyObject *self, PyObject *value)
{
    RwBuffer buffer = RW_BUFFER_EMPTY;
    int secrets = rw_withhold(values_of(self), &buffer, value);
    PyObject *bytes = taken(&buffer, secrets);
    return bytes == NULL ? NULL : Py_BuildValue("Ni", bytes, secrets);
}

static PyObject *
values_reference(PyObject *self, PyObject *value)
{
    RwBuffer buffer = RW_BUFFER_EMPTY;
    return taken(&buffer, rw_write_reference(values_of(self), &buffer, value));
}

static PyObject *
values_is_secret(PyObject *self, PyObject *name)
{
    if (!PyUnicode_CheckExact(name)) {
        PyErr_SetString(PyExc_TypeError, "a name is a str");
        return NULL;
    }
    int is_secret = rw_is_secret(values_of(self), name);
    return is_secret < 0 ? NULL : PyBool_FromLong(is_secret);
}

static PyObject *
values_is_container(PyObject *self, PyObject *value)
{
    int is_container = rw_is_container(values_of(self), value);
    return is_container < 0 ? NULL : PyBool_FromLong(is_container);
}

/* What was peeked, in a tuple; an empty one where nothing is known. */
static PyObject *
told(PyObject *found)
{
    if (found == NULL) {
        return PyErr_Occurred() ? NULL : PyTuple_New(0);
    }
    return Py_BuildValue("(N)", found);
}

static PyObject *
values_peek_attribute(PyObject *self, PyObject *arguments)
{
    PyObject *object, *name;
    if (!PyArg_ParseTuple(arguments, "OU", &object, &name)) {
        return NULL;
    }
    return told(rw_peek_attribute(values_of(self), object, name));
}

static PyObject *
values_peek_item(PyObject *Py_UNUSED(self), PyObject *arguments)
{
    PyObject *object, *key;
    if (!PyArg_ParseTuple(arguments, "OO", &object, &key)) {
        return NULL;
    }
    return told(rw_peek_item(object, key));
}

static PyObject *
values_passage(PyObject *Py_UNUSED(self), PyObject *arguments)
{
    RwBuffer buffer = RW_BUFFER_EMPTY;
    PyObject *error;
    int through;
    Py_ssize_t depth;
    if (!PyArg_ParseTuple(arguments, "Opn", &error, &through, &depth)) {
        return NULL;
    }
    return taken(&buffer, rw_write_passage(&buffer, error, through, depth));
}

static PyObject *
values_came_by(PyObject *Py_UNUSED(self), PyObject *arguments)
{
    PyObject *error, *other;
    if (!PyArg_ParseTuple(arguments, "OO", &error, &other)) {
        return NULL;
    }
    RwWhereabouts place = rw_exception_whereabouts(other);
    return PyBool_FromLong(rw_exception_came_by(error, &place, 1));
}

/* Write the same value again and again: what it costs is measured around this. */
static PyObject *
values_repeat(PyObject *self, PyObject *arguments)
{
    RwBuffer buffer = RW_BUFFER_EMPTY;
    PyObject *value;
    Py_ssize_t times;
    if (!PyArg_ParseTuple(arguments, "On", &value, &times)) {
        return NULL;
    }
    int outcome = 0;
    for (Py_ssize_t i = 0; i < times && outcome >= 0; i++) {
        rw_buffer_clear(&buffer);
        outcome = rw_write_value(values_of(self), NULL, &buffer, value);
    }
    return taken(&buffer, outcome);
}

static PyMethodDef methods[] = {
    {"write", values_write, METH_O, "write(value) -> (bytes, secrets withheld)"},
    {"append", values_append, METH_O, "append(value) -> (bytes, with echoes of what is there, secrets withheld)"},
    {"segment", values_segment, METH_NOARGS, "segment() -> all bytes that were appended"},
    {"begin_segment", values_begin_segment, METH_NOARGS, "Append from now on to another."},
    {"withhold", values_withhold, METH_O, "withhold(value) -> (bytes, 1)"},
    {"reference", values_reference, METH_O, "reference(value) -> bytes"},
    {"is_secret", values_is_secret, METH_O, "is_secret(name) -> bool"},
    {"is_container", values_is_container, METH_O, "is_container(value) -> bool"},
    {"peek_attribute", values_peek_attribute, METH_VARARGS, "peek_attribute(object, name)"},
    {"peek_item", values_peek_item, METH_VARARGS, "peek_item(object, key)"},
    {"passage", values_passage, METH_VARARGS, "passage(error, through, depth) -> bytes"},
    {"came_by", values_came_by, METH_VARARGS, "came_by(error, other_error) -> bool"},
    {"repeat", values_repeat, METH_VARARGS, "repeat(value, times) -> bytes of the last"},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, values_new},
    {Py_tp_dealloc, values_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_doc, "Values(limits, secrets): writes values as `Snapshots` does."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "rewind.capture._native.Values",
    .basicsize = sizeof(ValuesObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int
rw_add_values(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&spec);
    if (type == NULL) {
        return -1;
    }
    int outcome = PyModule_AddObjectRef(module, "Values", type);
    Py_DECREF(type);
    return outcome < 0 ? -1 : PyModule_AddStringConstant(module, "CREDENTIALS", rw_credentials);
}
