/* A thread's recorder; see recorder.h. */
#include "recorder.h"

#include <stddef.h>
#include <stdlib.h>
#include <structmember.h>

#include "engine.h"
#include "frames.h"
#include "sessions.h"

/* What is no strand's session. */
#define NONE ((RwSession *)&RwSession_Type)

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
    rw_latest = NULL; /* its address may have been another's */
    recorder->stream.number = number;
    recorder->stream.thread = PyThread_get_thread_ident();
    recorder->echoes = rw_echoes_new();
    recorder->base = recorder->echoes == NULL ? NULL : rw_strand_new(NULL);
    recorder->idle = recorder->base == NULL ? NULL : rw_strand_new(NULL);
    if (recorder->idle == NULL) {
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
        rw_settle_last(recorder, strand->session);
        recorder->ends = 0;
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
    rw_echoes_begin_segment(recorder->echoes);
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
        rw_drop_strand(recorder, recorder->oldest);
    }
    rw_table_free(&recorder->tasks);
    rw_table_free(&recorder->greenlets);
    rw_buffer_free(&recorder->scratch);
    rw_echoes_free(recorder->echoes);
    free(recorder->whole.data);
    Py_CLEAR(recorder->current);
    Py_CLEAR(recorder->strand);
    Py_CLEAR(recorder->idle);
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
    return Py_BuildValue("{sKsKsKsK}", "events", recorder->events, "probe_ns", recorder->cost_ns,
                         "dropped", recorder->dropped, "unsaid", recorder->unsaid);
}

static PyMethodDef recorder_methods[] = {
    {"end", rw_recorder_end, METH_VARARGS, "End a session that is no strand's any more."},
    {"tell", rw_recorder_tell, METH_VARARGS, "Record what is no event of a session."},
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
    {"owes", T_BOOL, offsetof(RwRecorder, owes), 0, "It is to wait for room."},
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
