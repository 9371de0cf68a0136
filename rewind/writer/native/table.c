/* See table.h. Filled once for each module, asked once for each event. */
#include "table.h"

#include <string.h>

enum { LEAST_SLOTS = 64 };

static int
enlarge(void **items, size_t *room, size_t needed, size_t size)
{
    if (needed <= *room) {
        return 0;
    }
    size_t wanted = needed * 2;
    void *grown = PyMem_Realloc(*items, wanted * size);
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    *items = grown;
    *room = wanted;
    return 0;
}

uint32_t
rw_name(RwTable *table, PyObject *name)
{
    PyObject *number = PyDict_GetItemWithError(table->numbers, name);
    if (number != NULL) {
        return (uint32_t)PyLong_AsUnsignedLong(number);
    }
    Py_ssize_t count = PyList_GET_SIZE(table->names);
    if (PyErr_Occurred() || count >= UINT32_MAX || (number = PyLong_FromSsize_t(count)) == NULL) {
        return RW_NO_NAME;
    }
    /* A name in the list that the dictionary lacks is never asked for. */
    int status = PyList_Append(table->names, name);
    status = status < 0 ? -1 : PyDict_SetItem(table->numbers, name, number);
    Py_DECREF(number);
    return status < 0 ? RW_NO_NAME : (uint32_t)count;
}

/* table.function(parameters, called) -> its number */
static PyObject *
table_function(RwTable *self, PyObject *arguments)
{
    PyObject *parameters, *called;
    if (!PyArg_ParseTuple(arguments, "O!O!", &PyTuple_Type, &parameters, &PyTuple_Type, &called)) {
        return NULL;
    }
    uint32_t pair = rw_name(self, called);
    if (pair == RW_NO_NAME) {
        return NULL;
    }
    size_t count = (size_t)PyTuple_GET_SIZE(parameters);
    uint32_t *names = PyMem_Realloc(self->parameters,
                                    (self->parameter_count + count + 1) * sizeof *names);
    RwFunction *functions = PyMem_Realloc(self->functions,
                                          (self->function_count + 1) * sizeof *functions);
    self->parameters = names != NULL ? names : self->parameters;
    self->functions = functions != NULL ? functions : self->functions;
    if (names == NULL || functions == NULL) {
        return PyErr_NoMemory();
    }
    for (size_t i = 0; i < count; i++) {
        PyObject *name = PyTuple_GET_ITEM(parameters, (Py_ssize_t)i);
        if (!PyUnicode_CheckExact(name)) {
            PyErr_SetString(PyExc_TypeError, "a name is text");
            return NULL;
        }
        uint32_t number = rw_name(self, name);
        if (number == RW_NO_NAME) {
            return NULL;
        }
        names[self->parameter_count + i] = number;
    }
    functions[self->function_count] = (RwFunction){(uint32_t)self->parameter_count,
                                                   (uint32_t)count, pair};
    self->parameter_count += count;
    return PyLong_FromSize_t(self->function_count++);
}

static void
put_slot(RwTable *self, size_t index)
{
    size_t at = (size_t)(self->sites[index].number * 0x9E3779B97F4A7C15U >> 32) & self->mask;
    while (self->slots[at] != 0) {
        at = (at + 1) & self->mask;
    }
    self->slots[at] = (uint32_t)index + 1;
}

/* Keep the hash at most half full. */
static int
make_slots(RwTable *self, size_t sites)
{
    if (self->slots != NULL && sites * 2 <= self->mask) {
        return 0;
    }
    size_t count = LEAST_SLOTS;
    while (count <= sites * 4) {
        count *= 2;
    }
    uint32_t *slots = PyMem_Calloc(count, sizeof *slots);
    if (slots == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    PyMem_Free(self->slots);
    self->slots = slots;
    self->mask = count - 1;
    for (size_t i = 0; i < self->count; i++) {
        put_slot(self, i);
    }
    return 0;
}

/* table.site(number, step, function, name, kind): what its events do. One that is known is
 * replaced. */
static PyObject *
table_site(RwTable *self, PyObject *arguments)
{
    unsigned long long number;
    unsigned int step, function;
    PyObject *name, *kind;
    if (!PyArg_ParseTuple(arguments, "KIIOU", &number, &step, &function, &name, &kind)) {
        return NULL;
    }
    int named = step == RW_WRITE || step == RW_DELETE;
    if (step >= RW_STEPS || function >= self->function_count || self->count >= UINT32_MAX / 4 ||
        named != PyUnicode_CheckExact(name)) {
        PyErr_SetString(PyExc_ValueError, "no such step or function, or a name is missing");
        return NULL;
    }
    RwSite made = {.number = number, .function = function, .name = RW_NO_NAME};
    made.step = (uint8_t)step;
    if ((named && (made.name = rw_name(self, name)) == RW_NO_NAME) ||
        (made.kind = rw_name(self, kind)) == RW_NO_NAME) {
        return NULL;
    }
    RwSite *known = rw_site(self, number);
    if (known != NULL) {
        *known = made;
        Py_RETURN_NONE;
    }
    if (enlarge((void **)&self->sites, &self->room, self->count + 1, sizeof made) < 0 ||
        make_slots(self, self->count + 1) < 0) {
        return NULL;
    }
    self->first = self->count == 0 ? number : self->first;
    self->sites[self->count] = made;
    put_slot(self, self->count++);
    Py_RETURN_NONE;
}

/* Add to what a dictionary counts under that name. */
static int
count_more(RwTable *self, PyObject *counts, uint32_t name, PyObject *more)
{
    PyObject *key = PyList_GET_ITEM(self->names, (Py_ssize_t)name);
    PyObject *before = PyDict_GetItemWithError(counts, key);
    if (before == NULL) {
        return PyErr_Occurred() ? -1 : PyDict_SetItem(counts, key, more);
    }
    PyObject *sum = PyNumber_Add(before, more);
    int status = sum == NULL ? -1 : PyDict_SetItem(counts, key, sum);
    Py_XDECREF(sum);
    return status;
}

/* Count one site's events: by kind, and by what they call. */
static int
count_site(RwTable *self, PyObject *number, PyObject *times, PyObject *kinds, PyObject *calls)
{
    unsigned long long wanted = PyLong_AsUnsignedLongLong(number);
    const RwSite *site = PyErr_Occurred() ? NULL : rw_site(self, wanted);
    if (site == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_SetObject(PyExc_KeyError, number);
        }
        return -1;
    }
    int calling = site->step == RW_CALL || site->step == RW_CALL_RESUMABLE;
    uint32_t called = self->functions[site->function].called;
    return count_more(self, kinds, site->kind, times) < 0 ||
                   (calling && count_more(self, calls, called, times) < 0)
               ? -1
               : 0;
}

/* table.counts(sites) -> how often each kind of event occurs, and each function is called, where
 * each site occurs so often. */
static PyObject *
table_counts(RwTable *self, PyObject *sites)
{
    if (!PyDict_CheckExact(sites)) {
        PyErr_SetString(PyExc_TypeError, "sites are a dictionary");
        return NULL;
    }
    PyObject *kinds = PyDict_New(), *calls = PyDict_New(), *number, *times;
    int status = kinds == NULL || calls == NULL ? -1 : 0;
    Py_ssize_t at = 0;
    while (status == 0 && PyDict_Next(sites, &at, &number, &times)) {
        status = count_site(self, number, times, kinds, calls);
    }
    if (status < 0) {
        Py_XDECREF(kinds);
        Py_XDECREF(calls);
        return NULL;
    }
    return Py_BuildValue("NN", kinds, calls);
}

static int
table_contains(RwTable *self, PyObject *number)
{
    unsigned long long wanted = PyLong_AsUnsignedLongLong(number);
    if (wanted == (unsigned long long)-1 && PyErr_Occurred()) {
        return -1;
    }
    return rw_site(self, wanted) != NULL;
}

static PyObject *
table_new(PyTypeObject *type, PyObject *Py_UNUSED(arguments), PyObject *Py_UNUSED(keywords))
{
    RwTable *self = (RwTable *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->names = PyList_New(0);
    self->numbers = PyDict_New();
    if (self->names == NULL || self->numbers == NULL || make_slots(self, 0) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void
table_dealloc(RwTable *self)
{
    PyMem_Free(self->sites);
    PyMem_Free(self->slots);
    PyMem_Free(self->functions);
    PyMem_Free(self->parameters);
    Py_XDECREF(self->names);
    Py_XDECREF(self->numbers);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef methods[] = {
    {"function", (PyCFunction)table_function, METH_VARARGS, "function(parameters, called)"},
    {"site", (PyCFunction)table_site, METH_VARARGS, "site(number, step, function, name, kind)"},
    {"counts", (PyCFunction)table_counts, METH_O, "counts(sites) -> kinds, calls"},
    {0},
};

static PySequenceMethods sequence = {.sq_contains = (objobjproc)table_contains};

PyTypeObject RwTable_Type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "rewind.writer._following.Table",
    .tp_basicsize = sizeof(RwTable),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = "What each site of a process means to the call stack.",
    .tp_new = table_new,
    .tp_dealloc = (destructor)table_dealloc,
    .tp_methods = methods,
    .tp_as_sequence = &sequence,
};
