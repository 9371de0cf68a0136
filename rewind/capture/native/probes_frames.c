/* Probes at which frames leave and come back (rewind/capture/frame_probes.py). */
#include "hot.h"
#include "resumable.h"
#include "sessions.h"

static RW_COLD PyObject *
returned_at_length(PyObject *self, RwArguments arguments, Py_ssize_t count, int soon)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_begin_event(&probe, self, rw_site_number(arguments[0]), arguments[1], soon))) {
        RwStrand *strand = rw_strand_at(&probe);
        status = 0;
        if (RW_LIKELY(strand != NULL) && rw_top(strand)->frame != NULL) {
            rw_settle_frames(probe.recorder, strand, rw_running());
            /* What lay on top may have been another frame of the same function. */
            strand = rw_strand_at(&probe);
        }
        if (RW_LIKELY(strand != NULL)) {
            status = rw_emit_value(&probe, strand, arguments[1]);
            if (RW_LIKELY(status == 0)) {
                rw_leave(probe.recorder, strand, NULL, 0);
            }
        }
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

static void
leave(RwRecorder *recorder, RwStrand *strand)
{
    rw_leave(recorder, strand, NULL, 0);
}

RW_HOT PyObject *
returned(PyObject *self, RwArguments arguments, Py_ssize_t count, int soon)
{
    if (RW_LIKELY(count == 2)) {
        RwHot hot = rw_hot_event(self, rw_site_number(arguments[0]), RW_ALONE_ROOM, soon);
        /* A plain frame that is not the outermost and has nothing kept: it goes without a trace. */
        if (RW_LIKELY(hot.at != NULL && rw_hot_top(&hot)->frame == NULL && hot.strand->depth > 1
                      && hot.strand->stores.count == 0)) {
            rw_hot_value(&hot, arguments[1], soon);
            if (RW_LIKELY(rw_hot_end(&hot))) {
                hot.strand->depth--;
                return Py_NewRef(arguments[1]);
            }
            return rw_hot_at_length(hot, self, arguments[1], leave);
        }
    }
    return returned_at_length(self, arguments, count, soon);
}

/* The frame ends with the value. */
static PyObject *
probe_returned(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return returned(self, arguments, count, 0);
}

static PyObject *
probe_returned_soon(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return returned(self, arguments, count, 1);
}

/* A `return` is met; the frame ends when what follows it has run. */
static PyObject *
probe_returning(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_locate_probe(&probe, self, rw_site_number(arguments[0])))) {
        RwStrand *strand = rw_strand_at(&probe);
        RwFrame *frame = strand == NULL ? NULL : rw_top(strand)->frame;
        status = 0;
        if (frame != NULL) {
            PyObject *before = frame->pending;
            frame->pending_site = probe.number;
            frame->pending = Py_NewRef(arguments[1]);
            Py_XDECREF(before);
        }
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

/* Record the `return` that the top frame has met, if it has. */
static int
emit_pending(const RwProbe *probe, RwStrand *strand)
{
    RwFrame *frame = rw_top(strand)->frame;
    if (frame == NULL || frame->pending == NULL) {
        return 0;
    }
    PyObject *value = frame->pending;
    frame->pending = NULL;
    RwProbe met = *probe;
    met.site = rw_site(&probe->engine->registry, frame->pending_site);
    int status = rw_emit_value(&met, strand, value);
    if (status < 0) {
        /* The error is set: what the value's end runs must not see it. */
        status = rw_fault(probe->engine, probe->number);
    }
    Py_DECREF(value);
    return status;
}

static int
leave_kept(const RwProbe *probe)
{
    RwStrand *strand = probe->recorder->strand;
    if (strand->unwinding == strand->depth + 1) {
        strand->unwinding = 0;
        return 0;
    }
    strand = rw_strand_at(probe);
    if (strand == NULL) {
        return 0;
    }
    if (emit_pending(probe, strand) < 0) {
        return -1;
    }
    rw_leave(probe->recorder, strand, NULL, 0);
    return 0;
}

/* The frame's last code has run. */
static PyObject *
probe_left(PyObject *self, PyObject *number)
{
    RwProbe probe;
    int status = rw_begin_probe(&probe, self, number) ? leave_kept(&probe) : -1;
    return rw_end_probe(&probe, status, Py_None);
}

/* Going out and coming back */

static RW_COLD PyObject *
yielding_at_length(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        RwStrand *strand = rw_strand_at(&probe);
        status = 0;
        if (RW_LIKELY(strand != NULL)) {
            status = rw_emit_value(&probe, strand, arguments[1]);
            if (RW_LIKELY(status == 0)) {
                rw_suspend(probe.recorder, strand);
            }
        }
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

/* A generator gives a value and leaves the stack. */
static PyObject *
probe_yielding(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_LIKELY(count == 2)) {
        RwHot hot = rw_hot_event(self, rw_site_number(arguments[0]), RW_ALONE_ROOM, 0);
        if (RW_LIKELY(hot.at != NULL)) {
            rw_hot_value(&hot, arguments[1], 0);
            if (RW_LIKELY(rw_hot_end(&hot))) {
                rw_suspend(hot.recorder, hot.strand);
                return Py_NewRef(arguments[1]);
            }
            return rw_hot_at_length(hot, self, arguments[1], rw_suspend);
        }
    }
    return yielding_at_length(self, arguments, count);
}

/* A frame waits for another and may leave the stack. */
static PyObject *
probe_awaiting(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        RwStrand *strand = rw_strand_at(&probe);
        status = 0;
        if (RW_LIKELY(strand != NULL)) {
            rw_emit_bare(&probe, strand);
        }
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

/* Write the event in place; 0 where the long way must be taken. */
RW_HOT int
emit_resume_in_place(const RwProbe *probe, const RwFrame *frame, PyObject *value, int line)
{
    if (probe->site->open == NULL) {
        return 0;
    }
    int echoing = 0;
    uint8_t *at = rw_begin_in_place(probe->recorder, frame->strand->session, probe->site,
                                    RW_ALONE_ROOM + 2 * RW_SCALAR_ROOM, probe->now);
    if (RW_UNLIKELY(at == NULL)) {
        return 0;
    }
    at = rw_write_unsigned(at, frame->handle);
    at = rw_write_in_place(probe->recorder, probe->site, at, value, RW_SCALAR_ROOM, &echoing);
    if (RW_UNLIKELY(at == NULL)) {
        return 0;
    }
    at = rw_write_unsigned(at, (uint64_t)line);
    rw_end_any_in_place(probe->recorder, probe->site, at, echoing, probe->now);
    return 1;
}

static int
emit_any_resume(const RwProbe *probe, const RwFrame *frame, PyObject *value, int line)
{
    RwStrand *strand = frame->strand;
    RwPayload payload;
    rw_payload_begin(&payload, probe->recorder);
    RwBuffer *out = payload.buffer;
    int status = rw_put_unsigned(out, frame->handle);
    if (status == 0) {
        status = probe->site->off ? rw_append_off(out)
                                  : rw_append_value(probe->recorder, strand, out, value, 0);
    }
    if (status == 0) {
        status = rw_put_unsigned(out, (uint64_t)line);
    }
    return rw_payload_end(probe, strand, &payload, status);
}

static int
resume(RwProbe *probe, PyObject *value, RwActivation *activation)
{
    if (rw_know_function(probe) < 0) {
        return -1;
    }
    RwFrame *frame = rw_resume(probe->recorder, probe->site->code, activation);
    if (frame == NULL) {
        return -1;
    }
    RwStrand *strand = frame->strand;
    if (RW_UNLIKELY(strand->session == NULL)
        && rw_begin_session(probe->recorder, strand, frame->code) < 0) {
        return -1;
    }
    RwEntry *below = strand->depth > 1 ? &strand->stack[strand->depth - 2] : NULL;
    int line = rw_line_in(rw_caller(activation), below);
    if (emit_resume_in_place(probe, frame, value, line)) {
        return 0;
    }
    return emit_any_resume(probe, frame, value, line);
}

/* A frame goes on after a `yield` or `await`, with the value. */
static PyObject *
probe_resumed(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        status = resume(&probe, arguments[1], rw_running());
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

/* A frame may be going on without any other probe having said so. */
static PyObject *
probe_reentered(PyObject *self, PyObject *number)
{
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, number))) {
        RwActivation *activation = rw_running();
        int on_top = rw_is_on_top(probe.recorder, activation);
        status = on_top ? 0 : resume(&probe, Py_None, activation);
    }
    return rw_end_probe(&probe, status, Py_None);
}

PyMethodDef rw_frame_probes[] = {
    RW_PROBE("returned", probe_returned, "The frame ends with the value."),
    RW_PROBE("returned_soon", probe_returned_soon, "The same, at once."),
    RW_PROBE("returning", probe_returning, "A `return` is met."),
    RW_SITE_PROBE("left", probe_left, "The frame's last code has run."),
    RW_PROBE("yielding", probe_yielding, "A generator gives a value."),
    RW_PROBE("awaiting", probe_awaiting, "A frame waits for another."),
    RW_PROBE("resumed", probe_resumed, "A frame goes on with the value."),
    RW_SITE_PROBE("reentered", probe_reentered, "A frame may be going on."),
    {0},
};
