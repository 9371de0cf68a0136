/* `rewind.spool._expansion`: expansion.h for Python. `rewind.spool.echoes` has the twin of it. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdlib.h>

#include "expansion.h"

static const char *const why_not[] = {
    [RW_NOT_WHOLE] = "an echo stands for what is no msgpack",
    [RW_ASTRAY] = "an echo stands for no node before it",
    [RW_TOO_LARGE] = "its echoes stand for too much",
    [RW_TOO_DEEP] = "its echoes echo each other without end",
};

/* The bytes, or the error; frees what was expanded. */
static PyObject *
told(enum RwExpansionOutcome outcome, RwExpansion *whole)
{
    PyObject *bytes = NULL;
    if (outcome == RW_EXPANDED) {
        bytes = PyBytes_FromStringAndSize((const char *)whole->data, (Py_ssize_t)whole->used);
    }
    else if (outcome == RW_NO_MEMORY) {
        PyErr_NoMemory();
    }
    else {
        PyErr_SetString(PyExc_ValueError, why_not[outcome]);
    }
    free(whole->data);
    return bytes;
}

static PyObject *
expand(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    Py_buffer data, segment;
    Py_ssize_t end;
    if (!PyArg_ParseTuple(arguments, "y*y*n", &data, &segment, &end)) {
        return NULL;
    }
    RwExpansion whole = {0};
    enum RwExpansionOutcome outcome = RW_ASTRAY;
    if (end >= 0 && end <= segment.len) {
        outcome = rw_expand(&whole, data.buf, (size_t)data.len, segment.buf, (size_t)end);
    }
    PyBuffer_Release(&segment);
    PyBuffer_Release(&data);
    return told(outcome, &whole);
}

static PyMethodDef functions[] = {
    {"expand", expand, METH_VARARGS, "expand(data, segment, end) -> data without echoes"},
    {0},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "rewind.spool._expansion",
    .m_methods = functions,
};

PyMODINIT_FUNC
PyInit__expansion(void)
{
    return PyModuleDef_Init(&definition);
}
