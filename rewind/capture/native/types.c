/* Finds out, once for each type, how its instances are read; see types.h. */
#include "types.h"

#include <stdint.h>

#include "attributes.h"

#define SMALLEST_TABLE 64

PyTypeObject *rw_deque_type;

/* Descriptors of `type` itself, fetched before the program could replace anything. */
static PyObject *module_of, *qualname_of;
/* Texts that the program's classes are searched for. */
static PyObject *dict_text, *slots_text, *fields_text;

static int
prepare_descriptors(void)
{
    PyObject *members = rw_members_of(&PyType_Type);
    module_of = PyMapping_GetItemString(members, "__module__");
    qualname_of = PyMapping_GetItemString(members, "__qualname__");
    Py_DECREF(members);
    return module_of == NULL || qualname_of == NULL ? -1 : 0;
}

int
rw_types_prepare(void)
{
    if (rw_deque_type != NULL) {
        return 0;
    }
    dict_text = PyUnicode_InternFromString("__dict__");
    slots_text = PyUnicode_InternFromString("__slots__");
    fields_text = PyUnicode_InternFromString("_fields");
    if (dict_text == NULL || slots_text == NULL || fields_text == NULL) {
        return -1;
    }
    PyObject *collections = PyImport_ImportModule("collections");
    if (collections == NULL || prepare_descriptors() < 0) {
        Py_XDECREF(collections);
        return -1;
    }
    PyObject *deque = PyObject_GetAttrString(collections, "deque");
    Py_DECREF(collections);
    if (deque == NULL) {
        return -1;
    }
    rw_deque_type = (PyTypeObject *)deque;
    return 0;
}

/* A type's name */

/* A getter of `type` called on `kind`; a text that is not plain, or is not there, becomes `?`. */
static PyObject *
plain_text(PyObject *getter, PyTypeObject *kind)
{
    PyObject *text = Py_TYPE(getter)->tp_descr_get(getter, (PyObject *)kind, NULL);
    if (text != NULL && PyUnicode_CheckExact(text)) {
        return text;
    }
    if (text == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError)) {
            return NULL;
        }
        PyErr_Clear();
    }
    Py_XDECREF(text);
    return PyUnicode_FromOrdinal('?');
}

PyObject *
rw_name_of(PyTypeObject *kind)
{
    if (!(kind->tp_flags & Py_TPFLAGS_HEAPTYPE) && strchr(kind->tp_name, '.') == NULL) {
        return PyUnicode_FromFormat("builtins.%s", kind->tp_name);
    }
    PyObject *module = plain_text(module_of, kind);
    if (module == NULL) {
        return NULL;
    }
    PyObject *qualname = plain_text(qualname_of, kind);
    PyObject *name = NULL;
    if (qualname != NULL) {
        name = PyUnicode_FromFormat("%U.%U", module, qualname);
        Py_DECREF(qualname);
    }
    Py_DECREF(module);
    return name;
}

/* A type's reading */

PyObject *
rw_members_of(PyTypeObject *kind)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyType_GetDict(kind);
#else
    return Py_NewRef(kind->tp_dict);
#endif
}

static PyTypeObject *
builtin_base(PyObject *parent)
{
    PyTypeObject *const bases[] = {
        &PyList_Type, &PyTuple_Type, &PyDict_Type, &PySet_Type, &PyFrozenSet_Type,
        &PyUnicode_Type, &PyBytes_Type, &PyLong_Type, &PyFloat_Type, &PyType_Type,
        (PyTypeObject *)PyExc_BaseException, rw_deque_type,
    };
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++) {
        if ((PyTypeObject *)parent == bases[i]) {
            return bases[i];
        }
    }
    return NULL;
}

static int
has_texts_only(PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (!PyUnicode_CheckExact(PyTuple_GET_ITEM(tuple, i))) {
            return 0;
        }
    }
    return 1;
}

static int
add_slot(RwReading *reading, PyObject *name, Py_ssize_t place)
{
    size_t size = (size_t)(reading->slot_count + 1) * sizeof *reading->slots;
    RwSlot *slots = PyMem_RawRealloc(reading->slots, size);
    if (slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    reading->slots = slots;
    slots[reading->slot_count++] = (RwSlot){.name = Py_NewRef(name), .place = place};
    return 0;
}

static int
add_slots(RwReading *reading, PyObject *members, Py_ssize_t place)
{
    PyObject *name, *member;
    Py_ssize_t at = 0;
    while (PyDict_Next(members, &at, &name, &member)) {
        if (PyUnicode_CheckExact(name) && Py_IS_TYPE(member, &PyMemberDescr_Type)
            && add_slot(reading, name, place) < 0) {
            return -1;
        }
    }
    return 0;
}

/* What a class of the resolution order says. Compared as text, as a look-up could run the `__eq__`
 * of a key that the program put there. */
typedef struct {
    PyObject *dict;
    PyObject *slots;
    PyObject *fields;
} Said;

static Said
said_by(PyObject *members)
{
    Said said = {0};
    PyObject *name, *member;
    Py_ssize_t at = 0;
    while (PyDict_Next(members, &at, &name, &member)) {
        if (!PyUnicode_CheckExact(name)) {
            continue;
        }
        if (PyUnicode_Compare(name, dict_text) == 0) {
            said.dict = member;
        }
        else if (PyUnicode_Compare(name, slots_text) == 0) {
            said.slots = member;
        }
        else if (PyUnicode_Compare(name, fields_text) == 0) {
            said.fields = member;
        }
    }
    return said;
}

/* Add what one class of the resolution order says; `found` remembers what is settled. */
static int
read_class(RwReading *reading, PyTypeObject *parent, Py_ssize_t place, Said *found)
{
    PyObject *members = rw_members_of(parent);
    Said said = said_by(members);
    if (reading->base == NULL) {
        reading->base = builtin_base((PyObject *)parent);
    }
    if (found->dict == NULL && said.dict != NULL) {
        found->dict = said.dict;
        /* No more than a sign: a getter of an extension's may run the program's code, as that of
         * wrapt's proxies does, which make what they stand for when they are asked first. */
        reading->has_namespace = Py_IS_TYPE(said.dict, &PyGetSetDescr_Type);
    }
    if (found->fields == NULL && said.fields != NULL && PyTuple_CheckExact(said.fields)
        && has_texts_only(said.fields)) {
        found->fields = said.fields;
    }
    int outcome = 0;
    if (said.slots != NULL
        && (PyTuple_CheckExact(said.slots) || PyList_CheckExact(said.slots)
            || PyUnicode_CheckExact(said.slots))) {
        outcome = add_slots(reading, members, place);
    }
    Py_DECREF(members);
    return outcome;
}

/* Whether values of the exact type are told in a way of their own. */
static int
has_own_form(const PyTypeObject *kind)
{
    const PyTypeObject *const kinds[] = {
        &PyLong_Type,  &PyFloat_Type,   &PyBool_Type,   &PyUnicode_Type,  &PyBytes_Type,
        &PySet_Type,   &PyFrozenSet_Type, &PyByteArray_Type, &PyComplex_Type,
        &PyDict_Type,  &PyList_Type,    &PyTuple_Type,  &PyType_Type,     &PyFunction_Type,
        &PyModule_Type, &PyCFunction_Type, &PyMethod_Type,
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i] == kind) {
            return 1;
        }
    }
    return 0;
}

static enum RwShape
shape_of(const RwReading *reading)
{
    if (reading->base != NULL || reading->known != NULL || reading->is_enum
        || has_own_form(reading->type)) {
        return RW_OTHER_SHAPE;
    }
    int is_lasting = !(reading->type->tp_flags & Py_TPFLAGS_HEAPTYPE);
    if (reading->slot_count > 0) {
        return is_lasting || reading->has_namespace ? RW_OTHER_SHAPE : RW_BY_SLOTS;
    }
    if (!is_lasting) {
        return reading->has_namespace ? RW_BY_ATTRIBUTES : RW_OTHER_SHAPE;
    }
    return reading->has_namespace ? RW_OTHER_SHAPE : RW_BY_NAME_ALONE;
}

/* Whether instances are told by name alone; see rewind/capture/types.py. */
static int
is_bookkeeping(const RwReading *reading)
{
    static const char *const names[] = {"sqlalchemy.orm.state.InstanceState"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (PyUnicode_CompareWithASCIIString(reading->name, names[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

static void
forget_slots(RwReading *reading)
{
    for (Py_ssize_t i = 0; i < reading->slot_count; i++) {
        Py_DECREF(reading->slots[i].name);
    }
    reading->slot_count = 0;
}

static int
read_type(RwReading *reading, PyTypeObject *kind)
{
    Said found = {0};
    reading->type = kind;
    PyObject *order = Py_XNewRef(kind->tp_mro);
    for (Py_ssize_t i = 0; order != NULL && i < PyTuple_GET_SIZE(order); i++) {
        if (read_class(reading, (PyTypeObject *)PyTuple_GET_ITEM(order, i), i, &found) < 0) {
            Py_DECREF(order);
            return -1;
        }
    }
    if (reading->base == &PyTuple_Type) {
        reading->fields = Py_XNewRef(found.fields);
    }
    Py_XDECREF(order);
    reading->name = rw_name_of(kind);
    if (reading->name == NULL) {
        return -1;
    }
    if (is_bookkeeping(reading)) {
        forget_slots(reading);
        reading->has_namespace = 0;
    }
    if (rw_find_known(kind, reading->name, &reading->known) < 0) {
        return -1;
    }
    reading->is_enum = rw_is_enum(kind);
    reading->shape = shape_of(reading);
    reading->weak = PyWeakref_NewRef((PyObject *)kind, NULL);
    return reading->weak == NULL || reading->is_enum < 0 ? -1 : 0;
}

static void
free_reading(RwReading *reading)
{
    forget_slots(reading);
    PyMem_RawFree(reading->slots);
    Py_XDECREF(reading->fields);
    Py_XDECREF(reading->name);
    Py_XDECREF(reading->weak);
    PyMem_RawFree(reading);
}

static RwReading *
new_reading(PyTypeObject *kind)
{
    RwReading *reading = PyMem_RawCalloc(1, sizeof *reading);
    if (reading == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    if (read_type(reading, kind) < 0) {
        free_reading(reading);
        return NULL;
    }
    return reading;
}

/* The table */

/* Make room, without the readings of types that are gone. */
static int
make_room(RwReadings *readings)
{
    size_t alive = 0;
    for (size_t i = 0; i < readings->size; i++) {
        alive += readings->table[i] != NULL && rw_reading_is_alive(readings->table[i]);
    }
    size_t size = SMALLEST_TABLE;
    while (size < 4 * alive) {
        size *= 2;
    }
    RwReading **table = PyMem_RawCalloc(size, sizeof *table);
    if (table == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < readings->size; i++) {
        RwReading *reading = readings->table[i];
        if (reading != NULL && rw_reading_is_alive(reading)) {
            *rw_reading_place(table, size, reading->type) = reading;
        }
        else if (reading != NULL) {
            free_reading(reading);
        }
    }
    PyMem_RawFree(readings->table);
    *readings = (RwReadings){table, size, alive};
    return 0;
}

static const RwReading *
learn(RwReadings *readings, PyTypeObject *kind)
{
    RwReading *reading = new_reading(kind);
    if (reading == NULL) {
        return NULL;
    }
    /* Looked up only now: others may have been here meanwhile. */
    if (2 * readings->used >= readings->size && make_room(readings) < 0) {
        free_reading(reading);
        return NULL;
    }
    RwReading **place = rw_reading_place(readings->table, readings->size, kind);
    if (*place == NULL) {
        readings->used++;
    }
    else if (rw_reading_is_alive(*place)) {
        free_reading(reading);
        return *place;
    }
    else {
        free_reading(*place);
    }
    *place = reading;
    return reading;
}

const RwReading *
rw_reading_of(RwReadings *readings, PyTypeObject *kind)
{
    const RwReading *reading = rw_reading_at_hand(readings, kind);
    return reading != NULL ? reading : learn(readings, kind);
}

void
rw_readings_clear(RwReadings *readings)
{
    for (size_t i = 0; i < readings->size; i++) {
        if (readings->table[i] != NULL) {
            free_reading(readings->table[i]);
        }
    }
    PyMem_RawFree(readings->table);
    *readings = (RwReadings){0};
}
