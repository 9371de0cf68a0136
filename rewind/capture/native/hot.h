/* The short way of the commonest probes: a scalar, in the frame on top, with all at hand.
 *
 * It calls nothing and so keeps all in registers. Where anything else is the case it has changed
 * nothing, and the probe goes the long way, from its beginning.
 */
#ifndef RW_HOT_H
#define RW_HOT_H

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
} RwHot;

/* Find the site's frame on top of the running strand, and the time. */
RW_HOT RwHot
rw_hot_locate(PyObject *self, PyObject *number)
{
    RwEngine *engine = (RwEngine *)self;
    RwHot hot = {0};
    uint64_t passed = RW_TICKS() - rw_look.ticks;
    if (RW_UNLIKELY(passed >= rw_look.trusted || rw_thread.generation != engine->generation)) {
        return hot;
    }
    hot.now = rw_ns_after(passed);
    size_t place = rw_site_number(number);
    if (RW_UNLIKELY(place >= engine->registry.count)) {
        return hot;
    }
    hot.site = &engine->registry.sites[place];
    hot.recorder = rw_thread.recorder;
    hot.strand = hot.recorder->strand;
    return hot;
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
rw_hot_event(PyObject *self, PyObject *number, size_t most)
{
    RwHot hot = rw_hot_locate(self, number);
    if (RW_LIKELY(hot.recorder != NULL)) {
        if (RW_LIKELY(rw_hot_top(&hot)->code == hot.site->open)) {
            rw_hot_begin(&hot, most);
        }
    }
    return hot;
}

/* Put a value into the payload; NULL where it is no scalar. */
RW_HOT void
rw_hot_value(RwHot *hot, PyObject *value)
{
    if (RW_LIKELY(hot->at != NULL)) {
        hot->at = rw_write_scalar(hot->at, value);
    }
}

/* Go on at length with an event that was begun, but whose value is no scalar. */
PyObject *rw_hot_at_length(const RwHot *hot, PyObject *self, PyObject *number, PyObject *value,
                           void (*after)(RwRecorder *recorder, RwStrand *strand));

/* End the record; 0 where the long way must be gone. */
RW_HOT int
rw_hot_end(const RwHot *hot)
{
    if (RW_UNLIKELY(hot->at == NULL)) {
        return 0;
    }
    rw_end_in_place(hot->recorder, hot->at, hot->now);
    return 1;
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
