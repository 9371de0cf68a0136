/* Finds what was written of a value, and proves that it is so still, by addresses and numbers; see
 * proofs.h. */
#include "proofs.h"
#include "walk.h"

/* In place of the version of a dictionary that is not there. */
#define NO_DICT UINT64_MAX

RW_HOT uint64_t
version_of(PyObject *dict)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    return ((PyDictObject *)dict)->ma_version_tag;
#pragma GCC diagnostic pop
}

uint64_t
rw_dict_version(PyObject *dict)
{
    return rw_is_shared(dict) ? 0 : version_of(dict);
}

PyObject *
rw_item_of_deque(PyObject *deque, Py_ssize_t place)
{
    PyObject *item = rw_deque_type->tp_as_sequence->sq_item(deque, place);
    if (item == NULL) {
        PyErr_Clear();
    }
    else {
        Py_DECREF(item); /* The deque has it. */
    }
    return item;
}

RW_HOT int
is_same_type(const RwEchoType *known, const PyTypeObject *type)
{
    return known->type == type
           && (known->name == NULL
               || (known->version == type->tp_version_tag
                   && known->name == ((const PyHeapTypeObject *)type)->ht_qualname));
}

int
rw_echo_withheld(RwEchoes *echoes, PyObject *value, RwEchoItem *item)
{
    PyTypeObject *type = Py_TYPE(value);
    unsigned place = 0;
    while (place < echoes->type_count && !is_same_type(&echoes->types[place], type)) {
        place++;
    }
    if (place == RW_ECHO_TYPES) {
        return 0;
    }
    if (place == echoes->type_count) {
        RwEchoType known = {.type = type};
        if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
            known.name = ((PyHeapTypeObject *)type)->ht_qualname;
            known.version = type->tp_version_tag;
            if (known.version == 0 || known.name == NULL || !PyUnicode_CheckExact(known.name)) {
                return 0;
            }
        }
        Py_XINCREF(known.name);
        echoes->types[echoes->type_count++] = known;
    }
    *item = (RwEchoItem){.object = value, .at = RW_ECHO_WITHHELD, .echo = (uint16_t)place};
    return 1;
}

static int is_same_otherwise(const RwEchoes *echoes, const RwEcho *echo);
static int has_same_parts(const RwEchoes *echoes, const RwEcho *echo);

/* Whether these are the objects that were written, whatever is in them. */
RW_HOT int
has_same_objects(const RwEcho *echo, PyObject *const *items, Py_ssize_t count)
{
    if (count != echo->of) {
        return 0;
    }
    const RwEchoItem *item = echo->items, *end = item + echo->count;
    for (; item < end; item++, items++) {
        if (*items != item->object) {
            return 0;
        }
    }
    return 1;
}

/* Whether a node of this segment is what it was. Most are dictionaries or lists, and have no nodes in
 * them: for these nothing is called. */
RW_HOT int
is_same_node(const RwEchoes *echoes, const RwEcho *echo)
{
    PyObject *object = echo->object;
    const PyTypeObject *type = echo->type;
    if (Py_TYPE(object) != type
        || (echo->type_version != 0 && type->tp_version_tag != echo->type_version)) {
        return 0;
    }
    if (echo->kind == BY_VERSION) {
        if (version_of(object) != echo->version) {
            return 0;
        }
    }
    else if (echo->kind != BY_LIST) {
        return is_same_otherwise(echoes, echo);
    }
    else if (!has_same_objects(echo, ((PyListObject *)object)->ob_item, PyList_GET_SIZE(object))) {
        return 0;
    }
    return echo->parts == 0 || has_same_parts(echoes, echo);
}

/* A part that lies where it did is of the same segment as what it is in. */
RW_HOT int
is_same_part(const RwEchoes *echoes, const RwEchoItem *item)
{
    const RwEcho *part = &echoes->table[item->echo];
    return part->object == item->object && part->at == item->at && is_same_node(echoes, part);
}

static int
has_same_parts(const RwEchoes *echoes, const RwEcho *echo)
{
    const RwEchoItem *item = echo->items;
    for (int left = echo->parts; left > 0; item++) {
        if (RW_LIKELY(rw_echo_is_part(item))) {
            if (!is_same_part(echoes, item)) {
                return 0;
            }
            left--;
        }
        else if (item->at == RW_ECHO_WITHHELD) {
            if (!is_same_type(&echoes->types[item->echo], Py_TYPE(item->object))) {
                return 0;
            }
            left--;
        }
    }
    return 1;
}

RW_HOT int
has_same_items(const RwEchoes *echoes, const RwEcho *echo, PyObject *const *items,
               Py_ssize_t count)
{
    return has_same_objects(echo, items, count)
           && (echo->parts == 0 || has_same_parts(echoes, echo));
}

static int
has_same_set(const RwEchoes *echoes, const RwEcho *echo)
{
    const PySetObject *set = (const PySetObject *)echo->object;
    Py_ssize_t at = 0;
    if ((size_t)set->used != echo->of || set->mask > WIDEST_SET) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < echo->count; i++) {
        if (rw_next_of_set(set, &at) != echo->items[i].object) {
            return 0;
        }
    }
    return has_same_parts(echoes, echo);
}

static int
has_same_deque(const RwEchoes *echoes, const RwEcho *echo)
{
    if ((size_t)Py_SIZE(echo->object) != echo->of) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < echo->count; i++) {
        if (rw_item_of_deque(echo->object, i) != echo->items[i].object) {
            return 0;
        }
    }
    return has_same_parts(echoes, echo);
}

/* Whether instances may have attributes that lie in no dictionary. */
RW_HOT int
may_have_array(const PyTypeObject *type)
{
#if PY_VERSION_HEX < 0x030D0000
    return (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0;
#else
    return (type->tp_flags & Py_TPFLAGS_INLINE_VALUES) != 0;
#endif
}

uint64_t
rw_attributes_version(PyObject *value)
{
    PyObject *dict = rw_dict_in_place(value);
    if (dict == NULL) {
        return may_have_array(Py_TYPE(value)) ? 0 : NO_DICT;
    }
    uint64_t version = rw_dict_version(dict);
    Py_DECREF(dict);
    return version;
}

RW_HOT int
has_same_slots(const RwEcho *echo)
{
    const RwEchoItem *end = echo->items + echo->count;
    for (const RwEchoItem *item = end - echo->slots; item < end; item++) {
        const PyObject *held = ((PyObject **)echo->object)[item->place];
        if (item->at == RW_ECHO_SET ? held == NULL : held != item->object) {
            return 0;
        }
    }
    return 1;
}

RW_HOT int
has_same_attributes(const RwEchoes *echoes, const RwEcho *echo)
{
    RwArray array;
    if (echo->version != 0) {
        return rw_attributes_version(echo->object) == echo->version && has_same_parts(echoes, echo);
    }
    if (!rw_array_of(echo->object, &array) || array.size != echo->of) {
        return 0;
    }
    const RwEchoItem *item = echo->items, *end = item + (echo->count - echo->slots);
    for (const unsigned char *order = array.order; item < end; item++, order += array.step) {
        if (*order != item->place || array.values[item->place] != item->object) {
            return 0;
        }
    }
    return echo->parts == 0 || has_same_parts(echoes, echo);
}

int
rw_names_of(PyObject *object, PyObject **names)
{
    if (PyModule_Check(object)) {
        return 0; /* The version of its namespace has it. */
    }
    if (PyMethod_Check(object)) {
        /* Told by the function underneath; where that is none, by its own type. */
        object = PyMethod_GET_FUNCTION(object);
        if (!PyFunction_Check(object)) {
            return 0;
        }
    }
    if (PyCFunction_Check(object)) {
        names[0] = ((PyCFunctionObject *)object)->m_module;
        return 1;
    }
    if (PyFunction_Check(object)) {
        names[0] = ((PyFunctionObject *)object)->func_qualname;
        names[1] = ((PyFunctionObject *)object)->func_module;
        return 2;
    }
    /* Its module has a say in the version of its type. */
    names[0] = ((PyHeapTypeObject *)object)->ht_qualname;
    return 1;
}

uint64_t
rw_version_by_names(PyObject *object)
{
    if (PyModule_Check(object)) {
        PyObject *namespace = PyModule_GetDict(object);
        return namespace == NULL ? 0 : rw_dict_version(namespace);
    }
    if (PyMethod_Check(object)) {
        return (uintptr_t)PyMethod_GET_FUNCTION(object);
    }
    if (PyCFunction_Check(object)) {
        return (uintptr_t)((PyCFunctionObject *)object)->m_ml;
    }
    if (PyFunction_Check(object)) {
        return 0;
    }
    const PyTypeObject *type = (const PyTypeObject *)object;
    return type->tp_flags & Py_TPFLAGS_HEAPTYPE ? type->tp_version_tag : 0;
}

static int
has_same_names(const RwEchoes *echoes, const RwEcho *echo)
{
    PyObject *object = echo->object, *names[2];
    if (rw_version_by_names(object) != echo->version) {
        return 0;
    }
    return has_same_items(echoes, echo, names, rw_names_of(object, names));
}

static int
has_same_characters(const RwEcho *echo)
{
    PyObject *now = echo->object, *then = echo->items[0].object;
    Py_ssize_t length = PyUnicode_GET_LENGTH(then);
    return PyUnicode_GET_LENGTH(now) == length && PyUnicode_KIND(now) == PyUnicode_KIND(then)
           && memcmp(PyUnicode_DATA(now), PyUnicode_DATA(then),
                     (size_t)length * PyUnicode_KIND(then))
                  == 0;
}

static int
is_same_otherwise(const RwEchoes *echoes, const RwEcho *echo)
{
    if (RW_LIKELY(echo->kind == BY_ATTRIBUTES)) {
        return (echo->slots == 0 || has_same_slots(echo)) && has_same_attributes(echoes, echo);
    }
    switch (echo->kind) {
    case BY_TUPLE:
        return has_same_items(echoes, echo, ((PyTupleObject *)echo->object)->ob_item,
                              PyTuple_GET_SIZE(echo->object));
    case BY_SET:
        return has_same_set(echoes, echo);
    case BY_DEQUE:
        return has_same_deque(echoes, echo);
    case BY_SLOTS:
        return has_same_slots(echo) && has_same_parts(echoes, echo);
    case BY_NAMES:
        return has_same_names(echoes, echo);
    case BY_CHARACTERS:
        return has_same_characters(echo);
    default:
        return 1;
    }
}

RW_HOT int
is_same(const RwEchoes *echoes, const RwEcho *echo)
{
    return echo->epoch == echoes->epoch && is_same_node(echoes, echo);
}

int
rw_echo_is_same(const RwEchoes *echoes, const RwEcho *echo)
{
    return is_same(echoes, echo);
}

/* Finding it */

RW_HOT const RwEcho *
echo_at(const RwEchoes *echoes, PyObject *value, size_t level)
{
    const RwEcho *echo = &echoes->table[rw_echo_place(value, level)];
    if (!rw_echo_is_of(echo, value, level)) {
        echo++;
        if (!rw_echo_is_of(echo, value, level)) {
            return NULL;
        }
    }
    return !(echo->at & RW_ECHO_UNSETTLED) && is_same(echoes, echo) ? echo : NULL;
}

static const RwEcho *
echo_anywhere_or_at(const RwEchoes *echoes, PyObject *value, Py_ssize_t depth)
{
    const RwEcho *echo = echo_at(echoes, value, 0);
    return echo != NULL ? echo : echo_at(echoes, value, (size_t)depth + 1);
}

const RwEcho *
rw_echo_of(const RwEchoes *echoes, PyObject *value, Py_ssize_t depth)
{
    return RW_UNLIKELY(echoes->has_bound) ? echo_anywhere_or_at(echoes, value, depth)
                                          : echo_at(echoes, value, 0);
}
