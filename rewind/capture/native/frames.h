/* Keeps the call stacks true: which strand runs, which frames are open on it.
 *
 * As rewind/capture/frames.py; what is so of generators and coroutines alone is in resumable.h.
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
/* Take the top frame off for good; an outermost one ends its session, by `error` if any. */
void rw_leave(RwRecorder *recorder, RwStrand *strand, const uint8_t *error, size_t size);
/* Take the top frame off until it is resumed. */
void rw_suspend(RwRecorder *recorder, RwStrand *strand);
/* Forget the strand of a task or greenlet if nothing is open on it. */
void rw_let_go(RwRecorder *recorder, RwStrand *strand);
/* The strand whose top frame runs `code`, after a switch that no probe saw; NULL if none. */
RwStrand *rw_find_strand(RwRecorder *recorder, RwCode *code);
/* Take off all that lies above so many frames of the stack.
 *
 * A resumable frame may come back: a `yield` at the end of a chain of `yield from` takes all of
 * the chain off, and only the last says so. */
void rw_surface(RwRecorder *recorder, RwStrand *strand, size_t above);
/* Let the session of a frame that was the outermost wait for it to go on. */
void rw_rest(RwRecorder *recorder, RwStrand *strand, RwFrame *frame);
/* Take the strand of a task or greenlet out of the recorder's. */
void rw_drop_strand(RwRecorder *recorder, RwStrand *strand);

/* Take the top entry off; its frame is given to whom it may concern, who releases it. */
RW_HOT RwFrame *
rw_pop(RwStrand *strand)
{
    RwFrame *frame = strand->stack[--strand->depth].frame;
    if (frame != NULL) {
        frame->strand = NULL;
    }
    return frame;
}

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
