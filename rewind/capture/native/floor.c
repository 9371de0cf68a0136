/* Probes that do nothing but give back what they were given: what calling a probe costs by itself.
 *
 * For the benchmark, which holds the cost of recording against it.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "parts.h"

static PyObject *
nothing(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    (void)self, (void)arguments, (void)count;
    Py_RETURN_NONE;
}

static PyObject *
site_alone(PyObject *self, PyObject *site)
{
    (void)self, (void)site;
    Py_RETURN_NONE;
}

static PyObject *
second(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    (void)self;
    return Py_NewRef(count > 1 ? arguments[1] : Py_None);
}

static PyObject *
third(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    (void)self;
    return Py_NewRef(count > 2 ? arguments[2] : Py_None);
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function)), METH_FASTCALL

PyMethodDef rw_floor_functions[] = {
    {"empty_nothing", FAST(nothing), "Gives None."},
    {"empty_site", site_alone, METH_O, "Takes the site alone and gives None."},
    {"empty_second", FAST(second), "Gives its second argument back."},
    {"empty_third", FAST(third), "Gives its third argument back."},
    {0},
};
