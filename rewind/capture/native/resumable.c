/* Frames of generators and coroutines: they go out in the middle, and come back; see resumable.h. */
#include "resumable.h"

#include "greenlets.h"
#include "tasks.h"

static const int RESUMABLE = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR;

static int
has_task(const RwStrand *strand)
{
    for (size_t at = 0; at < strand->depth; at++) {
        if (strand->stack[at].frame != NULL && strand->stack[at].frame->task) {
            return 1;
        }
    }
    return 0;
}

RwFrame *
rw_make_resumable(RwEngine *engine, RwStrand *strand, RwCode *code, RwActivation *activation)
{
    uintptr_t address = (uintptr_t)activation;
    RwFrame *frame = rw_frame_new(code, ++engine->handles, address);
    if (frame == NULL) {
        return NULL;
    }
    if (strand->task && !has_task(strand)) {
        frame->task = strand->task;
    }
    /* One that never said goodbye may have left its own behind at this address. */
    RwFrame *former = rw_table_take(&engine->resumable, address);
    if (rw_table_set(&engine->resumable, address, frame) < 0) {
        rw_frame_release(frame);
        frame = NULL;
        PyErr_NoMemory();
    }
    if (former != NULL) {
        rw_frame_release(former);
    }
    return frame;
}

void
rw_forget_frames(RwEngine *engine)
{
    RwTable forgotten = engine->resumable;
    engine->resumable = (RwTable){0};
    for (size_t at = 0; at < forgotten.size; at++) {
        if (forgotten.places[at].key != 0) {
            rw_frame_release(forgotten.places[at].value);
        }
    }
    rw_table_free(&forgotten);
}

/* Going on */

/* Let the session that waited for this frame go on. */
static void
wake(RwStrand *strand, RwFrame *frame)
{
    if (strand->session == NULL) {
        strand->session = frame->session;
        frame->session = NULL;
    }
}

static RwFrame *
known_frame(RwRecorder *recorder, RwActivation *activation)
{
    return rw_table_get(&recorder->engine->resumable, (uintptr_t)activation);
}

int
rw_is_on_top(RwRecorder *recorder, RwActivation *activation)
{
    RwFrame *frame = known_frame(recorder, activation);
    RwEntry *top = rw_top(recorder->strand);
    return frame != NULL && top != NULL && top->frame == frame;
}

/* Return the next caller outwards if it is a suspended frame that we know; NULL at the end.
 *
 * When the innermost coroutine goes on, those that await it are running again as well, though none
 * of their code has run. */
static RwFrame *
waiting(RwRecorder *recorder, RwActivation **caller)
{
    while (*caller != NULL && rw_code_of(*caller)->co_flags & RESUMABLE) {
        RwFrame *frame = known_frame(recorder, *caller);
        *caller = rw_caller(*caller);
        if (frame != NULL) {
            return frame->strand == NULL ? frame : NULL;
        }
    }
    return NULL;
}

/* Put the frames that wait for this one back on the stack, outermost first. */
static int
reenter(RwRecorder *recorder, RwStrand *strand, RwActivation *caller)
{
    size_t count = 0;
    RwActivation *walked = caller;
    while (waiting(recorder, &walked) != NULL) {
        count++;
    }
    size_t bottom = strand->depth;
    for (size_t at = 0; at < count; at++) {
        RwFrame *frame = waiting(recorder, &caller);
        if (rw_push(strand, frame->code, frame) < 0) {
            return -1;
        }
        /* It is on a stack when its turn comes to be asked for again, so keep it findable. */
        frame->strand = NULL;
    }
    for (size_t at = 0; at < count / 2; at++) {
        RwEntry entry = strand->stack[bottom + at];
        strand->stack[bottom + at] = strand->stack[bottom + count - 1 - at];
        strand->stack[bottom + count - 1 - at] = entry;
    }
    for (size_t at = bottom; at < bottom + count; at++) {
        strand->stack[at].frame->strand = strand;
        wake(strand, strand->stack[at].frame);
        rw_control(recorder, strand, RW_REENTER, strand->stack[at].frame->handle);
    }
    return 0;
}

static size_t
place_of(const RwStrand *strand, const RwFrame *frame)
{
    size_t place = strand->depth - 1;
    while (place > 0 && strand->stack[place].frame != frame) {
        place--;
    }
    return place;
}

/* Take frames that go on in this greenlet off the stack of another, which they have left unseen. */
static void
fetch(RwRecorder *recorder, RwActivation *running)
{
    for (; running != NULL && rw_code_of(running)->co_flags & RESUMABLE;
         running = rw_caller(running)) {
        RwFrame *frame = known_frame(recorder, running);
        RwStrand *strand = frame == NULL ? NULL : frame->strand;
        if (strand != NULL && strand->greenlet != recorder->greenlet
            && rw_has_strand(recorder, strand)) {
            rw_surface(recorder, strand, place_of(strand, frame));
            if (!strand->task) {
                rw_rest(recorder, strand, frame);
            }
        }
    }
}

/* Another frame for the same handle: the stack of another thread has this one. */
static RwFrame *
moved(RwEngine *engine, RwFrame *frame)
{
    RwFrame *other = rw_frame_new(frame->code, frame->handle, frame->address);
    if (other != NULL) {
        rw_table_take(&engine->resumable, frame->address);
        rw_frame_release(frame);
        if (rw_table_set(&engine->resumable, other->address, other) < 0) {
            rw_frame_release(other);
            PyErr_NoMemory();
            return NULL;
        }
    }
    return other;
}

RwFrame *
rw_resume(RwRecorder *recorder, RwCode *code, RwActivation *activation)
{
    if (rw_greenlets.current != NULL) {
        fetch(recorder, activation);
    }
    RwFrame *frame = known_frame(recorder, activation);
    if (frame != NULL && frame->strand != NULL && rw_has_strand(recorder, frame->strand)) {
        RwStrand *strand = frame->strand;
        rw_set_strand(recorder, strand);
        rw_surface(recorder, strand, place_of(strand, frame) + 1);
        return frame;
    }
    RwActivation *caller = rw_caller(activation);
    RwStrand *strand = rw_arrive(recorder, caller, 1);
    if (strand == NULL) {
        return NULL;
    }
    if (frame == NULL) {
        frame = rw_make_resumable(recorder->engine, strand, code, activation);
    }
    else if (frame->strand != NULL) {
        frame = moved(recorder->engine, frame);
    }
    if (frame == NULL || reenter(recorder, strand, caller) < 0) {
        return NULL;
    }
    wake(strand, frame);
    return rw_push(strand, frame->code, frame) < 0 ? NULL : frame;
}
