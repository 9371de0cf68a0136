/* Sessions begin and end on a recorder's strands. */
#ifndef RW_SESSIONS_H
#define RW_SESSIONS_H

#include "engine.h"

/* Begin the session that a frame on an empty stack stands for. Returns -1 with an error set. */
int rw_begin_session(RwRecorder *recorder, RwStrand *strand, RwCode *code);
/* Begin the session that `facts` (a dictionary) tell of; `parent` may be NULL. Without one it is
 * recorded by `recorded`, or, where that is None, as sampling has it. Returns -1 likewise. */
int rw_begin_told(RwRecorder *recorder, RwStrand *strand, PyObject *facts, RwSession *parent,
                  PyObject *recorded);
/* End a session, likewise. */
void rw_end_session(RwRecorder *recorder, RwSession *session, const uint8_t *error, size_t size);
/* End the strand's session; `error` is a captured exception of `size` bytes, NULL if none. */
void rw_finish_session(RwRecorder *recorder, RwStrand *strand, const uint8_t *error, size_t size);

/* What the agent's half does with a recorder's sessions, as `Recorder` of rewind/capture/engine.py. */
PyObject *rw_recorder_begin(PyObject *recorder, PyObject *arguments);
PyObject *rw_recorder_end(PyObject *recorder, PyObject *arguments);
PyObject *rw_recorder_tell(PyObject *recorder, PyObject *arguments);
PyObject *rw_recorder_finish(PyObject *recorder, PyObject *arguments);

#endif
