/* See piece.h. */
#include "piece.h"

#include "msgpack.h"

static PyObject *
piece_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(keywords))
{
    PyObject *data, *segment;
    Py_ssize_t offset;
    if (!PyArg_ParseTuple(arguments, "OOn", &data, &segment, &offset)) {
        return NULL;
    }
    if (offset < 0) {
        PyErr_SetString(PyExc_ValueError, "no place in a file is before its beginning");
        return NULL;
    }
    RwPiece *self = (RwPiece *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->offset = (size_t)offset;
    if (PyObject_GetBuffer(data, &self->data, PyBUF_SIMPLE) < 0 ||
        (segment != Py_None && PyObject_GetBuffer(segment, &self->segment, PyBUF_SIMPLE) < 0)) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* piece.release(): let go of the bytes, so that their file can be closed. */
static PyObject *
piece_release(RwPiece *self, PyObject *Py_UNUSED(nothing))
{
    PyBuffer_Release(&self->data);
    PyBuffer_Release(&self->segment);
    self->data.len = self->segment.len = 0;
    Py_RETURN_NONE;
}

/* piece.whole(at): where the record that begins there ends; 0: not all of it is there. */
static PyObject *
piece_whole(RwPiece *self, PyObject *place)
{
    size_t at = PyLong_AsSize_t(place), size;
    if (at == (size_t)-1 && PyErr_Occurred()) {
        return NULL;
    }
    if (at >= (size_t)self->data.len) {
        return PyLong_FromLong(0);
    }
    const uint8_t *data = self->data.buf;
    switch (rw_skip(data + at, (size_t)self->data.len - at, 0, &size)) {
    case RW_WHOLE:
        return PyLong_FromSize_t(at + size);
    case RW_CUT:
        return PyLong_FromLong(0);
    default:
        PyErr_SetString(PyExc_ValueError, "not msgpack");
        return NULL;
    }
}

static void
piece_dealloc(RwPiece *self)
{
    PyBuffer_Release(&self->data);
    PyBuffer_Release(&self->segment);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef methods[] = {
    {"whole", (PyCFunction)piece_whole, METH_O, "whole(at) -> where the record ends, or 0"},
    {"release", (PyCFunction)piece_release, METH_NOARGS, "Let go of the bytes."},
    {0},
};

PyTypeObject RwPiece_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "rewind.writer._following.Piece",
    .tp_basicsize = sizeof(RwPiece),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "Bytes of a segment that are being decoded.",
    .tp_new = piece_new,
    .tp_dealloc = (destructor)piece_dealloc,
    .tp_methods = methods,
};
