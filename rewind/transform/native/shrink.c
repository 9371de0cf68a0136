/* Puts compact nodes in the place of the program's own; see shrink.h. */
#include "shrink.h"

/* How deep in a tree nodes are replaced; deeper ones are compiled as they are. */
enum { DEEPEST = 200 };

static int inside(const Kinds *kinds, PyObject *node, int depth);

static const Kind *
kind_of(const Kinds *kinds, PyObject *node)
{
    PyObject *type = (PyObject *)Py_TYPE(node);
    for (int i = 0; i < kinds->count; i++) {
        if (type == kinds->plain[i]) {
            return &kinds->kinds[i];
        }
    }
    return NULL;
}

/* The compact node of one of `ast`, or that itself where it stays; a new reference. */
static PyObject *
smaller(const Kinds *kinds, PyObject *node)
{
    const Kind *kind = kind_of(kinds, node);
    PyObject **dictionary = kind == NULL ? NULL : _PyObject_GetDictPtr(node);
    if (dictionary == NULL || *dictionary == NULL) {
        return Py_NewRef(node);
    }
    return rw_node_of(kind, *dictionary);
}

/* What is to stand in the place of a value; a new reference, NULL with an error set. */
static PyObject *
instead(const Kinds *kinds, PyObject *value, int depth)
{
    if (value == Py_None || PyLong_CheckExact(value) || PyUnicode_CheckExact(value)) {
        return Py_NewRef(value);
    }
    if (PyList_CheckExact(value)) {
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(value); i++) {
            PyObject *one = PyList_GET_ITEM(value, i), *other = instead(kinds, one, depth);
            if (other == NULL) {
                return NULL;
            }
            PyList_SET_ITEM(value, i, other);
            Py_DECREF(one);
        }
        return Py_NewRef(value);
    }
    if (depth > DEEPEST || !PyObject_TypeCheck(value, kinds->root)) {
        return Py_NewRef(value);
    }
    PyObject *node = smaller(kinds, value);
    if (node != NULL && inside(kinds, node, depth + 1) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

static int
inside_compact(const Kinds *kinds, PyObject *node, int end, int depth)
{
    for (int i = POSITIONS; i < end; i++) {
        PyObject **value = &rw_values(node)[i];
        PyObject *other = *value == NULL ? NULL : instead(kinds, *value, depth);
        if (other == NULL && *value != NULL) {
            return -1;
        }
        Py_XSETREF(*value, other);
    }
    return 0;
}

static int
inside_plain(const Kinds *kinds, PyObject *dictionary, int depth)
{
    PyObject *name, *value;
    for (Py_ssize_t at = 0; PyDict_Next(dictionary, &at, &name, &value);) {
        PyObject *other = instead(kinds, value, depth);
        int status = other == NULL ? -1 : 0;
        if (status == 0 && other != value) {
            status = PyDict_SetItem(dictionary, name, other);
        }
        Py_XDECREF(other);
        if (status < 0) {
            return -1;
        }
    }
    return 0;
}

static int
inside(const Kinds *kinds, PyObject *node, int depth)
{
    const Kind *kind = rw_kind_of(node);
    if (kind != NULL) {
        return inside_compact(kinds, node, kind->inner, depth);
    }
    PyObject **dictionary = _PyObject_GetDictPtr(node);
    if (dictionary == NULL || *dictionary == NULL) {
        return 0;
    }
    return inside_plain(kinds, *dictionary, depth);
}

int
rw_shrink(const Kinds *kinds, PyObject *node)
{
    return inside(kinds, node, 0);
}
