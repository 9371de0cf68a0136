/* Sessions that somebody begins and ends by name, on whatever strand runs; see opened.h.
 *
 * As rewind/capture/opened.py. A strand and what is on it hold each other until that is set aside.
 */
#define PY_SSIZE_T_CLEAN
#include "opened.h"

#include <structmember.h>

#include "details.h"
#include "followed.h"
#include "frames.h"
#include "greenlets.h"
#include "sessions.h"
#include "tasks.h"

/* Return what an argument is, if it was begun in this process; NULL where it was not, with an error
 * set if it is nothing of the kind. */
static RwOpened *
opened_in(PyObject *engine, PyObject *argument)
{
    if (!Py_IS_TYPE(argument, &RwOpened_Type)) {
        PyErr_SetString(PyExc_TypeError, "that is no session that was begun here");
        return NULL;
    }
    RwOpened *opened = (RwOpened *)argument;
    RwEngine *own = (RwEngine *)engine;
    return opened->engine == own && opened->pid == own->folder.pid ? opened : NULL;
}

/* Let it be what the strand is at; takes over the reference to what was before. */
static void
put_on(RwOpened *opened, RwRecorder *recorder, RwStrand *strand, RwSession *before)
{
    Py_XSETREF(opened->recorder, (RwRecorder *)Py_NewRef(recorder));
    Py_XSETREF(opened->strand, (RwStrand *)Py_NewRef(strand));
    Py_XSETREF(opened->before, before);
    Py_XSETREF(opened->outer, strand->opened);
    strand->opened = (RwOpened *)Py_NewRef(opened);
    opened->held = strand->held;
    opened->is_on = strand->held = 1;
}

/* Let the strand go on with what it was at before. */
static void
take_off(RwOpened *opened)
{
    RwStrand *strand = opened->strand;
    RwOpened *above = strand->opened;
    opened->is_on = 0;
    if (above == opened) {
        rw_strand_set_session(strand, opened->before);
        strand->held = opened->held;
        strand->opened = opened->outer;
        opened->outer = NULL;
        rw_let_go(opened->recorder, strand);
        Py_DECREF(opened); /* the strand's */
        return;
    }
    while (above != NULL && above->outer != opened) {
        above = above->outer;
    }
    if (above != NULL) {
        /* What was begun after it is still on, and goes back to before both. */
        Py_XSETREF(above->before, (RwSession *)Py_XNewRef(opened->before));
        above->held = opened->held;
        above->outer = opened->outer;
        opened->outer = NULL;
        Py_DECREF(opened);
    }
}

/* Return the running thread's recorder, at the greenlet that runs; NULL with an error set. */
static RwRecorder *
recorder_here(PyObject *engine)
{
    RwRecorder *recorder = rw_recorder((RwEngine *)engine);
    if (recorder == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_RuntimeError, "this process is not recorded yet");
    }
    if (recorder != NULL && rw_may_have_switched()) {
        rw_follow_switch(recorder);
    }
    return recorder;
}

static PyObject *
engine_open(PyObject *self, PyObject *arguments)
{
    PyObject *facts, *given, *recorded;
    if (!PyArg_ParseTuple(arguments, "O!OO", &PyDict_Type, &facts, &given, &recorded)) {
        return NULL;
    }
    if (given != Py_None && !Py_IS_TYPE(given, &RwSession_Type)) {
        PyErr_SetString(PyExc_TypeError, "a session's parent is a session of this core");
        return NULL;
    }
    RwRecorder *recorder = recorder_here(self);
    if (recorder != NULL && recorder->closed) {
        Py_RETURN_NONE;
    }
    RwStrand *strand = recorder == NULL ? NULL : rw_running_strand(recorder, 0);
    if (strand == NULL) {
        return NULL;
    }
    rw_set_strand(recorder, strand);
    RwOpened *opened = PyObject_New(RwOpened, &RwOpened_Type);
    if (opened == NULL) {
        return NULL;
    }
    size_t head = offsetof(RwOpened, engine);
    memset((char *)opened + head, 0, sizeof(RwOpened) - head);
    opened->engine = (RwEngine *)Py_NewRef(self);
    opened->pid = opened->engine->folder.pid;
    RwSession *before = (RwSession *)Py_XNewRef(strand->session);
    RwSession *parent = given == Py_None ? before : (RwSession *)given;
    parent = parent == NULL ? rw_creator(recorder, strand) : (RwSession *)Py_NewRef(parent);
    int status = rw_begin_told(recorder, strand, facts, parent, recorded);
    Py_XDECREF(parent);
    if (status < 0) {
        Py_XDECREF(before);
        Py_DECREF(opened);
        return NULL;
    }
    opened->session = (RwSession *)Py_NewRef(strand->session);
    put_on(opened, recorder, strand, before);
    return (PyObject *)opened;
}

int
rw_set_aside(PyObject *engine, PyObject *argument)
{
    RwOpened *opened = opened_in(engine, argument);
    if (opened != NULL && opened->is_on) {
        take_off(opened);
    }
    return PyErr_Occurred() ? -1 : 0;
}

int
rw_take_up(PyObject *engine, PyObject *argument)
{
    RwOpened *opened = opened_in(engine, argument);
    if (opened != NULL && !opened->is_on && opened->session != NULL) {
        RwRecorder *recorder = recorder_here(engine);
        RwStrand *strand = recorder == NULL ? NULL : rw_running_strand(recorder, 0);
        if (strand == NULL) {
            return -1;
        }
        rw_set_strand(recorder, strand);
        RwSession *before = (RwSession *)Py_XNewRef(strand->session);
        rw_strand_set_session(strand, opened->session);
        put_on(opened, recorder, strand, before);
    }
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *
engine_set_aside(PyObject *self, PyObject *argument)
{
    return rw_set_aside(self, argument) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
engine_take_up(PyObject *self, PyObject *argument)
{
    return rw_take_up(self, argument) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *
engine_end(PyObject *self, PyObject *arguments)
{
    PyObject *argument;
    const char *error;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "Oz#", &argument, &error, &size)) {
        return NULL;
    }
    RwOpened *opened = opened_in(self, argument);
    if (opened != NULL && opened->session != NULL) {
        RwSession *session = opened->session;
        opened->session = NULL;
        if (opened->is_on) {
            take_off(opened);
        }
        /* Its own thread may be over. */
        RwRecorder *recorder = opened->recorder->closed ? recorder_here(self) : opened->recorder;
        if (recorder != NULL) {
            rw_end_session(recorder, session, (const uint8_t *)error, (size_t)size);
        }
        Py_DECREF(session);
    }
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *
engine_tag(PyObject *self, PyObject *arguments)
{
    PyObject *argument, *tags, *trigger;
    if (!PyArg_ParseTuple(arguments, "OOO", &argument, &tags, &trigger)) {
        return NULL;
    }
    RwOpened *opened = opened_in(self, argument);
    if (PyErr_Occurred()) {
        return NULL;
    }
    if (opened == NULL || opened->session == NULL) {
        Py_RETURN_TRUE;
    }
    if (!PyDict_CheckExact(tags) || (trigger != Py_None && !PyUnicode_CheckExact(trigger))) {
        Py_RETURN_FALSE;
    }
    /* Not the recorder's own: this may be another thread. */
    RwBuffer out = RW_BUFFER_EMPTY;
    RwValues *values = ((RwEngine *)self)->values;
    int written = rw_write_details(values, &out, opened->session->key, tags, trigger);
    if (written == 1) {
        rw_tell(opened->recorder, opened->session, out.data, out.used);
    }
    rw_buffer_free(&out);
    return written < 0 ? NULL : PyBool_FromLong(written);
}

PyMethodDef rw_opened_methods[] = {
    {"open", engine_open, METH_VARARGS, "Begin a session by name on the strand that runs."},
    {"set_aside", engine_set_aside, METH_O, "Let the strand go on with what was before."},
    {"take_up", engine_take_up, METH_O, "Let the session go on, on the strand that runs."},
    {"follow", rw_engine_follow, METH_VARARGS, "Return parts, each step of them the session's."},
    {"end", engine_end, METH_VARARGS, "End the session."},
    {"tag", engine_tag, METH_VARARGS, "Tell the usual details of the session."},
    {0},
};

/* The type */

static void
opened_dealloc(PyObject *self)
{
    RwOpened *opened = (RwOpened *)self;
    Py_CLEAR(opened->outer);
    Py_CLEAR(opened->before);
    Py_CLEAR(opened->session);
    Py_CLEAR(opened->strand);
    Py_CLEAR(opened->recorder);
    Py_CLEAR(opened->engine);
    PyObject_Free(self);
}

static PyObject *
opened_id(PyObject *self, void *closure)
{
    (void)closure;
    RwSession *session = ((RwOpened *)self)->session;
    if (session == NULL || !session->recorded) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(session->id);
}

static int
opened_set_before(PyObject *self, PyObject *before, void *closure)
{
    (void)closure;
    if (before == NULL || (before != Py_None && !Py_IS_TYPE(before, &RwSession_Type))) {
        PyErr_SetString(PyExc_TypeError, "what was before is a session of this core");
        return -1;
    }
    RwSession *session = before == Py_None ? NULL : (RwSession *)Py_NewRef(before);
    Py_XSETREF(((RwOpened *)self)->before, session);
    return 0;
}

static PyObject *
opened_before(PyObject *self, void *closure)
{
    (void)closure;
    RwSession *before = ((RwOpened *)self)->before;
    return Py_NewRef(before == NULL ? Py_None : (PyObject *)before);
}

static PyGetSetDef opened_properties[] = {
    {"id", opened_id, NULL, "The session's id while it runs, if it is recorded; or None.", NULL},
    {"before", opened_before, opened_set_before, "What the strand was at before, or None.", NULL},
    {0},
};

static PyMemberDef opened_members[] = {
    {"session", T_OBJECT, offsetof(RwOpened, session), READONLY, "None once it is over."},
    {"recorder", T_OBJECT, offsetof(RwOpened, recorder), READONLY, "Of the thread it is on."},
    {"outer", T_OBJECT, offsetof(RwOpened, outer), READONLY, "The one begun before, or None."},
    {"held", T_BOOL, offsetof(RwOpened, held), 0, "Whether what was before was held."},
    {"is_on", T_BOOL, offsetof(RwOpened, is_on), READONLY, "Neither over nor set aside."},
    {0},
};

PyTypeObject RwOpened_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "rewind.capture._native.Opened",
    .tp_doc = "A session that was begun by name and is to be ended.",
    .tp_basicsize = sizeof(RwOpened),
    .tp_dealloc = opened_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_members = opened_members,
    .tp_getset = opened_properties,
};
