/* Writes what instances hold: attributes in their namespace and slots; exceptions' arguments. */
#include "attributes.h"
#include "scalar.h"

#include <structmember.h>

/* A slot's value */

/* The member descriptor of a slot, as a new reference; NULL without an error: it is gone. */
static PyObject *
member_of(PyObject *value, const RwSlot *slot)
{
    PyObject *order = Py_TYPE(value)->tp_mro;
    if (order == NULL || slot->place >= PyTuple_GET_SIZE(order)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    PyObject *members = rw_members_of((PyTypeObject *)PyTuple_GET_ITEM(order, slot->place));
    PyObject *member = Py_XNewRef(PyDict_GetItemWithError(members, slot->name));
    Py_DECREF(members);
    if (member != NULL && !Py_IS_TYPE(member, &PyMemberDescr_Type)) {
        Py_CLEAR(member);
    }
    return member;
}

/* Look the slot up in its class, and note where it lies. */
static PyObject *
find_slot(PyObject *value, RwSlot *slot)
{
    PyObject *member = member_of(value, slot);
    if (member == NULL) {
        return NULL;
    }
    const PyMemberDescrObject *descriptor = (const PyMemberDescrObject *)member;
    const PyMemberDef *definition = descriptor->d_member;
    PyObject *held;
    if (definition->type == T_OBJECT_EX && definition->flags == 0
        && PyObject_TypeCheck(value, PyDescr_TYPE(member))) {
        held = Py_XNewRef(*(PyObject **)((char *)value + definition->offset));
        slot->offset = (uint32_t)definition->offset;
        slot->version = Py_TYPE(value)->tp_version_tag;
    }
    else {
        held = Py_TYPE(member)->tp_descr_get(member, value, NULL);
        if (held == NULL && PyErr_ExceptionMatches(PyExc_AttributeError)) {
            PyErr_Clear();
        }
    }
    Py_DECREF(member);
    return held;
}

PyObject *
rw_slot_of(PyObject *value, RwSlot *slot)
{
    PyObject **at = rw_slot_in(value, slot);
    return at != NULL ? Py_XNewRef(*at) : find_slot(value, slot);
}

/* The same; to look it up may let others in. */
static PyObject *
slot_of(RwWalk *walk, PyObject *value, RwSlot *slot)
{
    walk->blemishes += rw_slot_in(value, slot) == NULL;
    return rw_slot_of(value, slot);
}

/* How many slots are set; -1: a fault. */
static Py_ssize_t
slots_set(RwWalk *walk, PyObject *value, const RwReading *reading)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < reading->slot_count; i++) {
        PyObject *held = slot_of(walk, value, &reading->slots[i]);
        if (held == NULL && PyErr_Occurred()) {
            return -1;
        }
        count += held != NULL;
        Py_XDECREF(held);
    }
    return count;
}

/* Instances */

/* Write an attribute's name, which is text whatever the program put into the dictionary. */
static int
write_name(RwWalk *walk, PyObject *name)
{
    if (PyUnicode_CheckExact(name)) {
        if (PyUnicode_GET_LENGTH(name) < RW_SHORTEST_CREDENTIAL && PyUnicode_IS_ASCII(name)) {
            return rw_put_short_text(walk->out, name);
        }
        Py_ssize_t length = PyUnicode_GET_LENGTH(name);
        return rw_put_prefix(walk->out, name, length < RW_LONGEST_NAME ? length : RW_LONGEST_NAME);
    }
    walk->blemishes++;
    const RwReading *reading = rw_reading_of(&walk->values->readings, Py_TYPE(name));
    PyObject *shown = reading == NULL ? NULL : PyUnicode_FromFormat("<%U>", reading->name);
    if (shown == NULL) {
        return -1;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(shown);
    length = length < RW_LONGEST_NAME ? length : RW_LONGEST_NAME;
    int outcome = rw_put_prefix(walk->out, shown, length);
    Py_DECREF(shown);
    return outcome;
}

/* Write an attribute; both references are held by the caller. */
static int
write_attribute(RwWalk *walk, RwNode *node, PyObject *name, PyObject *held)
{
    node->elements += 2;
    if (write_name(walk, name) < 0) {
        return -1;
    }
    int is_secret = rw_walk_is_secret(walk, name);
    if (is_secret < 0) {
        return -1;
    }
    if (is_secret) {
        return rw_walk_withhold(walk, RW_BY_NAME, held, Py_TYPE(held));
    }
    return rw_walk_item(walk, held);
}

/* Write up to `shown` attributes of the namespace: how many, or -1. */
static Py_ssize_t
write_namespace(RwWalk *walk, RwNode *node, RwAttributes *attributes, Py_ssize_t shown)
{
    PyObject *value = node->step.container, *name, *held;
    Py_ssize_t size = attributes->size < shown ? attributes->size : shown, i = 0;
    /* Where nothing else has run, the array is what it was. */
    size_t blemishes = walk->blemishes;
    for (; i < size && rw_walk_has_room(walk, node); i++) {
        if (attributes->dict == NULL && walk->blemishes == blemishes) {
            rw_attributes_take(attributes, &name, &held);
        }
        else if (rw_attributes_next(attributes, value, &name, &held) != RW_AT_ITEM) {
            node->reason = RW_OMIT_CHANGED;
            break;
        }
        Py_INCREF(name);
        Py_INCREF(held);
        int outcome = write_attribute(walk, node, name, held);
        Py_DECREF(name);
        Py_DECREF(held);
        if (outcome < 0) {
            return -1;
        }
    }
    return i < size ? shown : i; /* Stopped early: nothing may follow. */
}

static int
write_slots(RwWalk *walk, RwNode *node, const RwReading *reading, Py_ssize_t shown)
{
    PyObject *value = node->step.container;
    for (Py_ssize_t i = 0; i < reading->slot_count && shown > 0; i++) {
        PyObject *held = slot_of(walk, value, &reading->slots[i]);
        if (held == NULL && PyErr_Occurred()) {
            return -1;
        }
        if (held == NULL) {
            continue;
        }
        int outcome = 0;
        if (rw_walk_has_room(walk, node)) {
            outcome = write_attribute(walk, node, reading->slots[i].name, held);
            shown--;
        }
        else {
            shown = 0;
        }
        Py_DECREF(held);
        if (outcome < 0) {
            return -1;
        }
    }
    return 0;
}

static int
write_attributes(RwWalk *walk, RwNode *node, const RwReading *reading, RwAttributes *attributes,
                 Py_ssize_t size)
{
    if (rw_walk_open(walk, node, RW_INSTANCE, size, reading->name) < 0) {
        return -1;
    }
    Py_ssize_t shown = rw_walk_shown(walk, node, size);
    Py_ssize_t written = write_namespace(walk, node, attributes, shown);
    if (written < 0 || write_slots(walk, node, reading, shown - written) < 0) {
        return -1;
    }
    return rw_walk_close(walk, node);
}

int
rw_write_instance(RwWalk *walk, PyObject *value, const RwReading *reading)
{
    RwAttributes attributes;
    RwNode node;
    Py_ssize_t slots = slots_set(walk, value, reading);
    if (slots < 0) {
        return -1;
    }
    rw_attributes_of(value, reading, &attributes);
    rw_walk_enter(walk, &node, value);
    int outcome = write_attributes(walk, &node, reading, &attributes, attributes.size + slots);
    rw_attributes_leave(&attributes);
    return outcome;
}

/* Exceptions */

static int
write_arguments(RwWalk *walk, RwNode *node, PyObject *arguments)
{
    Py_ssize_t shown = rw_walk_shown(walk, node, PyTuple_GET_SIZE(arguments));
    for (Py_ssize_t i = 0; i < shown && rw_walk_has_room(walk, node); i++) {
        node->elements++;
        if (rw_walk_write(walk, PyTuple_GET_ITEM(arguments, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

int
rw_write_exception(RwWalk *walk, PyObject *value, const RwReading *reading)
{
    RwNode node;
    PyObject *arguments = ((PyBaseExceptionObject *)value)->args;
    if (arguments == NULL || !PyTuple_Check(arguments)) {
        PyErr_SetString(PyExc_TypeError, "an exception without arguments");
        return -1;
    }
    Py_INCREF(arguments);
    rw_walk_enter(walk, &node, value);
    int outcome = -1;
    if (rw_walk_open(walk, &node, RW_EXCEPTION, PyTuple_GET_SIZE(arguments), reading->name) == 0
        && write_arguments(walk, &node, arguments) == 0) {
        outcome = rw_walk_close(walk, &node);
    }
    Py_DECREF(arguments);
    return outcome;
}
