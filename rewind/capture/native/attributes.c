/* Reads an instance's attributes where they lie; see attributes.h.
 *
 * The array and its order are the interpreter's own affair and differ from version to version.
 * `rw_attributes_prepare` reads an object of its own this way; if that does not come out right,
 * dictionaries are asked for after all.
 */
#if !defined(Py_GIL_DISABLED) && !defined(PYPY_VERSION) && __has_include("internal/pycore_dict.h")
#define READS_ARRAYS 1
#define Py_BUILD_CORE_MODULE 1
#endif

#include "attributes.h"

#if READS_ARRAYS
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "internal/pycore_dict.h"
#include "internal/pycore_object.h"
#pragma GCC diagnostic pop
#endif

static getter getter_of_classes; /* `__dict__` of an ordinary class. */
static PyObject *dict_text;
static int arrays_are_known;

/* Arrays */

/* The array of an instance, as it is at this moment. */
typedef struct {
    PyObject *const *values;
    PyObject *const *names;     /* Every second one. */
    const unsigned char *order; /* Places in both, the first set first. */
    int step;                   /* From one place to the next. */
    Py_ssize_t size;
} Array;

#if READS_ARRAYS

#if PY_VERSION_HEX < 0x030D0000

static PyDictValues *
values_of(PyObject *value)
{
#if PY_VERSION_HEX < 0x030C0000
    return *_PyObject_ValuesPointer(value);
#else
    PyDictOrValues either = *_PyObject_DictOrValuesPointer(value);
    return _PyDictOrValues_IsValues(either) ? _PyDictOrValues_GetValues(either) : NULL;
#endif
}

static PyObject *
dict_of(PyObject *value)
{
#if PY_VERSION_HEX < 0x030C0000
    return *_PyObject_ManagedDictPointer(value);
#else
    return _PyDictOrValues_GetDict(*_PyObject_DictOrValuesPointer(value));
#endif
}

static Array
array_in(const PyDictValues *values)
{
    const unsigned char *end = (const unsigned char *)values;
    return (Array){.values = values->values, .order = end - 3, .step = -1, .size = end[-2]};
}

#else

static PyDictValues *
values_of(PyObject *value)
{
    if (_PyObject_GetManagedDict(value) != NULL
        || !(Py_TYPE(value)->tp_flags & Py_TPFLAGS_INLINE_VALUES)) {
        return NULL;
    }
    PyDictValues *values = _PyObject_InlineValues(value);
    return values->valid ? values : NULL;
}

static PyObject *
dict_of(PyObject *value)
{
    return (PyObject *)_PyObject_GetManagedDict(value);
}

static Array
array_in(const PyDictValues *values)
{
    const unsigned char *order = get_insertion_order_array((PyDictValues *)values);
    return (Array){.values = values->values, .order = order, .step = 1, .size = values->size};
}

#endif

/* Find the array of an instance of a type with managed dictionaries; 0: it has none now. */
static int
find_array(PyObject *value, Array *array)
{
    const PyDictValues *values = values_of(value);
    if (values == NULL) {
        return 0;
    }
    PyDictKeysObject *keys = ((PyHeapTypeObject *)Py_TYPE(value))->ht_cached_keys;
    *array = array_in(values);
    array->names = &DK_UNICODE_ENTRIES(keys)->me_key;
    return 1;
}

#else

static int
find_array(PyObject *Py_UNUSED(value), Array *Py_UNUSED(array))
{
    return 0;
}

static PyObject *
dict_of(PyObject *Py_UNUSED(value))
{
    return NULL;
}

#endif

static PyObject *
take(const Array *array, Py_ssize_t at, PyObject **name)
{
    unsigned char place = array->order[at * array->step];
    *name = array->names[2 * place];
    return array->values[place];
}

/* Walks */

static int
is_managed(const PyObject *value)
{
    return arrays_are_known && Py_TYPE(value)->tp_flags & Py_TPFLAGS_MANAGED_DICT;
}

/* The dictionary that a getter gives, where it is a plain one; NULL may be an error. */
static PyObject *
asked_dict(PyObject *value)
{
    PyObject *dict = PyObject_GenericGetAttr(value, dict_text);
    if (dict != NULL && !PyDict_CheckExact(dict)) {
        Py_CLEAR(dict);
    }
    return dict;
}

static PyObject *
dict_in_place(PyObject *value)
{
    PyObject *dict = NULL;
    if (is_managed(value)) {
        dict = dict_of(value);
    }
    else {
        PyObject **place = _PyObject_GetDictPtr(value);
        dict = place == NULL ? NULL : *place;
    }
    return dict != NULL && PyDict_CheckExact(dict) ? Py_NewRef(dict) : NULL;
}

int
rw_attributes_of(PyObject *value, const RwReading *reading, RwAttributes *walk)
{
    Array array;
    *walk = (RwAttributes){0};
    if (reading->namespace == RW_IN_PLACE) {
        if (is_managed(value) && find_array(value, &array)) {
            walk->size = array.size;
            return 0;
        }
        walk->dict = dict_in_place(value);
    }
    else if (reading->namespace == RW_ASKED) {
        walk->dict = asked_dict(value);
        if (walk->dict == NULL && PyErr_Occurred()) {
            return -1;
        }
    }
    walk->size = walk->dict == NULL ? 0 : PyDict_GET_SIZE(walk->dict);
    return 0;
}

void
rw_attributes_leave(RwAttributes *walk)
{
    Py_CLEAR(walk->dict);
}

enum RwStepOutcome
rw_attributes_next(RwAttributes *walk, PyObject *value, PyObject **name, PyObject **held)
{
    Array array;
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
    if (!is_managed(value) || !find_array(value, &array) || array.size != walk->size) {
        return RW_CHANGED;
    }
    *held = take(&array, walk->at++, name);
    return RW_AT_ITEM;
}

PyObject *
rw_attribute_named(PyObject *value, const RwReading *reading, PyObject *name)
{
    RwAttributes walk;
    PyObject *found = NULL, *one, *held;
    if (rw_attributes_of(value, reading, &walk) < 0) {
        return NULL;
    }
    if (walk.dict != NULL) {
        found = Py_XNewRef(PyDict_GetItemWithError(walk.dict, name));
    }
    else {
        while (found == NULL && rw_attributes_next(&walk, value, &one, &held) == RW_AT_ITEM) {
            if (one == name || PyUnicode_Compare(one, name) == 0) {
                found = Py_NewRef(held);
            }
        }
    }
    rw_attributes_leave(&walk);
    return found;
}

/* Setting up */

/* Whether an extension's type, which an ordinary getter would ask, has the dictionary. */
static int
has_foreign_dict(const PyTypeObject *kind)
{
    for (; kind != NULL; kind = kind->tp_base) {
        if (kind->tp_dictoffset != 0 && !(kind->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
            return kind != (PyTypeObject *)PyExc_BaseException;
        }
    }
    return 0;
}

enum RwNamespace
rw_namespace_kind(PyTypeObject *kind, PyObject *descriptor)
{
    if (!Py_IS_TYPE(descriptor, &PyGetSetDescr_Type)) {
        return RW_NO_NAMESPACE;
    }
    getter get = ((PyGetSetDescrObject *)descriptor)->d_getset->get;
    if (get == PyObject_GenericGetDict || (get == getter_of_classes && !has_foreign_dict(kind))) {
        return RW_IN_PLACE;
    }
    return RW_ASKED;
}

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
    Array array;
    if (!(Py_TYPE(example)->tp_flags & Py_TPFLAGS_MANAGED_DICT) || !find_array(example, &array)
        || array.size != 3) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < array.size; i++) {
        PyObject *name, *value = take(&array, i, &name);
        if (value == NULL || !PyLong_CheckExact(value) || PyLong_AsLong(value) != numbers[i]
            || !PyUnicode_CheckExact(name) || PyUnicode_CompareWithASCIIString(name, names[i])) {
            return 0;
        }
    }
    return 1;
}

static int
learn_from(PyObject *scope)
{
    PyObject *example = PyDict_GetItemString(scope, "example");
    PyObject *members = example == NULL ? NULL : rw_members_of(Py_TYPE(example));
    PyObject *descriptor = members == NULL ? NULL : PyDict_GetItemString(members, "__dict__");
    if (descriptor == NULL || !Py_IS_TYPE(descriptor, &PyGetSetDescr_Type)) {
        Py_XDECREF(members);
        PyErr_SetString(PyExc_RuntimeError, "a class of ours is not as classes are");
        return -1;
    }
    getter_of_classes = ((PyGetSetDescrObject *)descriptor)->d_getset->get;
    Py_DECREF(members);
    arrays_are_known = is_read_right(example);
    return 0;
}

int
rw_attributes_prepare(void)
{
    if (getter_of_classes != NULL) {
        return 0;
    }
    dict_text = PyUnicode_InternFromString("__dict__");
    PyObject *scope = dict_text == NULL ? NULL : PyDict_New();
    if (scope == NULL) {
        return -1;
    }
    PyObject *result = NULL;
    if (PyDict_SetItemString(scope, "__builtins__", PyEval_GetBuiltins()) == 0) {
        result = PyRun_String(example_source, Py_file_input, scope, scope);
    }
    int outcome = result == NULL ? -1 : learn_from(scope);
    Py_XDECREF(result);
    Py_DECREF(scope);
    return outcome;
}
