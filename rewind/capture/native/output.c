/* What the program writes to its standard streams, seen where it is written.
 *
 * `sys.stdout`, its methods and `print` stay the very objects that they are. What changes is which C
 * function the one descriptor `TextIOWrapper.write` calls, and by which entry `print` is called: the
 * original runs, then whoever asked is told what it wrote. What one `print` writes piece by piece is
 * told as one text, when it is done. Errors of the original pass as they are.
 *
 * Called with the interpreter lock, by any thread; a fork carries it over; `forget_output` takes it
 * back. A bound `write` made meanwhile goes on through here, and tells nobody any more.
 */
#define PY_SSIZE_T_CLEAN
#include "interpreter.h"

#include "engine.h"
#include "own.h"
#include "parts.h"

enum {
    STREAMS = 2,
    NAMES = 4,
    LONGEST = 1 << 16, /* characters of one `print` that are kept until it is done */
};

static PyObject *listener; /* called with the stream's index and a text; NULL: nobody listens */
static PyObject *sys_names;
static PyObject *stream_names[NAMES];

static PyMethodDescrObject *descriptor; /* `TextIOWrapper.write`, once it was found */
static PyMethodDef *plain_write;
static PyMethodDef seen_write;

static PyCFunctionObject *printing; /* `print`, while it is entered here */
static PyMethodDef *plain_print;
static PyMethodDef seen_print;
static vectorcallfunc enter_print;

/* What this thread is at. */
static RW_THREAD_LOCAL struct {
    RwActivation *printer; /* whose call of `print` runs; NULL: nobody's */
    PyObject *text;        /* what that has written and nobody was told yet */
    int stream;
    int telling;
} here;

/* Tell of a text; -1 with an error of the program's: a signal's handler has raised it. */
static int
tell(int stream, PyObject *text)
{
    if (listener == NULL || here.telling) {
        return 0;
    }
    PyObject *told = Py_NewRef(listener);
    here.telling = 1;
    PyObject *done = rw_call_own(told, Py_BuildValue("(iO)", stream, text));
    here.telling = 0;
    Py_DECREF(told);
    if (done == NULL) {
        rw_pardon_no_room();
        return PyErr_Occurred() ? -1 : 0;
    }
    Py_DECREF(done);
    return 0;
}

static int
tell_kept(void)
{
    PyObject *text = here.text;
    if (text == NULL) {
        return 0;
    }
    here.text = NULL;
    int status = tell(here.stream, text);
    Py_DECREF(text);
    return status;
}

static int
keep(int stream, PyObject *text)
{
    int full = here.text != NULL
               && (here.stream != stream || PyUnicode_GET_LENGTH(here.text) >= LONGEST);
    if (full && tell_kept() < 0) {
        return -1;
    }
    if (here.text == NULL) {
        here.stream = stream;
        here.text = Py_NewRef(text);
        return 0;
    }
    PyUnicode_Append(&here.text, text);
    if (here.text == NULL) {
        PyErr_Clear();
    }
    return 0;
}

/* Take note of what was written; -1 with an error of the program's. */
static int
see(int stream, PyObject *written)
{
    /* Of a subclass: a text of its characters. */
    PyObject *text = PyUnicode_FromObject(written);
    if (text == NULL) {
        PyErr_Clear();
        return 0;
    }
    int status = 0;
    if (PyUnicode_GET_LENGTH(text) > 0) {
        /* By `print` itself, or by what it has called: a `__str__` that writes too. */
        RwActivation *running = rw_running();
        int piece = running != NULL && running == here.printer;
        status = piece ? keep(stream, text) : tell_kept();
        if (status == 0 && !piece) {
            status = tell(stream, text);
        }
    }
    Py_DECREF(text);
    return status;
}

/* Return 0 for the standard output, 1 for the standard error, -1 for any other. */
static int
stream_of(PyObject *file)
{
    if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
        return -1;
    }
    for (int at = 0; at < NAMES; at++) {
        PyObject *found = PyDict_GetItemWithError(sys_names, stream_names[at]);
        if (found == file) {
            return at % STREAMS;
        }
    }
    PyErr_Clear();
    return -1;
}

static PyObject *
write_seen(PyObject *self, PyObject *text)
{
    PyObject *count = plain_write->ml_meth(self, text);
    if (count == NULL || listener == NULL || !PyUnicode_Check(text)) {
        return count;
    }
    int stream = stream_of(self);
    if (stream >= 0 && see(stream, text) < 0) {
        Py_CLEAR(count);
    }
    return count;
}

/* Tell what is kept where `print` has failed; what a signal's handler raises has that as context. */
static void
tell_of_failure(void)
{
    PyObject *type, *error, *traceback;
    PyErr_Fetch(&type, &error, &traceback);
    tell_kept();
    rw_restore_error(type, error, traceback);
}

static PyObject *
print_seen(PyObject *callable, PyObject *const *arguments, size_t count, PyObject *names)
{
    if (listener == NULL) {
        return enter_print(callable, arguments, count, names);
    }
    if (tell_kept() < 0) {
        return NULL;
    }
    RwActivation *outer = here.printer, *running = rw_running();
    here.printer = running;
    PyObject *result = enter_print(callable, arguments, count, names);
    /* Greenlets may have printed in between, and be gone: whose frame is that of `outer` now? */
    here.printer = here.printer == running ? outer : NULL;
    if (result == NULL) {
        tell_of_failure();
    }
    else if (tell_kept() < 0) {
        Py_CLEAR(result);
    }
    return result;
}

/* To be found, and to be taken back */

static int
find_write(void)
{
    if (descriptor != NULL) {
        return 0;
    }
    PyObject *module = PyImport_ImportModule("_io");
    PyObject *type = module == NULL ? NULL : PyObject_GetAttrString(module, "TextIOWrapper");
    PyObject *found = type == NULL ? NULL : PyObject_GetAttrString(type, "write");
    Py_XDECREF(module);
    Py_XDECREF(type);
    if (found == NULL) {
        return -1;
    }
    PyMethodDescrObject *method = (PyMethodDescrObject *)found;
    if (!Py_IS_TYPE(found, &PyMethodDescr_Type) || method->d_method->ml_flags != METH_O) {
        PyErr_SetString(PyExc_TypeError, "this interpreter's TextIOWrapper.write is another one");
        Py_DECREF(found);
        return -1;
    }
    plain_write = method->d_method;
    seen_write = *plain_write;
    seen_write.ml_meth = write_seen;
    descriptor = method;
    return 0;
}

static int
find_streams(void)
{
    static const char *const texts[NAMES] = {"stdout", "stderr", "__stdout__", "__stderr__"};
    if (sys_names != NULL) {
        return 0;
    }
    for (int at = 0; at < NAMES; at++) {
        PyObject *name = PyUnicode_InternFromString(texts[at]);
        if (name == NULL) {
            return -1;
        }
        Py_XSETREF(stream_names[at], name);
    }
    PyObject *module = PyImport_ImportModule("sys");
    if (module == NULL) {
        return -1;
    }
    sys_names = Py_NewRef(PyModule_GetDict(module));
    Py_DECREF(module);
    return 0;
}

/* Enter `print` here. Where it is not the one that this knows, its pieces are told one by one. */
static void
see_print(void)
{
    PyObject *print = PyDict_GetItemString(PyEval_GetBuiltins(), "print");
    PyCFunctionObject *function = (PyCFunctionObject *)print;
    if (print == NULL || !PyCFunction_CheckExact(print) || function->vectorcall == NULL
        || function->m_ml->ml_flags != (METH_FASTCALL | METH_KEYWORDS)
        || strcmp(function->m_ml->ml_name, "print") != 0) {
        return;
    }
    plain_print = function->m_ml;
    seen_print = *plain_print;
    /* The function stays the same, by which `print` is hashed and compared. Flags that no instruction
     * of the interpreter is specialised for: all calls come by the entry. */
    seen_print.ml_flags |= METH_VARARGS;
    enter_print = function->vectorcall;
    printing = (PyCFunctionObject *)Py_NewRef(print);
    printing->vectorcall = print_seen;
    printing->m_ml = &seen_print;
}

static PyObject *
see_output(PyObject *module, PyObject *told)
{
    (void)module;
    if (find_write() < 0 || find_streams() < 0) {
        return NULL;
    }
    Py_XSETREF(listener, Py_NewRef(told));
    descriptor->d_method = &seen_write;
    if (printing == NULL) {
        see_print();
    }
    Py_RETURN_NONE;
}

static PyObject *
forget_output(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    if (descriptor != NULL) {
        descriptor->d_method = plain_write;
    }
    if (printing != NULL) {
        printing->vectorcall = enter_print;
        printing->m_ml = plain_print;
        Py_CLEAR(printing);
    }
    Py_CLEAR(listener);
    Py_RETURN_NONE;
}

PyMethodDef rw_output_functions[] = {
    {"see_output", see_output, METH_O, "Call this with what is written to the standard streams."},
    {"forget_output", forget_output, METH_NOARGS, "Tell nobody any more."},
    {0},
};
