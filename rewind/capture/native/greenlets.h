/* Which greenlet runs on this thread.
 *
 * Greenlets switch inside of calls of C, of which no probe knows. Each switch counts the version of
 * the thread's context up, as does asyncio: while that stands still no other greenlet runs, and
 * greenlet itself is asked where it has moved. A program that does not import greenlet pays for one
 * look at a pointer.
 */
#ifndef RW_GREENLETS_H
#define RW_GREENLETS_H

#include "engine.h"

/* From greenlet's own interface, once the program has imported it; NULL before. */
typedef struct {
    PyObject *(*current)(void);     /* a new reference to the running greenlet */
    int (*is_main)(PyObject *greenlet);
    PyObject *exit; /* the exception that ends a greenlet without being an error */
    PyObject *lineage; /* ours: gives where the running greenlet comes from */
} RwGreenlets;

extern RwGreenlets rw_greenlets;

/* Take greenlet's interface over from its capsule; -1 with an error set where it is none. */
int rw_meet_greenlets(PyObject *capsule, PyObject *lineage);
/* Let the recorder be at the greenlet that runs. */
void rw_follow_switch(RwRecorder *recorder);
/* Whether an exception is how greenlets end that are told to. */
int rw_is_greenlet_exit(PyObject *error);

/* Whether another greenlet may run than at the last look of this thread, which has a recorder. */
RW_HOT int
rw_may_have_switched(void)
{
    return rw_greenlets.current != NULL && rw_thread.state->context_ver != rw_thread.switches;
}

#endif
