/* One recording's native core: what all its probes share, and the way to the thread's recorder.
 *
 * The engine is the `self` of every probe. Used under the interpreter's lock.
 */
#ifndef RW_ENGINE_H
#define RW_ENGINE_H

#include <Python.h>

#include "controls.h"
#include "recorder.h"
#include "registry.h"
#include "values.h"

struct RwEngine {
    PyObject_HEAD
    uint64_t generation; /* of the recorders at hand; no other engine has the same */
    RwRegistry registry;
    RwValues *values;     /* owned */
    RwTable resumable;    /* open resumable frames, by address; each place owns one */
    uint64_t handles;     /* given out so far, in this process and those it was forked from */
    uint64_t keys;        /* of sessions, given out so far in this process */
    uint64_t limit;       /* events a session may have */
    uint64_t trace_depth; /* frames of a traceback kept */
    double sampling_rate; /* the share of sessions to record */
    unsigned long main_thread;
    RwFolder folder;
    PyObject *recorder_of_thread; /* owned: gives the running thread's recorder */
    PyObject *active_threads; /* owned: `threading._active`, by identifier */
    PyObject *called; /* owned: has all sites of a site's function learned, at its first call */
    PyObject *fault;              /* owned: takes a site and an error; raises what is no fault */
};

extern PyTypeObject RwEngine_Type;

/* What a thread has at hand: its recorder, and the interpreter's state of it. It holds until any
 * recorder of the engine ends, as who ends one need not know where it is at hand; and a thread's
 * recorder ends before the thread's state does. */
typedef struct {
    uint64_t generation;
    RwRecorder *recorder;
    PyThreadState *state;
    uint64_t switches; /* the state's count when it was last looked which greenlet runs */
} RwThread;

#ifdef __GLIBC__
/* At a fixed offset from the thread's pointer: glibc keeps room for as little as this in libraries
 * that are loaded late, and the general way costs a call. */
#define RW_THREAD_LOCAL __thread __attribute__((tls_model("initial-exec")))
#else
#define RW_THREAD_LOCAL __thread
#endif

extern RW_THREAD_LOCAL RwThread rw_thread;

/* Let every thread ask for its recorder anew. */
void rw_forget_recorders(RwEngine *engine);
/* Ask Python for the thread's recorder; NULL with an error set if there is none. Borrowed. */
RwRecorder *rw_find_recorder(RwEngine *engine);

RW_HOT RwRecorder *
rw_recorder(RwEngine *engine)
{
    if (RW_LIKELY(rw_thread.generation == engine->generation)) {
        return rw_thread.recorder;
    }
    return rw_find_recorder(engine);
}

/* Learn of the sites of a function that is called first; -1 with an error set. */
int rw_learn(RwEngine *engine, size_t site);
/* Give the error that is set to whom it belongs: 0 if it was ours and is gone, -1 if it is the
 * program's and passes. */
int rw_fault(RwEngine *engine, size_t site);

#endif
