/* Remembers what was written and proves that it is so still; see echoes.h. */
#include "arrays.h"
#include "echoes.h"
#include "walk.h"

/* Of a text that is not counted. */
#define LONGEST_FREE 128

RwEchoes *
rw_echoes_new(void)
{
    RwEchoes *echoes = PyMem_RawCalloc(1, sizeof *echoes);
    if (echoes == NULL) {
        PyErr_NoMemory();
    }
    return echoes;
}

/* Characters of a text that is too long to be held for nothing. */
RW_HOT size_t
held_size(PyObject *object)
{
    size_t size = 0;
    if (PyUnicode_CheckExact(object)) {
        size = (size_t)PyUnicode_GET_LENGTH(object);
    }
    else if (PyBytes_CheckExact(object)) {
        size = (size_t)PyBytes_GET_SIZE(object);
    }
    return RW_UNLIKELY(size > LONGEST_FREE) ? size : 0;
}

static void
forget(RwEchoes *echoes, RwEcho *echo)
{
    for (int i = 0; echo->holds && i < echo->count; i++) {
        PyObject *object = echo->items[i].object;
        if (echo->items[i].at == 0) {
            echoes->held -= held_size(object);
            Py_DECREF(object); /* A scalar: nothing of the program's runs. */
        }
    }
    echo->object = NULL;
    echo->count = echo->parts = echo->holds = 0;
}

void
rw_echoes_free(RwEchoes *echoes)
{
    if (echoes != NULL) {
        for (size_t i = 0; i < RW_ECHOES; i++) {
            forget(echoes, &echoes->table[i]);
            PyMem_RawFree(echoes->table[i].items);
        }
        PyMem_RawFree(echoes);
    }
}

void
rw_echoes_begin_segment(RwEchoes *echoes)
{
    echoes->epoch++;
    echoes->has_bound = 0;
    for (size_t i = 0; echoes->held > RW_ECHO_HELD / 2 && i < RW_ECHOES; i++) {
        forget(echoes, &echoes->table[i]);
    }
}

/* The first of the two places that the object may have, of what is bound to a depth or of what is
 * not: 0, or one more than the depth. */
RW_HOT size_t
place_of(const PyObject *object, size_t level)
{
    return (((uintptr_t)object >> 4) + level) * 0x9E3779B97F4A7C15ULL >> 52 & ~(size_t)1;
}

RW_HOT size_t
level_of(enum RwBound bound, Py_ssize_t depth)
{
    return bound == RW_ANYWHERE ? 0 : (size_t)depth + 1;
}

RW_HOT int
is_of(const RwEcho *echo, const PyObject *object, size_t level)
{
    return echo->object == object && level_of((enum RwBound)echo->bound, echo->depth) == level;
}

_Static_assert(RW_ECHOES == 1 << (64 - 52), "a place is the product's uppermost bits");

/* The one of the two that is the object's; the first if neither is. */
RW_HOT size_t
found_at(const RwEchoes *echoes, const PyObject *object, size_t level)
{
    size_t place = place_of(object, level);
    return place + (!is_of(&echoes->table[place], object, level)
                    && is_of(&echoes->table[place + 1], object, level));
}

/* Where the object may be put: over itself, or over what was written longer ago. */
RW_HOT size_t
place_for(const RwEchoes *echoes, const PyObject *object, size_t level)
{
    size_t place = found_at(echoes, object, level);
    const RwEcho *first = &echoes->table[place], *second = &echoes->table[place | 1];
    if (is_of(first, object, level) || first->object == NULL || first->epoch != echoes->epoch) {
        return place;
    }
    int is_older = second->object == NULL || second->epoch != echoes->epoch
                   || second->at < first->at;
    return place + (size_t)is_older;
}

RwEchoItem
rw_echo_item(const RwEchoes *echoes, const RwEcho *echo)
{
    return (RwEchoItem){
        .object = echo->object, .at = echo->at, .echo = (uint16_t)(echo - echoes->table)};
}

/* Proofs */

/* Entries of a set's table that are gone through. */
#define WIDEST_SET 1023

/* How a node is proven to be what it was. */
enum Kind {
    BY_VERSION, /* a dictionary */
    BY_LIST,
    BY_TUPLE,
    BY_SET,
    BY_DEQUE,
    BY_ATTRIBUTES,
    BY_NAMES, /* a function or a class */
    FOR_GOOD, /* it cannot change, or is known by its address and type only */
};

RW_HOT Py_ssize_t
least(Py_ssize_t one, Py_ssize_t other)
{
    return one < other ? one : other;
}

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
    /* One that shares its keys with an instance may change with that. */
    return ((PyDictObject *)dict)->ma_values == NULL ? version_of(dict) : 0;
}

/* Borrowed; NULL: there is none. */
static PyObject *
item_of_deque(PyObject *deque, Py_ssize_t place)
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

static int is_same(const RwEchoes *echoes, const RwEcho *echo);

RW_HOT int
is_same_part(const RwEchoes *echoes, const RwEchoItem *item)
{
    const RwEcho *part = &echoes->table[item->echo];
    return part->object == item->object && part->at == item->at && is_same(echoes, part);
}

RW_HOT int
has_same_parts(const RwEchoes *echoes, const RwEcho *echo)
{
    const RwEchoItem *item = echo->items;
    for (int left = echo->parts; left > 0; item++) {
        if (item->at > RW_ECHO_SEEN) {
            if (!is_same_part(echoes, item)) {
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
    if (count != echo->of) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < echo->count; i++) {
        if (items[i] != echo->items[i].object) {
            return 0;
        }
    }
    return has_same_parts(echoes, echo);
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
        if (item_of_deque(echo->object, i) != echo->items[i].object) {
            return 0;
        }
    }
    return has_same_parts(echoes, echo);
}

/* The version of the dictionary that the instance has; 0: none that says anything. */
static uint64_t
attributes_version(PyObject *value)
{
    PyObject *dict = rw_dict_in_place(value);
    uint64_t version = dict == NULL ? 0 : rw_dict_version(dict);
    Py_XDECREF(dict);
    return version;
}

static int
has_same_attributes(const RwEchoes *echoes, const RwEcho *echo)
{
    RwArray array;
    if (echo->version != 0) {
        return attributes_version(echo->object) == echo->version && has_same_parts(echoes, echo);
    }
    if (!rw_array_of(echo->object, &array) || array.size != echo->of) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < echo->count; i++) {
        const RwEchoItem *item = &echo->items[i];
        if (array.order[i * array.step] != item->place
            || array.values[item->place] != item->object) {
            return 0;
        }
    }
    return has_same_parts(echoes, echo);
}

/* The texts by which a function or a class is known; how many. */
RW_HOT int
names_of(PyObject *object, PyObject **names)
{
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

/* What else there is to a thing's name; 0: nothing, or it says nothing. */
static uint64_t
version_by_names(PyObject *object)
{
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
    if (version_by_names(object) != echo->version) {
        return 0;
    }
    return has_same_items(echoes, echo, names, names_of(object, names));
}

static int
is_same(const RwEchoes *echoes, const RwEcho *echo)
{
    PyObject *object = echo->object;
    PyTypeObject *type = echo->type;
    if (echo->epoch != echoes->epoch || Py_TYPE(object) != type
        || (echo->type_version != 0 && type->tp_version_tag != echo->type_version)) {
        return 0;
    }
    switch (echo->kind) {
    case BY_VERSION:
        return version_of(object) == echo->version && has_same_parts(echoes, echo);
    case BY_LIST:
        return has_same_items(echoes, echo, ((PyListObject *)object)->ob_item,
                              PyList_GET_SIZE(object));
    case BY_TUPLE:
        return has_same_items(echoes, echo, ((PyTupleObject *)object)->ob_item,
                              PyTuple_GET_SIZE(object));
    case BY_SET:
        return has_same_set(echoes, echo);
    case BY_DEQUE:
        return has_same_deque(echoes, echo);
    case BY_ATTRIBUTES:
        return has_same_attributes(echoes, echo);
    case BY_NAMES:
        return has_same_names(echoes, echo);
    default:
        return 1;
    }
}

RW_HOT const RwEcho *
echo_at(const RwEchoes *echoes, PyObject *value, size_t level)
{
    const RwEcho *echo = &echoes->table[found_at(echoes, value, level)];
    return is_of(echo, value, level) && !(echo->at & RW_ECHO_UNSETTLED) && is_same(echoes, echo)
               ? echo
               : NULL;
}

const RwEcho *
rw_echo_of(const RwEchoes *echoes, PyObject *value, Py_ssize_t depth)
{
    const RwEcho *echo = echo_at(echoes, value, 0);
    return echo != NULL || !echoes->has_bound ? echo
                                              : echo_at(echoes, value, (size_t)depth + 1);
}

int
rw_echo_holds(const RwEchoes *echoes, const RwEcho *echo, const PyObject *container)
{
    int holds = echo->object == container;
    for (int i = 0; !holds && i < echo->count; i++) {
        const RwEchoItem *item = &echo->items[i];
        holds = item->at > RW_ECHO_SEEN
                && rw_echo_holds(echoes, &echoes->table[item->echo], container);
    }
    return holds;
}

/* Remembering */

int
rw_is_constant(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    return type == &PyUnicode_Type || type == &PyLong_Type || type == &PyFloat_Type
           || type == &PyBool_Type || object == Py_None || type == &PyBytes_Type;
}

/* Parts of a node being remembered that are still to be met among its items. */
typedef struct {
    const RwEchoItem *next;
    const RwEchoItem *end;
} Parts;

static int
add_item(RwEchoes *echoes, RwEcho *echo, PyObject *object, unsigned place, Parts *parts)
{
    RwEchoItem *item = &echo->items[echo->count];
    if (parts->next < parts->end && parts->next->object == object) {
        *item = *parts->next++;
        echo->parts += item->at != RW_ECHO_SEEN;
    }
    else {
        size_t size = held_size(object);
        if (!rw_is_constant(object) || echoes->held + size > RW_ECHO_HELD) {
            return 0;
        }
        echoes->held += size;
        *item = (RwEchoItem){.object = Py_NewRef(object)};
    }
    item->place = (uint16_t)place;
    echo->count++;
    return 1;
}

static int
make_room(RwEcho *echo, Py_ssize_t count)
{
    if (count > RW_ECHO_ITEMS) {
        return 0;
    }
    if (count > echo->room) {
        size_t room = count <= 8 ? 8 : count <= 16 ? 16 : RW_ECHO_ITEMS;
        RwEchoItem *items = PyMem_RawRealloc(echo->items, room * sizeof *items);
        if (items == NULL) {
            return 0;
        }
        echo->items = items;
        echo->room = (uint8_t)room;
    }
    return 1;
}

static int
add_items(RwEchoes *echoes, RwEcho *echo, PyObject *const *items, Py_ssize_t count, Parts *parts)
{
    if (!make_room(echo, count)) {
        return 0;
    }
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!add_item(echoes, echo, items[i], 0, parts)) {
            return 0;
        }
    }
    return parts->next == parts->end;
}

/* A dictionary's scalars need no holding: it holds them itself as long as its version stays. */
static int
add_parts(RwEcho *echo, Parts *parts)
{
    Py_ssize_t count = parts->end - parts->next;
    if (!make_room(echo, count)) {
        return 0;
    }
    for (; parts->next < parts->end; parts->next++) {
        echo->items[echo->count++] = *parts->next;
        echo->parts += parts->next->at != RW_ECHO_SEEN;
    }
    return 1;
}

static int
add_attributes(RwEchoes *echoes, RwEcho *echo, Py_ssize_t shown, Parts *parts)
{
    RwArray array;
    if (!rw_array_of(echo->object, &array)) {
        echo->version = attributes_version(echo->object);
        return echo->version != 0 && add_parts(echo, parts);
    }
    Py_ssize_t count = least(shown / 2, array.size);
    if (!make_room(echo, count)) {
        return 0;
    }
    echo->of = (uint32_t)array.size;
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        unsigned place = array.order[i * array.step];
        if (!add_item(echoes, echo, array.values[place], place, parts)) {
            return 0;
        }
    }
    return parts->next == parts->end;
}

static int
add_names(RwEchoes *echoes, RwEcho *echo)
{
    PyObject *names[2];
    Parts none = {NULL, NULL};
    int count = names_of(echo->object, names);
    for (int i = 0; i < count; i++) {
        if (names[i] == NULL || !PyUnicode_CheckExact(names[i])) {
            return 0;
        }
    }
    echo->version = version_by_names(echo->object);
    echo->of = (uint32_t)count;
    return (count == 2 || echo->version != 0) && add_items(echoes, echo, names, count, &none);
}

static int
add_set(RwEchoes *echoes, RwEcho *echo, Py_ssize_t count, Parts *parts)
{
    const PySetObject *set = (const PySetObject *)echo->object;
    Py_ssize_t at = 0;
    if (set->mask > WIDEST_SET || !make_room(echo, count)) {
        return 0;
    }
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!add_item(echoes, echo, rw_next_of_set(set, &at), 0, parts)) {
            return 0;
        }
    }
    return parts->next == parts->end;
}

static int
add_deque(RwEchoes *echoes, RwEcho *echo, Py_ssize_t count, Parts *parts)
{
    if (!make_room(echo, count)) {
        return 0;
    }
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!add_item(echoes, echo, item_of_deque(echo->object, i), 0, parts)) {
            return 0;
        }
    }
    return parts->next == parts->end;
}

/* Hold what cannot change: as long as it is there its address stands for it. */
static int
hold(RwEcho *echo)
{
    if (!make_room(echo, 1)) {
        return 0;
    }
    echo->kind = FOR_GOOD;
    echo->holds = 1;
    echo->items[echo->count++] = (RwEchoItem){.object = Py_NewRef(echo->object)};
    return 1;
}

/* An enum's member is told by its name: its other attributes may be of any kind. */
static int
add_texts(RwEcho *echo)
{
    RwArray array;
    if (!rw_array_of(echo->object, &array) || !make_room(echo, array.size)) {
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
kind_of(PyObject *object, const PyTypeObject *type)
{
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
    if (type == &PyFunction_Type || type == &PyCFunction_Type) {
        return BY_NAMES;
    }
    if (type == &PySet_Type || type == &PyFrozenSet_Type) {
        return BY_SET;
    }
    if (type == rw_deque_type) {
        return BY_DEQUE;
    }
    return flags & Py_TPFLAGS_HEAPTYPE ? BY_ATTRIBUTES : FOR_GOOD;
}

static int
add_content(RwEchoes *echoes, RwEcho *echo, const RwWritten *written)
{
    PyObject *object = echo->object;
    Parts parts = {written->parts, written->parts + written->part_count};
    PyObject *const *items;
    if (echo->type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        echo->type_version = echo->type->tp_version_tag;
        if (echo->type_version == 0) {
            return 0;
        }
    }
    echo->kind = kind_of(object, echo->type) & 15;
    if (written->stands != RW_FOR_NOW) {
        return written->stands == RW_FOR_GOOD ? hold(echo) : add_texts(echo);
    }
    switch (echo->kind) {
    case BY_VERSION:
        return echo->version != 0 && rw_dict_version(object) == echo->version
               && add_parts(echo, &parts);
    case BY_LIST:
    case BY_TUPLE:
        items = echo->kind == BY_LIST ? ((PyListObject *)object)->ob_item
                                      : ((PyTupleObject *)object)->ob_item;
        echo->of = (uint32_t)Py_SIZE(object);
        return add_items(echoes, echo, items, least(written->shown, Py_SIZE(object)), &parts);
    case BY_SET:
        echo->of = (uint32_t)((PySetObject *)object)->used;
        return add_set(echoes, echo, least(written->shown, echo->of), &parts);
    case BY_DEQUE:
        echo->of = (uint32_t)Py_SIZE(object);
        return add_deque(echoes, echo, least(written->shown, echo->of), &parts);
    case BY_ATTRIBUTES:
        return add_attributes(echoes, echo, written->shown, &parts);
    case BY_NAMES:
        return add_names(echoes, echo);
    default:
        return 1;
    }
}

/* Whether the node is in the payload a second time, and nothing more was written of it now. */
static int
is_again(const RwEchoes *echoes, const RwEcho *echo, const RwWritten *written)
{
    return echo->object == written->object && echo->at >= written->since
           && echo->bound <= RW_AT_DEPTH && is_same(echoes, echo);
}

const RwEcho *
rw_echo_keep(RwEchoes *echoes, const RwWritten *written)
{
    if (echoes->fresh_count == RW_ECHO_FRESH || written->height > UINT8_MAX
        || written->depth > UINT8_MAX || written->redacted > UINT8_MAX) {
        return NULL;
    }
    size_t place = place_for(echoes, written->object, level_of(written->bound, written->depth));
    RwEcho *echo = &echoes->table[place];
    if (is_again(echoes, echo, written)) {
        return echo;
    }
    forget(echoes, echo);
    echo->object = written->object;
    echo->type = Py_TYPE(written->object);
    echo->type_version = 0;
    echo->version = written->version;
    echo->epoch = echoes->epoch;
    echo->at = written->at;
    echo->length = (uint32_t)written->length;
    echo->size = (uint32_t)written->size;
    echo->of = 0;
    echo->height = (uint8_t)written->height;
    echo->depth = (uint8_t)written->depth;
    echo->redacted = (uint8_t)written->redacted;
    echo->bound = (uint8_t)(written->bound & 3);
    if (!add_content(echoes, echo, written)) {
        forget(echoes, echo);
        return NULL;
    }
    echoes->has_bound |= echo->bound != RW_ANYWHERE;
    echoes->fresh[echoes->fresh_count++] = (uint16_t)place;
    return echo;
}

/* Payloads */

static void
settle_place(uint32_t *at, size_t base)
{
    if (*at & RW_ECHO_UNSETTLED) {
        *at = (*at & ~RW_ECHO_UNSETTLED) + (uint32_t)base;
    }
}

void
rw_echoes_settle(RwEchoes *echoes, size_t base)
{
    if (base >= RW_ECHO_FARTHEST) {
        return; /* Forgotten at the payload's end. */
    }
    for (unsigned i = 0; i < echoes->fresh_count; i++) {
        RwEcho *echo = &echoes->table[echoes->fresh[i]];
        settle_place(&echo->at, base);
        for (int j = 0; j < echo->count; j++) {
            settle_place(&echo->items[j].at, base);
        }
    }
    echoes->fresh_count = 0;
}

/* Whether one of the payload's nodes was put over another. */
static int
is_named_before(const RwEchoes *echoes, unsigned fresh)
{
    for (unsigned i = 0; i < fresh; i++) {
        if (echoes->fresh[i] == echoes->fresh[fresh]) {
            return 1;
        }
    }
    return 0;
}

void
rw_echoes_move(RwEchoes *echoes, uint32_t start, uint32_t by)
{
    for (unsigned i = 0; i < echoes->fresh_count; i++) {
        RwEcho *echo = &echoes->table[echoes->fresh[i]];
        if (is_named_before(echoes, i)) {
            continue;
        }
        echo->at += by;
        for (int j = 0; j < echo->count; j++) {
            echo->items[j].at += echo->items[j].at >= start ? by : 0;
        }
    }
}

void
rw_echoes_end_payload(RwEchoes *echoes)
{
    for (unsigned i = 0; i < echoes->fresh_count; i++) {
        forget(echoes, &echoes->table[echoes->fresh[i]]);
    }
    echoes->fresh_count = 0;
    echoes->written = 0;
}
