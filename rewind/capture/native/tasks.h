/* Which asyncio task and which greenlet runs on this thread, and the strand of each. */
#ifndef RW_TASKS_H
#define RW_TASKS_H

#include "engine.h"

/* The strand that runs now: the thread's own, that of the asyncio task or that of the greenlet.
 * Borrowed; NULL with an error set. */
RwStrand *rw_running_strand(RwRecorder *recorder, int resumable);
/* The strand that runs now, as far as it is known: `idle` where no frame is open. Borrowed. */
RwStrand *rw_known_strand(RwRecorder *recorder);
/* The same of the greenlet, whichever task runs in it. */
RwStrand *rw_own_strand(RwRecorder *recorder);
/* The parent of a session that begins on the strand, where nothing is open: a new reference, NULL if
 * it has none. A thread of a pool may run in the context of a task, which then is nearer than the
 * session in which the thread was started. */
RwSession *rw_creator(RwRecorder *recorder, RwStrand *strand);
/* The session that is recorded just here, which is looked up as it is known; `find` returns the running
 * thread's recorder, or None where it has none. Borrowed; NULL where there is none, or with an error
 * set. */
RwSession *rw_session_here(RwEngine *engine, PyObject *find);
/* Whether a strand is one of this thread's. */
int rw_has_strand(const RwRecorder *recorder, const RwStrand *strand);
/* The task whose outermost frame this strand's was is over. */
void rw_task_over(RwRecorder *recorder, RwStrand *strand);
/* No frame of the greenlet is open any more. */
void rw_greenlet_over(RwRecorder *recorder, RwStrand *strand);
int rw_tasks_ready(void);

#endif
