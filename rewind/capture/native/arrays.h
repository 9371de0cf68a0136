/* The array in which most instances keep their attributes; see attributes.h.
 *
 * Private to what reads it. A file that includes this includes it first.
 */
#ifndef RW_ARRAYS_H
#define RW_ARRAYS_H

#if !defined(Py_GIL_DISABLED) && !defined(PYPY_VERSION) && __has_include("internal/pycore_dict.h")
#define RW_READS_ARRAYS 1
#define Py_BUILD_CORE_MODULE 1
#endif

#include "attributes.h"
#include "buffer.h"

#if RW_READS_ARRAYS
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "internal/pycore_dict.h"
#include "internal/pycore_object.h"
#pragma GCC diagnostic pop
#endif

/* Whether they are read right: `rw_attributes_prepare` finds out. */
extern int rw_arrays_are_known;

#if RW_READS_ARRAYS

#if PY_VERSION_HEX < 0x030D0000

RW_HOT PyDictValues *
rw_managed_values_of(PyObject *value)
{
#if PY_VERSION_HEX < 0x030C0000
    return *_PyObject_ValuesPointer(value);
#else
    PyDictOrValues either = *_PyObject_DictOrValuesPointer(value);
    return _PyDictOrValues_IsValues(either) ? _PyDictOrValues_GetValues(either) : NULL;
#endif
}

RW_HOT PyObject *
rw_managed_dict_of(PyObject *value)
{
#if PY_VERSION_HEX < 0x030C0000
    return *_PyObject_ManagedDictPointer(value);
#else
    return _PyDictOrValues_GetDict(*_PyObject_DictOrValuesPointer(value));
#endif
}

/* Whether the dictionary's values are an instance's own, and change with that. */
RW_HOT int
rw_is_shared(PyObject *Py_UNUSED(dict))
{
    return 0; /* An instance that has a dictionary has no array beside it. */
}

RW_HOT RwArray
rw_array_in(const PyDictValues *values)
{
    const unsigned char *end = (const unsigned char *)values;
    return (RwArray){.values = values->values, .order = end - 3, .step = -1, .size = end[-2]};
}

#else

RW_HOT PyDictValues *
rw_managed_values_of(PyObject *value)
{
    if (!(Py_TYPE(value)->tp_flags & Py_TPFLAGS_INLINE_VALUES)) {
        return NULL;
    }
    /* A dictionary that was made of them shares them as long as they are valid. */
    PyDictValues *values = _PyObject_InlineValues(value);
    return values->valid ? values : NULL;
}

RW_HOT PyObject *
rw_managed_dict_of(PyObject *value)
{
    return (PyObject *)_PyObject_GetManagedDict(value);
}

RW_HOT int
rw_is_shared(PyObject *dict)
{
    const PyDictValues *values = ((PyDictObject *)dict)->ma_values;
    return values != NULL && values->embedded;
}

RW_HOT RwArray
rw_array_in(const PyDictValues *values)
{
    const unsigned char *order = get_insertion_order_array((PyDictValues *)values);
    return (RwArray){.values = values->values, .order = order, .step = 1, .size = values->size};
}

#endif

/* Find the array of an instance of a type with managed dictionaries; 0: it has none now. */
RW_HOT int
rw_managed_array_of(PyObject *value, RwArray *array)
{
    const PyDictValues *values = rw_managed_values_of(value);
    if (values == NULL) {
        return 0;
    }
    PyDictKeysObject *keys = ((PyHeapTypeObject *)Py_TYPE(value))->ht_cached_keys;
    *array = rw_array_in(values);
    array->names = &DK_UNICODE_ENTRIES(keys)->me_key;
    return 1;
}

#else

RW_HOT int
rw_managed_array_of(PyObject *Py_UNUSED(value), RwArray *Py_UNUSED(array))
{
    return 0;
}

RW_HOT int
rw_is_shared(PyObject *dict)
{
    return ((PyDictObject *)dict)->ma_values != NULL;
}

RW_HOT PyObject *
rw_managed_dict_of(PyObject *Py_UNUSED(value))
{
    return NULL;
}

#endif

RW_HOT int
rw_has_managed_dict(const PyObject *value)
{
    return rw_arrays_are_known && Py_TYPE(value)->tp_flags & Py_TPFLAGS_MANAGED_DICT;
}

/* Find the array of an instance; 0: it has none now, or its form is not known. */
RW_HOT int
rw_array_of(PyObject *value, RwArray *array)
{
    return rw_has_managed_dict(value) && rw_managed_array_of(value, array);
}

#endif
