/* Which asyncio task runs on this thread; see tasks.h.
 *
 * asyncio is never imported: until the program does, no task runs. Its C module knows the running
 * loop of a thread and the running task of a loop.
 */
#include "tasks.h"

/* The strand that an asyncio task was created from: tasks copy the context of their creator. */
static PyObject *origin;
/* Of `_asyncio`, once the program has imported it: both live as long as the process. */
static PyObject *running_loop;
static PyObject *current_tasks;
/* Names of modules, with their hashes made. */
static PyObject *tasks_name;
static PyObject *asyncio_name;

int
rw_tasks_ready(void)
{
    if (origin == NULL) {
        origin = PyContextVar_New("rewind_origin", NULL);
        tasks_name = PyUnicode_InternFromString("asyncio.tasks");
        asyncio_name = PyUnicode_InternFromString("_asyncio");
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
    PyObject *modules = PyImport_GetModuleDict();
    /* `asyncio.tasks` comes last of what a task needs: with it all is there. */
    PyObject *asyncio = NULL;
    if (PyDict_GetItemWithError(modules, tasks_name) != NULL) {
        asyncio = PyDict_GetItemWithError(modules, asyncio_name);
    }
    if (asyncio == NULL) {
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

static RwSession *
creator(RwRecorder *recorder)
{
    PyObject *from = NULL;
    if (PyContextVar_Get(origin, NULL, &from) < 0) {
        PyErr_Clear();
    }
    RwSession *session = NULL;
    if (from != NULL && Py_IS_TYPE(from, &RwStrand_Type)) {
        session = ((RwStrand *)from)->session;
    }
    /* The strand may go with the context's reference, the session with the strand. */
    session = (RwSession *)Py_XNewRef(session != NULL ? session : recorder->base->session);
    Py_XDECREF(from);
    return session;
}

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

static RwStrand *
new_task(RwRecorder *recorder, uintptr_t task, int resumable)
{
    RwStrand *strand = recorder->base;
    if (resumable && strand->session != NULL && !strand->task) {
        /* What `asyncio.run` was called for goes on in the caller's own session. */
        strand->task = task;
        Py_INCREF(strand);
    }
    else {
        RwSession *parent = creator(recorder);
        strand = rw_strand_new(parent, task);
        Py_XDECREF(parent);
        if (strand == NULL) {
            return NULL;
        }
    }
    if (rw_table_set(&recorder->tasks, task, strand) < 0) {
        Py_DECREF(strand);
        PyErr_NoMemory();
        return NULL;
    }
    keep(recorder, strand);
    Py_DECREF(strand);
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
    if (task == 0) {
        return recorder->base;
    }
    RwStrand *known = rw_table_get(&recorder->tasks, task);
    return known != NULL ? known : new_task(recorder, task, resumable);
}

void
rw_forget_task(RwRecorder *recorder, RwStrand *strand)
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

void
rw_task_over(RwRecorder *recorder, RwStrand *strand)
{
    RwStrand *known = rw_table_take(&recorder->tasks, strand->task);
    strand->task = 0;
    rw_set_strand(recorder, recorder->base);
    if (known != NULL) {
        rw_forget_task(recorder, known);
    }
}
