/* Probes at which values change and ways part (rewind/capture/value_probes.py). */
#include "hot.h"
#include "tasks.h"

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
                           : rw_append_value(probe->recorder, strand, out, value, site->secret);
    return rw_payload_end(probe, strand, &payload, status);
}

RW_COLD PyObject *
rw_hot_at_length(RwHot hot, PyObject *self, PyObject *value,
                 void (*after)(RwRecorder *recorder, RwStrand *strand))
{
    RwProbe probe = {
        .engine = (RwEngine *)self,
        .recorder = hot.recorder,
        .site = hot.site,
        .number = (size_t)(hot.site - ((RwEngine *)self)->registry.sites),
        .now = hot.now,
    };
    int status = rw_emit_any(&probe, hot.strand, value);
    if (status == 0 && after != NULL) {
        after(hot.recorder, hot.strand);
    }
    return rw_end_probe(&probe, status, value);
}

static RW_COLD PyObject *
variable_at_length(PyObject *self, size_t place, PyObject *value, int soon)
{
    RwProbe probe;
    int status = 0;
    if (RW_LIKELY(rw_begin_event(&probe, self, place, value, soon))) {
        RwStrand *strand = rw_strand_at(&probe);
        if (RW_LIKELY(strand != NULL)) {
            status = rw_emit_value(&probe, strand, value);
        }
    }
    else {
        status = -1;
    }
    return rw_end_probe(&probe, status, value);
}

RW_HOT PyObject *
variable_at(PyObject *self, size_t place, PyObject *value, int soon)
{
    RwHot hot = rw_hot_event(self, place, RW_ALONE_ROOM, soon);
    if (RW_UNLIKELY(hot.at == NULL)) {
        return variable_at_length(self, place, value, soon);
    }
    rw_hot_value(&hot, value, soon);
    if (RW_UNLIKELY(!rw_hot_end(&hot))) {
        return rw_hot_at_length(hot, self, value, NULL);
    }
    return Py_NewRef(value);
}

RW_HOT PyObject *
variable(PyObject *self, RwArguments arguments, Py_ssize_t count, int soon)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    return variable_at(self, rw_site_number(arguments[0]), arguments[1], soon);
}

/* A name is bound to the value, or an expression has it. */
static PyObject *
probe_variable(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return variable(self, arguments, count, 0);
}

static PyObject *
probe_variable_soon(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return variable(self, arguments, count, 1);
}

/* Names are bound to the values, of sites in a row from this place on: None, or NULL with an error. */
static PyObject *
variables_at(PyObject *self, size_t place, RwArguments values, Py_ssize_t count, int soon)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *given = variable_at(self, place + (size_t)i, values[i], soon || i > 0);
        if (given == NULL) {
            return NULL;
        }
        Py_DECREF(given);
    }
    Py_RETURN_NONE;
}

RW_HOT PyObject *
variables(PyObject *self, RwArguments arguments, Py_ssize_t count, int soon)
{
    size_t place = rw_first_number(arguments, count);
    return variables_at(self, place, arguments + 1, place == SIZE_MAX ? 0 : count - 1, soon);
}

static PyObject *
probe_variables(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return variables(self, arguments, count, 0);
}

static PyObject *
probe_variables_soon(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return variables(self, arguments, count, 1);
}

/* Record an outcome that is neither a boolean nor a number: a rewrite gives none. */
static int
no_outcome(PyObject *outcome)
{
    PyErr_Format(PyExc_TypeError, "no msgpack form for %.200s", Py_TYPE(outcome)->tp_name);
    return -1;
}

static RW_COLD PyObject *
branch_at_length(PyObject *self, RwArguments arguments, Py_ssize_t count, int soon)
{
    if (RW_UNLIKELY(count != 2)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    PyObject *outcome = arguments[1];
    int status = 0;
    if (RW_LIKELY(rw_begin_event(&probe, self, rw_site_number(arguments[0]), outcome, soon))) {
        RwStrand *strand = rw_strand_at(&probe);
        if (RW_LIKELY(strand != NULL)
            && !rw_emit_in_place(probe.recorder, strand, probe.site, outcome, probe.now)) {
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

RW_HOT PyObject *
branch(PyObject *self, RwArguments arguments, Py_ssize_t count, int soon)
{
    if (RW_LIKELY(count == 2 && PyBool_Check(arguments[1]))) {
        RwHot hot = rw_hot_event(self, rw_site_number(arguments[0]), 1, soon);
        if (RW_LIKELY(hot.at != NULL)) {
            *hot.at++ = arguments[1] == Py_True ? 0xC3 : 0xC2;
        }
        if (RW_LIKELY(rw_hot_end(&hot))) {
            return Py_NewRef(arguments[1]);
        }
    }
    return branch_at_length(self, arguments, count, soon);
}

/* A condition had this outcome, or a `match` took the case of this index. */
static PyObject *
probe_branch(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return branch(self, arguments, count, 0);
}

static PyObject *
probe_branch_soon(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    return branch(self, arguments, count, 1);
}

static RW_COLD PyObject *
loop_at_length(PyObject *self, size_t place, int soon)
{
    RwProbe probe;
    int status = 0;
    if (RW_LIKELY(rw_begin_event(&probe, self, place, NULL, soon))) {
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

RW_HOT PyObject *
loop(PyObject *self, size_t place, int soon)
{
    RwHot hot = rw_hot_event(self, place, 0, soon);
    if (RW_LIKELY(rw_hot_end(&hot))) {
        Py_RETURN_NONE;
    }
    return loop_at_length(self, place, soon);
}

/* A condition had this outcome; if it holds, the iteration of the next site begins. */
static PyObject *
probe_branch_round(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    size_t place = count == 2 ? rw_site_number(arguments[0]) : SIZE_MAX;
    PyObject *given = branch(self, arguments, count, 0);
    if (given != Py_True || place == SIZE_MAX) {
        return given;
    }
    PyObject *begun = loop(self, place + 1, 1);
    if (begun == NULL) {
        Py_DECREF(given);
        return NULL;
    }
    Py_DECREF(begun);
    return given;
}

/* A further iteration begins; or a name is unbound; or a line is reached. */
static PyObject *
probe_loop(PyObject *self, PyObject *number)
{
    return loop(self, rw_site_number(number), 0);
}

static PyObject *
probe_loop_soon(PyObject *self, PyObject *number)
{
    return loop(self, rw_site_number(number), 1);
}

static RW_COLD PyObject *
round_at_length(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    size_t place = count == 2 ? rw_site_number(arguments[0]) : SIZE_MAX;
    if (RW_UNLIKELY(place == SIZE_MAX)) {
        Py_RETURN_NONE;
    }
    PyObject *begun = loop_at_length(self, place, 0);
    if (begun == NULL) {
        return NULL;
    }
    Py_DECREF(begun);
    return variable_at_length(self, place + 1, arguments[1], 1);
}

/* A further iteration begins, and has bound the value to the name of the next site. */
static PyObject *
probe_round(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_LIKELY(count == 2)) {
        RwHot hot = rw_hot_event(self, rw_site_number(arguments[0]), RW_BOUND_ROOM, 0);
        if (RW_LIKELY(hot.at != NULL && rw_hot_binds(&hot, self))) {
            RwHot bound = hot;
            rw_hot_binding(&bound);
            uint8_t *end = rw_write_scalar(bound.at, arguments[1]);
            if (RW_LIKELY(end != NULL)) {
                bound.at = end;
                rw_hot_end(&bound);
                bound.recorder->fuel--;
                return Py_NewRef(arguments[1]);
            }
            rw_hot_end(&hot);
            rw_hot_not_soon(&bound, RW_ALONE_ROOM);
            if (RW_LIKELY(bound.at != NULL)) {
                bound.at = rw_hot_other(&bound, bound.at, arguments[1], 0);
                if (RW_LIKELY(rw_hot_end(&bound))) {
                    return Py_NewRef(arguments[1]);
                }
            }
            return rw_hot_at_length(bound, self, arguments[1], NULL);
        }
    }
    return round_at_length(self, arguments, count);
}

/* The same of several names, of as many sites that follow. */
static PyObject *
probe_round_of(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    size_t place = rw_first_number(arguments, count);
    if (RW_UNLIKELY(place == SIZE_MAX)) {
        Py_RETURN_NONE;
    }
    PyObject *begun = loop(self, place, 0);
    if (begun == NULL) {
        return NULL;
    }
    Py_DECREF(begun);
    return variables_at(self, place + 1, arguments + 1, count - 1, 1);
}

static int
changed(RwProbe *probe, PyObject *receiver)
{
    int container = PyList_CheckExact(receiver) || PyDict_CheckExact(receiver)
                        ? 1
                        : rw_is_container(probe->engine->values, receiver);
    if (container <= 0) {
        return container;
    }
    RwStrand *strand = rw_strand_at(probe);
    return strand == NULL ? 0 : rw_emit_value(probe, strand, receiver);
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
    RW_PROBE("variable", probe_variable, "A name is bound to the value."),
    RW_PROBE("variable_soon", probe_variable_soon, "The same, at once."),
    RW_PROBE("variables", probe_variables, "Names are bound, of sites in a row."),
    RW_PROBE("variables_soon", probe_variables_soon, "The same, at once."),
    RW_PROBE("value", probe_variable, "An expression has the value."),
    RW_PROBE("branch", probe_branch, "A condition had this outcome."),
    RW_PROBE("branch_soon", probe_branch_soon, "The same, at once."),
    RW_PROBE("branch_round", probe_branch_round, "The same, and an iteration begins."),
    RW_SITE_PROBE("loop", probe_loop, "A further iteration begins."),
    RW_SITE_PROBE("loop_soon", probe_loop_soon, "The same, at once."),
    RW_PROBE("round", probe_round, "The same, and the value is bound."),
    RW_PROBE("round_of", probe_round_of, "The same of several values."),
    RW_SITE_PROBE("deleted", probe_loop, "A name is unbound."),
    RW_SITE_PROBE("line", probe_loop, "A line is reached."),
    RW_PROBE("mutated", probe_mutated, "A method has changed a container."),
    RW_PROBE("mutated_held", probe_mutated_held, "The same, of one that is held."),
    {0},
};
