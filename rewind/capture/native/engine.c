/* One recording's native core; see engine.h. */
#define PY_SSIZE_T_CLEAN
#include "engine.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "greenlets.h"
#include "lines.h"
#include "own.h"
#include "parts.h"
#include "probes.h"
#include "tasks.h"

RW_THREAD_LOCAL RwThread rw_thread;
static uint64_t generations;


RwRecorder *
rw_find_recorder(RwEngine *engine)
{
    /* A child that did not say so yet: what is open belongs to its parent. */
    if (engine->folder.pid != (uint64_t)getpid()) {
        return NULL;
    }
    PyObject *found = rw_call_own(engine->recorder_of_thread, PyTuple_New(0));
    if (found == NULL) {
        return NULL;
    }
    RwRecorder *recorder = (RwRecorder *)found;
    int ours = Py_IS_TYPE(found, &RwRecorder_Type) && recorder->engine == engine;
    /* The thread's own storage keeps it until it is closed. */
    Py_DECREF(found);
    if (!ours) {
        PyErr_SetString(PyExc_TypeError, "a thread's recorder is one of this engine");
        return NULL;
    }
    rw_thread = (RwThread){engine->generation, recorder, PyThreadState_Get(), 0};
    return recorder;
}

void
rw_forget_recorders(RwEngine *engine)
{
    engine->generation = ++generations;
}

static void
after_fork(void)
{
    /* What no engine has: each thread asks again. */
    rw_thread.generation = 0;
    rw_forget_random();
}

/* Whether the error cannot be reported, or needs not be: there is no room to look or to complain. */
static int
passes_in_silence(void)
{
    if (PyErr_ExceptionMatches(PyExc_RecursionError)) {
        return 1;
    }
    if (!PyErr_ExceptionMatches(PyExc_MemoryError)) {
        return 0;
    }
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    /* With a traceback it comes from a signal handler, and is the program's. */
    int ours = traceback == NULL;
    PyErr_Restore(type, error, traceback);
    return ours;
}

int
rw_fault(RwEngine *engine, size_t site)
{
    if (!PyErr_Occurred()) {
        return 0;
    }
    if (passes_in_silence()) {
        PyErr_Clear();
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_Exception)) {
        return -1;
    }
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    PyErr_NormalizeException(&type, &error, &traceback);
    if (traceback != NULL) {
        PyException_SetTraceback(error, traceback);
    }
    PyObject *done = rw_call_own(engine->fault, Py_BuildValue("(nO)", (Py_ssize_t)site, error));
    Py_XDECREF(done);
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(traceback);
    if (done == NULL && passes_in_silence()) {
        PyErr_Clear();
        return 0;
    }
    return done == NULL ? -1 : 0;
}

/* What the agent's half does with the engine */

static void
forget_frames(RwEngine *engine)
{
    RwTable forgotten = engine->resumable;
    engine->resumable = (RwTable){0};
    for (size_t at = 0; at < forgotten.size; at++) {
        if (forgotten.places[at].key != 0) {
            rw_frame_release(forgotten.places[at].value);
        }
    }
    rw_table_free(&forgotten);
}

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
    forget_frames(engine);
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

int
rw_learn(RwEngine *engine, size_t site)
{
    PyObject *code = rw_call_own(engine->called, Py_BuildValue("(n)", (Py_ssize_t)site));
    Py_XDECREF(code);
    return code == NULL ? -1 : 0;
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

static PyMethodDef agent_methods[] = {
    {"start", engine_start, METH_VARARGS, "Begin this process's part of the recording."},
    {"give_up", engine_give_up, METH_NOARGS, "Drop events until the spool has room."},
    {"reserve", engine_reserve, METH_O, "Let there be sites of all numbers below this."},
    {"learn", engine_learn, METH_VARARGS, "Learn what there is to know of a function's sites."},
    {"silence", engine_silence, METH_O, "Let nothing more be recorded at a site."},
    {"meet_greenlets", engine_meet_greenlets, METH_VARARGS, "Tell greenlets apart from now on."},
    {"new_recorder", engine_recorder, METH_O, "Make the running thread's recorder."},
    {"running", engine_running, METH_O, "Return the strand that runs, for a session to begin on."},
    {"known", engine_known, METH_O, "Return the strand that runs, as far as it is known."},
    {"creator", engine_creator, METH_VARARGS, "Return the parent of a session that begins."},
    {"stand_in", engine_stand_in, METH_VARARGS, "Return what stands for another's session."},
    {"let_go", engine_let_go, METH_VARARGS, "Forget a strand on which nothing is open."},
    {"captured", engine_captured, METH_O, "Return a value as it is recorded."},
    {0},
};

/* The engine itself */

static PyObject *
engine_new(PyTypeObject *type, PyObject *arguments, PyObject *names)
{
    (void)names;
    PyObject *limits, *secrets, *recorder_of_thread, *called, *fault;
    unsigned long long limit, trace_depth;
    double rate;
    if (!PyArg_ParseTuple(arguments, "OOKKdOOO", &limits, &secrets, &limit, &trace_depth,
                          &rate, &recorder_of_thread, &called, &fault)) {
        return NULL;
    }
    RwEngine *engine = (RwEngine *)type->tp_alloc(type, 0);
    if (engine == NULL) {
        return NULL;
    }
    rw_forget_recorders(engine);
    engine->limit = limit;
    engine->trace_depth = trace_depth;
    engine->sampling_rate = rate;
    engine->recorder_of_thread = Py_NewRef(recorder_of_thread);
    engine->called = Py_NewRef(called);
    engine->fault = Py_NewRef(fault);
    PyObject *threading = PyImport_ImportModule("threading");
    if (threading != NULL) {
        engine->active_threads = PyObject_GetAttrString(threading, "_active");
        Py_DECREF(threading);
    }
    engine->values = engine->active_threads == NULL ? NULL : rw_values_new(limits, secrets);
    if (engine->values == NULL) {
        Py_DECREF(engine);
        return NULL;
    }
    return (PyObject *)engine;
}

static int
engine_traverse(PyObject *self, visitproc visit, void *arg)
{
    RwEngine *engine = (RwEngine *)self;
    Py_VISIT(engine->recorder_of_thread);
    Py_VISIT(engine->called);
    Py_VISIT(engine->fault);
    Py_VISIT(engine->active_threads);
    return 0;
}

static int
engine_clear(PyObject *self)
{
    RwEngine *engine = (RwEngine *)self;
    Py_CLEAR(engine->recorder_of_thread);
    Py_CLEAR(engine->called);
    Py_CLEAR(engine->fault);
    return 0;
}

static void
engine_dealloc(PyObject *self)
{
    RwEngine *engine = (RwEngine *)self;
    PyObject_GC_UnTrack(self);
    engine_clear(self);
    Py_CLEAR(engine->active_threads);
    if (engine->values != NULL) {
        rw_values_free(engine->values);
    }
    forget_frames(engine);
    rw_registry_free(&engine->registry);
    rw_lines_forget();
    free(engine->folder.path);
    Py_TYPE(self)->tp_free(self);
}

PyTypeObject RwEngine_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "rewind.capture._native.Engine",
    .tp_doc = "The probes of one recording, and what they share.",
    .tp_basicsize = sizeof(RwEngine),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_new = engine_new,
    .tp_dealloc = engine_dealloc,
    .tp_traverse = engine_traverse,
    .tp_clear = engine_clear,
};

enum { MOST_METHODS = 64 };

static int
gather_methods(void)
{
    static PyMethodDef gathered[MOST_METHODS];
    PyMethodDef *parts[] = {
        agent_methods,   rw_call_probes,  rw_frame_probes,
        rw_value_probes, rw_store_probes, rw_exception_probes,
    };
    size_t count = 0;
    for (size_t part = 0; part < sizeof parts / sizeof *parts; part++) {
        for (PyMethodDef *method = parts[part]; method->ml_name != NULL; method++) {
            if (count == MOST_METHODS - 1) {
                PyErr_SetString(PyExc_SystemError, "there are more probes than places for them");
                return -1;
            }
            gathered[count++] = *method;
        }
    }
    RwEngine_Type.tp_methods = gathered;
    return 0;
}

int
rw_add_engine(PyObject *module)
{
    static int prepared;
    /* What is kept for a thread or an instruction is kept for all of the process. */
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_ImportError, "the native core works in the main interpreter only");
        return -1;
    }
    if (!prepared) {
        if (gather_methods() < 0 || pthread_atfork(NULL, NULL, after_fork) != 0) {
            return -1;
        }
        rw_clock_ready();
        prepared = 1;
    }
    if (rw_tasks_ready() < 0 || rw_lines_ready() < 0 || PyType_Ready(&RwSession_Type) < 0
        || PyType_Ready(&RwStrand_Type) < 0 || PyType_Ready(&RwRecorder_Type) < 0) {
        return -1;
    }
    return PyModule_AddType(module, &RwEngine_Type);
}
