/* A stream's records as they usually come: a session begins, has some events, has its turn again,
 * ends. Short sessions change with every few events; what is not as usual is left to Python.
 */
#include "control.h"
#include "event.h"

#include <string.h>

static PyObject *follower_name, *changed_name, *makes_room_name;

int
rw_know_names(void)
{
    follower_name = PyUnicode_InternFromString("follower");
    changed_name = PyUnicode_InternFromString("changed");
    makes_room_name = PyUnicode_InternFromString("makes_room");
    return follower_name == NULL || changed_name == NULL || makes_room_name == NULL ? -1 : 0;
}

/* What one looks at in a process: `rewind.writer.following.Usual`. */
typedef struct {
    PyObject *sessions; /* a dict, by key; NULL: nothing is as usual but events */
    PyObject *blank;
    PyObject *places;
    PyObject *begins;
    PyObject *ends;
} Usual;

/* Where a stream stands. */
typedef struct {
    RwPiece *piece;
    size_t at;
    uint64_t clock;
    PyObject *session; /* held; None: the events that come are nobody's */
    unsigned long long taken;
    const char *why;
} Stand;

/* What became of a record: it was dealt with, it is not as usual, or an exception is set. */
enum Dealt { DEALT, UNUSUAL, FAILED };

static const uint8_t *
next_of(const Stand *stand, size_t *left)
{
    *left = (size_t)stand->piece->data.len - stand->at;
    return (const uint8_t *)stand->piece->data.buf + stand->at;
}

/* Let the session begin its next chunk; whether that has room. */
static enum Dealt
begin_next(PyObject *session, const RwFollower *follower)
{
    PyObject *made = PyObject_CallMethodNoArgs(session, makes_room_name);
    if (made == NULL) {
        return FAILED;
    }
    int room = made == Py_True && follower->events < follower->boundary;
    Py_DECREF(made);
    return room ? DEALT : UNUSUAL;
}

/* Take the session's events in. */
static enum Dealt
take_turn(Stand *stand)
{
    if (stand->session == Py_None) {
        return UNUSUAL;
    }
    PyObject *object = PyObject_GetAttr(stand->session, follower_name);
    if (object == NULL || !Py_IS_TYPE(object, &RwFollower_Type)) {
        PyErr_SetString(PyExc_TypeError, "a session has a follower");
        Py_XDECREF(object);
        return FAILED;
    }
    RwFollower *follower = (RwFollower *)object;
    unsigned long long before = follower->events;
    enum RwOutcome outcome =
        rw_take_events(follower, stand->piece, &stand->at, &stand->clock, &stand->why);
    unsigned long long taken = follower->events - before;
    enum Dealt dealt = taken == 0 || outcome == RW_WRONG ? UNUSUAL : DEALT;
    stand->taken += taken;
    if (outcome == RW_FAILED ||
        (taken > 0 && PyObject_SetAttr(stand->session, changed_name, Py_True) < 0)) {
        dealt = FAILED;
    }
    else if (outcome == RW_FULL) {
        dealt = begin_next(stand->session, follower);
    }
    Py_DECREF(object);
    return dealt;
}

static void
turn_to(Stand *stand, PyObject *session)
{
    Py_INCREF(session);
    Py_SETREF(stand->session, session);
}

/* Let it be the turn of the session that a record names. */
static enum Dealt
switch_turn(Stand *stand, const Usual *usual)
{
    size_t left;
    uint64_t key;
    const uint8_t *record = next_of(stand, &left);
    size_t size = rw_unsigned(record + 2, left - 2, &key);
    if (size == 0) {
        return UNUSUAL;
    }
    PyObject *number = PyLong_FromUnsignedLongLong(key);
    PyObject *session =
        number == NULL ? NULL : PyDict_GetItemWithError(usual->sessions, number);
    Py_XDECREF(number);
    if (session == NULL) {
        return PyErr_Occurred() ? FAILED : UNUSUAL;
    }
    stand->at += 2 + size;
    turn_to(stand, session);
    return DEALT;
}

/* Let a session begin. */
static enum Dealt
begin(Stand *stand, const Usual *usual)
{
    size_t left, size;
    const uint8_t *record = next_of(stand, &left);
    PyObject *row = rw_begun(record, left, usual->blank, usual->places, &size);
    if (row == NULL) {
        return PyErr_Occurred() ? FAILED : UNUSUAL;
    }
    PyObject *session = PyObject_CallOneArg(usual->begins, row);
    Py_DECREF(row);
    if (session == NULL) {
        return FAILED;
    }
    stand->at += size;
    Py_SETREF(stand->session, session);
    return DEALT;
}

/* Let a session end which came to its own end without an error. */
static enum Dealt
end(Stand *stand, const Usual *usual)
{
    static const char without_error[] = "\xA9" "completed\xC0";
    enum { REST = sizeof without_error - 1 };
    size_t left;
    const uint8_t *record = next_of(stand, &left);
    uint64_t passed, key;
    size_t used = 2, size = rw_unsigned(record + used, left - used, &passed);
    used += size;
    size_t more = size == 0 ? 0 : rw_unsigned(record + used, left - used, &key);
    used += more;
    if (more == 0 || left - used < REST || memcmp(record + used, without_error, REST) != 0) {
        return UNUSUAL;
    }
    uint64_t latest = (uint64_t)INT64_MAX;
    uint64_t now = passed > latest - stand->clock ? latest : stand->clock + passed;
    PyObject *session = PyObject_CallFunction(usual->ends, "KK", (unsigned long long)key,
                                              (unsigned long long)now);
    if (session == NULL) {
        return FAILED;
    }
    stand->clock = now;
    stand->at += used + REST;
    if (session == stand->session) {
        turn_to(stand, Py_None);
    }
    Py_DECREF(session);
    return DEALT;
}

static enum Dealt
deal(Stand *stand, const Usual *usual)
{
    enum { SESSION = 0x93FF, SWITCH = 0x92FE, FINISH = 0x95FD }; /* rewind.model.events.Control */
    size_t left;
    const uint8_t *record = next_of(stand, &left);
    if (left > 2 && usual->sessions != NULL) {
        switch (record[0] << 8 | record[1]) {
        case SESSION:
            return begin(stand, usual);
        case SWITCH:
            return switch_turn(stand, usual);
        case FINISH:
            return end(stand, usual);
        default:
            break;
        }
    }
    return left == 0 ? UNUSUAL : take_turn(stand);
}

/* Look at what is usual in the process. */
static int
look_at(PyObject *told, Usual *usual)
{
    *usual = (Usual){0};
    return told == Py_None ||
           PyArg_ParseTuple(told, "O!OOOO", &PyDict_Type, &usual->sessions, &usual->blank,
                            &usual->places, &usual->begins, &usual->ends);
}

PyObject *
rw_follow(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    Usual usual;
    if (count != 5 || !Py_IS_TYPE(arguments[0], &RwPiece_Type)) {
        PyErr_SetString(PyExc_TypeError, "a piece, a place, the clock, a session, what is usual");
        return NULL;
    }
    Stand stand = {.piece = (RwPiece *)arguments[0], .session = arguments[3]};
    stand.at = PyLong_AsSize_t(arguments[1]);
    long long clock = PyErr_Occurred() ? -1 : PyLong_AsLongLong(arguments[2]);
    if (PyErr_Occurred() || !look_at(arguments[4], &usual)) {
        return NULL;
    }
    if (stand.at > (size_t)stand.piece->data.len) {
        PyErr_SetString(PyExc_ValueError, "no place is behind the end");
        return NULL;
    }
    stand.clock = clock < 0 ? 0 : (uint64_t)clock;
    Py_INCREF(stand.session);
    enum Dealt dealt = DEALT;
    while (dealt == DEALT) {
        stand.why = NULL;
        dealt = deal(&stand, &usual);
    }
    if (dealt == FAILED) {
        Py_DECREF(stand.session);
        return NULL;
    }
    return Py_BuildValue("nKKzN", (Py_ssize_t)stand.at, (unsigned long long)stand.clock,
                         stand.taken, stand.why, stand.session);
}
