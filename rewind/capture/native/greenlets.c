/* Which greenlet runs on this thread; see greenlets.h. */
#include "greenlets.h"

#include "tasks.h"

RwGreenlets rw_greenlets;

/* Places in what the capsule `greenlet._C_API` holds, since greenlet 2.0, which is the first for
 * Python 3.11. */
enum { EXIT = 2, CURRENT = 4, IS_MAIN = 8 };

int
rw_meet_greenlets(PyObject *capsule, PyObject *lineage)
{
    void **interface = PyCapsule_GetPointer(capsule, "greenlet._C_API");
    if (interface == NULL) {
        return -1;
    }
    PyObject *before = rw_greenlets.lineage;
    rw_greenlets = (RwGreenlets){
        .current = (PyObject * (*)(void)) interface[CURRENT],
        .is_main = (int (*)(PyObject *))interface[IS_MAIN],
        .exit = interface[EXIT],
        .lineage = Py_NewRef(lineage),
    };
    Py_XDECREF(before);
    return 0;
}

void
rw_follow_switch(RwRecorder *recorder)
{
    PyObject *current = rw_greenlets.current();
    if (current == NULL) {
        /* The interpreter ends: there are no more switches. */
        PyErr_Clear();
        return;
    }
    /* Not before it: it may have ended greenlets, which ran for that. */
    rw_thread.switches = rw_thread.state->context_ver;
    uintptr_t greenlet = rw_greenlets.is_main(current) ? 0 : (uintptr_t)current;
    Py_DECREF(current);
    if (greenlet != recorder->greenlet) {
        recorder->greenlet = greenlet;
        rw_set_strand(recorder, rw_known_strand(recorder));
        rw_latest = NULL;
    }
}

int
rw_is_greenlet_exit(PyObject *error)
{
    return rw_greenlets.exit != NULL
           && PyType_IsSubtype(Py_TYPE(error), (PyTypeObject *)rw_greenlets.exit);
}
