/* Which asyncio task and which greenlet runs on this thread; see tasks.h.
 *
 * asyncio is never imported: until the program does, no task runs. Its C module knows the running
 * loop of a thread and the running task of a loop.
 */
#include "tasks.h"

#include "greenlets.h"
#include "interpreter.h"
#include "own.h"

/* The strand that an asyncio task was created from: tasks copy the context of their creator. */
static PyObject *origin;
/* Of `_asyncio`, once the program has imported it: both live as long as the process. */
static PyObject *running_loop;
static PyObject *current_tasks;
/* Names of modules, with their hashes made. */
static PyObject *tasks_name;
static PyObject *asyncio_name;
/* The interpreter's dictionary of modules, which is one and the same as long as it lives. */
static PyObject *modules;

int
rw_tasks_ready(void)
{
    if (origin == NULL) {
        origin = PyContextVar_New("rewind_origin", NULL);
        tasks_name = PyUnicode_InternFromString("asyncio.tasks");
        asyncio_name = PyUnicode_InternFromString("_asyncio");
        modules = PyImport_GetModuleDict();
    }
    return origin == NULL || tasks_name == NULL || asyncio_name == NULL ? -1 : 0;
}

/* Return whether the program uses asyncio so far. */
static int
knows_asyncio(void)
{
    if (current_tasks != NULL) {
        return 1;
    }
    /* Of `sys.modules`, when it was not there. */
    static uint64_t version_without;
    uint64_t version = rw_dict_version(modules);
    if (version != 0 && version == version_without) {
        return 0;
    }
    /* `asyncio.tasks` comes last of what a task needs: with it all is there. */
    PyObject *asyncio = NULL;
    if (PyDict_GetItemWithError(modules, tasks_name) != NULL) {
        asyncio = PyDict_GetItemWithError(modules, asyncio_name);
    }
    if (asyncio == NULL) {
        version_without = version;
        PyErr_Clear();
        return 0;
    }
    PyObject *loop = PyObject_GetAttrString(asyncio, "_get_running_loop");
    PyObject *tasks = PyObject_GetAttrString(asyncio, "_current_tasks");
    if (loop == NULL || tasks == NULL || !PyDict_CheckExact(tasks)) {
        PyErr_Clear();
        Py_XDECREF(loop);
        Py_XDECREF(tasks);
        return 0;
    }
    running_loop = loop;
    current_tasks = tasks;
    return 1;
}

/* Return the address of the running task, 0 if none runs. */
static uintptr_t
current_task(void)
{
    /* Empty on every thread while no task runs anywhere. */
    if (!knows_asyncio() || PyDict_GET_SIZE(current_tasks) == 0) {
        return 0;
    }
    PyObject *loop = PyObject_CallNoArgs(running_loop);
    if (loop == NULL || loop == Py_None) {
        PyErr_Clear();
        Py_XDECREF(loop);
        return 0;
    }
    /* Not looked up by key: a loop's `__hash__` may be the program's. */
    PyObject *key, *task;
    Py_ssize_t at = 0;
    uintptr_t found = 0;
    while (found == 0 && PyDict_Next(current_tasks, &at, &key, &task)) {
        found = key == loop ? (uintptr_t)task : 0;
    }
    Py_DECREF(loop);
    return found == (uintptr_t)Py_None ? 0 : found;
}

/* Whether the running frame is a task's: called by a coroutine, in the same greenlet. */
static int
runs_coroutine(void)
{
    static const int coroutine = CO_COROUTINE | CO_ITERABLE_COROUTINE | CO_ASYNC_GENERATOR;
    for (RwActivation *frame = rw_running(); frame != NULL; frame = rw_caller(frame)) {
        if (rw_code_of(frame)->co_flags & coroutine) {
            return 1;
        }
    }
    return 0;
}

/* The strands of the thread */

static void
keep(RwRecorder *recorder, RwStrand *strand)
{
    strand->older = recorder->newest;
    strand->newer = NULL;
    if (recorder->newest != NULL) {
        recorder->newest->newer = strand;
    }
    else {
        recorder->oldest = strand;
    }
    recorder->newest = strand;
    Py_INCREF(strand);
}

void
rw_drop_strand(RwRecorder *recorder, RwStrand *strand)
{
    if (strand->older != NULL) {
        strand->older->newer = strand->newer;
    }
    else {
        recorder->oldest = strand->newer;
    }
    if (strand->newer != NULL) {
        strand->newer->older = strand->older;
    }
    else {
        recorder->newest = strand->older;
    }
    strand->newer = strand->older = NULL;
    Py_DECREF(strand);
}

/* Whether it is the strand of a task or greenlet, and so kept. */
static int
is_kept(const RwRecorder *recorder, const RwStrand *strand)
{
    return (strand->task && rw_table_get(&recorder->tasks, strand->task) == strand)
           || (strand->greenlet
               && rw_table_get(&recorder->greenlets, strand->greenlet) == strand);
}

int
rw_has_strand(const RwRecorder *recorder, const RwStrand *strand)
{
    return strand == recorder->base || is_kept(recorder, strand);
}

RwStrand *
rw_own_strand(RwRecorder *recorder)
{
    if (recorder->greenlet == 0) {
        return recorder->base;
    }
    RwStrand *known = rw_table_get(&recorder->greenlets, recorder->greenlet);
    return known != NULL ? known : recorder->idle;
}

RwStrand *
rw_known_strand(RwRecorder *recorder)
{
    uintptr_t task = current_task();
    RwStrand *known = task == 0 ? NULL : rw_table_get(&recorder->tasks, task);
    /* A task's own code may run another greenlet, which is not the task. */
    int runs = known != NULL && known->greenlet == recorder->greenlet;
    return runs ? known : rw_own_strand(recorder);
}

/* Where a strand comes from */

/* Return the session of the nearest greenlet that the running one comes from: borrowed, NULL if
 * nothing is recorded of them. */
static RwSession *
ancestor(RwRecorder *recorder)
{
    RwSession *session = NULL;
    PyObject *lineage = rw_call_own(rw_greenlets.lineage, PyTuple_New(0));
    if (lineage == NULL || !PyTuple_CheckExact(lineage)) {
        PyErr_Clear();
        Py_XDECREF(lineage);
        return NULL;
    }
    for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(lineage) && session == NULL; at++) {
        uintptr_t address = (uintptr_t)PyLong_AsVoidPtr(PyTuple_GET_ITEM(lineage, at));
        RwStrand *strand = rw_table_get(&recorder->greenlets, address);
        session = strand == NULL ? NULL : strand->session;
    }
    Py_DECREF(lineage);
    return session;
}

/* Return the strand in whose context the thread runs: a new reference, NULL if in no task's. */
static PyObject *
strand_of_context(void)
{
    PyObject *from = NULL;
    if (PyContextVar_Get(origin, NULL, &from) < 0) {
        PyErr_Clear();
    }
    if (from != NULL && !Py_IS_TYPE(from, &RwStrand_Type)) {
        Py_CLEAR(from);
    }
    return from;
}

RwSession *
rw_creator(RwRecorder *recorder, RwStrand *strand)
{
    /* Who holds it has said who the parent is. */
    int asks = strand == recorder->base && !strand->held;
    PyObject *from = asks ? strand_of_context() : NULL;
    RwSession *session = NULL;
    if (from != NULL && from != (PyObject *)strand) {
        session = ((RwStrand *)from)->session;
    }
    session = (RwSession *)Py_XNewRef(session != NULL ? session : strand->parent);
    Py_XDECREF(from);
    return session;
}

/* Return the session in which a strand begins: a new reference. */
static RwSession *
creator(RwRecorder *recorder)
{
    PyObject *from = strand_of_context();
    RwSession *session = from == NULL ? NULL : ((RwStrand *)from)->session;
    if (session == NULL) {
        session = rw_own_strand(recorder)->session;
    }
    if (session == NULL && recorder->greenlet != 0) {
        session = ancestor(recorder);
    }
    if (session == NULL) {
        RwStrand *base = recorder->base;
        session = base->session != NULL ? base->session : base->parent;
    }
    /* The strand may go with the context's reference, the session with the strand. */
    Py_XINCREF(session);
    Py_XDECREF(from);
    return session;
}

/* Return a new strand in the running greenlet, known under that address: borrowed. */
static RwStrand *
new_strand(RwRecorder *recorder, RwTable *table, uintptr_t address)
{
    RwSession *parent = creator(recorder);
    RwStrand *strand = rw_strand_new(parent);
    Py_XDECREF(parent);
    if (strand == NULL) {
        return NULL;
    }
    strand->greenlet = recorder->greenlet;
    if (rw_table_set(table, address, strand) < 0) {
        Py_DECREF(strand);
        PyErr_NoMemory();
        return NULL;
    }
    keep(recorder, strand);
    Py_DECREF(strand);
    return strand;
}

/* Let what `asyncio.run` was called for go on in the caller's own session. */
static RwStrand *
go_on_as_task(RwRecorder *recorder, RwStrand *strand, uintptr_t task)
{
    int kept = is_kept(recorder, strand);
    if (rw_table_set(&recorder->tasks, task, strand) < 0) {
        PyErr_NoMemory();
        return NULL;
    }
    if (!kept) {
        keep(recorder, strand);
    }
    return strand;
}

static RwStrand *
new_task(RwRecorder *recorder, uintptr_t task, int resumable)
{
    RwStrand *strand = rw_own_strand(recorder);
    if (resumable && strand->session != NULL && !strand->task) {
        strand = go_on_as_task(recorder, strand, task);
    }
    else {
        strand = new_strand(recorder, &recorder->tasks, task);
    }
    if (strand == NULL) {
        return NULL;
    }
    strand->task = task;
    PyObject *token = PyContextVar_Set(origin, (PyObject *)strand);
    if (token == NULL) {
        return NULL;
    }
    Py_DECREF(token);
    return strand;
}

RwStrand *
rw_running_strand(RwRecorder *recorder, int resumable)
{
    uintptr_t task = current_task();
    if (task != 0 && rw_table_get(&recorder->tasks, task) == NULL
        && (rw_greenlets.current == NULL || runs_coroutine())) {
        return new_task(recorder, task, resumable);
    }
    RwStrand *known = rw_known_strand(recorder);
    if (known == recorder->idle) {
        return new_strand(recorder, &recorder->greenlets, recorder->greenlet);
    }
    return known;
}

RwSession *
rw_session_here(RwEngine *engine, PyObject *find)
{
    if (rw_thread.generation != engine->generation) {
        /* A thread that has no recorder is not to get one by this. */
        PyObject *found = rw_call_own(find, PyTuple_New(0));
        Py_XDECREF(found);
        if (found == NULL || found == Py_None) {
            return NULL;
        }
    }
    RwRecorder *recorder = rw_recorder(engine);
    if (recorder == NULL) {
        return NULL;
    }
    if (rw_may_have_switched()) {
        rw_follow_switch(recorder);
    }
    RwSession *session = rw_known_strand(recorder)->session;
    return session != NULL && session->recorded ? session : NULL;
}

/* The end */

static void
take_out(RwRecorder *recorder, RwTable *table, uintptr_t address)
{
    RwStrand *known = rw_table_take(table, address);
    if (known != NULL && !is_kept(recorder, known)) {
        rw_drop_strand(recorder, known);
    }
}

void
rw_task_over(RwRecorder *recorder, RwStrand *strand)
{
    uintptr_t task = strand->task;
    strand->task = 0;
    rw_set_strand(recorder, rw_own_strand(recorder));
    take_out(recorder, &recorder->tasks, task);
}

void
rw_greenlet_over(RwRecorder *recorder, RwStrand *strand)
{
    if (rw_table_get(&recorder->greenlets, strand->greenlet) == strand) {
        take_out(recorder, &recorder->greenlets, strand->greenlet);
        rw_set_strand(recorder, rw_own_strand(recorder));
    }
}
