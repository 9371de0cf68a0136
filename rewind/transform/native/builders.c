/* Makes the nodes that call probes, as `rewind.transform.builders` does. */
#include "nodes.h"

/* Fields of these, in their order */
enum { ID = 0, VALUE = 0, FUNC = 0, ARGS = 1, BODY = 0, HANDLERS = 1, ORELSE = 2, FINALBODY = 3 };
enum { HANDLED = 0, HANDLING = 1, TEST = 0, IF_TRUE = 1, IF_FALSE = 2 };

static void
leave_place(Place *place)
{
    for (int i = 0; i < POSITIONS; i++) {
        Py_CLEAR(place->parts[i]);
    }
}

static int
read_place(State *state, PyObject *at, Place *place)
{
    *place = (Place){0};
    for (int i = 0; i < POSITIONS; i++) {
        place->parts[i] = PyObject_GetAttr(at, state->held[LINENO + i]);
        if (place->parts[i] == NULL) {
            leave_place(place);
            return -1;
        }
    }
    return 0;
}

/* Whether both are the same line. What rewrote the tree before us may have left one open. */
static int
is_same_line(PyObject *one, PyObject *other)
{
    if (one == other) {
        return 1;
    }
    return PyLong_CheckExact(one) && PyLong_CheckExact(other)
           && PyLong_AsLong(one) == PyLong_AsLong(other);
}

static PyObject *
node_at(State *state, enum kinds kind, const Place *place)
{
    return rw_node(&state->kinds[kind], place);
}

static int
is_of(State *state, PyObject *node, enum kinds kind)
{
    PyObject *type = (PyObject *)Py_TYPE(node);
    return type == state->plain[kind] || type == (PyObject *)state->kinds[kind].type;
}

/* A list of one; steals it. It may be NULL with an error set; so is the result then. */
static PyObject *
listed(PyObject *one)
{
    PyObject *list = one == NULL ? NULL : PyList_New(1);
    if (list == NULL) {
        Py_XDECREF(one);
        return NULL;
    }
    PyList_SET_ITEM(list, 0, one);
    return list;
}

/* Probes */

static PyObject *
whole_name(State *state, PyObject *name)
{
    PyObject *whole = PyDict_GetItemWithError(state->held[WHOLE_NAMES], name);
    if (whole != NULL) {
        return Py_NewRef(whole);
    }
    whole = PyErr_Occurred() ? NULL : PyUnicode_Concat(state->held[PREFIX], name);
    if (whole != NULL && PyDict_SetItem(state->held[WHOLE_NAMES], name, whole) < 0) {
        Py_CLEAR(whole);
    }
    return whole;
}

static PyObject *
mark_of(State *state, PyObject *site)
{
    PyObject *mark = PyDict_GetItemWithError(state->held[SITE_MARKS], site);
    if (mark != NULL) {
        return Py_NewRef(mark);
    }
    return PyErr_Occurred() ? NULL : PyObject_GetItem(state->held[SITE_MARKS], site);
}

/* The node that is evaluated first of all inside `node`; a new reference. */
static PyObject *
first_in(State *state, PyObject *node)
{
    PyObject *field;
    Py_INCREF(node);
    while ((field = PyDict_GetItemWithError(state->held[PARTS], (PyObject *)Py_TYPE(node)))) {
        PyObject *part = PyObject_GetAttr(node, field);
        if (part != NULL && PyList_CheckExact(part)) {
            Py_SETREF(part, Py_NewRef(PyList_GET_SIZE(part) ? PyList_GET_ITEM(part, 0) : Py_None));
        }
        if (part == Py_None) {
            Py_DECREF(part);
            return node;
        }
        Py_SETREF(node, part);
        if (node == NULL) {
            return NULL;
        }
    }
    if (!is_of(state, node, NAME) && !is_of(state, node, CONSTANT)) {
        /* Not always the same part. */
        Py_SETREF(node, PyErr_Occurred() ? NULL : PyObject_CallOneArg(state->held[FIRST_IN], node));
    }
    return node;
}

static PyObject *
probe_at(State *state, PyObject *const *arguments, Py_ssize_t count, const Place *place,
         const Place *at_name, const Place *at_number)
{
    PyObject *name = rw_with(node_at(state, NAME, at_name), ID, whole_name(state, arguments[0]));
    PyObject *number
        = rw_with(node_at(state, CONSTANT, at_number), VALUE, mark_of(state, arguments[1]));
    PyObject *list = number == NULL ? NULL : PyList_New(count - 2);
    if (list == NULL) {
        Py_XDECREF(number);
    }
    else {
        PyList_SET_ITEM(list, 0, number);
    }
    for (Py_ssize_t i = 3; list != NULL && i < count; i++) {
        PyList_SET_ITEM(list, i - 2, Py_NewRef(arguments[i]));
    }
    return rw_with(rw_with(node_at(state, CALL, place), FUNC, name), ARGS, list);
}

/* What comes before the arguments is where the first of them begins; see `builders.probe`. */
static PyObject *
call_at(State *state, PyObject *const *arguments, Py_ssize_t count, const Place *place)
{
    if (count == 3) {
        return probe_at(state, arguments, count, place, place, place);
    }
    PyObject *call = NULL, *first = first_in(state, arguments[3]);
    PyObject *line = first == NULL ? NULL : PyObject_GetAttr(first, state->held[LINENO]);
    if (line != NULL) {
        int goes_on = is_same_line(line, place->parts[0]);
        Place begin;
        if (goes_on && !is_of(state, first, NAME)) {
            call = probe_at(state, arguments, count, place, place, place);
        }
        else if (read_place(state, first, &begin) == 0) {
            call = probe_at(state, arguments, count, place, goes_on ? place : &begin, &begin);
            leave_place(&begin);
        }
    }
    Py_XDECREF(line);
    Py_XDECREF(first);
    return call;
}

/* `whole` is the place of the node that the probe stands at. */
static PyObject *
call_of(State *state, PyObject *const *arguments, Py_ssize_t count, const Place *whole)
{
    if (is_same_line(whole->parts[0], whole->parts[2])) {
        return call_at(state, arguments, count, whole);
    }
    PyObject *last = PyObject_CallOneArg(state->held[LAST_IN], arguments[2]), *call = NULL;
    Place place;
    if (last != NULL && read_place(state, last, &place) == 0) {
        call = call_at(state, arguments, count, &place);
        leave_place(&place);
    }
    Py_XDECREF(last);
    return call;
}

static PyObject *
probe_or_statement(State *state, PyObject *const *arguments, Py_ssize_t count, int stands_alone)
{
    Place place;
    if (count < 3) {
        PyErr_SetString(PyExc_TypeError, "a probe has a name, a site and a place");
        return NULL;
    }
    if (read_place(state, arguments[2], &place) < 0) {
        return NULL;
    }
    PyObject *made = call_of(state, arguments, count, &place);
    if (stands_alone) {
        made = rw_with(node_at(state, EXPR, &place), VALUE, made);
    }
    leave_place(&place);
    return made;
}

static PyObject *
probe(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    return probe_or_statement(PyModule_GetState(module), arguments, count, 0);
}

static PyObject *
statement(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    return probe_or_statement(PyModule_GetState(module), arguments, count, 1);
}

/* A node of one field and its place, which are the two arguments. */
static PyObject *
leaf(PyObject *module, PyObject *const *arguments, Py_ssize_t count, enum kinds kind)
{
    State *state = PyModule_GetState(module);
    Place place;
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "a leaf is made of what it holds and its place");
        return NULL;
    }
    if (read_place(state, arguments[1], &place) < 0) {
        return NULL;
    }
    PyObject *node = rw_with(node_at(state, kind, &place), 0, Py_NewRef(arguments[0]));
    leave_place(&place);
    return node;
}

static PyObject *
load(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    return leaf(module, arguments, count, NAME);
}

static PyObject *
constant(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    return leaf(module, arguments, count, CONSTANT);
}

static PyObject *
outcome(State *state, const Place *place, PyObject *value)
{
    return rw_with(node_at(state, CONSTANT, place), VALUE, Py_NewRef(value));
}

static PyObject *
truth(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    State *state = PyModule_GetState(module);
    Place place, own = {0};
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "a truth is made of a test and what it decides");
        return NULL;
    }
    if (read_place(state, arguments[1], &place) < 0) {
        return NULL;
    }
    PyObject *made = NULL;
    int at_whole = state->held[JUMPS_AT_WHOLE] == Py_True;
    if (at_whole || read_place(state, arguments[0], &own) == 0) {
        const Place *at = at_whole ? &place : &own;
        made = rw_with(node_at(state, IF_EXP, &place), TEST, Py_NewRef(arguments[0]));
        made = rw_with(made, IF_TRUE, outcome(state, at, Py_True));
        made = rw_with(made, IF_FALSE, outcome(state, at, Py_False));
    }
    leave_place(&own);
    leave_place(&place);
    return made;
}

/* `try: <body> except <kind>: <handling>`; steals all three, `kind` may be None. */
static PyObject *
try_of(State *state, const Place *place, PyObject *body, PyObject *kind, PyObject *handling)
{
    PyObject *handler = rw_with(node_at(state, HANDLER, place), HANDLED, kind);
    handler = rw_with(handler, HANDLING, handling);
    PyObject *made = rw_with(node_at(state, TRY, place), BODY, body);
    made = rw_with(made, ORELSE, PyList_New(0));
    made = rw_with(made, FINALBODY, PyList_New(0));
    return rw_with(made, HANDLERS, listed(handler));
}

static PyObject *
passing_at(State *state, PyObject *body, PyObject *observers, const Place *place)
{
    PyObject *full
        = rw_with(node_at(state, NAME, place), ID, whole_name(state, state->held[TOO_DEEP]));
    PyObject *handling = listed(try_of(state, place, Py_NewRef(observers), full,
                                       listed(node_at(state, PASS, place))));
    PyObject *again = node_at(state, RAISE, place);
    if (handling != NULL && (again == NULL || PyList_Append(handling, again) < 0)) {
        Py_CLEAR(handling);
    }
    Py_XDECREF(again);
    return try_of(state, place, Py_NewRef(body), Py_NewRef(Py_None), handling);
}

static PyObject *
passing(PyObject *module, PyObject *const *arguments, Py_ssize_t count)
{
    State *state = PyModule_GetState(module);
    Place place;
    if (count != 3) {
        PyErr_SetString(PyExc_TypeError, "a guard has a body, observers and a place");
        return NULL;
    }
    if (read_place(state, arguments[2], &place) < 0) {
        return NULL;
    }
    PyObject *guard = passing_at(state, arguments[0], arguments[1], &place);
    leave_place(&place);
    return guard;
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL

PyMethodDef rw_builders[] = {
    {"probe", FAST(probe), "probe(name, site, at, *arguments) -> ast.Call"},
    {"statement", FAST(statement), "statement(name, site, at, *arguments) -> ast.Expr"},
    {"load", FAST(load), "load(name, at) -> ast.Name"},
    {"constant", FAST(constant), "constant(value, at) -> ast.Constant"},
    {"truth", FAST(truth), "truth(test, whole) -> ast.IfExp"},
    {"passing", FAST(passing), "passing(body, observers, at) -> ast.Try"},
    {0},
};
