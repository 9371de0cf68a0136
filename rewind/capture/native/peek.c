/* Looks what an object holds under a name or key, where no code of the program's answers. */
#include "attributes.h"
#include "walk.h"

PyObject *
rw_peek_attribute(RwValues *values, PyObject *object, PyObject *name)
{
    if (PyType_CheckExact(object)) {
        PyObject *members = rw_members_of((PyTypeObject *)object);
        PyObject *found = Py_XNewRef(PyDict_GetItemWithError(members, name));
        Py_DECREF(members);
        return found;
    }
    const RwReading *reading = rw_reading_of(&values->readings, Py_TYPE(object));
    if (reading == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < reading->slot_count; i++) {
        if (PyUnicode_Compare(reading->slots[i].name, name) == 0) {
            return rw_slot_of(object, &reading->slots[i]);
        }
    }
    return rw_attribute_named(object, reading, name);
}

static PyObject *
item_of_list(PyObject *list, PyObject *key)
{
    int overflow;
    long long place = PyLong_AsLongLongAndOverflow(key, &overflow);
    Py_ssize_t size = PyList_GET_SIZE(list);
    if (overflow != 0 || place < -size || place >= size) {
        return NULL;
    }
    return Py_NewRef(PyList_GET_ITEM(list, place < 0 ? place + size : place));
}

/* Truth is a number as well, and a key like one. */
static int
is_number(PyObject *key)
{
    return PyLong_CheckExact(key) || PyBool_Check(key);
}

PyObject *
rw_peek_item(PyObject *object, PyObject *key)
{
    if (PyList_CheckExact(object) && is_number(key)) {
        return item_of_list(object, key);
    }
    if (PyDict_CheckExact(object) && (PyUnicode_CheckExact(key) || is_number(key))) {
        return Py_XNewRef(PyDict_GetItemWithError(object, key));
    }
    return NULL;
}
