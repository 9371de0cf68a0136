/* Which asyncio task runs on this thread, and the strand of each. */
#ifndef RW_TASKS_H
#define RW_TASKS_H

#include "engine.h"

/* The strand that runs now: the thread's own or that of the asyncio task. Borrowed; NULL with an
 * error set. */
RwStrand *rw_running_strand(RwRecorder *recorder, int resumable);
/* The task whose outermost frame this strand's was is over. */
void rw_task_over(RwRecorder *recorder, RwStrand *strand);
int rw_tasks_ready(void);

#endif
