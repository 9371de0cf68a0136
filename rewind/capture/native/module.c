/* The extension `rewind.capture._native`: puts its parts into one module.
 *
 * Each file offers what Python may see by a function `rw_add_...(module)`, or in a table of functions.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "clock.h"
#include "parts.h"

static int
execute(PyObject *module)
{
    int status = rw_add_engine(module);
    status = status < 0 ? status : rw_add_values(module);
    PyMethodDef *tables[] = {rw_methods_functions, rw_output_functions, rw_floor_functions};
    for (size_t at = 0; status == 0 && at < sizeof tables / sizeof *tables; at++) {
        status = PyModule_AddFunctions(module, tables[at]);
    }
    return status;
}

/* Let the clock of all native cores go by this many ns at each look, from 0 on; 0: the real one.
 * For tests, which hold what was recorded against what the Python core records. */
static PyObject *
step_clock(PyObject *module, PyObject *step)
{
    (void)module;
    long long each = PyLong_AsLongLong(step);
    if (PyErr_Occurred()) {
        return NULL;
    }
    rw_clock_step(each);
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"step_clock", step_clock, METH_O, "Let the clock go by this much at each look."},
    {0},
};

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "rewind.capture._native",
    .m_doc = "The native capture core.",
    .m_size = 0,
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__native(void)
{
    return PyModuleDef_Init(&definition);
}
