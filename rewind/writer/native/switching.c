/* A stream's events, from one session to the next: short sessions change with every few of them. */
#include "control.h"
#include "event.h"

static PyObject *follower_name, *changed_name, *limit_name;

int
rw_know_names(void)
{
    follower_name = PyUnicode_InternFromString("follower");
    changed_name = PyUnicode_InternFromString("changed");
    limit_name = PyUnicode_InternFromString("stops_at");
    return follower_name == NULL || changed_name == NULL || limit_name == NULL ? -1 : 0;
}

/* Where a stream stands. */
typedef struct {
    RwPiece *piece;
    size_t at;
    uint64_t clock;
    PyObject *session; /* held */
    unsigned long long taken;
    const char *why;
} RwStand;

/* Take the session's events in. Returns 0 where it is another one's turn perhaps, 1 where it is
 * not, -1 with an exception set. */
static int
take_turn(RwStand *stand)
{
    PyObject *object = PyObject_GetAttr(stand->session, follower_name);
    if (object == NULL || !Py_IS_TYPE(object, &RwFollower_Type)) {
        PyErr_SetString(PyExc_TypeError, "a session has a follower");
        Py_XDECREF(object);
        return -1;
    }
    RwFollower *follower = (RwFollower *)object;
    unsigned long long before = follower->events;
    enum RwOutcome outcome =
        rw_take_events(follower, stand->piece, &stand->at, &stand->clock, &stand->why);
    unsigned long long taken = follower->events - before;
    Py_DECREF(object);
    if (outcome == RW_FAILED ||
        (taken > 0 && PyObject_SetAttr(stand->session, changed_name, Py_True) < 0)) {
        return -1;
    }
    if (outcome == RW_WRONG && taken == 0 && stand->taken > 0) {
        stand->why = NULL; /* Who looks at the record alone says so. */
    }
    stand->taken += taken;
    return outcome == RW_WRONG || taken == 0;
}

/* Let it be the turn of the session that a record names, if the next one does. Returns as above. */
static int
switch_turn(RwStand *stand, PyObject *sessions)
{
    enum { ARRAY_OF_TWO = 0x92, SWITCH = 0xFE }; /* -2: rewind.model.events.Control */
    const uint8_t *record = (const uint8_t *)stand->piece->data.buf + stand->at;
    size_t left = (size_t)stand->piece->data.len - stand->at;
    uint64_t key;
    size_t size = left > 2 && record[0] == ARRAY_OF_TWO && record[1] == SWITCH
                      ? rw_unsigned(record + 2, left - 2, &key)
                      : 0;
    if (size == 0) {
        return 1;
    }
    PyObject *number = PyLong_FromUnsignedLongLong(key);
    PyObject *session = number == NULL ? NULL : PyDict_GetItemWithError(sessions, number);
    Py_XDECREF(number);
    if (session == NULL) {
        return PyErr_Occurred() ? -1 : 1;
    }
    PyObject *limit = PyObject_GetAttr(session, limit_name);
    int limited = limit == NULL ? -1 : PyObject_IsTrue(limit);
    Py_XDECREF(limit);
    if (limited != 0) {
        return limited;
    }
    stand->at += 2 + size;
    Py_INCREF(session);
    Py_SETREF(stand->session, session);
    return 0;
}

PyObject *
rw_follow(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 5 || !Py_IS_TYPE(arguments[0], &RwPiece_Type) || !PyDict_Check(arguments[4])) {
        PyErr_SetString(PyExc_TypeError, "a piece, a place in it, the clock, a session, and all");
        return NULL;
    }
    RwStand stand = {.piece = (RwPiece *)arguments[0], .session = arguments[3]};
    stand.at = PyLong_AsSize_t(arguments[1]);
    long long clock = PyErr_Occurred() ? -1 : PyLong_AsLongLong(arguments[2]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    stand.clock = clock < 0 ? 0 : (uint64_t)clock;
    Py_INCREF(stand.session);
    int status = take_turn(&stand);
    while (status == 0 && (status = switch_turn(&stand, arguments[4])) == 0) {
        status = take_turn(&stand);
    }
    if (status < 0) {
        Py_DECREF(stand.session);
        return NULL;
    }
    return Py_BuildValue("nKKzN", (Py_ssize_t)stand.at, (unsigned long long)stand.clock,
                         stand.taken, stand.why, stand.session);
}
