/* Probes of what the program says by itself, wherever it runs (rewind/capture/value_probes.py). */
#include "lines.h"
#include "probes.h"
#include "tasks.h"

/* `name` is NULL where the site says it. */
static int
put_said(const RwProbe *probe, RwStrand *strand, PyObject *name, PyObject *value)
{
    RwRecorder *recorder = probe->recorder;
    RwValues *values = probe->engine->values;
    int secret = name != NULL && PyUnicode_CheckExact(name) ? rw_is_secret(values, name) : 0;
    if (secret < 0) {
        return -1;
    }
    int line = rw_line_below(rw_running(), rw_top(strand));
    RwPayload payload;
    rw_payload_begin(&payload, recorder);
    RwBuffer *out = payload.buffer;
    int status = name == NULL ? 0 : rw_append_value(recorder, strand, out, name, 0);
    if (status == 0) {
        status = rw_append_value(recorder, strand, out, value, secret);
    }
    if (status == 0) {
        status = rw_put_unsigned(out, (uint64_t)line);
    }
    return rw_payload_end(probe, strand, &payload, status);
}

PyObject *
rw_say(PyObject *self, PyObject *site, PyObject *name, PyObject *value)
{
    RwProbe probe;
    int status = -1;
    if (rw_begin_probe(&probe, self, site)) {
        RwStrand *strand = rw_known_strand(probe.recorder);
        rw_settle_frames(probe.recorder, strand, rw_running());
        RwSession *session = strand->session;
        int told = session != NULL && session->recorded;
        status = told ? put_said(&probe, strand, name, value) : 0;
    }
    return rw_end_probe(&probe, status, Py_None);
}

/* The program says something of itself, wherever it runs: a name and a value. */
static PyObject *
probe_note(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (count != 3) {
        Py_RETURN_NONE;
    }
    return rw_say(self, arguments[0], arguments[1], arguments[2]);
}

/* The same where the site says what it is: a text that it prints, a call of its own. */
static PyObject *
probe_said(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (count != 2) {
        Py_RETURN_NONE;
    }
    return rw_say(self, arguments[0], NULL, arguments[1]);
}

PyMethodDef rw_said_probes[] = {
    RW_PROBE("note", probe_note, "The program says something of itself."),
    RW_PROBE("said", probe_said, "It says what the site tells."),
    {0},
};
