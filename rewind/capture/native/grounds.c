/* Notes of a node that was written what has to be so still when it is echoed; see proofs.h. */
#include "grounds.h"
#include "walk.h"

/* Of a text of a subclass: it is compared each time. */
#define LONGEST_TEXT 1024

/* How many of the first `shown` slots that are set have nodes of their own. */
static Py_ssize_t
parts_in_slots(PyObject *value, const RwReading *reading, Py_ssize_t shown)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < reading->slot_count && shown > 0; i++) {
        PyObject **at = rw_slot_in(value, &reading->slots[i]);
        if (at != NULL && *at != NULL) {
            shown--;
            count += !rw_is_constant(*at);
        }
    }
    return count;
}

/* Add what the instance's dictionary holds, if there is one; as `add_namespace`. */
static int
add_dict(RwEcho *echo, const RwReading *reading, Py_ssize_t *shown, RwParts *parts)
{
    PyObject *dict = rw_dict_in_place(echo->object);
    if (dict != NULL) {
        *shown -= rw_least(*shown, PyDict_GET_SIZE(dict));
        Py_DECREF(dict);
    }
    Py_ssize_t behind = parts_in_slots(echo->object, reading, *shown);
    echo->version = rw_attributes_version(echo->object);
    return echo->version != 0 && rw_echo_add_parts(echo, parts, parts->end - parts->next - behind);
}

/* Add what the namespace holds; `shown` is how many attributes may be of it, and becomes how many
 * are not. */
static int
add_namespace(RwEchoes *echoes, RwEcho *echo, const RwReading *reading, Py_ssize_t *shown,
              RwParts *parts)
{
    RwArray array;
    if (!rw_array_of(echo->object, &array)) {
        return add_dict(echo, reading, shown, parts);
    }
    Py_ssize_t count = rw_least(*shown, array.size);
    *shown -= count;
    return rw_echo_add_array(echoes, echo, &array, count, parts);
}

/* Add all slots, of which so many that are set were shown. */
static int
add_slots(RwEchoes *echoes, RwEcho *echo, const RwReading *reading, Py_ssize_t shown, RwParts *parts)
{
    if (!rw_echo_make_room(echo, echo->count + reading->slot_count)) {
        return 0;
    }
    echo->holds |= reading->slot_count > 0;
    for (Py_ssize_t i = 0; i < reading->slot_count; i++, echo->slots++) {
        PyObject **at = rw_slot_in(echo->object, &reading->slots[i]);
        Py_ssize_t place = at == NULL ? PY_SSIZE_T_MAX : at - (PyObject **)echo->object;
        if (place > UINT16_MAX) {
            return 0;
        }
        if (*at != NULL && shown > 0) {
            shown--;
            if (!rw_echo_add(echoes, echo, *at, (unsigned)place, parts)) {
                return 0;
            }
        }
        else {
            uint32_t told = *at == NULL ? RW_ECHO_SEEN : RW_ECHO_SET;
            echo->items[echo->count++] = (RwEchoItem){.at = told, .place = (uint16_t)place};
        }
    }
    return 1;
}

static int
add_attributes(RwEchoes *echoes, RwEcho *echo, const RwWritten *written, RwParts *parts)
{
    const RwReading *reading = written->reading;
    Py_ssize_t shown = written->shown / 2;
    return (echo->kind == BY_SLOTS || add_namespace(echoes, echo, reading, &shown, parts))
           && add_slots(echoes, echo, reading, shown, parts) && parts->next == parts->end;
}

static int
add_names(RwEchoes *echoes, RwEcho *echo)
{
    PyObject *names[2];
    RwParts none = {NULL, NULL};
    int count = rw_names_of(echo->object, names);
    for (int i = 0; i < count; i++) {
        if (names[i] == NULL || !PyUnicode_CheckExact(names[i])) {
            return 0;
        }
    }
    echo->version = rw_version_by_names(echo->object);
    echo->of = (uint32_t)count;
    return (count == 2 || echo->version != 0) && rw_echo_add_items(echoes, echo, names, count, &none);
}

static int
add_set(RwEchoes *echoes, RwEcho *echo, Py_ssize_t count, RwParts *parts)
{
    const PySetObject *set = (const PySetObject *)echo->object;
    Py_ssize_t at = 0;
    if (set->mask > WIDEST_SET || !rw_echo_make_room(echo, count)) {
        return 0;
    }
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!rw_echo_add(echoes, echo, rw_next_of_set(set, &at), 0, parts)) {
            return 0;
        }
    }
    return parts->next == parts->end;
}

static int
add_deque(RwEchoes *echoes, RwEcho *echo, Py_ssize_t count, RwParts *parts)
{
    if (!rw_echo_make_room(echo, count)) {
        return 0;
    }
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!rw_echo_add(echoes, echo, rw_item_of_deque(echo->object, i), 0, parts)) {
            return 0;
        }
    }
    return parts->next == parts->end;
}

/* Hold what cannot change: as long as it is there its address stands for it. */
static int
hold(RwEchoes *echoes, RwEcho *echo)
{
    size_t size = rw_held_size(echo->object);
    if (echoes->held + size > RW_ECHO_HELD || !rw_echo_make_room(echo, 1)) {
        return 0;
    }
    echoes->held += size;
    echo->kind = FOR_GOOD;
    echo->holds = 1;
    echo->items[echo->count++] = (RwEchoItem){.object = Py_NewRef(echo->object)};
    return 1;
}

/* A text of a subclass is an object of the program's, which may go: a copy of its characters is held. */
static int
add_characters(RwEchoes *echoes, RwEcho *echo)
{
    RwParts none = {NULL, NULL};
    if (PyUnicode_GET_LENGTH(echo->object) > LONGEST_TEXT || !rw_echo_make_room(echo, 1)) {
        return 0;
    }
    PyObject *characters = PyUnicode_FromObject(echo->object);
    if (characters == NULL) {
        PyErr_Clear();
        return 0;
    }
    echo->holds = 1;
    int is_added = rw_echo_add(echoes, echo, characters, 0, &none);
    Py_DECREF(characters);
    return is_added;
}

/* An enum's member is told by its name: its other attributes may be of any kind. */
static int
add_texts(RwEcho *echo)
{
    RwArray array;
    if (!rw_array_of(echo->object, &array) || !rw_echo_make_room(echo, array.size)) {
        return 0;
    }
    echo->of = (uint32_t)array.size;
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < array.size; i++) {
        unsigned place = array.order[i * array.step];
        PyObject *object = array.values[place];
        int is_text = PyUnicode_CheckExact(object);
        echo->items[echo->count++] = (RwEchoItem){
            .object = is_text ? Py_NewRef(object) : object,
            .at = is_text ? 0 : RW_ECHO_SEEN,
            .place = (uint16_t)place,
        };
    }
    return 1;
}

static enum Kind
kind_of(const RwWritten *written, const PyTypeObject *type)
{
    PyObject *object = written->object;
    unsigned long flags = type->tp_flags;
    if (flags & Py_TPFLAGS_DICT_SUBCLASS) {
        return BY_VERSION;
    }
    if (flags & Py_TPFLAGS_LIST_SUBCLASS) {
        return BY_LIST;
    }
    if (flags & Py_TPFLAGS_TUPLE_SUBCLASS) {
        return BY_TUPLE;
    }
    if (flags & Py_TPFLAGS_TYPE_SUBCLASS) {
        return ((PyTypeObject *)object)->tp_flags & Py_TPFLAGS_HEAPTYPE ? BY_NAMES : FOR_GOOD;
    }
    if (type == &PyFunction_Type || type == &PyCFunction_Type || type == &PyMethod_Type
        || type == &PyModule_Type) {
        return BY_NAMES;
    }
    if (written->reading == NULL && PyAnySet_Check(object)) {
        return BY_SET;
    }
    if (type == rw_deque_type) {
        return BY_DEQUE;
    }
    if (!(flags & Py_TPFLAGS_HEAPTYPE)) {
        return FOR_GOOD;
    }
    return written->reading == NULL || written->reading->has_namespace ? BY_ATTRIBUTES : BY_SLOTS;
}

int
rw_echo_note(RwEchoes *echoes, RwEcho *echo, const RwWritten *written)
{
    PyObject *object = echo->object;
    RwParts parts = {written->parts, written->parts + written->part_count};
    PyObject *const *items;
    if (echo->type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        echo->type_version = echo->type->tp_version_tag;
        if (echo->type_version == 0) {
            return 0;
        }
    }
    echo->kind = kind_of(written, echo->type) & 15;
    if (written->stands != RW_FOR_NOW) {
        return written->stands == RW_FOR_GOOD ? hold(echoes, echo) : add_texts(echo);
    }
    if (PyUnicode_Check(object)) {
        echo->kind = BY_CHARACTERS;
        return add_characters(echoes, echo);
    }
    switch (echo->kind) {
    case BY_VERSION:
        return echo->version != 0 && rw_dict_version(object) == echo->version
               && rw_echo_add_parts(echo, &parts, parts.end - parts.next);
    case BY_LIST:
    case BY_TUPLE:
        items = echo->kind == BY_LIST ? ((PyListObject *)object)->ob_item
                                      : ((PyTupleObject *)object)->ob_item;
        echo->of = (uint32_t)Py_SIZE(object);
        return rw_echo_add_items(echoes, echo, items, rw_least(written->shown, Py_SIZE(object)), &parts);
    case BY_SET:
        echo->of = (uint32_t)((PySetObject *)object)->used;
        return add_set(echoes, echo, rw_least(written->shown, echo->of), &parts);
    case BY_DEQUE:
        echo->of = (uint32_t)Py_SIZE(object);
        return add_deque(echoes, echo, rw_least(written->shown, echo->of), &parts);
    case BY_ATTRIBUTES:
    case BY_SLOTS:
        return written->reading != NULL && add_attributes(echoes, echo, written, &parts);
    case BY_NAMES:
        return add_names(echoes, echo);
    default:
        return 1;
    }
}
