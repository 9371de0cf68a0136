/* `rewind.transform._nodes`: the trees that call the probes, as `rewind.transform.builders` makes them.
 *
 * Half of the time that a rewriting takes would go into these. What is made is the same there, which
 * also says what it is for. So it is with what the other files add.
 */
#include "nodes.h"

#include "lines.h"
#include "room.h"
#include "shrink.h"

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
    if (PyModule_AddFunctions(module, rw_builders) < 0 || take_wanted(state) < 0
        || prepare_names(state) < 0) {
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
    {"shrink", shrink, METH_O, "shrink(tree)"},
    {"lines_with", (PyCFunction)(void (*)(void))rw_lines_with, METH_FASTCALL,
     "lines_with(text, words) -> bytes"},
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
