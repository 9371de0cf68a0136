/* Remembers what was written and proves that it is so still; see echoes.h. */
#include "arrays.h"
#include "echoes.h"

/* Longest text or bytes that are held: a longer one might be missed by the program. */
#define LONGEST_HELD 128

RwEchoes *
rw_echoes_new(void)
{
    RwEchoes *echoes = PyMem_RawCalloc(1, sizeof *echoes);
    if (echoes == NULL) {
        PyErr_NoMemory();
    }
    return echoes;
}

static void
forget(RwEcho *echo)
{
    for (int i = 0; echo->holds && i < echo->count; i++) {
        if (echo->items[i].at == 0) {
            Py_DECREF(echo->items[i].object); /* A scalar: nothing of the program's runs. */
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
            forget(&echoes->table[i]);
            PyMem_RawFree(echoes->table[i].items);
        }
        PyMem_RawFree(echoes);
    }
}

/* The first of the two places that the object may have. */
RW_HOT size_t
place_of(const PyObject *object)
{
    return ((uintptr_t)object >> 4) * 0x9E3779B97F4A7C15ULL >> 52 & ~(size_t)1;
}

_Static_assert(RW_ECHOES == 1 << (64 - 52), "a place is the product's uppermost bits");

/* The one of the two that is the object's; the first if neither is. */
RW_HOT size_t
found_at(const RwEchoes *echoes, const PyObject *object)
{
    size_t place = place_of(object);
    return place + (echoes->table[place].object != object
                    && echoes->table[place + 1].object == object);
}

/* Where the object may be put: over itself, or over what was written longer ago. */
RW_HOT size_t
place_for(const RwEchoes *echoes, const PyObject *object)
{
    size_t place = found_at(echoes, object);
    const RwEcho *first = &echoes->table[place], *second = &echoes->table[place | 1];
    if (first->object == object || first->object == NULL || first->epoch != echoes->epoch) {
        return place;
    }
    int is_older = second->object == NULL || second->epoch != echoes->epoch
                   || second->at < first->at;
    return place + (size_t)is_older;
}

RwEchoItem
rw_echo_item(const RwEchoes *echoes, PyObject *value, uint32_t at)
{
    return (RwEchoItem){.object = value, .at = at, .echo = (uint16_t)found_at(echoes, value)};
}

/* Proofs */

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
        if (item->at != 0) {
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
    if (count != echo->count) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (items[i] != echo->items[i].object) {
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
    if (echo->type->tp_version_tag != echo->version) {
        return 0;
    }
    if (echo->attributes != 0) {
        return attributes_version(echo->object) == echo->attributes
               && has_same_parts(echoes, echo);
    }
    if (!rw_array_of(echo->object, &array) || array.size != echo->count) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < array.size; i++) {
        const RwEchoItem *item = &echo->items[i];
        if (array.order[i * array.step] != item->place
            || array.values[item->place] != item->object) {
            return 0;
        }
    }
    return has_same_parts(echoes, echo);
}

static int
is_same(const RwEchoes *echoes, const RwEcho *echo)
{
    PyObject *object = echo->object;
    PyTypeObject *type = echo->type;
    if (echo->epoch != echoes->epoch || Py_TYPE(object) != type) {
        return 0;
    }
    if (type == &PyDict_Type) {
        return version_of(object) == echo->version && has_same_parts(echoes, echo);
    }
    if (type == &PyList_Type) {
        return has_same_items(echoes, echo, ((PyListObject *)object)->ob_item,
                              PyList_GET_SIZE(object));
    }
    if (type == &PyTuple_Type) {
        return has_same_items(echoes, echo, ((PyTupleObject *)object)->ob_item,
                              PyTuple_GET_SIZE(object));
    }
    return echo->version == 0 || has_same_attributes(echoes, echo);
}

const RwEcho *
rw_echo_of(const RwEchoes *echoes, PyObject *value)
{
    const RwEcho *echo = &echoes->table[found_at(echoes, value)];
    if (echo->object != value || echo->at & RW_ECHO_UNSETTLED || !is_same(echoes, echo)) {
        return NULL;
    }
    return echo;
}

/* Remembering */

/* Whether the object is such that its address, while it is held, stands for its value. */
static int
is_scalar(PyObject *object)
{
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyUnicode_Type) {
        return PyUnicode_GET_LENGTH(object) <= LONGEST_HELD;
    }
    if (type == &PyBytes_Type) {
        return PyBytes_GET_SIZE(object) <= LONGEST_HELD;
    }
    return type == &PyLong_Type || type == &PyFloat_Type || type == &PyBool_Type
           || object == Py_None;
}

/* Parts of a node being remembered that are still to be met among its items. */
typedef struct {
    const RwEchoItem *next;
    const RwEchoItem *end;
} Parts;

static int
add_item(RwEcho *echo, PyObject *object, unsigned place, Parts *parts)
{
    RwEchoItem *item = &echo->items[echo->count];
    if (parts->next < parts->end && parts->next->object == object) {
        *item = *parts->next++;
        echo->parts++;
    }
    else if (is_scalar(object)) {
        *item = (RwEchoItem){.object = Py_NewRef(object)};
    }
    else {
        return 0;
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
add_items(RwEcho *echo, PyObject *const *items, Py_ssize_t count, Parts *parts)
{
    if (!make_room(echo, count)) {
        return 0;
    }
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!add_item(echo, items[i], 0, parts)) {
            return 0;
        }
    }
    return parts->next == parts->end;
}

/* A dictionary's scalars need no holding: it holds them itself as long as its version stays. */
static int
add_parts(RwEcho *echo, const Parts *parts)
{
    Py_ssize_t count = parts->end - parts->next;
    if (!make_room(echo, count)) {
        return 0;
    }
    if (count > 0) {
        memcpy(echo->items, parts->next, (size_t)count * sizeof *echo->items);
    }
    echo->count = echo->parts = (uint8_t)count;
    return 1;
}

static int
add_attributes(RwEcho *echo, Parts *parts)
{
    RwArray array;
    if (echo->version == 0) {
        return 0;
    }
    if (!rw_array_of(echo->object, &array)) {
        echo->attributes = attributes_version(echo->object);
        return echo->attributes != 0 && add_parts(echo, parts);
    }
    if (!make_room(echo, array.size)) {
        return 0;
    }
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < array.size; i++) {
        unsigned place = array.order[i * array.step];
        if (!add_item(echo, array.values[place], place, parts)) {
            return 0;
        }
    }
    return parts->next == parts->end;
}

static int
add_content(RwEcho *echo, Parts *parts)
{
    PyObject *object = echo->object;
    if (echo->type == &PyDict_Type) {
        return echo->version != 0 && rw_dict_version(object) == echo->version
               && add_parts(echo, parts);
    }
    if (echo->type == &PyList_Type) {
        return add_items(echo, ((PyListObject *)object)->ob_item, PyList_GET_SIZE(object), parts);
    }
    if (echo->type == &PyTuple_Type) {
        return add_items(echo, ((PyTupleObject *)object)->ob_item, PyTuple_GET_SIZE(object),
                         parts);
    }
    if (!(echo->type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        /* Known by its address and type only, and of a type that is for good. */
        echo->version = 0;
        return 1;
    }
    return add_attributes(echo, parts);
}

uint32_t
rw_echo_keep(RwEchoes *echoes, const RwWritten *written)
{
    if (echoes->fresh_count == RW_ECHO_FRESH || written->height > UINT16_MAX) {
        return 0;
    }
    size_t place = place_for(echoes, written->object);
    RwEcho *echo = &echoes->table[place];
    forget(echo);
    echo->object = written->object;
    echo->type = Py_TYPE(written->object);
    echo->version = written->version;
    echo->attributes = 0;
    echo->epoch = echoes->epoch;
    echo->at = written->at;
    echo->length = (uint32_t)written->length;
    echo->size = (uint32_t)written->size;
    echo->height = (uint16_t)written->height;
    Parts parts = {written->parts, written->parts + written->part_count};
    if (!add_content(echo, &parts)) {
        forget(echo);
        return 0;
    }
    echoes->fresh[echoes->fresh_count++] = (uint16_t)place;
    return echo->at;
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
        forget(&echoes->table[echoes->fresh[i]]);
    }
    echoes->fresh_count = 0;
    echoes->written = 0;
}
