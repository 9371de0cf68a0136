/* Probes that see exceptions pass (rewind/capture/exception_probes.py). */
#include "probes.h"

/* The exception that the program's `except` is handling, as a new reference; None if none is. */
static PyObject *
handled_exception(void)
{
    PyObject *error = PyErr_GetHandledException();
    return error == NULL ? Py_NewRef(Py_None) : error;
}

static int
put_exception(const RwProbe *probe, RwStrand *strand, RwBuffer *out, PyObject *error,
              size_t *captured)
{
    if (rw_append_value(probe->engine, strand, out, error, 0) < 0) {
        return -1;
    }
    *captured = out->used;
    /* An address alone does not tell: the next exception often gets the one of the last. */
    int through = 0;
    if (strand->exited == (uintptr_t)error && strand->exited_code != NULL) {
        through = rw_exception_came_out_of(error, strand->exited_code->qualname);
    }
    if (through < 0) {
        return -1;
    }
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
        strand->exited = (uintptr_t)error;
        strand->exited_code = rw_top(strand)->code;
        rw_leave(probe->recorder, strand, out->data, captured);
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
                rw_is_handled(strand);
                status = rw_emit_any(&probe, strand, error);
            }
            Py_DECREF(error);
        }
    }
    return rw_end_probe(&probe, status, Py_None);
}

PyMethodDef rw_exception_probes[] = {
    {"raised", probe_raised, METH_O, "The frame ends by the exception."},
    {"raised_kept", probe_raised_kept, METH_O, "The same in a frame whose `left` follows."},
    {"noticed", probe_noticed, METH_O, "An exception passes."},
    {"handled", probe_handled, METH_O, "An `except` clause begins."},
    {0},
};
