/* Puts what a node's proof compares into its items; what to put is for keeping.c and grounds.c.
 *
 * Private to these. All return 0 where there is no room, or where an item could not be proven.
 */
#ifndef RW_GROUNDS_H
#define RW_GROUNDS_H

#include "proofs.h"

/* Of a text that is not counted. */
#define RW_LONGEST_FREE 128

/* Parts of a node being remembered that are still to be met among its items. */
typedef struct {
    const RwEchoItem *next;
    const RwEchoItem *end;
} RwParts;

RW_HOT Py_ssize_t
rw_least(Py_ssize_t one, Py_ssize_t other)
{
    return one < other ? one : other;
}

/* Characters of a text or of bytes that are too many to be held for nothing. */
RW_HOT size_t
rw_held_size(PyObject *object)
{
    size_t size = 0;
    if (PyUnicode_CheckExact(object)) {
        size = (size_t)PyUnicode_GET_LENGTH(object);
    }
    else if (PyBytes_CheckExact(object)) {
        size = (size_t)PyBytes_GET_SIZE(object);
    }
    return RW_UNLIKELY(size > RW_LONGEST_FREE) ? size : 0;
}

/* Hold a scalar, so that its address stands for it. */
RW_HOT int
rw_echo_hold(RwEchoes *echoes, PyObject *object)
{
    if (!rw_is_constant(object)) {
        return 0;
    }
    size_t size = rw_held_size(object);
    if (RW_UNLIKELY(size > 0)) {
        if (echoes->held + size > RW_ECHO_HELD) {
            return 0;
        }
        echoes->held += size;
    }
    Py_INCREF(object);
    return 1;
}

RW_HOT int
rw_echo_add(RwEchoes *echoes, RwEcho *echo, PyObject *object, unsigned place, RwParts *parts)
{
    RwEchoItem *item = &echo->items[echo->count];
    if (parts->next < parts->end && parts->next->object == object) {
        *item = *parts->next++;
        echo->parts += item->at != RW_ECHO_SEEN;
    }
    else if (rw_echo_hold(echoes, object)) {
        *item = (RwEchoItem){.object = object};
    }
    else {
        return 0;
    }
    item->place = (uint16_t)place;
    echo->count++;
    return 1;
}

RW_HOT int
rw_echo_make_room(RwEcho *echo, Py_ssize_t count)
{
    return RW_LIKELY(count <= echo->room) || rw_echo_grow(echo, count);
}

RW_HOT int
rw_echo_add_items(RwEchoes *echoes, RwEcho *echo, PyObject *const *items, Py_ssize_t count,
                  RwParts *parts)
{
    if (!rw_echo_make_room(echo, count)) {
        return 0;
    }
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!rw_echo_add(echoes, echo, items[i], 0, parts)) {
            return 0;
        }
    }
    return parts->next == parts->end;
}

/* A dictionary's scalars need no holding: it holds them itself as long as its version stays. */
RW_HOT int
rw_echo_add_parts(RwEcho *echo, RwParts *parts, Py_ssize_t count)
{
    if (count < 0 || !rw_echo_make_room(echo, count)) {
        return 0;
    }
    for (const RwEchoItem *end = parts->next + count; parts->next < end; parts->next++) {
        echo->items[echo->count++] = *parts->next;
        echo->parts += parts->next->at != RW_ECHO_SEEN;
    }
    return 1;
}

/* Add so many of the attributes in an instance's array. */
RW_HOT int
rw_echo_add_array(RwEchoes *echoes, RwEcho *echo, const RwArray *array, Py_ssize_t count,
                  RwParts *parts)
{
    if (!rw_echo_make_room(echo, count)) {
        return 0;
    }
    echo->of = (uint32_t)array->size;
    echo->holds = 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        unsigned place = array->order[i * array->step];
        if (!rw_echo_add(echoes, echo, array->values[place], place, parts)) {
            return 0;
        }
    }
    return 1;
}

#endif
