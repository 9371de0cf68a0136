/* What was written, and is remembered until the segment ends; see echoes.h. */
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
