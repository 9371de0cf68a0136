/* The parts of an answer, for each of which its session goes on; see followed.h.
 *
 * Nothing of ours goes to the program: a fault is handed to who takes it.
 */
#define PY_SSIZE_T_CLEAN
#include "followed.h"

#include "opened.h"
#include "own.h"

typedef struct {
    PyObject_HEAD
    PyObject *engine; /* owned, as all that follows */
    PyObject *opened;
    PyObject *parts; /* NULL: collected */
    PyObject *steps; /* NULL before the first */
    PyObject *fault; /* takes a name and an error; raises what is no fault */
} Followed;

/* Return the next part; NULL where there is none, or with an error set. */
static PyObject *
step(Followed *followed)
{
    if (followed->steps == NULL && followed->parts != NULL) {
        PyObject *begun = PyObject_GetIter(followed->parts);
        if (begun == NULL) {
            return NULL;
        }
        /* What is asked for them may have gone through some itself. */
        Py_XSETREF(followed->steps, begun);
    }
    PyObject *steps = followed->steps;
    if (steps == NULL) {
        return NULL;
    }
    /* What is asked may be collected meanwhile. */
    Py_INCREF(steps);
    PyObject *part = Py_TYPE(steps)->tp_iternext(steps);
    Py_DECREF(steps);
    return part;
}

static PyObject *
followed_next(PyObject *self)
{
    Followed *followed = (Followed *)self;
    if (rw_take_up(followed->engine, followed->opened) < 0
        && rw_hand_over(followed->fault, "take_up", 0) < 0) {
        return NULL;
    }
    PyObject *part = step(followed);
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    int status = rw_set_aside(followed->engine, followed->opened);
    if (status < 0) {
        status = rw_hand_over(followed->fault, "set_aside", 0);
    }
    if (type != NULL) {
        rw_restore_error(type, error, traceback);
    }
    if (status < 0) {
        Py_CLEAR(part);
    }
    return part;
}

PyObject *
rw_engine_follow(PyObject *self, PyObject *arguments)
{
    PyObject *opened, *parts, *fault;
    if (!PyArg_ParseTuple(arguments, "O!OO", &RwOpened_Type, &opened, &parts, &fault)
        || rw_set_aside(self, opened) < 0) {
        return NULL;
    }
    Followed *followed = PyObject_GC_New(Followed, &RwFollowed_Type);
    if (followed != NULL) {
        followed->engine = Py_NewRef(self);
        followed->opened = Py_NewRef(opened);
        followed->parts = Py_NewRef(parts);
        followed->steps = NULL;
        followed->fault = Py_NewRef(fault);
        PyObject_GC_Track(followed);
    }
    return (PyObject *)followed;
}

/* The type */

static int
followed_traverse(PyObject *self, visitproc visit, void *arg)
{
    Followed *followed = (Followed *)self;
    Py_VISIT(followed->parts);
    Py_VISIT(followed->steps);
    Py_VISIT(followed->fault);
    return 0;
}

static int
followed_clear(PyObject *self)
{
    Followed *followed = (Followed *)self;
    Py_CLEAR(followed->steps);
    Py_CLEAR(followed->parts);
    return 0;
}

static void
followed_dealloc(PyObject *self)
{
    Followed *followed = (Followed *)self;
    PyObject_GC_UnTrack(self);
    Py_CLEAR(followed->steps);
    Py_CLEAR(followed->parts);
    Py_CLEAR(followed->opened);
    Py_CLEAR(followed->fault);
    Py_CLEAR(followed->engine);
    PyObject_GC_Del(self);
}

PyTypeObject RwFollowed_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "rewind.capture._native.Followed",
    .tp_doc = "Parts one by one, each step of them a session's.",
    .tp_basicsize = sizeof(Followed),
    .tp_dealloc = followed_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = followed_traverse,
    .tp_clear = followed_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = followed_next,
};
