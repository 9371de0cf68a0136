/* The short way of the commonest probes: a scalar, in the frame on top, with all at hand.
 *
 * It calls nothing and so keeps all in registers. Where anything else is the case it has changed
 * nothing, and the probe goes the long way, from its beginning.
 */
#ifndef RW_HOT_H
#define RW_HOT_H

#include "greenlets.h"
#include "lines.h"
#include "probes.h"
#include "in_place.h"

/* An event on its short way. */
typedef struct {
    RwRecorder *recorder;
    RwStrand *strand;
    RwSite *site;
    uint8_t *at; /* where its payload goes; NULL where the long way must be gone */
    int64_t now;
    int echoing; /* whether there is an echo in it, or what may be echoed */
} RwHot;

/* Find the site of that number and the running strand. */
RW_HOT RwHot
rw_hot_locate(PyObject *self, size_t place)
{
    RwEngine *engine = (RwEngine *)self;
    RwHot hot = {0};
    if (RW_UNLIKELY(place >= engine->registry.count || rw_thread.generation != engine->generation
                    || rw_may_have_switched())) {
        return hot;
    }
    hot.site = &engine->registry.sites[place];
    hot.recorder = rw_thread.recorder;
    hot.strand = hot.recorder->strand;
    return hot;
}

/* Take the time of an event, `soon` as `rw_time_soon`; 0 where the system must be asked. */
RW_HOT int
rw_hot_time(RwHot *hot, int soon)
{
    if (soon) {
        hot->now = hot->recorder->stream.last_ns;
        return hot->recorder == rw_latest;
    }
    uint64_t passed = RW_TICKS() - rw_look.ticks;
    hot->now = rw_ns_after(passed);
    return passed < rw_look.trusted;
}

/* Begin the event's record, with a payload of at most `most` bytes. */
RW_HOT void
rw_hot_begin(RwHot *hot, size_t most)
{
    RwSession *session = hot->strand->session;
    hot->at = rw_begin_in_place(hot->recorder, session, hot->site, most, hot->now);
}

RW_HOT RwEntry *
rw_hot_top(const RwHot *hot)
{
    return &hot->strand->stack[(ptrdiff_t)hot->strand->depth - 1];
}

/* Begin an event of the frame on top. */
RW_HOT RwHot
rw_hot_event(PyObject *self, size_t place, size_t most, int soon)
{
    RwHot hot = rw_hot_locate(self, place);
    if (RW_LIKELY(hot.recorder != NULL && rw_hot_time(&hot, soon))) {
        if (RW_LIKELY(rw_hot_top(&hot)->code == hot.site->open)) {
            rw_hot_begin(&hot, most);
        }
    }
    return hot;
}

/* Begin an event anew that was to be `soon` and is not, as its value is no scalar. */
RW_HOT void
rw_hot_not_soon(RwHot *hot, size_t most)
{
    hot->now = rw_now();
    rw_hot_begin(hot, most);
}

/* Write a value that is no scalar, which leaves room for so many bytes `behind` it; NULL where there is
 * more to do. The event itself is not handed on by its address: so the compiler keeps it in registers. */
RW_HOT uint8_t *
rw_hot_other(RwHot *hot, uint8_t *at, PyObject *value, size_t behind)
{
    int echoing = hot->echoing;
    uint8_t *end = rw_write_other(hot->recorder, hot->site, at, value, behind, &echoing);
    hot->echoing = echoing;
    return end;
}

/* Put a value into the payload, of which it is the last; NULL where it has to be looked at. */
RW_HOT void
rw_hot_value(RwHot *hot, PyObject *value, int soon)
{
    uint8_t *end = rw_write_scalar(hot->at, value);
    if (RW_UNLIKELY(end == NULL)) {
        if (soon) {
            rw_hot_not_soon(hot, RW_ALONE_ROOM);
        }
        end = hot->at == NULL ? NULL : rw_hot_other(hot, hot->at, value, 0);
    }
    hot->at = end;
}

/* Go on at length with an event that was begun. */
PyObject *rw_hot_at_length(RwHot hot, PyObject *self, PyObject *value,
                           void (*after)(RwRecorder *recorder, RwStrand *strand));

/* End the record; 0 where the long way must be gone. */
RW_HOT int
rw_hot_end(const RwHot *hot)
{
    if (RW_UNLIKELY(hot->at == NULL)) {
        return 0;
    }
    rw_end_any_in_place(hot->recorder, hot->site, hot->at, hot->echoing, hot->now);
    return 1;
}

/* A second event that follows at once: of the next site, in the same frame. */

enum { RW_BOUND_ROOM = RW_PREFIX_ROOM + RW_TIME_ROOM + RW_SCALAR_ROOM };

/* Whether the next site's event may be written in place right behind this one. */
RW_HOT int
rw_hot_binds(const RwHot *hot, PyObject *self)
{
    const RwRegistry *registry = &((RwEngine *)self)->registry;
    return hot->site + 1 < registry->sites + registry->count
           && hot->site[1].open == hot->site->open && hot->recorder->fuel > 1;
}

RW_HOT void
rw_hot_binding(RwHot *hot)
{
    hot->site++;
    memcpy(hot->at, hot->site->prefix, RW_PREFIX_ROOM);
    hot->at = rw_write_time(hot->at + hot->site->prefix_size, 0);
}

/* Return the line at which the frame on top calls the running one; -1 where that is not at hand,
 * or the frame on top is none that nests. */
RW_HOT int
rw_hot_line(const RwHot *hot)
{
    const RwEntry *top = rw_hot_top(hot);
    if (RW_UNLIKELY(hot->strand->depth == 0 || top->frame != NULL)) {
        return -1;
    }
    RwActivation *caller = rw_innermost(rw_thread.state)->previous;
    if (RW_UNLIKELY(caller == NULL || _PyFrame_IsIncomplete(caller))) {
        return -1;
    }
    const RwLine *known = rw_known_line(caller, top->code);
    return RW_LIKELY(known != NULL) ? known->line : -1;
}

#endif
