/* Sets stacks right where frames have left, or others run, and no probe has said so; see frames.h. */
#include "frames.h"

#include "tasks.h"

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
        RwFrame *frame = rw_pop(strand);
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

void
rw_surface(RwRecorder *recorder, RwStrand *strand, size_t above)
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
            rw_surface(recorder, strand, place);
            return strand;
        }
    }
    return NULL;
}
