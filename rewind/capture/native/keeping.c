/* Remembers a node that was written; see echoes.h. */
#include "grounds.h"

int
rw_echo_grow(RwEcho *echo, Py_ssize_t count)
{
    if (count > RW_ECHO_ITEMS) {
        return 0;
    }
    size_t room = count <= 8 ? 8 : count <= 16 ? 16 : RW_ECHO_ITEMS;
    RwEchoItem *items = PyMem_RawRealloc(echo->items, room * sizeof *items);
    if (items == NULL) {
        return 0;
    }
    echo->items = items;
    echo->room = (uint8_t)room;
    return 1;
}

RW_HOT void
forget(RwEchoes *echoes, RwEcho *echo)
{
    if (echo->holds) {
        const RwEchoItem *item = echo->items, *end = item + echo->count;
        for (; item < end; item++) {
            if (item->at == 0) {
                PyObject *object = item->object;
                echoes->held -= rw_held_size(object);
                Py_DECREF(object); /* A scalar: nothing of the program's runs. */
            }
        }
    }
    echo->object = NULL;
    echo->count = echo->parts = echo->slots = echo->holds = 0;
}

void
rw_echo_forget(RwEchoes *echoes, RwEcho *echo)
{
    forget(echoes, echo);
}

/* Where the object may be put: over itself, or over what was written longer ago. */
RW_HOT RwEcho *
place_for(RwEchoes *echoes, const PyObject *object, size_t level)
{
    RwEcho *first = &echoes->table[rw_echo_place(object, level)], *second = first + 1;
    if (rw_echo_is_of(first, object, level)) {
        return first;
    }
    if (rw_echo_is_of(second, object, level)) {
        return second;
    }
    if (first->object == NULL || first->epoch != echoes->epoch) {
        return first;
    }
    int is_older = second->object == NULL || second->epoch != echoes->epoch
                   || second->at < first->at;
    return is_older ? second : first;
}

/* Whether the node is in the payload a second time, and nothing more was written of it now. */
RW_HOT int
is_again(const RwEchoes *echoes, const RwEcho *echo, const RwWritten *written)
{
    return echo->object == written->object && echo->at >= written->since
           && echo->bound <= RW_AT_DEPTH && rw_echo_is_same(echoes, echo);
}

/* The kinds that most nodes are of, here; as `rw_echo_note`. */
RW_HOT int
note(RwEchoes *echoes, RwEcho *echo, const RwWritten *written)
{
    RwParts parts = {written->parts, written->parts + written->part_count};
    const RwReading *reading = written->reading;
    if (echo->type == &PyDict_Type) {
        echo->kind = BY_VERSION;
        return echo->version != 0 && rw_dict_version(echo->object) == echo->version
               && rw_echo_add_parts(echo, &parts, parts.end - parts.next);
    }
    if (echo->type == &PyList_Type) {
        PyListObject *list = (PyListObject *)echo->object;
        Py_ssize_t size = PyList_GET_SIZE(list);
        echo->kind = BY_LIST;
        echo->of = (uint32_t)size;
        return rw_echo_add_items(echoes, echo, list->ob_item, rw_least(written->shown, size),
                                 &parts);
    }
    RwArray array;
    if (reading != NULL && reading->shape == RW_BY_ATTRIBUTES
        && rw_array_of(echo->object, &array)) {
        echo->kind = BY_ATTRIBUTES;
        echo->type_version = echo->type->tp_version_tag;
        return echo->type_version != 0
               && rw_echo_add_array(echoes, echo, &array, rw_least(written->shown / 2, array.size),
                                    &parts)
               && parts.next == parts.end;
    }
    return rw_echo_note(echoes, echo, written);
}

const RwEcho *
rw_echo_keep(RwEchoes *echoes, const RwWritten *written)
{
    if (echoes->fresh_count == RW_ECHO_FRESH || written->height > UINT8_MAX
        || written->depth > UINT8_MAX || written->redacted > UINT8_MAX) {
        return NULL;
    }
    RwEcho *echo = place_for(echoes, written->object,
                             rw_echo_level(written->bound, written->depth));
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
    if (!note(echoes, echo, written)) {
        forget(echoes, echo);
        return NULL;
    }
    echoes->has_bound |= echo->bound != RW_ANYWHERE;
    echoes->fresh[echoes->fresh_count++] = (uint16_t)(echo - echoes->table);
    return echo;
}
