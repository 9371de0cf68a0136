/* One recording's native core; see engine.h. */
#define PY_SSIZE_T_CLEAN
#include "engine.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "lines.h"
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
    PyObject *found = PyObject_CallNoArgs(engine->recorder_of_thread);
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
    rw_thread = (RwThread){engine->generation, recorder, PyThreadState_Get()};
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
    PyObject *done = PyObject_CallFunction(engine->fault, "nO", (Py_ssize_t)site, error);
    Py_XDECREF(done);
    Py_XDECREF(type);
    Py_XDECREF(error);
    Py_XDECREF(traceback);
    if (done == NULL && PyErr_ExceptionMatches(PyExc_RecursionError)) {
        PyErr_Clear();
        return 0;
    }
    return done == NULL ? -1 : 0;
}

/* What the agent's half does with the engine */

static PyObject *
engine_start(PyObject *self, PyObject *arguments)
{
    RwEngine *engine = (RwEngine *)self;
    RwFolder folder = {0};
    const char *path;
    unsigned long long pid, ticks, size, most;
    if (!PyArg_ParseTuple(arguments, "yKKKKk", &path, &pid, &ticks, &size, &most,
                          &engine->main_thread)) {
        return NULL;
    }
    folder = (RwFolder){strdup(path), pid, ticks, size, most};
    if (folder.path == NULL) {
        return PyErr_NoMemory();
    }
    free(engine->folder.path);
    engine->folder = folder;
    engine->keys = 0;
    rw_forget_recorders(engine);
    Py_RETURN_NONE;
}

int
rw_learn(RwEngine *engine, size_t site)
{
    PyObject *code = PyObject_CallFunction(engine->called, "n", (Py_ssize_t)site);
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
    PyObject *code, *sites;
    if (!PyArg_ParseTuple(arguments, "OO!", &code, &PyList_Type, &sites)
        || rw_registry_learn(&((RwEngine *)self)->registry, code, sites) < 0) {
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

static PyObject *
engine_captured(PyObject *self, PyObject *value)
{
    RwBuffer out = RW_BUFFER_EMPTY;
    PyObject *written = NULL;
    if (rw_write_value(((RwEngine *)self)->values, &out, value) >= 0) {
        written = PyBytes_FromStringAndSize((const char *)out.data, (Py_ssize_t)out.used);
    }
    rw_buffer_free(&out);
    return written;
}

static PyMethodDef agent_methods[] = {
    {"start", engine_start, METH_VARARGS, "Begin this process's part of the recording."},
    {"reserve", engine_reserve, METH_O, "Let there be sites of all numbers below this."},
    {"learn", engine_learn, METH_VARARGS, "Learn what there is to know of a function's sites."},
    {"silence", engine_silence, METH_O, "Let nothing more be recorded at a site."},
    {"new_recorder", engine_recorder, METH_O, "Make the running thread's recorder."},
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
    for (size_t at = 0; at < engine->resumable.size; at++) {
        if (engine->resumable.places[at].key != 0) {
            rw_frame_release(engine->resumable.places[at].value);
        }
    }
    rw_table_free(&engine->resumable);
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
