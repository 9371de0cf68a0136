/* `rewind.transform._nodes`: the trees that call the probes, as `rewind.transform.builders` makes them.
 *
 * Half of the time that a rewriting takes would go into these. What is made is the same there, which
 * also says what it is for. So it is with what the other files add.
 */
#include "compact.h"
#include "lines.h"
#include "room.h"
#include "shrink.h"

/* The most frequent first. Some only stand in the place of the program's. */
enum kinds {
    NAME,
    CONSTANT,
    ATTRIBUTE,
    CALL,
    EXPR,
    TUPLE,
    SUBSCRIPT,
    COMPARE,
    /* These only for probes. */
    IF_EXP,
    TRY,
    HANDLER,
    PASS,
    RAISE,
    KINDS,
    PROGRAMS = IF_EXP
};

/* Fields of these, in their order */
enum { ID = 0, VALUE = 0, FUNC = 0, ARGS = 1, BODY = 0, HANDLERS = 1, ORELSE = 2, FINALBODY = 3 };
enum { HANDLED = 0, HANDLING = 1, TEST = 0, IF_TRUE = 1, IF_FALSE = 2 };

enum {
    /* Names of attributes */
    LINENO,
    COL_OFFSET,
    END_LINENO,
    END_COL_OFFSET,
    /* Of `rewind.model.probes` */
    PREFIX,
    TOO_DEEP,
    SITE_MARKS,
    /* Of `rewind.transform.firsts` */
    PARTS,
    CHOSEN,
    FIRST_IN,
    LAST_IN,
    /* Of `rewind.transform.positions` */
    JUMPS_AT_WHOLE,
    ROOT, /* `ast.AST` */
    /* The types that are made here, by those of `ast` */
    SMALL,
    /* The probes' whole names, by the short ones */
    WHOLE_NAMES,
    COUNT,
};

typedef struct {
    Kind kinds[KINDS];
    PyObject *plain[KINDS]; /* The types of `ast`. */
    PyObject *held[COUNT];
} State;

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

static PyObject *
shrink(PyObject *module, PyObject *tree)
{
    State *state = PyModule_GetState(module);
    PyTypeObject *root = (PyTypeObject *)state->held[ROOT];
    const Kinds kinds = {root, state->kinds, state->plain, PROGRAMS};
    if (!PyObject_TypeCheck(tree, root)) {
        PyErr_SetString(PyExc_TypeError, "no tree");
        return NULL;
    }
    return rw_shrink(&kinds, tree) < 0 ? NULL : Py_NewRef(Py_None);
}

/* Setting up */

/* What a field is unless it is set. */
enum initially { OPEN, NONE, READ, NOTHING, INITIALLY };

static const struct {
    const char *name;
    int inner; /* How many of the fields, the first ones, may hold nodes. */
    Field fields[MOST_FIELDS + 1];
} made_here[KINDS] = {
    [NAME] = {"rewind.transform._nodes.Name", 0, {{"id", OPEN}, {"ctx", READ}}},
    [CONSTANT] = {"rewind.transform._nodes.Constant", 0, {{"value", OPEN}, {"kind", NONE}}},
    /* Nobody adds to the keywords of a probe, so that all may have the same. */
    [CALL] = {"rewind.transform._nodes.Call", 3, {{"func", OPEN}, {"args", OPEN}, {"keywords", NOTHING}}},
    [EXPR] = {"rewind.transform._nodes.Expr", 1, {{"value", OPEN}}},
    [PASS] = {"rewind.transform._nodes.Pass", 0, {{NULL, OPEN}}},
    [RAISE] = {"rewind.transform._nodes.Raise", 2, {{"exc", NONE}, {"cause", NONE}}},
    [TRY] = {"rewind.transform._nodes.Try", 4,
             {{"body", OPEN}, {"handlers", OPEN}, {"orelse", OPEN}, {"finalbody", OPEN}}},
    [HANDLER] = {"rewind.transform._nodes.ExceptHandler", 2,
                 {{"type", OPEN}, {"body", OPEN}, {"name", NONE}}},
    [IF_EXP] = {"rewind.transform._nodes.IfExp", 3, {{"test", OPEN}, {"body", OPEN}, {"orelse", OPEN}}},
    [ATTRIBUTE] = {"rewind.transform._nodes.Attribute", 1,
                   {{"value", OPEN}, {"attr", OPEN}, {"ctx", OPEN}}},
    [SUBSCRIPT] = {"rewind.transform._nodes.Subscript", 2,
                   {{"value", OPEN}, {"slice", OPEN}, {"ctx", OPEN}}},
    [TUPLE] = {"rewind.transform._nodes.Tuple", 1, {{"elts", OPEN}, {"ctx", OPEN}}},
    [COMPARE] = {"rewind.transform._nodes.Compare", 2,
                 {{"left", OPEN}, {"comparators", OPEN}, {"ops", OPEN}}},
};

/* Has a table hold for a type what it holds for another one. */
static int
find_as(PyObject *table, PyObject *plain, PyObject *type)
{
    PyObject *found = PyDict_GetItemWithError(table, plain);
    if (found == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    return PyDict_SetItem(table, type, found);
}

static int
add_kind(State *state, PyObject *module, PyObject *ast, enum kinds kind, PyObject *const *initially)
{
    const char *name = made_here[kind].name;
    PyObject *plain = PyObject_GetAttrString(ast, strrchr(name, '.') + 1);
    state->plain[kind] = plain;
    if (plain == NULL
        || rw_kind_prepare(&state->kinds[kind], module, plain, name, made_here[kind].fields,
                           made_here[kind].inner, initially)
               < 0) {
        return -1;
    }
    /* What is evaluated first in it is found in the same way. */
    PyObject *type = (PyObject *)state->kinds[kind].type;
    return find_as(state->held[PARTS], plain, type) < 0
                   || find_as(state->held[CHOSEN], plain, type) < 0
                   || PyDict_SetItem(state->held[SMALL], plain, type) < 0
               ? -1
               : 0;
}

static int
add_kinds(State *state, PyObject *module, PyObject *ast)
{
    PyObject *initially[INITIALLY] = {[NONE] = Py_None};
    initially[READ] = PyObject_CallMethod(ast, "Load", NULL);
    initially[NOTHING] = PyList_New(0);
    int status = initially[READ] == NULL || initially[NOTHING] == NULL ? -1 : 0;
    for (enum kinds kind = 0; status == 0 && kind < KINDS; kind++) {
        status = add_kind(state, module, ast, kind, initially);
    }
    Py_XDECREF(initially[READ]);
    Py_XDECREF(initially[NOTHING]);
    return status;
}

/* Takes what a module has under a name. */
typedef struct {
    int place;
    const char *module;
    const char *name;
} Wanted;

static const Wanted wanted[] = {
    {PREFIX, "rewind.model.probes", "PREFIX"},
    {TOO_DEEP, "rewind.model.probes", "TOO_DEEP"},
    {SITE_MARKS, "rewind.model.probes", "SITE_MARKS"},
    {PARTS, "rewind.transform.firsts", "FIRST_PARTS"},
    {CHOSEN, "rewind.transform.firsts", "CHOSEN"},
    {FIRST_IN, "rewind.transform.firsts", "first_in"},
    {LAST_IN, "rewind.transform.firsts", "last_in"},
    {JUMPS_AT_WHOLE, "rewind.transform.positions", "JUMPS_AT_WHOLE"},
    {ROOT, "ast", "AST"},
    {COUNT, NULL, NULL},
};

static int
take_wanted(State *state)
{
    for (const Wanted *one = wanted; one->name != NULL; one++) {
        PyObject *module = PyImport_ImportModule(one->module);
        if (module == NULL) {
            return -1;
        }
        state->held[one->place] = PyObject_GetAttrString(module, one->name);
        Py_DECREF(module);
        if (state->held[one->place] == NULL) {
            return -1;
        }
    }
    return 0;
}

static int
prepare_names(State *state)
{
    static const char *const names[] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};
    for (int i = 0; i < POSITIONS; i++) {
        state->held[LINENO + i] = PyUnicode_InternFromString(names[i]);
    }
    state->held[WHOLE_NAMES] = PyDict_New();
    state->held[SMALL] = PyDict_New();
    return PyErr_Occurred() ? -1 : 0;
}

static int
prepare(PyObject *module)
{
    State *state = PyModule_GetState(module);
    if (take_wanted(state) < 0 || prepare_names(state) < 0) {
        return -1;
    }
    PyObject *ast = PyImport_ImportModule("ast");
    int status = ast == NULL ? -1 : add_kinds(state, module, ast);
    if (status == 0) {
        status = PyModule_AddObjectRef(module, "SMALL", state->held[SMALL]);
    }
    Py_XDECREF(ast);
    return status;
}

static int
traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    for (int i = 0; state != NULL && i < COUNT; i++) {
        Py_VISIT(state->held[i]);
    }
    for (int i = 0; state != NULL && i < KINDS; i++) {
        Py_VISIT(state->plain[i]);
        int status = rw_kind_traverse(&state->kinds[i], visit, arg);
        if (status != 0) {
            return status;
        }
    }
    return 0;
}

static int
clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    for (int i = 0; state != NULL && i < COUNT; i++) {
        Py_CLEAR(state->held[i]);
    }
    for (int i = 0; state != NULL && i < KINDS; i++) {
        Py_CLEAR(state->plain[i]);
        rw_kind_clear(&state->kinds[i]);
    }
    return 0;
}

static void
free_state(void *module)
{
    clear(module);
    State *state = PyModule_GetState(module);
    for (int i = 0; state != NULL && i < KINDS; i++) {
        rw_kind_free(&state->kinds[i]);
    }
}

static PyMethodDef functions[] = {
    {"probe", (PyCFunction)(void (*)(void))probe, METH_FASTCALL,
     "probe(name, site, at, *arguments) -> ast.Call"},
    {"shrink", shrink, METH_O, "shrink(tree)"},
    {"statement", (PyCFunction)(void (*)(void))statement, METH_FASTCALL,
     "statement(name, site, at, *arguments) -> ast.Expr"},
    {"lines_with", (PyCFunction)(void (*)(void))rw_lines_with, METH_FASTCALL,
     "lines_with(text, words) -> bytes"},
    {"load", (PyCFunction)(void (*)(void))load, METH_FASTCALL, "load(name, at) -> ast.Name"},
    {"constant", (PyCFunction)(void (*)(void))constant, METH_FASTCALL,
     "constant(value, at) -> ast.Constant"},
    {"truth", (PyCFunction)(void (*)(void))truth, METH_FASTCALL, "truth(test, whole) -> ast.IfExp"},
    {"passing", (PyCFunction)(void (*)(void))passing, METH_FASTCALL,
     "passing(body, observers, at) -> ast.Try"},
    {"with_room", with_room, METH_O, "with_room(work) -> what work() returns"},
    {0},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, prepare}, {0}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "rewind.transform._nodes",
    .m_size = sizeof(State),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_state,
};

PyMODINIT_FUNC
PyInit__nodes(void)
{
    return PyModuleDef_Init(&definition);
}
