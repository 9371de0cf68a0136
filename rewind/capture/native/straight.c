/* Writes containers and instances straight into the segment; see straight.h.
 *
 * Whatever is out of the ordinary gives NULL all the way up, and the walk begins anew.
 */
#include "arrays.h"
#include "in_place.h"
#include "scalar.h"
#include "straight.h"

enum {
    /* Bytes that a name and a scalar take at most, or a node's head without its type's name; of the
     * budget, the walk wants less to be left for a further item. */
    LEAST = 64,
    LONGEST_NAME = 31,  /* whose header has one byte */
    LONGEST_TYPE_NAME = 255,
};

typedef struct {
    RwValues *values;
    RwEchoes *echoes;
    const RwRoom *room;
    const uint8_t *limit; /* beyond which nothing is begun: of the room, and of the budget */
    const RwStep *path;
    Py_ssize_t depth;
    Py_ssize_t deepest;
    size_t saved;
    int is_lasting; /* whether all that was written so far can be remembered */
    size_t part_count;
    RwEchoItem parts[RW_ECHO_ITEMS];
} Straight;

static uint8_t *put_other(Straight *straight, uint8_t *at, PyObject *value);

RW_HOT uint8_t *
put(Straight *straight, uint8_t *at, PyObject *value)
{
    if (RW_UNLIKELY(at > straight->limit)) {
        return NULL;
    }
    uint8_t *end = rw_write_scalar(at, value);
    return RW_LIKELY(end != NULL) ? end : put_other(straight, at, value);
}

/* Text */

RW_HOT uint8_t *
put_ascii(uint8_t *at, PyObject *text)
{
    size_t size = (size_t)PyUnicode_GET_LENGTH(text);
    const uint8_t *characters = (const uint8_t *)((PyASCIIObject *)text + 1);
    at = rw_write_short_header(at, size);
    rw_copy_text(at, characters, size);
    return at + size;
}

static uint8_t *
put_text(const Straight *straight, uint8_t *at, PyObject *text)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    if (!PyUnicode_IS_COMPACT_ASCII(text) || size > RW_STRAIGHT_TEXT || at + size > straight->limit
        || (size >= RW_SHORTEST_CREDENTIAL && rw_is_credential(text, (size_t)size))) {
        return NULL;
    }
    return put_ascii(at, text);
}

/* Put the name of what follows; NULL where that is to be withheld as well. */
RW_HOT uint8_t *
put_name(Straight *straight, uint8_t *at, PyObject *name)
{
    if (RW_UNLIKELY(at > straight->limit || !PyUnicode_IS_COMPACT_ASCII(name)
                    || PyUnicode_GET_LENGTH(name) > LONGEST_NAME)) {
        return NULL;
    }
    int is_secret = rw_names_remember(&straight->values->names, name);
    if (RW_UNLIKELY(is_secret != 0)) {
        if (is_secret == -2) {
            is_secret = rw_names_cover(&straight->values->names, name);
        }
        if (is_secret != 0) {
            PyErr_Clear();
            return NULL;
        }
    }
    return put_ascii(at, name);
}

/* Echoes */

RW_HOT int
add_part(Straight *straight, const RwEcho *echo)
{
    if (straight->part_count == RW_ECHO_ITEMS) {
        return 0;
    }
    straight->parts[straight->part_count++] = rw_echo_item(straight->echoes, echo);
    return 1;
}

static uint8_t *
put_echo(Straight *straight, uint8_t *at, const RwEcho *echo)
{
    Py_ssize_t deepest = straight->depth + echo->height;
    if (echo->bound != RW_ANYWHERE || echo->redacted > 0 || deepest > straight->values->max_depth
        || straight->limit - at < (ptrdiff_t)echo->size || !add_part(straight, echo)) {
        return NULL;
    }
    if (deepest > straight->deepest) {
        straight->deepest = deepest;
    }
    size_t saved = echo->size - RW_ECHO_SIZE;
    straight->limit -= saved;
    straight->saved += saved;
    rw_store_echo(at, echo);
    return at + RW_ECHO_SIZE;
}

/* Nodes */

RW_HOT uint8_t *
put_head(uint8_t *at, enum RwTag tag, size_t elements, PyObject *value)
{
    at[0] = 0xDC;
    rw_store_16(at + 1, (uint16_t)elements);
    at[3] = (uint8_t)tag;
    return rw_write_unsigned(at + 4, (uint64_t)(uintptr_t)value);
}

RW_HOT uint8_t *
put_type_name(const Straight *straight, uint8_t *at, const RwReading *reading)
{
    PyObject *name = reading->name;
    Py_ssize_t size = PyUnicode_GET_LENGTH(name);
    if (!PyUnicode_IS_COMPACT_ASCII(name) || size > LONGEST_TYPE_NAME
        || at + size > straight->limit) {
        return NULL;
    }
    return put_ascii(at, name);
}

static uint8_t *
put_items(Straight *straight, uint8_t *at, PyObject *value, enum RwTag tag, PyObject *const *items,
          Py_ssize_t size)
{
    at = put_head(at, tag, (size_t)size + 3, value);
    at = rw_write_unsigned(at, (uint64_t)size);
    for (Py_ssize_t i = 0; i < size && at != NULL; i++) {
        at = put(straight, at, items[i]);
    }
    return at;
}

static uint8_t *
put_set(Straight *straight, uint8_t *at, PyObject *value, enum RwTag tag)
{
    const PySetObject *set = (const PySetObject *)value;
    Py_ssize_t place = 0, size = set->used;
    if (size > straight->values->max_items || rw_is_wide(set)) {
        return NULL;
    }
    at = put_head(at, tag, (size_t)size + 3, value);
    at = rw_write_unsigned(at, (uint64_t)size);
    for (Py_ssize_t i = 0; i < size && at != NULL; i++) {
        at = put(straight, at, rw_next_of_set(set, &place));
    }
    return at;
}

#if RW_READS_ARRAYS

static uint8_t *
put_dict(Straight *straight, uint8_t *at, PyObject *value)
{
    const PyDictObject *dict = (PyDictObject *)value;
    PyDictKeysObject *keys = dict->ma_keys;
    if (dict->ma_values != NULL || !DK_IS_UNICODE(keys)
        || dict->ma_used > straight->values->max_items) {
        return NULL;
    }
    at = put_head(at, RW_DICT, 3 + 2 * (size_t)dict->ma_used, value);
    at = rw_write_unsigned(at, (uint64_t)dict->ma_used);
    const PyDictUnicodeEntry *entry = DK_UNICODE_ENTRIES(keys);
    const PyDictUnicodeEntry *end = entry + keys->dk_nentries;
    for (; entry < end && at != NULL; entry++) {
        if (entry->me_value == NULL) {
            continue;
        }
        /* As a value it may be a credential. */
        if (PyUnicode_GET_LENGTH(entry->me_key) >= RW_SHORTEST_CREDENTIAL) {
            return NULL;
        }
        at = put_name(straight, at, entry->me_key);
        if (at != NULL) {
            at = put(straight, at, entry->me_value);
        }
    }
    return at;
}

#else

static uint8_t *
put_dict(Straight *Py_UNUSED(straight), uint8_t *Py_UNUSED(at), PyObject *Py_UNUSED(value))
{
    return NULL;
}

#endif

/* Begin an instance with so many attributes. */
RW_HOT uint8_t *
put_instance(const Straight *straight, uint8_t *at, PyObject *value, const RwReading *reading,
             Py_ssize_t size)
{
    if (size > straight->values->max_items) {
        return NULL;
    }
    at = put_head(at, RW_INSTANCE, 4 + 2 * (size_t)size, value);
    at = put_type_name(straight, at, reading);
    return at == NULL ? NULL : rw_write_unsigned(at, (uint64_t)size);
}

RW_HOT uint8_t *
put_attribute(Straight *straight, uint8_t *at, PyObject *name, PyObject *held)
{
    at = put_name(straight, at, name);
    return at == NULL ? NULL : put(straight, at, held);
}

static uint8_t *
put_namespace(Straight *straight, uint8_t *at, PyObject *value, const RwReading *reading)
{
    RwArray array;
    if (!rw_array_of(value, &array)) {
        return NULL;
    }
    at = put_instance(straight, at, value, reading, array.size);
    for (Py_ssize_t i = 0; i < array.size && at != NULL; i++) {
        PyObject *name, *held = rw_array_take(&array, i, &name);
        at = put_attribute(straight, at, name, held);
    }
    return at;
}

static uint8_t *
put_slots(Straight *straight, uint8_t *at, PyObject *value, const RwReading *reading)
{
    Py_ssize_t size = 0;
    for (Py_ssize_t i = 0; i < reading->slot_count; i++) {
        PyObject **held = rw_slot_in(value, &reading->slots[i]);
        if (held == NULL) {
            return NULL;
        }
        size += *held != NULL;
    }
    at = put_instance(straight, at, value, reading, size);
    for (Py_ssize_t i = 0; i < reading->slot_count && at != NULL; i++) {
        PyObject *held = *rw_slot_in(value, &reading->slots[i]);
        if (held != NULL) {
            at = put_attribute(straight, at, reading->slots[i].name, held);
        }
    }
    return at;
}

static uint8_t *
put_named(const Straight *straight, uint8_t *at, PyObject *value, const RwReading *reading)
{
    at[0] = 0x93;
    at[1] = RW_OPAQUE;
    at = rw_write_unsigned(at + 2, (uint64_t)(uintptr_t)value);
    return put_type_name(straight, at, reading);
}

/* What is noted of a node as it is read. */
typedef struct {
    uint64_t version; /* of a dictionary */
    const RwReading *reading; /* of an instance */
} Read;

/* Put what is in the node. */
RW_HOT uint8_t *
put_content(Straight *straight, uint8_t *at, PyObject *value, Read *read)
{
    PyTypeObject *kind = Py_TYPE(value);
    if (kind == &PyDict_Type) {
        read->version = rw_dict_version(value);
        return put_dict(straight, at, value);
    }
    if (kind == &PyList_Type || kind == &PyTuple_Type) {
        int is_list = kind == &PyList_Type;
        Py_ssize_t size = Py_SIZE(value);
        PyObject *const *items =
            is_list ? ((PyListObject *)value)->ob_item : ((PyTupleObject *)value)->ob_item;
        return size > straight->values->max_items
                   ? NULL
                   : put_items(straight, at, value, is_list ? RW_LIST : RW_TUPLE, items, size);
    }
    if (kind == &PySet_Type || kind == &PyFrozenSet_Type) {
        return put_set(straight, at, value, kind == &PySet_Type ? RW_SET : RW_FROZENSET);
    }
    const RwReading *reading = rw_reading_at_hand(&straight->values->readings, kind);
    if (reading == NULL || reading->shape == RW_OTHER_SHAPE) {
        return NULL;
    }
    if (reading->shape == RW_BY_NAME_ALONE) {
        straight->depth--;
        straight->deepest--;
        at = put_named(straight, at, value, reading);
        straight->depth++;
        return at;
    }
    read->reading = reading;
    return reading->shape == RW_BY_SLOTS ? put_slots(straight, at, value, reading)
                                         : put_namespace(straight, at, value, reading);
}

static uint8_t *
put_node(Straight *straight, uint8_t *at, PyObject *value)
{
    for (const RwStep *step = straight->path; step != NULL; step = step->outer) {
        if (step->container == value) {
            return NULL;
        }
    }
    if (straight->depth >= straight->values->max_depth) {
        return NULL;
    }
    RwStep step = {value, straight->path};
    size_t saved = straight->saved, part_count = straight->part_count;
    Py_ssize_t deepest = straight->deepest;
    Read read = {0, NULL};
    straight->path = &step;
    straight->deepest = ++straight->depth;
    uint8_t *end = put_content(straight, at, value, &read);
    if (end == NULL) {
        return NULL;
    }
    straight->path = step.outer;
    straight->depth--;
    if (straight->is_lasting) {
        size_t length = (size_t)(end - at);
        RwWritten written = {
            .object = value,
            .version = read.version,
            .reading = read.reading,
            .at = (uint32_t)(at - straight->room->map),
            .since = (uint32_t)(straight->room->record - straight->room->map),
            .length = length,
            .size = length + straight->saved - saved,
            .height = straight->deepest - straight->depth,
            .depth = straight->depth,
            .shown = PY_SSIZE_T_MAX,
            .parts = straight->parts + part_count,
            .part_count = straight->part_count - part_count,
        };
        const RwEcho *kept = rw_echo_keep(straight->echoes, &written);
        straight->part_count = part_count;
        straight->is_lasting = kept != NULL && add_part(straight, kept);
    }
    if (straight->deepest < deepest) {
        straight->deepest = deepest;
    }
    return end;
}

static uint8_t *
put_other(Straight *straight, uint8_t *at, PyObject *value)
{
    if (PyUnicode_CheckExact(value)) {
        return put_text(straight, at, value);
    }
    if (PyLong_CheckExact(value)) {
        return rw_write_wide_integer(at, value);
    }
    const RwEcho *echo = rw_echo_of(straight->echoes, value, straight->depth);
    if (echo != NULL && straight->room->map + echo->at < straight->room->record) {
        return put_echo(straight, at, echo);
    }
    return put_node(straight, at, value);
}

uint8_t *
rw_write_straight(RwValues *values, RwEchoes *echoes, const RwRoom *room, uint8_t *at,
                  PyObject *value, int *echoing)
{
    size_t left = (size_t)(room->end - at);
    size_t budget = values->max_bytes < left ? values->max_bytes : left;
    uint8_t *end = NULL;
    if (budget > LEAST && values->max_bytes <= RW_ECHO_MOST
        && (size_t)(at - room->map) < RW_ECHO_FARTHEST) {
        Straight straight;
        straight.values = values;
        straight.echoes = echoes;
        straight.room = room;
        straight.limit = at + budget - LEAST;
        straight.path = NULL;
        straight.depth = straight.deepest = 0;
        straight.saved = straight.part_count = 0;
        straight.is_lasting = 1;
        end = PyUnicode_CheckExact(value) ? put_text(&straight, at, value)
              : PyLong_CheckExact(value)  ? rw_write_wide_integer(at, value)
                                          : put_node(&straight, at, value);
        *echoing |= straight.saved > 0 ? RW_HOLDS_ECHOES : 0;
    }
    if (end == NULL) {
        rw_echoes_end_payload(echoes);
    }
    return end;
}
