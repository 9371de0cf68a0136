/* One recording's native core; see engine.h. */
#define PY_SSIZE_T_CLEAN
#include "engine.h"
#include "followed.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "lines.h"
#include "opened.h"
#include "own.h"
#include "parts.h"
#include "probes.h"
#include "resumable.h"
#include "statements.h"
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

int
rw_learn(RwEngine *engine, size_t site)
{
    PyObject *code = rw_call_own(engine->called, Py_BuildValue("(n)", (Py_ssize_t)site));
    Py_XDECREF(code);
    return code == NULL ? -1 : 0;
}

/* The type */

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
    rw_forget_frames(engine);
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

enum { MOST_METHODS = 80 };

static int
gather_methods(void)
{
    static PyMethodDef gathered[MOST_METHODS];
    PyMethodDef *parts[] = {
        rw_agent_methods, rw_opened_methods, rw_call_probes, rw_frame_probes,
        rw_value_probes, rw_said_probes, rw_store_probes, rw_exception_probes,
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
        || PyType_Ready(&RwStrand_Type) < 0 || PyType_Ready(&RwOpened_Type) < 0
        || PyType_Ready(&RwFollowed_Type) < 0 || PyType_Ready(&RwStatements_Type) < 0
        || PyType_Ready(&RwRecorder_Type) < 0) {
        return -1;
    }
    return PyModule_AddType(module, &RwEngine_Type);
}
