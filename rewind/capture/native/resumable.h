/* Frames of generators and coroutines: they go out in the middle, and come back.
 *
 * One is known by the address of the interpreter's frame, which lies in the generator itself.
 */
#ifndef RW_RESUMABLE_H
#define RW_RESUMABLE_H

#include "frames.h"

/* All may return NULL with an error set. Strands and frames are borrowed. */

/* A new generator's or coroutine's frame, known from now on. */
RwFrame *rw_make_resumable(RwEngine *engine, RwStrand *strand, RwCode *code,
                           RwActivation *activation);
/* Bring a resumable frame, which runs `code`, to the top of the running strand. One that is not
 * known, as its beginning was not seen, is from now on. */
RwFrame *rw_resume(RwRecorder *recorder, RwCode *code, RwActivation *activation);
/* Whether the frame needs no resuming. */
int rw_is_on_top(RwRecorder *recorder, RwActivation *activation);
/* Forget those that are open. */
void rw_forget_frames(RwEngine *engine);

#endif
