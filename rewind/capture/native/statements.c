/* Statements of SQL; see statements.h. */
#define PY_SSIZE_T_CLEAN
#include "statements.h"

#include "clock.h"
#include "own.h"
#include "probes.h"
#include "tasks.h"

enum { LONGEST = 10000 }; /* characters of a statement that is told as it stands */

typedef struct {
    PyObject_HEAD
    RwEngine *engine; /* owned, as all that follows */
    PyObject *find;   /* returns the running thread's recorder, or None */
    PyObject *first;  /* returns the site of statements, or None where there is no room for it */
    PyObject *site;   /* that, once it is known */
    PyObject *secret; /* by text, whether a statement names something secret, as far as known */
    PyObject *claim;  /* a context variable: whether somebody else tells */
    PyObject *told;   /* a context variable: when one was told of last, ns */
    PyObject *begun;  /* returns what is known of one as it begins */
    PyObject *cursor; /* the class of cursors */
    PyObject *rows;   /* returns how many rows a cursor has */
    PyObject *database;
} Statements;

static PyObject *rows_name, *duration_name, *error_name, *database_name, *statement_name,
    *parameters_name;

static int
has_claim(const Statements *statements)
{
    PyObject *claim = NULL;
    if (PyContextVar_Get(statements->claim, Py_None, &claim) < 0) {
        PyErr_Clear();
        return 1;
    }
    Py_XDECREF(claim);
    return claim != Py_None;
}

static int
is_usual(const Statements *statements, PyObject *const *arguments, Py_ssize_t count)
{
    if (count < 1 || count > 2 || !PyUnicode_CheckExact(arguments[0])
        || PyUnicode_GET_LENGTH(arguments[0]) > LONGEST) {
        return 0;
    }
    PyObject *names_secret = PyDict_GetItemWithError(statements->secret, arguments[0]);
    if (names_secret == NULL) {
        PyErr_Clear();
    }
    return names_secret == Py_False && !has_claim(statements);
}

int64_t
rw_statement_begins(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    Statements *statements = (Statements *)self;
    if (!is_usual(statements, arguments, count)) {
        return RW_UNUSUAL;
    }
    RwSession *session = rw_session_here(statements->engine, statements->find);
    if (session == NULL) {
        if (PyErr_Occurred()) {
            rw_fault(statements->engine, SIZE_MAX);
            return RW_UNUSUAL;
        }
        return RW_UNTOLD;
    }
    return rw_now();
}

static int
is_cursor(const Statements *statements, PyObject *executed)
{
    return PyObject_TypeCheck(executed, (PyTypeObject *)statements->cursor);
}

/* Return how many rows it returned or changed, or None: a new reference; NULL with an error set. */
static PyObject *
rows_of(const Statements *statements, PyObject *owner, PyObject *result)
{
    PyObject *executed = is_cursor(statements, owner) ? owner : result;
    if (!is_cursor(statements, executed)) {
        Py_RETURN_NONE;
    }
    PyObject *rows = PyObject_CallOneArg(statements->rows, executed);
    if (rows != NULL && (!PyLong_CheckExact(rows) || PyLong_AsLongLong(rows) < 0)) {
        PyErr_Clear();
        Py_SETREF(rows, Py_NewRef(Py_None));
    }
    return rows;
}

/* Return what is told of a statement: a new reference; NULL with an error set. */
static PyObject *
told_of(const Statements *statements, int64_t took, PyObject *rows, PyObject *const *arguments,
        Py_ssize_t count)
{
    PyObject *facts = PyDict_New(), *duration = PyLong_FromLongLong(took);
    if (facts == NULL || duration == NULL
        /* What is short comes first: there is one bound for all of a value. */
        || PyDict_SetItem(facts, rows_name, rows) < 0
        || PyDict_SetItem(facts, duration_name, duration) < 0
        || PyDict_SetItem(facts, error_name, Py_None) < 0
        || PyDict_SetItem(facts, database_name, statements->database) < 0
        || PyDict_SetItem(facts, statement_name, arguments[0]) < 0
        || PyDict_SetItem(facts, parameters_name, count > 1 ? arguments[1] : Py_None) < 0) {
        Py_CLEAR(facts);
    }
    Py_XDECREF(duration);
    return facts;
}

/* Take note that a statement was told of by now. */
static int
note_told(const Statements *statements)
{
    PyObject *now = PyLong_FromLongLong(rw_now());
    PyObject *token = now == NULL ? NULL : PyContextVar_Set(statements->told, now);
    Py_XDECREF(now);
    Py_XDECREF(token);
    return token == NULL ? -1 : 0;
}

static int
has_site(Statements *statements)
{
    if (statements->site == NULL) {
        PyObject *site = rw_call_own(statements->first, PyTuple_New(0));
        if (site == NULL || site == Py_None) {
            Py_XDECREF(site);
            return site == NULL ? -1 : 0;
        }
        statements->site = site;
    }
    return 1;
}

static int
tell(Statements *statements, int64_t began, PyObject *owner, PyObject *const *arguments,
     Py_ssize_t count, PyObject *result)
{
    int64_t took = rw_now() - began;
    int known = has_site(statements);
    if (known <= 0) {
        return known;
    }
    PyObject *rows = rows_of(statements, owner, result);
    PyObject *facts = rows == NULL ? NULL : told_of(statements, took, rows, arguments, count);
    Py_XDECREF(rows);
    if (facts == NULL) {
        return -1;
    }
    PyObject *said = rw_say((PyObject *)statements->engine, statements->site, NULL, facts);
    Py_DECREF(facts);
    Py_XDECREF(said);
    return said == NULL ? -1 : note_told(statements);
}

int
rw_statement_ended(PyObject *self, int64_t began, PyObject *owner, PyObject *const *arguments,
                   Py_ssize_t count, PyObject *result)
{
    Statements *statements = (Statements *)self;
    if (tell(statements, began, owner, arguments, count, result) == 0) {
        return 0;
    }
    size_t site = statements->site == NULL ? SIZE_MAX : rw_site_number(statements->site);
    return rw_fault(statements->engine, site);
}

PyObject *
rw_statement_begun(PyObject *self, int64_t began, PyObject *owner, PyObject *const *arguments,
                   Py_ssize_t count)
{
    const Statements *statements = (Statements *)self;
    PyObject *parameters = count > 1 ? arguments[1] : Py_None;
    PyObject *given = Py_BuildValue("(LOOO)", (long long)began, owner, arguments[0], parameters);
    PyObject *begun = rw_call_own(statements->begun, given);
    if (begun == NULL) {
        rw_fault(statements->engine, SIZE_MAX);
    }
    return begun;
}

/* The type */

static int
name_facts(void)
{
    struct {
        PyObject **name;
        const char *text;
    } names[] = {
        {&rows_name, "rows"},         {&duration_name, "duration_ns"},
        {&error_name, "error"},       {&database_name, "database"},
        {&statement_name, "statement"}, {&parameters_name, "parameters"},
    };
    for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
        if (*names[at].name == NULL
            && (*names[at].name = PyUnicode_InternFromString(names[at].text)) == NULL) {
            return -1;
        }
    }
    return 0;
}

PyObject *
rw_engine_statements(PyObject *self, PyObject *arguments)
{
    PyObject *find, *first, *secret, *claim, *told, *begun, *cursor, *rows, *database;
    if (!PyArg_ParseTuple(arguments, "OOO!O!O!OO!OU", &find, &first, &PyDict_Type, &secret,
                          &PyContextVar_Type, &claim, &PyContextVar_Type, &told, &begun,
                          &PyType_Type, &cursor, &rows, &database)
        || name_facts() < 0) {
        return NULL;
    }
    Statements *statements = PyObject_New(Statements, &RwStatements_Type);
    if (statements != NULL) {
        statements->engine = (RwEngine *)Py_NewRef(self);
        statements->find = Py_NewRef(find);
        statements->first = Py_NewRef(first);
        statements->site = NULL;
        statements->secret = Py_NewRef(secret);
        statements->claim = Py_NewRef(claim);
        statements->told = Py_NewRef(told);
        statements->begun = Py_NewRef(begun);
        statements->cursor = Py_NewRef(cursor);
        statements->rows = Py_NewRef(rows);
        statements->database = Py_NewRef(database);
    }
    return (PyObject *)statements;
}

static void
statements_dealloc(PyObject *self)
{
    Statements *statements = (Statements *)self;
    Py_CLEAR(statements->engine);
    Py_CLEAR(statements->find);
    Py_CLEAR(statements->first);
    Py_CLEAR(statements->site);
    Py_CLEAR(statements->secret);
    Py_CLEAR(statements->claim);
    Py_CLEAR(statements->told);
    Py_CLEAR(statements->begun);
    Py_CLEAR(statements->cursor);
    Py_CLEAR(statements->rows);
    Py_CLEAR(statements->database);
    PyObject_Free(self);
}

PyTypeObject RwStatements_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "rewind.capture._native.Statements",
    .tp_doc = "Tells of the usual statements that a driver executes.",
    .tp_basicsize = sizeof(Statements),
    .tp_dealloc = statements_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
};
