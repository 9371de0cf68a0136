/* Probes at which values change and ways part (rewind/capture/value_probes.py). */
#include "hot.h"

int
rw_emit_any(const RwProbe *probe, RwStrand *strand, PyObject *value)
{
    RwSession *session = strand->session;
    if (session == NULL || !session->recorded) {
        return 0;
    }
    RwPayload payload;
    rw_payload_begin(&payload, probe->recorder);
    RwBuffer *out = payload.buffer;
    const RwSite *site = probe->site;
    int status = site->off ? rw_append_off(out)
                           : rw_append_value(probe->engine, strand, out, value, site->secret);
    if (status == 0) {
        rw_emit_payload(probe, strand, &payload);
    }
    rw_payload_done(&payload);
    return status;
}

RW_COLD PyObject *
rw_hot_at_length(const RwHot *hot, PyObject *self, PyObject *number, PyObject *value,
                 void (*after)(RwRecorder *recorder, RwStrand *strand))
{
    RwProbe probe = {
        .engine = (RwEngine *)self,
        .recorder = hot->recorder,
        .site = hot->site,
        .number = rw_site_number(number),
        .now = hot->now,
    };
    int status = rw_emit_any(&probe, hot->strand, value);
    if (status == 0 && after != NULL) {
        after(hot->recorder, hot->strand);
    }
    return rw_end_probe(&probe, status, value);
}

static RW_COLD PyObject *
variable_at_length(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = 0;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        RwStrand *strand = rw_strand_at(&probe);
        if (RW_LIKELY(strand != NULL)
            && !rw_emit_scalar(probe.recorder, strand, probe.site, arguments[1], probe.now)) {
            status = rw_emit_any(&probe, strand, arguments[1]);
        }
    }
    else {
        status = -1;
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

/* A name is bound to the value, or an expression has it. */
static PyObject *
probe_variable(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_LIKELY(count == 2)) {
        RwHot hot = rw_hot_event(self, arguments[0], RW_SCALAR_ROOM);
        if (RW_LIKELY(hot.at != NULL)) {
            rw_hot_value(&hot, arguments[1]);
            if (RW_LIKELY(rw_hot_end(&hot))) {
                return Py_NewRef(arguments[1]);
            }
            return rw_hot_at_length(&hot, self, arguments[0], arguments[1], NULL);
        }
    }
    return variable_at_length(self, arguments, count);
}

/* Record an outcome that is neither a boolean nor a number: a rewrite gives none. */
static int
no_outcome(PyObject *outcome)
{
    PyErr_Format(PyExc_TypeError, "no msgpack form for %.200s", Py_TYPE(outcome)->tp_name);
    return -1;
}

static RW_COLD PyObject *
branch_at_length(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    PyObject *outcome = arguments[1];
    int status = 0;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0]))) {
        RwStrand *strand = rw_strand_at(&probe);
        if (RW_LIKELY(strand != NULL)
            && !rw_emit_scalar(probe.recorder, strand, probe.site, outcome, probe.now)) {
            status = PyBool_Check(outcome) || PyLong_CheckExact(outcome)
                         ? rw_emit_any(&probe, strand, outcome)
                         : no_outcome(outcome);
        }
    }
    else {
        status = -1;
    }
    return rw_end_probe(&probe, status, outcome);
}

/* A condition had this outcome, or a `match` took the case of this index. */
static PyObject *
probe_branch(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_LIKELY(count == 2 && PyBool_Check(arguments[1]))) {
        RwHot hot = rw_hot_event(self, arguments[0], 1);
        if (RW_LIKELY(hot.at != NULL)) {
            *hot.at++ = arguments[1] == Py_True ? 0xC3 : 0xC2;
        }
        if (RW_LIKELY(rw_hot_end(&hot))) {
            return Py_NewRef(arguments[1]);
        }
    }
    return branch_at_length(self, arguments, count);
}

static RW_COLD PyObject *
loop_at_length(PyObject *self, PyObject *number)
{
    RwProbe probe;
    int status = 0;
    if (RW_LIKELY(rw_begin_probe(&probe, self, number))) {
        RwStrand *strand = rw_strand_at(&probe);
        if (RW_LIKELY(strand != NULL)) {
            rw_emit_bare(&probe, strand);
        }
    }
    else {
        status = -1;
    }
    return rw_end_probe(&probe, status, Py_None);
}

/* A further iteration begins; or a name is unbound; or a line is reached. */
static PyObject *
probe_loop(PyObject *self, PyObject *number)
{
    RwHot hot = rw_hot_event(self, number, 0);
    if (RW_LIKELY(rw_hot_end(&hot))) {
        Py_RETURN_NONE;
    }
    return loop_at_length(self, number);
}

static int
changed(RwProbe *probe, PyObject *receiver)
{
    int container = rw_is_container(probe->engine->values, receiver);
    if (container <= 0) {
        return container;
    }
    RwStrand *strand = rw_strand_at(probe);
    return strand == NULL ? 0 : rw_emit_any(probe, strand, receiver);
}

/* A method that changes containers was called on a name; its result is given back. */
static PyObject *
probe_mutated(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 3)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status =
        rw_begin_probe(&probe, self, arguments[0]) ? changed(&probe, arguments[1]) : -1;
    return rw_end_probe(&probe, status, arguments[2]);
}

/* The same, the receiver having been held as it passed by. */
static PyObject *
probe_mutated_held(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (rw_begin_probe(&probe, self, arguments[0])) {
        PyObject *receiver = rw_take_kept(&probe);
        status = receiver == NULL ? 0 : changed(&probe, receiver);
        if (status < 0) {
            status = rw_fault(probe.engine, probe.number);
        }
        Py_XDECREF(receiver);
        if (status < 0) {
            return NULL;
        }
    }
    return rw_end_probe(&probe, status, arguments[1]);
}

PyMethodDef rw_value_probes[] = {
    {"variable", RW_FAST(probe_variable), METH_FASTCALL, "A name is bound to the value."},
    {"value", RW_FAST(probe_variable), METH_FASTCALL, "An expression has the value."},
    {"branch", RW_FAST(probe_branch), METH_FASTCALL, "A condition had this outcome."},
    {"loop", probe_loop, METH_O, "A further iteration begins."},
    {"deleted", probe_loop, METH_O, "A name is unbound."},
    {"line", probe_loop, METH_O, "A line is reached."},
    {"mutated", RW_FAST(probe_mutated), METH_FASTCALL, "A method has changed a container."},
    {"mutated_held", RW_FAST(probe_mutated_held), METH_FASTCALL, "The same, of one that is held."},
    {0},
};
