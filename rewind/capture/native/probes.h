/* What every probe does: find where it stands, take the clock, and give back what it was given.
 *
 * HOT: each call is paid by the user's program. A probe takes the clock first and writes its event.
 * It raises nothing of its own: a fault is reported and turns the site off; an exception that a
 * signal handler raised while the probe ran is the program's and passes.
 */
#ifndef RW_PROBES_H
#define RW_PROBES_H

#include "engine.h"
#include "frames.h"
#include "greenlets.h"
#include "in_place.h"

/* One probe at work. */
typedef struct {
    RwEngine *engine;
    RwRecorder *recorder;
    RwSite *site;
    size_t number;
    int64_t now;
} RwProbe;

typedef PyObject *const *RwArguments;

/* The long way of a probe: apart, so that the short one keeps all in registers. */
#define RW_COLD __attribute__((noinline, cold))

/* For a method table: a probe of the site alone, and one of values as well. `inspect.signature` reads
 * the text: a program may ask it of all that is in `builtins`. */
#define RW_SITE_PROBE(name, probe, text) {name, probe, METH_O, name "($self, site, /)\n--\n\n" text}
#define RW_PROBE(name, probe, text)                                                                \
    {name, (PyCFunction)(void (*)(void))(probe), METH_FASTCALL,                                    \
     name "($self, site, /, *values)\n--\n\n" text}

/* All probes' methods, for the engine's type, and what the agent's half calls; each file gives its own. */
extern PyMethodDef rw_agent_methods[];
extern PyMethodDef rw_call_probes[];
extern PyMethodDef rw_frame_probes[];
extern PyMethodDef rw_value_probes[];
extern PyMethodDef rw_said_probes[];
extern PyMethodDef rw_store_probes[];
extern PyMethodDef rw_exception_probes[];

/* Record what the program says, wherever it runs; `name` is NULL where the site says it. Returns
 * None; NULL with an error of the program's. */
PyObject *rw_say(PyObject *engine, PyObject *site, PyObject *name, PyObject *value);

/* Return a site's number; one that no registry has, if the argument is none. */
RW_HOT size_t
rw_site_number(PyObject *number)
{
    if (RW_UNLIKELY(!PyLong_CheckExact(number) || rw_digits(number) > 1)) {
        return SIZE_MAX;
    }
    /* The digit of a zero is there, and zero. */
    return rw_digit(number, 0);
}

/* Return the number of the first of the sites in a row that a probe is told; one that no registry has,
 * if it is told none. */
RW_HOT size_t
rw_first_number(RwArguments arguments, Py_ssize_t count)
{
    return RW_LIKELY(count > 0) ? rw_site_number(arguments[0]) : SIZE_MAX;
}

/* Find where a probe stands. Returns 0 where there is nothing to record: no such site, or a fault,
 * which is then set as the error. */
RW_HOT int
rw_locate_probe(RwProbe *probe, PyObject *engine, size_t place)
{
    probe->engine = (RwEngine *)engine;
    probe->number = place;
    /* First: to find it may take Python, or a wait, and sites may move meanwhile. */
    probe->recorder = rw_recorder(probe->engine);
    if (RW_UNLIKELY(probe->recorder == NULL)) {
        return 0;
    }
    probe->site = rw_site(&probe->engine->registry, probe->number);
    if (RW_UNLIKELY(probe->site == NULL)) {
        return 0;
    }
    if (RW_UNLIKELY(rw_may_have_switched())) {
        rw_follow_switch(probe->recorder);
    }
    return 1;
}

/* Make sure that the function that begins is known; -1 with an error set. */
RW_HOT int
rw_know_function(RwProbe *probe)
{
    if (RW_LIKELY(probe->site->code != NULL)) {
        return 0;
    }
    if (rw_learn(probe->engine, probe->number) < 0) {
        return -1;
    }
    if (rw_may_have_switched()) {
        /* What is written in Python may be interrupted by finalizers, which may switch. */
        rw_follow_switch(probe->recorder);
    }
    probe->site = rw_site(&probe->engine->registry, probe->number);
    return probe->site->code == NULL ? -1 : 0;
}

/* The same for a probe that records an event, which is now. */
RW_HOT int
rw_begin_probe_at(RwProbe *probe, PyObject *engine, size_t place)
{
    probe->now = rw_now();
    return rw_locate_probe(probe, engine, place);
}

/* The same of a probe that is told its site. */
RW_HOT int
rw_begin_probe(RwProbe *probe, PyObject *engine, PyObject *number)
{
    return rw_begin_probe_at(probe, engine, rw_site_number(number));
}

/* The same, where `soon` tells that the time may be `rw_time_soon` for the value. */
RW_HOT int
rw_begin_event(RwProbe *probe, PyObject *engine, size_t place, PyObject *value, int soon)
{
    if (!soon) {
        return rw_begin_probe_at(probe, engine, place);
    }
    if (RW_UNLIKELY(!rw_locate_probe(probe, engine, place))) {
        return 0;
    }
    probe->now = rw_time_soon(probe->recorder, value);
    return 1;
}

/* Return the strand of the site's frame; NULL if there is none. */
RW_HOT RwStrand *
rw_strand_at(const RwProbe *probe)
{
    return rw_at(probe->recorder, probe->site->code);
}

/* Take what the site's frame has kept for it: a new reference, NULL if nothing. */
RW_HOT PyObject *
rw_take_kept(const RwProbe *probe)
{
    RwStrand *strand = rw_strand_at(probe);
    return strand == NULL ? NULL : rw_take_store(strand, probe->number);
}

/* Give back what the probe was given, unless an error of the program's came up in it. */
RW_HOT PyObject *
rw_end_probe(const RwProbe *probe, int status, PyObject *value)
{
    if (RW_UNLIKELY(status < 0) && rw_fault(probe->engine, probe->number) < 0) {
        return NULL;
    }
    return Py_NewRef(value);
}

/* Record an event that has no payload. */
RW_HOT void
rw_emit_bare(const RwProbe *probe, RwStrand *strand)
{
    rw_emit(probe->recorder, strand, probe->site->prefix, probe->site->prefix_size, NULL, 0,
            probe->now);
}

/* Record an event unless putting its payload together has failed, and let go of the payload. Returns
 * the status, which is below zero with an error set. */
RW_HOT int
rw_payload_end(const RwProbe *probe, RwStrand *strand, RwPayload *payload, int status)
{
    if (status == 0) {
        rw_emit(probe->recorder, strand, probe->site->prefix, probe->site->prefix_size,
                payload->buffer->data, payload->buffer->used, probe->now);
    }
    rw_payload_done(payload);
    return status;
}

/* Count secrets that were withheld; -1 where that is an error, which is set. */
RW_HOT int
rw_count_withheld(RwStrand *strand, int withheld)
{
    if (withheld > 0 && strand->session != NULL) {
        strand->session->redacted += (uint64_t)withheld;
    }
    return withheld < 0 ? -1 : 0;
}

/* Append a value to a payload and count its secrets; -1 with an error set. */
RW_HOT int
rw_append_value(RwRecorder *recorder, RwStrand *strand, RwBuffer *out, PyObject *value, int secret)
{
    RwValues *values = recorder->engine->values;
    RwEchoes *echoes = out == &recorder->scratch ? recorder->echoes : NULL;
    return rw_count_withheld(strand, secret ? rw_withhold(values, out, value)
                                            : rw_write_value(values, echoes, out, value));
}

/* Append that the source says that there is to be no value. */
RW_HOT int
rw_append_off(RwBuffer *out)
{
    return rw_put_omitted(out, RW_OMIT_OFF);
}

/* Record an event whose payload is one value of any kind, as none that could be written in place. */
int rw_emit_any(const RwProbe *probe, RwStrand *strand, PyObject *value);

/* Record an event whose payload is one value. */
RW_HOT int
rw_emit_value(const RwProbe *probe, RwStrand *strand, PyObject *value)
{
    return rw_emit_in_place(probe->recorder, strand, probe->site, value, probe->now)
               ? 0
               : rw_emit_any(probe, strand, value);
}

#endif
