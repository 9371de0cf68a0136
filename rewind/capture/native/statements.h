/* Statements of SQL that a driver in C executes, told as rewind/integrations/sql.py has it.
 *
 * The usual, which most are: text that is known to name nothing secret, in a session that is
 * recorded, of which nobody else tells. Of all else that file tells.
 */
#ifndef RW_STATEMENTS_H
#define RW_STATEMENTS_H

#include "engine.h"

extern PyTypeObject RwStatements_Type;

enum {
    RW_UNUSUAL = -1,
    RW_UNTOLD = 0, /* of it nothing is to be told */
};

/* Return when a statement began (ns), or one of these. `arguments` are those of the method that
 * executes it, each borrowed. With RW_UNUSUAL an error of the program's may be set, which a signal's
 * handler has raised. */
int64_t rw_statement_begins(PyObject *statements, PyObject *const *arguments, Py_ssize_t count);
/* Tell of one that has ended, with the result of that method; -1 with an error of the program's,
 * which a signal's handler has raised. */
int rw_statement_ended(PyObject *statements, int64_t began, PyObject *owner,
                       PyObject *const *arguments, Py_ssize_t count, PyObject *result);
/* Return what `end` in rewind/integrations/drivers.py is given of one that has failed: a new
 * reference; NULL where that cannot be said, with an error at most that a signal's handler has raised. */
PyObject *rw_statement_begun(PyObject *statements, int64_t began, PyObject *owner,
                             PyObject *const *arguments, Py_ssize_t count);

/* `Engine.statements`. */
PyObject *rw_engine_statements(PyObject *engine, PyObject *arguments);

#endif
