/* Writes values that hold others: sequences, sets, dictionaries.
 *
 * A container is read as the exact builtin type would be; of a subclass that is its builtin half,
 * whatever the subclass overrides. Each step looks whether the container is still as it was, as
 * another thread may have come between (walk.h).
 */
#if !defined(Py_GIL_DISABLED) && !defined(PYPY_VERSION) && __has_include("internal/pycore_dict.h")
#define READS_TABLES 1
#define Py_BUILD_CORE_MODULE 1
#endif

#include "scalar.h"

#if READS_TABLES
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "internal/pycore_dict.h"
#pragma GCC diagnostic pop
#endif

static int
write_item(RwWalk *walk, RwNode *node, PyObject *item)
{
    node->elements++;
    return rw_walk_item(walk, item);
}

static int
write_pair(RwWalk *walk, RwNode *node, PyObject *key, PyObject *item)
{
    node->elements += 2;
    Py_INCREF(key);
    Py_INCREF(item);
    int outcome = rw_walk_item(walk, key);
    int is_secret = outcome < 0 ? -1 : rw_walk_is_secret(walk, key);
    if (is_secret > 0) {
        outcome = rw_walk_withhold(walk, RW_BY_NAME, item, Py_TYPE(item));
    }
    else if (is_secret == 0) {
        outcome = rw_walk_item(walk, item);
    }
    Py_DECREF(key);
    Py_DECREF(item);
    return is_secret < 0 ? -1 : outcome;
}

static int
write_list_items(RwWalk *walk, RwNode *node, PyObject *list, Py_ssize_t size)
{
    Py_ssize_t shown = rw_walk_shown(walk, node, size);
    for (Py_ssize_t i = 0; i < shown && rw_walk_has_room(walk, node); i++) {
        if (i >= PyList_GET_SIZE(list)) {
            node->reason = RW_OMIT_CHANGED;
            break;
        }
        if (write_item(walk, node, PyList_GET_ITEM(list, i)) < 0) {
            return -1;
        }
    }
    return 0;
}

int
rw_write_list(RwWalk *walk, PyObject *value)
{
    int seen = rw_walk_seen(walk, value);
    if (seen != 0) {
        return seen < 0 ? -1 : 0;
    }
    RwNode node;
    Py_ssize_t size = PyList_GET_SIZE(value);
    rw_walk_enter(walk, &node, value);
    if (rw_walk_open(walk, &node, RW_LIST, size, NULL) < 0
        || write_list_items(walk, &node, value, size) < 0) {
        return -1;
    }
    return rw_walk_close(walk, &node);
}

static int
is_secret_field(RwWalk *walk, PyObject *fields, Py_ssize_t place)
{
    if (fields == NULL || place >= PyTuple_GET_SIZE(fields)) {
        return 0;
    }
    return rw_names_cover(&walk->values->names, PyTuple_GET_ITEM(fields, place));
}

static int
write_tuple_items(RwWalk *walk, RwNode *node, PyObject *tuple, PyObject *fields)
{
    Py_ssize_t shown = rw_walk_shown(walk, node, PyTuple_GET_SIZE(tuple));
    for (Py_ssize_t i = 0; i < shown && rw_walk_has_room(walk, node); i++) {
        PyObject *item = PyTuple_GET_ITEM(tuple, i);
        int is_secret = is_secret_field(walk, fields, i);
        node->elements++;
        if (is_secret < 0
            || (is_secret > 0 && rw_walk_withhold(walk, RW_BY_NAME, item, Py_TYPE(item)) < 0)
            || (is_secret == 0 && rw_walk_item(walk, item) < 0)) {
            return -1;
        }
    }
    return 0;
}

int
rw_write_tuple(RwWalk *walk, PyObject *value, PyObject *fields)
{
    int seen = rw_walk_seen(walk, value);
    if (seen != 0) {
        return seen < 0 ? -1 : 0;
    }
    RwNode node;
    rw_walk_enter(walk, &node, value);
    if (rw_walk_open(walk, &node, RW_TUPLE, PyTuple_GET_SIZE(value), NULL) < 0
        || write_tuple_items(walk, &node, value, fields) < 0) {
        return -1;
    }
    return rw_walk_close(walk, &node);
}

PyObject *
rw_next_of_set(const PySetObject *set, Py_ssize_t *at)
{
    while (*at <= set->mask) {
        const setentry *entry = &set->table[(*at)++];
        /* -1: an item that was taken out. */
        if (entry->key != NULL && entry->hash != -1) {
            return entry->key;
        }
    }
    return NULL;
}

static int
write_set_items(RwWalk *walk, RwNode *node, const PySetObject *set)
{
    Py_ssize_t size = set->used, at = 0;
    if (size > 0 && node->reason != RW_OMIT_DEPTH && rw_is_wide(set)) {
        node->reason = RW_OMIT_ITEMS;
        return 0;
    }
    Py_ssize_t shown = rw_walk_shown(walk, node, size);
    for (Py_ssize_t i = 0; i < shown && rw_walk_has_room(walk, node); i++) {
        PyObject *item = set->used == size ? rw_next_of_set(set, &at) : NULL;
        if (item == NULL) {
            node->reason = RW_OMIT_CHANGED;
            break;
        }
        if (write_item(walk, node, item) < 0) {
            return -1;
        }
    }
    return 0;
}

int
rw_write_set(RwWalk *walk, PyObject *value, enum RwTag tag)
{
    int seen = rw_walk_seen(walk, value);
    if (seen != 0) {
        return seen < 0 ? -1 : 0;
    }
    RwNode node;
    rw_walk_enter(walk, &node, value);
    if (rw_walk_open(walk, &node, tag, PySet_GET_SIZE(value), NULL) < 0
        || write_set_items(walk, &node, (const PySetObject *)value) < 0) {
        return -1;
    }
    return rw_walk_close(walk, &node);
}

static int
write_deque_items(RwWalk *walk, RwNode *node, PyObject *iterator, Py_ssize_t size)
{
    Py_ssize_t shown = rw_walk_shown(walk, node, size);
    for (Py_ssize_t i = 0; i < shown && rw_walk_has_room(walk, node); i++) {
        PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
        if (item == NULL) {
            PyErr_Clear(); /* A RuntimeError, if any: the deque has changed. */
            node->reason = RW_OMIT_CHANGED;
            break;
        }
        node->elements++;
        int outcome = rw_walk_write(walk, item);
        Py_DECREF(item);
        if (outcome < 0) {
            return -1;
        }
    }
    return 0;
}

int
rw_write_deque(RwWalk *walk, PyObject *value)
{
    int seen = rw_walk_seen(walk, value);
    if (seen != 0) {
        return seen < 0 ? -1 : 0;
    }
    PyObject *iterator = rw_deque_type->tp_iter(value);
    if (iterator == NULL) {
        return -1;
    }
    RwNode node;
    Py_ssize_t size = Py_SIZE(value);
    rw_walk_enter(walk, &node, value);
    int outcome = rw_walk_open(walk, &node, RW_LIST, size, NULL);
    if (outcome == 0) {
        outcome = write_deque_items(walk, &node, iterator, size);
    }
    Py_DECREF(iterator);
    return outcome < 0 ? -1 : rw_walk_close(walk, &node);
}

/* As `PyDict_Next`, without a call where all keys are text. */
RW_HOT int
next_pair(PyObject *dict, Py_ssize_t *at, PyObject **key, PyObject **item)
{
#if READS_TABLES
    const PyDictObject *mapping = (PyDictObject *)dict;
    PyDictKeysObject *keys = mapping->ma_keys;
    if (RW_LIKELY(mapping->ma_values == NULL && DK_IS_UNICODE(keys))) {
        const PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
        for (Py_ssize_t end = keys->dk_nentries; *at < end;) {
            const PyDictUnicodeEntry *entry = &entries[(*at)++];
            if (entry->me_value != NULL) {
                *key = entry->me_key;
                *item = entry->me_value;
                return 1;
            }
        }
        return 0;
    }
#endif
    return PyDict_Next(dict, at, key, item);
}

static int
write_pairs(RwWalk *walk, RwNode *node, PyObject *dict)
{
    PyObject *key, *item;
    Py_ssize_t size = PyDict_GET_SIZE(dict), at = 0;
    Py_ssize_t shown = rw_walk_shown(walk, node, size);
    for (Py_ssize_t i = 0; i < shown && rw_walk_has_room(walk, node); i++) {
        if (PyDict_GET_SIZE(dict) != size || !next_pair(dict, &at, &key, &item)) {
            node->reason = RW_OMIT_CHANGED;
            break;
        }
        if (write_pair(walk, node, key, item) < 0) {
            return -1;
        }
    }
    return 0;
}

int
rw_write_dict(RwWalk *walk, PyObject *value)
{
    int seen = rw_walk_seen(walk, value);
    if (seen != 0) {
        return seen < 0 ? -1 : 0;
    }
    RwNode node;
    rw_walk_enter(walk, &node, value);
    if (rw_walk_open(walk, &node, RW_DICT, PyDict_GET_SIZE(value), NULL) < 0
        || write_pairs(walk, &node, value) < 0) {
        return -1;
    }
    return rw_walk_close(walk, &node);
}
