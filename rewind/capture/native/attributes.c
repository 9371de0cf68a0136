/* Reads an instance's attributes where they lie; see attributes.h.
 *
 * The array and its order are the interpreter's own affair and differ from version to version.
 * `rw_attributes_prepare` reads an object of its own this way; if that does not come out right,
 * dictionaries are asked for after all.
 */
#include "arrays.h"

int rw_arrays_are_known;

/* Walks */

PyObject *
rw_dict_in_place(PyObject *value)
{
    PyObject *dict = NULL;
    if (rw_has_managed_dict(value)) {
        dict = rw_managed_dict_of(value);
    }
    else {
        PyObject **place = _PyObject_GetDictPtr(value);
        dict = place == NULL ? NULL : *place;
    }
    return dict != NULL && PyDict_CheckExact(dict) ? Py_NewRef(dict) : NULL;
}

void
rw_attributes_of(PyObject *value, const RwReading *reading, RwAttributes *walk)
{
    *walk = (RwAttributes){0};
    if (!reading->has_namespace) {
        return;
    }
    if (rw_array_of(value, &walk->array)) {
        walk->size = walk->array.size;
        return;
    }
    walk->dict = rw_dict_in_place(value);
    walk->size = walk->dict == NULL ? 0 : PyDict_GET_SIZE(walk->dict);
}

void
rw_attributes_leave(RwAttributes *walk)
{
    Py_CLEAR(walk->dict);
}

enum RwStepOutcome
rw_attributes_next(RwAttributes *walk, PyObject *value, PyObject **name, PyObject **held)
{
    if (walk->dict != NULL) {
        if (PyDict_GET_SIZE(walk->dict) != walk->size) {
            return RW_CHANGED;
        }
        return PyDict_Next(walk->dict, &walk->at, name, held) ? RW_AT_ITEM : RW_AT_END;
    }
    if (walk->at >= walk->size) {
        return RW_AT_END;
    }
    /* Found anew each time: the program may have made a dictionary of it meanwhile. */
    if (!rw_array_of(value, &walk->array) || walk->array.size != walk->size) {
        return RW_CHANGED;
    }
    rw_attributes_take(walk, name, held);
    return RW_AT_ITEM;
}

/* Both are texts, of which most are interned. */
static int
is_same_name(PyObject *one, PyObject *other)
{
    return one == other
           || (PyUnicode_GET_LENGTH(one) == PyUnicode_GET_LENGTH(other)
               && PyUnicode_Compare(one, other) == 0);
}

PyObject *
rw_attribute_named(PyObject *value, const RwReading *reading, PyObject *name)
{
    RwAttributes walk;
    PyObject *found = NULL, *one, *held;
    rw_attributes_of(value, reading, &walk);
    if (walk.dict != NULL) {
        found = Py_XNewRef(PyDict_GetItemWithError(walk.dict, name));
    }
    else {
        while (found == NULL && walk.at < walk.size) {
            rw_attributes_take(&walk, &one, &held);
            if (is_same_name(one, name)) {
                found = Py_NewRef(held);
            }
        }
    }
    rw_attributes_leave(&walk);
    return found;
}

/* Setting up */

static const char example_source[] =
    "class Example: pass\n"
    "example, other = Example(), Example()\n"
    "other.a = other.b = other.c = other.d = 0\n"
    "example.c, example.a, example.d, example.b = 3, 1, 4, 2\n"
    "del example.a\n";

/* Whether the example comes out as `c=3 d=4 b=2`, without a dictionary. */
static int
is_read_right(PyObject *example)
{
    static const char *const names[] = {"c", "d", "b"};
    static const long numbers[] = {3, 4, 2};
    RwArray array;
    if (!(Py_TYPE(example)->tp_flags & Py_TPFLAGS_MANAGED_DICT) || !rw_managed_array_of(example, &array)
        || array.size != 3) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < array.size; i++) {
        PyObject *name, *value = rw_array_take(&array, i, &name);
        if (value == NULL || !PyLong_CheckExact(value) || PyLong_AsLong(value) != numbers[i]
            || !PyUnicode_CheckExact(name) || PyUnicode_CompareWithASCIIString(name, names[i])) {
            return 0;
        }
    }
    return 1;
}

int
rw_attributes_prepare(void)
{
    PyObject *scope = PyDict_New();
    if (scope == NULL) {
        return -1;
    }
    PyObject *result = NULL;
    if (PyDict_SetItemString(scope, "__builtins__", PyEval_GetBuiltins()) == 0) {
        result = PyRun_String(example_source, Py_file_input, scope, scope);
    }
    PyObject *example = result == NULL ? NULL : PyDict_GetItemString(scope, "example");
    rw_arrays_are_known = example != NULL && is_read_right(example);
    Py_XDECREF(result);
    Py_DECREF(scope);
    return result == NULL ? -1 : 0;
}
