/* A thread's recorder; see recorder.h. */
#include "recorder.h"

#include <stddef.h>
#include <structmember.h>

#include "engine.h"
#include "frames.h"
#include "sessions.h"

enum {
    RETRY_NS = 20000000, /* how long to leave a full spool alone before asking again */
    LONGEST_CONTROL = 64,
};

/* What is no strand's session. */
#define NONE ((RwSession *)&RwSession_Type)

/* Control records, as rewind.model.events numbers them. */

static size_t
control_record(uint8_t *record, int control, uint64_t number)
{
    record[0] = 0x92;
    record[1] = (uint8_t)control;
    return (size_t)(rw_write_unsigned(record + 2, number) - record);
}

static int
advance(RwRecorder *recorder, size_t least)
{
    int64_t now = rw_now();
    if (now < recorder->retry_ns) {
        return 0;
    }
    /* Whoever reads the new segment must know which session it begins in. */
    uint8_t again[LONGEST_CONTROL];
    size_t size = 0;
    if (recorder->current != NULL) {
        size = control_record(again, RW_SWITCH, recorder->current->key);
    }
    if (rw_stream_advance(&recorder->stream, &recorder->engine->folder, least + size)) {
        rw_stream_append(&recorder->stream, again, size);
        return 1;
    }
    recorder->retry_ns = now + RETRY_NS;
    return 0;
}

static int
put(RwRecorder *recorder, const uint8_t *record, size_t size)
{
    return rw_stream_append(&recorder->stream, record, size)
           || (advance(recorder, size) && rw_stream_append(&recorder->stream, record, size));
}

int
rw_switch(RwRecorder *recorder, RwSession *session)
{
    uint8_t record[LONGEST_CONTROL];
    int stored;
    if (session->announcement.used > 0) {
        stored = put(recorder, session->announcement.data, session->announcement.used);
    }
    else {
        stored = put(recorder, record, control_record(record, RW_SWITCH, session->key));
    }
    if (!stored) {
        return 0;
    }
    rw_buffer_free(&session->announcement);
    rw_count_fuel(recorder);
    RwSession *before = recorder->current;
    recorder->current = recorder->open = (RwSession *)Py_NewRef(session);
    Py_XDECREF(before);
    return 1;
}

static size_t
dropped_record(uint8_t *record, RwSession *session, const char *reason)
{
    size_t length = strlen(reason);
    record[0] = 0x94;
    record[1] = (uint8_t)RW_DROPPED;
    uint8_t *end = rw_write_unsigned(record + 2, session->key);
    end = rw_write_unsigned(end, session->dropped);
    *end++ = (uint8_t)(0xA0 + length);
    memcpy(end, reason, length);
    return (size_t)(end + length - record);
}

static int
put_timed(RwStream *stream, const uint8_t *prefix, size_t prefix_size, int64_t passed,
          const uint8_t *payload, size_t size)
{
    uint8_t time[RW_TIME_ROOM];
    size_t time_size = (size_t)(rw_write_time(time, passed) - time);
    if (!rw_stream_reserve(stream, prefix_size + time_size + size)) {
        return 0;
    }
    uint8_t *at = stream->map + stream->end;
    memcpy(at, prefix, prefix_size);
    memcpy(at + prefix_size, time, time_size);
    if (size > 0) {
        memcpy(at + prefix_size + time_size, payload, size);
    }
    rw_stream_publish(stream, at + prefix_size + time_size + size);
    return 1;
}

static int
in_new_segment(RwRecorder *recorder, RwSession *session, const uint8_t *prefix,
               size_t prefix_size, const uint8_t *payload, size_t size)
{
    uint8_t lost[LONGEST_CONTROL];
    size_t lost_size = dropped_record(lost, session, "spool");
    if (!advance(recorder, prefix_size + size + lost_size + RW_TIME_ROOM)) {
        return 0;
    }
    if (session->dropped) {
        rw_stream_append(&recorder->stream, lost, lost_size);
        session->dropped = 0;
    }
    /* The segment begins now, and so does its time. */
    return put_timed(&recorder->stream, prefix, prefix_size, 0, payload, size);
}

int
rw_timed(RwRecorder *recorder, RwSession *session, const uint8_t *prefix, size_t prefix_size,
         const uint8_t *payload, size_t size, int64_t now)
{
    if (session != recorder->current && !rw_switch(recorder, session)) {
        return 0;
    }
    RwStream *stream = &recorder->stream;
    if (put_timed(stream, prefix, prefix_size, now - stream->last_ns, payload, size)) {
        stream->last_ns = now;
        return 1;
    }
    return in_new_segment(recorder, session, prefix, prefix_size, payload, size);
}

void
rw_emit(RwRecorder *recorder, RwStrand *strand, const uint8_t *prefix, size_t prefix_size,
        const uint8_t *payload, size_t size, int64_t now)
{
    RwSession *session = strand->session;
    if (session == NULL || !session->recorded || recorder->closed || prefix_size == 0) {
        return;
    }
    rw_count_fuel(recorder);
    if (session->events < recorder->limit
        && rw_timed(recorder, session, prefix, prefix_size, payload, size, now)) {
        rw_count_event(recorder, session, now);
    }
    else {
        session->events++;
        session->dropped++;
        recorder->dropped++;
    }
}

void
rw_count_event(RwRecorder *recorder, RwSession *session, int64_t began)
{
    session->events++;
    if ((++recorder->events & RW_COST_SAMPLE) == 0) {
        recorder->cost_ns += (uint64_t)(rw_now() - began) * (RW_COST_SAMPLE + 1);
    }
    uint64_t until_due = RW_COST_SAMPLE - (recorder->events & RW_COST_SAMPLE);
    uint64_t until_limit = recorder->limit - session->events;
    recorder->fuel = until_due < until_limit ? until_due : until_limit;
    recorder->fuelled = recorder->fuel;
}

void
rw_control(RwRecorder *recorder, RwStrand *strand, int control, uint64_t number)
{
    RwSession *session = strand->session;
    if (session == NULL || !session->recorded || recorder->closed) {
        return;
    }
    if (session == recorder->current || rw_switch(recorder, session)) {
        uint8_t record[LONGEST_CONTROL];
        put(recorder, record, control_record(record, control, number));
    }
}

void
rw_settle_session(RwRecorder *recorder, RwSession *session)
{
    uint8_t record[LONGEST_CONTROL];
    if (session->dropped) {
        rw_count_fuel(recorder);
        const char *reason = session->events > recorder->limit ? "limit" : "spool";
        put(recorder, record, dropped_record(record, session, reason));
        session->dropped = 0;
    }
    if (session->redacted) {
        record[0] = 0x93;
        record[1] = (uint8_t)RW_REDACTED_COUNT;
        uint8_t *end = rw_write_unsigned(record + 2, session->key);
        end = rw_write_unsigned(end, session->redacted);
        put(recorder, record, (size_t)(end - record));
        session->redacted = 0;
    }
}

/* The recorder itself */

void
rw_set_strand(RwRecorder *recorder, RwStrand *strand)
{
    if (recorder->strand != strand) {
        RwStrand *before = recorder->strand;
        recorder->strand = (RwStrand *)Py_NewRef(strand);
        Py_XDECREF(before);
    }
}

RwRecorder *
rw_recorder_new(RwEngine *engine, uint64_t number)
{
    RwRecorder *recorder = PyObject_New(RwRecorder, &RwRecorder_Type);
    if (recorder == NULL) {
        return NULL;
    }
    size_t head = offsetof(RwRecorder, engine);
    memset((char *)recorder + head, 0, sizeof(RwRecorder) - head);
    recorder->engine = (RwEngine *)Py_NewRef(engine);
    recorder->limit = engine->limit;
    recorder->open = NONE;
    recorder->stream.number = number;
    recorder->stream.thread = PyThread_get_thread_ident();
    recorder->base = rw_strand_new(NULL, 0);
    if (recorder->base == NULL) {
        Py_DECREF(recorder);
        return NULL;
    }
    recorder->strand = (RwStrand *)Py_NewRef(recorder->base);
    return recorder;
}

static void
settle_strand(RwRecorder *recorder, RwStrand *strand)
{
    if (strand->session != NULL) {
        rw_settle_session(recorder, strand->session);
    }
}

void
rw_recorder_close(RwRecorder *recorder)
{
    if (recorder->closed) {
        return;
    }
    rw_count_fuel(recorder);
    settle_strand(recorder, recorder->base);
    for (RwStrand *strand = recorder->oldest; strand != NULL; strand = strand->newer) {
        settle_strand(recorder, strand);
    }
    recorder->closed = 1;
    rw_stream_close(&recorder->stream);
    recorder->open = NONE;
    Py_CLEAR(recorder->current);
    rw_forget_recorders(recorder->engine);
}

static void
recorder_dealloc(PyObject *self)
{
    RwRecorder *recorder = (RwRecorder *)self;
    rw_forget_recorders(recorder->engine);
    rw_stream_forget(&recorder->stream);
    while (recorder->oldest != NULL) {
        rw_forget_task(recorder, recorder->oldest);
    }
    rw_table_free(&recorder->tasks);
    rw_buffer_free(&recorder->scratch);
    Py_CLEAR(recorder->current);
    Py_CLEAR(recorder->strand);
    Py_CLEAR(recorder->base);
    Py_CLEAR(recorder->engine);
    PyObject_Free(self);
}

static PyObject *
method_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    rw_recorder_close((RwRecorder *)self);
    Py_RETURN_NONE;
}

static PyObject *
method_counted(PyObject *self, PyObject *unused)
{
    (void)unused;
    RwRecorder *recorder = (RwRecorder *)self;
    rw_count_fuel(recorder);
    return Py_BuildValue("{sKsKsK}", "events", recorder->events, "probe_ns", recorder->cost_ns,
                         "dropped", recorder->dropped);
}

static PyMethodDef recorder_methods[] = {
    {"begin", rw_recorder_begin, METH_VARARGS, "Begin a session on the strand."},
    {"finish", rw_recorder_finish, METH_VARARGS, "End the strand's session."},
    {"close", method_close, METH_NOARGS, "Record nothing more."},
    {"counted", method_counted, METH_NOARGS, "What a process says of it when it says goodbye."},
    {0},
};

static PyMemberDef recorder_members[] = {
    {"base", T_OBJECT, offsetof(RwRecorder, base), READONLY, "The thread's own strand."},
    {"strand", T_OBJECT, offsetof(RwRecorder, strand), READONLY, "The strand that runs now."},
    {"closed", T_BOOL, offsetof(RwRecorder, closed), READONLY, "Nothing more is recorded."},
    {"events", T_ULONGLONG, offsetof(RwRecorder, events), READONLY, "Events recorded."},
    {"dropped", T_ULONGLONG, offsetof(RwRecorder, dropped), READONLY, "Events not recorded."},
    {"_retry_ns", T_LONGLONG, offsetof(RwRecorder, retry_ns), 0, "When to ask a full spool again."},
    {0},
};

PyTypeObject RwRecorder_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "rewind.capture._native.Recorder",
    .tp_doc = "Writes one thread's events.",
    .tp_basicsize = sizeof(RwRecorder),
    .tp_dealloc = recorder_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_methods = recorder_methods,
    .tp_members = recorder_members,
};
