/* Sessions that somebody begins and ends by name; see rewind/capture/opened.py. */
#ifndef RW_OPENED_H
#define RW_OPENED_H

#include "engine.h"

typedef struct RwOpened {
    PyObject_HEAD
    RwEngine *engine;     /* owned */
    uint64_t pid;         /* the process that began it */
    RwRecorder *recorder; /* owned, as all that follows */
    RwStrand *strand;
    RwSession *session; /* NULL: it is over */
    RwSession *before;  /* what the strand was at before, or NULL */
    struct RwOpened *outer; /* the one that was begun on the strand before, or NULL */
    char held;  /* whether `before` was */
    char is_on; /* neither over nor set aside */
} RwOpened;

extern PyTypeObject RwOpened_Type;

/* As `Engine` has it: let the strand go on with what was before, and let the session go on, on the
 * strand that runs. Return -1 with an error set. */
int rw_set_aside(PyObject *engine, PyObject *opened);
int rw_take_up(PyObject *engine, PyObject *opened);

extern PyMethodDef rw_opened_methods[];

#endif
