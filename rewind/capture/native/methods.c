/* Methods of other extensions, seen where they are called.
 *
 * Their types and descriptors stay the very objects that they are. What changes is which C function
 * a descriptor calls: the original runs, and whoever asked is told before and after it. Its result
 * and its errors pass as they are.
 *
 * Called with the interpreter lock, by any thread; a fork carries it over; `forget_methods` takes it
 * back. A method that is bound meanwhile goes on through here, and tells nobody any more.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "own.h"
#include "parts.h"
#include "statements.h"

enum { PLACES = 6 }; /* of each way to be called */

/* A method that is seen. */
typedef struct {
    PyMethodDescrObject *descriptor;
    PyMethodDef *plain;
    PyMethodDef seen;
    PyObject *begin; /* called with the object, its arguments and keywords; NULL: nobody is told */
    PyObject *end;   /* called with what that gave, the result or None, and the error or None */
    PyObject *statements; /* tells of usual ones without them; or NULL */
} Place;

static Place fast[PLACES], keyed[PLACES], single[PLACES]; /* by how a method is called */

/* Call what is told; NULL without an error where there is no room to look. */
static PyObject *
call(PyObject *told, PyObject *arguments)
{
    PyObject *held = Py_NewRef(told);
    PyObject *answer = rw_call_own(held, arguments);
    Py_DECREF(held);
    if (answer == NULL) {
        rw_pardon_no_room();
    }
    return answer;
}

/* Tell of the end; -1 with an error of the program's, which a signal's handler has raised. */
static int
tell_end(PyObject *end, PyObject *begun, PyObject *result, PyObject *error)
{
    PyObject *answer = call(end, Py_BuildValue("(OOO)", begun, result, error));
    if (answer == NULL && PyErr_Occurred()) {
        return -1;
    }
    Py_XDECREF(answer);
    return 0;
}

/* The error stays what it is; what a signal's handler raises meanwhile has it as context. */
static void
tell_failure(PyObject *end, PyObject *begun)
{
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    PyErr_NormalizeException(&type, &error, &traceback);
    tell_end(end, begun, Py_None, error);
    rw_restore_error(type, error, traceback);
}

/* Tell that a call begins; NULL where it is not to be told of, with an error if it is not to be. */
static PyObject *
begun_at(const Place *place, PyObject *self, PyObject *arguments, PyObject *keywords)
{
    if (arguments == NULL) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *answer = call(
        place->begin,
        Py_BuildValue("(OOO)", self, arguments, keywords == NULL ? Py_None : keywords));
    if (answer == Py_None) {
        Py_CLEAR(answer);
    }
    return answer;
}

static PyObject *
ended(PyObject *end, PyObject *begun, PyObject *result)
{
    if (result == NULL) {
        tell_failure(end, begun);
    }
    else if (tell_end(end, begun, result, Py_None) < 0) {
        Py_CLEAR(result);
    }
    Py_DECREF(begun);
    Py_DECREF(end);
    return result;
}

/* Return when a statement began that is told of without Python; or RW_UNTOLD; or RW_UNUSUAL, with an
 * error if it is not to be executed. */
static int64_t
usually_begun(const Place *place, PyObject *const *arguments, Py_ssize_t count, PyObject *keywords)
{
    if (place->statements == NULL || (keywords != NULL && PyDict_GET_SIZE(keywords) > 0)) {
        return RW_UNUSUAL;
    }
    /* What is asked there may run Python, and so may have the place forgotten. */
    PyObject *statements = Py_NewRef(place->statements);
    int64_t began = rw_statement_begins(statements, arguments, count);
    Py_DECREF(statements);
    return began;
}

/* Tell of its end; returns the result. */
static PyObject *
executed(const Place *place, int64_t began, PyObject *self, PyObject *const *arguments,
         Py_ssize_t count, PyObject *result)
{
    if (began == RW_UNTOLD || place->statements == NULL) {
        return result;
    }
    PyObject *statements = Py_NewRef(place->statements), *end = Py_NewRef(place->end);
    if (result == NULL) {
        PyObject *type, *error, *traceback;
        PyErr_Fetch(&type, &error, &traceback);
        PyObject *begun = rw_statement_begun(statements, began, self, arguments, count);
        rw_restore_error(type, error, traceback);
        if (begun != NULL) {
            tell_failure(end, begun);
            Py_DECREF(begun);
        }
    }
    else if (rw_statement_ended(statements, began, self, arguments, count, result) < 0) {
        Py_CLEAR(result);
    }
    Py_DECREF(end);
    Py_DECREF(statements);
    return result;
}

static PyObject *
call_fast(Place *place, PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    _PyCFunctionFast plain = (_PyCFunctionFast)(void (*)(void))place->plain->ml_meth;
    if (place->begin == NULL) {
        return plain(self, arguments, count);
    }
    int64_t began = usually_begun(place, arguments, count, NULL);
    if (began != RW_UNUSUAL) {
        return executed(place, began, self, arguments, count, plain(self, arguments, count));
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyObject *given = PyTuple_New(count);
    for (Py_ssize_t i = 0; given != NULL && i < count; i++) {
        PyTuple_SET_ITEM(given, i, Py_NewRef(arguments[i]));
    }
    PyObject *end = Py_NewRef(place->end);
    PyObject *begun = begun_at(place, self, given, NULL);
    Py_XDECREF(given);
    if (begun == NULL) {
        Py_DECREF(end);
        return PyErr_Occurred() ? NULL : plain(self, arguments, count);
    }
    return ended(end, begun, plain(self, arguments, count));
}

static PyObject *
call_keyed(Place *place, PyObject *self, PyObject *arguments, PyObject *keywords)
{
    PyCFunctionWithKeywords plain = (PyCFunctionWithKeywords)(void (*)(void))place->plain->ml_meth;
    if (place->begin == NULL) {
        return plain(self, arguments, keywords);
    }
    PyObject *const *items = &PyTuple_GET_ITEM(arguments, 0);
    int64_t began = usually_begun(place, items, PyTuple_GET_SIZE(arguments), keywords);
    if (began != RW_UNUSUAL) {
        return executed(place, began, self, items, PyTuple_GET_SIZE(arguments),
                        plain(self, arguments, keywords));
    }
    if (PyErr_Occurred()) {
        return NULL;
    }
    PyObject *end = Py_NewRef(place->end);
    PyObject *begun = begun_at(place, self, arguments, keywords);
    if (begun == NULL) {
        Py_DECREF(end);
        return PyErr_Occurred() ? NULL : plain(self, arguments, keywords);
    }
    return ended(end, begun, plain(self, arguments, keywords));
}

/* Of one argument, or of all in a tuple. */
static PyObject *
call_single(Place *place, PyObject *self, PyObject *argument)
{
    PyCFunction plain = place->plain->ml_meth;
    if (place->begin == NULL) {
        return plain(self, argument);
    }
    int is_tuple = place->plain->ml_flags == METH_VARARGS;
    PyObject *given = is_tuple ? Py_NewRef(argument) : PyTuple_Pack(1, argument);
    PyObject *end = Py_NewRef(place->end);
    PyObject *begun = begun_at(place, self, given, NULL);
    Py_XDECREF(given);
    if (begun == NULL) {
        Py_DECREF(end);
        return PyErr_Occurred() ? NULL : plain(self, argument);
    }
    return ended(end, begun, plain(self, argument));
}

/* A function for each place, as nothing else tells a C function which method it is. */
#define ENTRY(index)                                                                           \
    static PyObject *fast_##index(PyObject *self, PyObject *const *arguments, Py_ssize_t count) \
    {                                                                                          \
        return call_fast(&fast[index], self, arguments, count);                                \
    }                                                                                          \
    static PyObject *keyed_##index(PyObject *self, PyObject *arguments, PyObject *keywords)    \
    {                                                                                          \
        return call_keyed(&keyed[index], self, arguments, keywords);                           \
    }                                                                                          \
    static PyObject *single_##index(PyObject *self, PyObject *argument)                        \
    {                                                                                          \
        return call_single(&single[index], self, argument);                                    \
    }

ENTRY(0)
ENTRY(1)
ENTRY(2)
ENTRY(3)
ENTRY(4)
ENTRY(5)

static const _PyCFunctionFast fast_entries[PLACES] = {fast_0, fast_1, fast_2,
                                                       fast_3, fast_4, fast_5};
static const PyCFunctionWithKeywords keyed_entries[PLACES] = {
    keyed_0, keyed_1, keyed_2, keyed_3, keyed_4, keyed_5};

static const PyCFunction single_entries[PLACES] = {single_0, single_1, single_2,
                                                   single_3, single_4, single_5};

static void
enter(Place *place, PyMethodDescrObject *descriptor, PyCFunction entry)
{
    if (place->descriptor == NULL) {
        place->descriptor = (PyMethodDescrObject *)Py_NewRef((PyObject *)descriptor);
        place->plain = descriptor->d_method;
        place->seen = *place->plain;
        place->seen.ml_meth = entry;
    }
    descriptor->d_method = &place->seen;
}

static PyCFunction
entry_of(const Place *places, int at)
{
    if (places == single) {
        return single_entries[at];
    }
    return places == fast ? (PyCFunction)(void (*)(void))fast_entries[at]
                          : (PyCFunction)(void (*)(void))keyed_entries[at];
}

/* Return the method's place, entered; NULL with an error set. */
static Place *
place_of(PyMethodDescrObject *descriptor)
{
    int flags = descriptor->d_method->ml_flags;
    Place *places = NULL;
    if (flags == METH_FASTCALL) {
        places = fast;
    }
    else if (flags == (METH_VARARGS | METH_KEYWORDS)) {
        places = keyed;
    }
    else if (flags == METH_O || flags == METH_VARARGS) {
        places = single;
    }
    else {
        PyErr_SetString(PyExc_TypeError, "this method is called in another way");
        return NULL;
    }
    for (int at = 0; at < PLACES; at++) {
        Place *place = &places[at];
        if (place->descriptor == NULL || place->descriptor == descriptor) {
            enter(place, descriptor, entry_of(places, at));
            return place;
        }
    }
    PyErr_SetString(PyExc_TypeError, "so many methods cannot be seen");
    return NULL;
}

static PyObject *
see_method(PyObject *module, PyObject *arguments)
{
    (void)module;
    PyObject *found, *begin, *end, *statements;
    if (!PyArg_ParseTuple(arguments, "O!OOO", &PyMethodDescr_Type, &found, &begin, &end,
                          &statements)) {
        return NULL;
    }
    if (statements != Py_None && !Py_IS_TYPE(statements, &RwStatements_Type)) {
        PyErr_SetString(PyExc_TypeError, "statements are told of by an engine's");
        return NULL;
    }
    Place *place = place_of((PyMethodDescrObject *)found);
    if (place == NULL) {
        return NULL;
    }
    Py_XSETREF(place->end, Py_NewRef(end));
    Py_XSETREF(place->begin, Py_NewRef(begin));
    Py_XSETREF(place->statements, statements == Py_None ? NULL : Py_NewRef(statements));
    Py_RETURN_NONE;
}

static void
forget(Place *place)
{
    if (place->descriptor != NULL) {
        place->descriptor->d_method = place->plain;
    }
    Py_CLEAR(place->begin);
    Py_CLEAR(place->end);
    Py_CLEAR(place->statements);
}

static PyObject *
forget_methods(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    for (int at = 0; at < PLACES; at++) {
        forget(&fast[at]);
        forget(&keyed[at]);
        forget(&single[at]);
    }
    Py_RETURN_NONE;
}

PyMethodDef rw_methods_functions[] = {
    {"see_method", see_method, METH_VARARGS, "Call two functions as a method begins and ends."},
    {"forget_methods", forget_methods, METH_NOARGS, "Tell nobody any more."},
    {0},
};
