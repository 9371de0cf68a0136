/* Keeps the call stacks true; see frames.h. */
#include "frames.h"

#include "greenlets.h"
#include "sessions.h"
#include "tasks.h"

/* Entering */

/* Whether the frame is the interpreter's running one or an ancestor of it. */
static int
is_running(const RwFrame *frame, RwActivation *running)
{
    for (; running != NULL; running = rw_caller(running)) {
        if ((uintptr_t)running == frame->address) {
            return frame->runs == NULL || frame->runs == rw_code_of(running);
        }
    }
    return 0;
}

void
rw_rest(RwRecorder *recorder, RwStrand *strand, RwFrame *frame)
{
    RwSession *session = strand->session;
    if (session == NULL || strand->depth > 0 || strand->held) {
        return;
    }
    if (session->recorded && !recorder->closed) {
        rw_settle_session(recorder, session);
    }
    RwSession *before = frame->session;
    frame->session = session;
    strand->session = NULL;
    Py_XDECREF(before);
}

void
rw_settle_frames(RwRecorder *recorder, RwStrand *strand, RwActivation *running)
{
    for (RwEntry *top; (top = rw_top(strand)) != NULL;) {
        RwFrame *frame = top->frame;
        if (frame == NULL || frame->address == 0 || is_running(frame, running)) {
            return;
        }
        rw_pop(strand);
        if (frame->handle) {
            rw_control(recorder, strand, RW_SUSPEND, frame->handle);
            if (!strand->task) {
                rw_rest(recorder, strand, frame);
            }
        }
        else {
            rw_control(recorder, strand, RW_UNWIND, 1);
            if (strand->depth == 0 && !strand->held) {
                rw_finish_session(recorder, strand, NULL, 0);
            }
        }
        rw_frame_release(frame);
    }
}

RwStrand *
rw_arrive(RwRecorder *recorder, RwActivation *caller, int resumable)
{
    RwStrand *strand = rw_running_strand(recorder, resumable);
    if (strand == NULL) {
        return NULL;
    }
    rw_set_strand(recorder, strand);
    rw_settle_frames(recorder, strand, caller);
    return strand;
}

/* Leaving */

void
rw_let_go(RwRecorder *recorder, RwStrand *strand)
{
    if (strand->depth > 0 || strand->held) {
        return;
    }
    if (strand->task) {
        rw_task_over(recorder, strand);
    }
    if (strand->greenlet) {
        rw_greenlet_over(recorder, strand);
    }
}

static void
left(RwRecorder *recorder, RwStrand *strand, const uint8_t *error, size_t size)
{
    rw_drop_stores(strand, strand->depth + 1);
    if (strand->depth == 0 && !strand->held) {
        rw_finish_session(recorder, strand, error, size);
        rw_let_go(recorder, strand);
    }
}

/* Whether a task's strand stays the task's when no frame of it is open any more. */
static int
outlives(RwRecorder *recorder, const RwStrand *strand)
{
    return strand->held && strand != rw_own_strand(recorder);
}

void
rw_leave(RwRecorder *recorder, RwStrand *strand, const uint8_t *error, size_t size)
{
    /* A task's strand may go as it ends. */
    Py_INCREF(strand);
    RwFrame *frame = rw_pop(strand);
    if (frame != NULL) {
        RwTable *resumable = &recorder->engine->resumable;
        /* Another may have the address by now, where this one had left unseen. */
        if (frame->handle && rw_table_get(resumable, frame->address) == frame) {
            rw_frame_release(rw_table_take(resumable, frame->address));
        }
        if (frame->session != NULL) {
            rw_end_session(recorder, frame->session, NULL, 0);
        }
        /* Where the collector ended it, it may have done so in the middle of another task. */
        if (frame->task && frame->task == strand->task && !outlives(recorder, strand)) {
            rw_task_over(recorder, strand);
        }
        rw_frame_release(frame);
    }
    left(recorder, strand, error, size);
    Py_DECREF(strand);
}

void
rw_suspend(RwRecorder *recorder, RwStrand *strand)
{
    Py_INCREF(strand);
    RwFrame *frame = rw_pop(strand);
    if (frame != NULL) {
        rw_rest(recorder, strand, frame);
        rw_frame_release(frame);
    }
    left(recorder, strand, NULL, 0);
    Py_DECREF(strand);
}
