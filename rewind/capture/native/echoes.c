/* Remembers what was written, and finds it again; see echoes.h. */
#include "proofs.h"

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
forget_types(RwEchoes *echoes)
{
    while (echoes->type_count > 0) {
        Py_XDECREF(echoes->types[--echoes->type_count].name); /* An exact `str`. */
    }
}

void
rw_echoes_free(RwEchoes *echoes)
{
    if (echoes != NULL) {
        for (size_t i = 0; i < RW_ECHOES; i++) {
            rw_echo_forget(echoes, &echoes->table[i]);
            PyMem_RawFree(echoes->table[i].items);
        }
        forget_types(echoes);
        PyMem_RawFree(echoes);
    }
}

void
rw_echoes_begin_segment(RwEchoes *echoes)
{
    echoes->epoch++;
    echoes->has_bound = 0;
    forget_types(echoes);
    for (size_t i = 0; echoes->held > RW_ECHO_HELD / 2 && i < RW_ECHOES; i++) {
        rw_echo_forget(echoes, &echoes->table[i]);
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

RW_HOT const RwEcho *
echo_at(const RwEchoes *echoes, PyObject *value, size_t level)
{
    const RwEcho *echo = &echoes->table[found_at(echoes, value, level)];
    return is_of(echo, value, level) && !(echo->at & RW_ECHO_UNSETTLED) && rw_echo_is_same(echoes, echo)
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
        holds = rw_echo_is_part(item)
                && rw_echo_holds(echoes, &echoes->table[item->echo], container);
    }
    return holds;
}

/* Whether the node is in the payload a second time, and nothing more was written of it now. */
static int
is_again(const RwEchoes *echoes, const RwEcho *echo, const RwWritten *written)
{
    return echo->object == written->object && echo->at >= written->since
           && echo->bound <= RW_AT_DEPTH && rw_echo_is_same(echoes, echo);
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
    rw_echo_forget(echoes, echo);
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
    if (!rw_echo_note(echoes, echo, written)) {
        rw_echo_forget(echoes, echo);
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
        rw_echo_forget(echoes, &echoes->table[echoes->fresh[i]]);
    }
    echoes->fresh_count = 0;
    echoes->written = 0;
}
