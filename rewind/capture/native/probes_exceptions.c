/* Probes that see exceptions pass (rewind/capture/exception_probes.py). */
#include "probes.h"

/* The exception that the program's `except` is handling, as a new reference; None if none is. */
static PyObject *
handled_exception(void)
{
    PyObject *error = PyErr_GetHandledException();
    return error == NULL ? Py_NewRef(Py_None) : error;
}

/* Put what the exception is, as `rw_write_value` does; how many secrets were withheld in it, or -1. */
static int
put_failure(RwValues *values, RwBuffer *out, PyObject *error)
{
    if (rw_reserve(out, RW_FAILURE_ROOM) == 0) {
        uint8_t *end = rw_write_failure(values, out->data + out->used, error);
        if (end != NULL) {
            out->used = (size_t)(end - out->data);
            return 0;
        }
        /* Not by echoes: a session that ends by it says the same in a record of its own. */
        return rw_write_value(values, NULL, out, error);
    }
    return -1;
}

static int
put_exception(const RwProbe *probe, RwStrand *strand, RwBuffer *out, PyObject *error,
              size_t *captured)
{
    if (rw_count_withheld(strand, put_failure(probe->engine->values, out, error)) < 0) {
        return -1;
    }
    *captured = out->used;
    /* An address alone does not tell: the next exception often gets the one of the last. */
    RwWhereabouts places[RW_EXITS];
    uintptr_t traceback = rw_exception_whereabouts(error).traceback;
    size_t count = rw_left_by(strand, (uintptr_t)error, traceback, places);
    int through = rw_exception_came_by(error, places, count);
    return rw_write_passage(out, error, through, (Py_ssize_t)probe->engine->trace_depth);
}

/* Record the exception; with `leaves` the frame ends by it. */
static int
emit_exception(const RwProbe *probe, RwStrand *strand, const RwSite *site, PyObject *error,
               int leaves)
{
    RwPayload payload;
    rw_payload_begin(&payload, probe->recorder);
    RwBuffer *out = payload.buffer;
    size_t captured = 0;
    int status = put_exception(probe, strand, out, error, &captured);
    if (status == 0) {
        rw_emit(probe->recorder, strand, site->prefix, site->prefix_size, out->data, out->used,
                probe->now);
    }
    if (status == 0 && leaves) {
        rw_exits(strand, (uintptr_t)error, rw_exception_whereabouts(error));
        const RwFrame *frame = rw_top(strand)->frame;
        /* A generator that is closed has not failed, nor has a greenlet that is told to end. */
        int closed = ((PyObject *)Py_TYPE(error) == PyExc_GeneratorExit && frame != NULL
                      && frame->handle != 0)
                     || (strand->greenlet && !strand->task && rw_is_greenlet_exit(error));
        rw_leave(probe->recorder, strand, closed ? NULL : out->data, closed ? 0 : captured);
    }
    rw_payload_done(&payload);
    return status;
}

static int
frame_raised(const RwProbe *probe)
{
    RwStrand *strand = rw_strand_at(probe);
    if (strand == NULL) {
        return 0;
    }
    PyObject *error = handled_exception();
    int status = emit_exception(probe, strand, probe->site, error, 1);
    Py_DECREF(error);
    return status;
}

/* The frame ends by the exception that is being handled. */
static PyObject *
probe_raised(PyObject *self, PyObject *number)
{
    RwProbe probe;
    int status = rw_begin_probe(&probe, self, number) ? frame_raised(&probe) : -1;
    return rw_end_probe(&probe, status, Py_None);
}

/* The same in a frame whose `left` follows. */
static PyObject *
probe_raised_kept(PyObject *self, PyObject *number)
{
    RwProbe probe;
    if (!rw_begin_probe(&probe, self, number)) {
        return rw_end_probe(&probe, -1, Py_None);
    }
    int status = frame_raised(&probe);
    if (status < 0) {
        status = rw_fault(probe.engine, probe.number);
    }
    RwStrand *strand = probe.recorder->strand;
    strand->unwinding = strand->depth + 1;
    return status < 0 ? NULL : Py_NewRef(Py_None);
}

/* Record the exception that is handled. */
static int
emit_handled(const RwProbe *probe, RwStrand *strand, PyObject *error)
{
    if (probe->site->open != NULL) {
        uint8_t *at = rw_begin_in_place(probe->recorder, strand->session, probe->site,
                                        RW_FAILURE_ROOM, probe->now);
        at = at == NULL ? NULL : rw_write_failure(probe->engine->values, at, error);
        if (RW_LIKELY(at != NULL)) {
            rw_end_in_place(probe->recorder, at, probe->now);
            return 0;
        }
    }
    return rw_emit_any(probe, strand, error);
}

static int
notice(const RwProbe *probe, RwStrand *strand, size_t number, PyObject *error)
{
    /* What the statement that was left kept goes nowhere any more. */
    rw_drop_stores(strand, strand->depth);
    if (!rw_notices(strand, number, (uintptr_t)error, rw_exception_line(error))) {
        return 0;
    }
    const RwSite *site = rw_site(&probe->engine->registry, number);
    return site == NULL ? 0 : emit_exception(probe, strand, site, error, 0);
}

/* An exception passes out of a `with` or `try` that has more code to run. */
static PyObject *
probe_noticed(PyObject *self, PyObject *number)
{
    RwProbe probe;
    int status = -1;
    if (rw_begin_probe(&probe, self, number)) {
        RwStrand *strand = rw_strand_at(&probe);
        status = 0;
        if (strand != NULL) {
            PyObject *error = handled_exception();
            status = notice(&probe, strand, probe.number, error);
            Py_DECREF(error);
        }
    }
    return rw_end_probe(&probe, status, Py_None);
}

/* An `except` clause begins; the site before this one is the exception's. */
static PyObject *
probe_handled(PyObject *self, PyObject *number)
{
    RwProbe probe;
    int status = -1;
    if (rw_begin_probe(&probe, self, number)) {
        RwStrand *strand = rw_strand_at(&probe);
        status = 0;
        if (strand != NULL) {
            PyObject *error = handled_exception();
            status = notice(&probe, strand, probe.number - 1, error);
            if (status == 0) {
                rw_is_handled(strand, (uintptr_t)error,
                              rw_exception_whereabouts(error).traceback);
                status = emit_handled(&probe, strand, error);
            }
            Py_DECREF(error);
        }
    }
    return rw_end_probe(&probe, status, Py_None);
}

PyMethodDef rw_exception_probes[] = {
    RW_SITE_PROBE("raised", probe_raised, "The frame ends by the exception."),
    RW_SITE_PROBE("raised_kept", probe_raised_kept, "The same in a frame whose `left` follows."),
    RW_SITE_PROBE("noticed", probe_noticed, "An exception passes."),
    RW_SITE_PROBE("handled", probe_handled, "An `except` clause begins."),
    {0},
};
