/* What the agent's half does with the engine: methods beside the probes, none of them hot. */
#define PY_SSIZE_T_CLEAN
#include "engine.h"

#include <stdlib.h>

#include "greenlets.h"
#include "probes.h"
#include "resumable.h"
#include "statements.h"
#include "tasks.h"

static PyObject *
engine_start(PyObject *self, PyObject *arguments)
{
    RwEngine *engine = (RwEngine *)self;
    RwFolder folder = {0};
    const char *path;
    unsigned long long pid, ticks, size, most;
    int blocks;
    if (!PyArg_ParseTuple(arguments, "yKKKKpk", &path, &pid, &ticks, &size, &most, &blocks,
                          &engine->main_thread)) {
        return NULL;
    }
    folder = (RwFolder){
        .path = strdup(path),
        .pid = pid,
        .start_ticks = ticks,
        .segment_size = size,
        .max_bytes = most,
        .blocks = blocks,
    };
    if (folder.path == NULL) {
        return PyErr_NoMemory();
    }
    free(engine->folder.path);
    engine->folder = folder;
    engine->keys = 0;
    /* Those that a child of a fork has open began in its parent. */
    rw_forget_frames(engine);
    rw_forget_recorders(engine);
    Py_RETURN_NONE;
}

static PyObject *
engine_give_up(PyObject *self, PyObject *unused)
{
    (void)unused;
    ((RwEngine *)self)->folder.gave_up = 1;
    Py_RETURN_NONE;
}

static PyObject *
engine_reserve(PyObject *self, PyObject *end)
{
    size_t count = PyLong_AsSize_t(end);
    if (PyErr_Occurred() || rw_registry_reserve(&((RwEngine *)self)->registry, count) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
engine_learn(PyObject *self, PyObject *arguments)
{
    PyObject *code, *sites, *covers;
    Py_ssize_t base;
    if (!PyArg_ParseTuple(arguments, "OnO!O", &code, &base, &PyTuple_Type, &sites, &covers)
        || rw_registry_learn(&((RwEngine *)self)->registry, code, base, sites, covers) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
engine_silence(PyObject *self, PyObject *number)
{
    RwSite *site = rw_site(&((RwEngine *)self)->registry, rw_site_number(number));
    if (site != NULL) {
        rw_site_silence(site);
    }
    rw_latest = NULL;
    Py_RETURN_NONE;
}

static PyObject *
engine_meet_greenlets(PyObject *self, PyObject *arguments)
{
    (void)self;
    PyObject *capsule, *lineage;
    if (!PyArg_ParseTuple(arguments, "OO", &capsule, &lineage)
        || rw_meet_greenlets(capsule, lineage) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
engine_recorder(PyObject *self, PyObject *number)
{
    unsigned long long stream = PyLong_AsUnsignedLongLong(number);
    if (PyErr_Occurred()) {
        return NULL;
    }
    return (PyObject *)rw_recorder_new((RwEngine *)self, stream);
}

/* Return the recorder in an argument, the running thread's, at the greenlet that runs; NULL with an
 * error set. */
static RwRecorder *
recorder_in(PyObject *engine, PyObject *argument)
{
    /* Has what the thread has at hand set right, which following a switch counts on. */
    RwRecorder *recorder = rw_recorder((RwEngine *)engine);
    if (recorder == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_RuntimeError, "this process is not recorded yet");
    }
    if (recorder != NULL && (PyObject *)recorder != argument) {
        PyErr_SetString(PyExc_TypeError, "that is no recorder of the running thread's");
        return NULL;
    }
    if (recorder != NULL && rw_may_have_switched()) {
        rw_follow_switch(recorder);
    }
    return recorder;
}

static PyObject *
engine_running(PyObject *self, PyObject *argument)
{
    RwRecorder *recorder = recorder_in(self, argument);
    RwStrand *strand = recorder == NULL ? NULL : rw_running_strand(recorder, 0);
    if (strand == NULL) {
        return NULL;
    }
    rw_set_strand(recorder, strand);
    return Py_NewRef(strand);
}

static PyObject *
engine_known(PyObject *self, PyObject *argument)
{
    RwRecorder *recorder = recorder_in(self, argument);
    return recorder == NULL ? NULL : Py_NewRef(rw_known_strand(recorder));
}

static PyObject *
engine_here(PyObject *self, PyObject *find)
{
    RwSession *session = rw_session_here((RwEngine *)self, find);
    if (session == NULL && PyErr_Occurred()) {
        return NULL;
    }
    return Py_NewRef(session == NULL ? Py_None : (PyObject *)session);
}

static PyObject *
engine_creator(PyObject *self, PyObject *arguments)
{
    (void)self;
    PyObject *recorder, *strand;
    if (!PyArg_ParseTuple(arguments, "O!O!", &RwRecorder_Type, &recorder, &RwStrand_Type,
                          &strand)) {
        return NULL;
    }
    RwSession *session = rw_creator((RwRecorder *)recorder, (RwStrand *)strand);
    return session == NULL ? Py_NewRef(Py_None) : (PyObject *)session;
}

static PyObject *
engine_stand_in(PyObject *self, PyObject *arguments)
{
    (void)self;
    const char *id;
    Py_ssize_t size;
    int recorded;
    if (!PyArg_ParseTuple(arguments, "s#p", &id, &size, &recorded)) {
        return NULL;
    }
    RwSession *session = rw_session_new(0, recorded);
    if (session != NULL && size == sizeof session->id - 1) {
        memcpy(session->id, id, sizeof session->id);
    }
    return (PyObject *)session;
}

static PyObject *
engine_let_go(PyObject *self, PyObject *arguments)
{
    (void)self;
    PyObject *recorder, *strand;
    if (!PyArg_ParseTuple(arguments, "O!O!", &RwRecorder_Type, &recorder, &RwStrand_Type,
                          &strand)) {
        return NULL;
    }
    rw_let_go((RwRecorder *)recorder, (RwStrand *)strand);
    Py_RETURN_NONE;
}

static PyObject *
engine_captured(PyObject *self, PyObject *value)
{
    RwBuffer out = RW_BUFFER_EMPTY;
    PyObject *written = NULL;
    if (rw_write_value(((RwEngine *)self)->values, NULL, &out, value) >= 0) {
        written = PyBytes_FromStringAndSize((const char *)out.data, (Py_ssize_t)out.used);
    }
    rw_buffer_free(&out);
    return written;
}

PyMethodDef rw_agent_methods[] = {
    {"start", engine_start, METH_VARARGS, "Begin this process's part of the recording."},
    {"give_up", engine_give_up, METH_NOARGS, "Drop events until the spool has room."},
    {"reserve", engine_reserve, METH_O, "Let there be sites of all numbers below this."},
    {"learn", engine_learn, METH_VARARGS, "Learn what there is to know of a function's sites."},
    {"silence", engine_silence, METH_O, "Let nothing more be recorded at a site."},
    {"meet_greenlets", engine_meet_greenlets, METH_VARARGS, "Tell greenlets apart from now on."},
    {"new_recorder", engine_recorder, METH_O, "Make the running thread's recorder."},
    {"running", engine_running, METH_O, "Return the strand that runs, for a session to begin on."},
    {"known", engine_known, METH_O, "Return the strand that runs, as far as it is known."},
    {"here", engine_here, METH_O, "Return the session that is recorded just here, or None."},
    {"creator", engine_creator, METH_VARARGS, "Return the parent of a session that begins."},
    {"stand_in", engine_stand_in, METH_VARARGS, "Return what stands for another's session."},
    {"let_go", engine_let_go, METH_VARARGS, "Forget a strand on which nothing is open."},
    {"statements", rw_engine_statements, METH_VARARGS, "Return what tells of usual statements."},
    {"captured", engine_captured, METH_O, "Return a value as it is recorded."},
    {0},
};
