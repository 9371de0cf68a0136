/* Keeps the call stacks true: which strand runs, which frames are open on it.
 *
 * As rewind/capture/frames.py. A resumable frame is known by the address of the interpreter's
 * frame, which lies in the generator itself.
 */
#ifndef RW_FRAMES_H
#define RW_FRAMES_H

#include "engine.h"
#include "interpreter.h"

/* All may return NULL or -1 with an error set. Strands and frames are borrowed. */

/* The strand that a frame called by `caller` goes onto, its stack set right. */
RwStrand *rw_arrive(RwRecorder *recorder, RwActivation *caller, int resumable);
/* Take frames off the top that have left unseen: they are not where `running` came from. Resumable
 * ones may come back; those of lambdas were left by an exception. */
void rw_settle_frames(RwRecorder *recorder, RwStrand *strand, RwActivation *running);
/* A new generator's or coroutine's frame, known from now on. */
RwFrame *rw_make_resumable(RwEngine *engine, RwStrand *strand, RwCode *code,
                           RwActivation *activation);
/* Bring a resumable frame, which runs `code`, to the top of the running strand. One that is not
 * known, as its beginning was not seen, is from now on. */
RwFrame *rw_resume(RwRecorder *recorder, RwCode *code, RwActivation *activation);
/* Whether the frame needs no resuming. */
int rw_is_on_top(RwRecorder *recorder, RwActivation *activation);
/* Take the top frame off for good; an outermost one ends its session, by `error` if any. */
void rw_leave(RwRecorder *recorder, RwStrand *strand, const uint8_t *error, size_t size);
/* Take the top frame off until it is resumed. */
void rw_suspend(RwRecorder *recorder, RwStrand *strand);
/* Forget the strand of a task or greenlet if nothing is open on it. */
void rw_let_go(RwRecorder *recorder, RwStrand *strand);
/* The strand whose top frame runs `code`, after a switch that no probe saw; NULL if none. */
RwStrand *rw_find_strand(RwRecorder *recorder, RwCode *code);
/* The line at which the frame of `entry` calls what `caller` called; 0 if it does not. */
int rw_line_in(RwActivation *caller, const RwEntry *entry);
/* The line that the frame of `entry` is at while `running` runs, however deep that is; 0 if it has not
 * led there. */
int rw_line_below(RwActivation *running, const RwEntry *entry);
/* Take the strand of a task or greenlet out of the recorder's. */
void rw_drop_strand(RwRecorder *recorder, RwStrand *strand);

/* The strand whose top frame runs the site's code; NULL if there is none. */
RW_HOT RwStrand *
rw_at(RwRecorder *recorder, RwCode *code)
{
    RwStrand *strand = recorder->strand;
    if (code == NULL) {
        /* Of a function whose call was not seen. */
        return NULL;
    }
    if (RW_LIKELY(strand->depth > 0 && strand->stack[strand->depth - 1].code == code)) {
        return strand;
    }
    return rw_find_strand(recorder, code);
}

#endif
