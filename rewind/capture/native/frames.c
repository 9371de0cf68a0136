/* Keeps the call stacks true; see frames.h. */
#include "frames.h"

#include <stdlib.h>

#include "greenlets.h"
#include "lines.h"
#include "sessions.h"
#include "tasks.h"

/* Frames to look through for a caller, unrecorded ones among them: of what is called, and of what is
 * said below libraries. */
enum { NEAR = 6, FAR = 200 };

static const int RESUMABLE = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR;

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

/* Take the top entry off; its frame is given to whom it may concern, who releases it. */
static RwFrame *
pop(RwStrand *strand)
{
    RwFrame *frame = strand->stack[--strand->depth].frame;
    if (frame != NULL) {
        frame->strand = NULL;
    }
    return frame;
}

/* Let the session of a frame that was the outermost wait for it to go on. */
static void
rest(RwRecorder *recorder, RwStrand *strand, RwFrame *frame)
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

/* Let the session that waited for this frame go on. */
static void
wake(RwStrand *strand, RwFrame *frame)
{
    if (strand->session == NULL) {
        strand->session = frame->session;
        frame->session = NULL;
    }
}

void
rw_settle_frames(RwRecorder *recorder, RwStrand *strand, RwActivation *running)
{
    for (RwEntry *top; (top = rw_top(strand)) != NULL;) {
        RwFrame *frame = top->frame;
        if (frame == NULL || frame->address == 0 || is_running(frame, running)) {
            return;
        }
        pop(strand);
        if (frame->handle) {
            rw_control(recorder, strand, RW_SUSPEND, frame->handle);
            if (!strand->task) {
                rest(recorder, strand, frame);
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

/* Going on */

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

static int
may_come_back(const RwStrand *strand, size_t place)
{
    return strand->stack[place].frame != NULL && strand->stack[place].frame->handle != 0;
}

/* Take all off that lies above a place in the stack, of which this many at the bottom have no
 * handle, and the next one has, if there is one. */
static void
take_off(RwRecorder *recorder, RwStrand *strand, size_t above, size_t ended)
{
    uint64_t handle = above + ended < strand->depth ? strand->stack[above + ended].frame->handle : 0;
    while (strand->depth > above) {
        RwFrame *frame = pop(strand);
        if (frame != NULL) {
            rw_frame_release(frame);
        }
    }
    if (handle) {
        rw_control(recorder, strand, RW_SUSPEND, handle);
    }
    if (ended) {
        rw_control(recorder, strand, RW_UNWIND, ended);
    }
}

/* Take off all that lies above so many frames of the stack.
 *
 * A resumable frame may come back: a `yield` at the end of a chain of `yield from` takes all of
 * the chain off, and only the last says so. */
static void
surface(RwRecorder *recorder, RwStrand *strand, size_t above)
{
    size_t upto = strand->depth;
    while (upto > above && !may_come_back(strand, upto - 1)) {
        upto--;
    }
    if (upto < strand->depth) {
        take_off(recorder, strand, upto, strand->depth - upto);
    }
    size_t lowest = above;
    while (lowest < upto && !may_come_back(strand, lowest)) {
        lowest++;
    }
    if (above < upto) {
        take_off(recorder, strand, above, lowest - above);
    }
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
            surface(recorder, strand, place_of(strand, frame));
            if (!strand->task) {
                rest(recorder, strand, frame);
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
        surface(recorder, strand, place_of(strand, frame) + 1);
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
    RwFrame *frame = pop(strand);
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
    RwFrame *frame = pop(strand);
    if (frame != NULL) {
        rest(recorder, strand, frame);
        rw_frame_release(frame);
    }
    left(recorder, strand, NULL, 0);
    Py_DECREF(strand);
}

/* Repair */

static int
runs(const RwStrand *strand, const RwCode *code)
{
    return strand->depth > 0 && strand->stack[strand->depth - 1].code == code;
}

/* Return the place above the topmost frame that runs `code`, 0 if there is none. */
static size_t
above(const RwStrand *strand, const RwCode *code)
{
    size_t place = strand->depth;
    while (place > 0 && strand->stack[place - 1].code != code) {
        place--;
    }
    return place;
}

/* Return the strand after this one in the order in which they are searched: the running one, the
 * greenlet's own, those of its tasks. */
static RwStrand *
next_strand(RwRecorder *recorder, RwStrand *strand, int turn)
{
    if (turn == 0) {
        return recorder->strand;
    }
    if (turn == 1) {
        return rw_own_strand(recorder);
    }
    RwStrand *next = turn == 2 ? recorder->oldest : strand->newer;
    while (next != NULL && next->greenlet != recorder->greenlet) {
        next = next->newer;
    }
    return next;
}

RwStrand *
rw_find_strand(RwRecorder *recorder, RwCode *code)
{
    RwStrand *strand = NULL;
    for (int turn = 0; (strand = next_strand(recorder, strand, turn)) != NULL; turn++) {
        if (runs(strand, code)) {
            rw_set_strand(recorder, strand);
            return strand;
        }
    }
    for (int turn = 0; (strand = next_strand(recorder, strand, turn)) != NULL; turn++) {
        size_t place = above(strand, code);
        if (place > 0) {
            rw_set_strand(recorder, strand);
            surface(recorder, strand, place);
            return strand;
        }
    }
    return NULL;
}

int
rw_line_in(RwActivation *caller, const RwEntry *entry)
{
    if (entry == NULL) {
        return 0;
    }
    for (int looked = 0; caller != NULL && looked < NEAR; looked++) {
        int line = rw_line_at(caller, entry->code);
        if (line >= 0) {
            return line;
        }
        caller = rw_caller(caller);
    }
    return 0;
}

/* Whether the frame runs code of that module. */
static int
is_of(RwActivation *frame, PyObject *module)
{
    static PyObject *key;
    if (key == NULL && (key = PyUnicode_InternFromString("__name__")) == NULL) {
        PyErr_Clear();
        return 0;
    }
    if (!PyDict_CheckExact(frame->f_globals)) {
        return 0;
    }
    PyObject *name = PyDict_GetItemWithError(frame->f_globals, key);
    PyErr_Clear();
    return name != NULL && PyUnicode_CheckExact(name) && PyUnicode_Compare(name, module) == 0;
}

int
rw_line_below(RwActivation *running, const RwEntry *entry)
{
    if (entry == NULL) {
        return 0;
    }
    for (int looked = 0; running != NULL && looked < FAR; looked++) {
        int line = rw_line_at(running, entry->code);
        if (line >= 0 && is_of(running, entry->code->module)) {
            return line;
        }
        running = rw_caller(running);
    }
    return 0;
}
