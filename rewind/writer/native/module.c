/* The extension `rewind.writer._following`; `rewind.writer.python_follower` is its twin. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "control.h"
#include "follower.h"
#include "piece.h"

static PyMethodDef functions[] = {
    {"follow", (PyCFunction)(void (*)(void))rw_follow, METH_FASTCALL,
     "follow(piece, at, clock, session, usual) -> at, clock, events, what is wrong, session"},
    {0},
};

static int
execute(PyObject *module)
{
    int status = rw_know_names();
    status = status < 0 ? -1 : PyModule_AddType(module, &RwTable_Type);
    status = status < 0 ? -1 : PyModule_AddType(module, &RwPiece_Type);
    return status < 0 ? -1 : PyModule_AddType(module, &RwFollower_Type);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "rewind.writer._following",
    .m_doc = "The writer's hot loop.",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC
PyInit__following(void)
{
    return PyModuleDef_Init(&definition);
}
