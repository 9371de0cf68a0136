/* A session's frames at its latest event: the same as `rewind.writer.callstack`, which says why.
 *
 * A value is not kept but found again: it lies in the records of the open chunk, or in the keyframe
 * that stands before them.
 */
#ifndef RW_FRAMES_H
#define RW_FRAMES_H

#include "growing.h"
#include "msgpack.h"
#include "table.h"

enum RwSource {
    RW_RECORDS,   /* of the open chunk */
    RW_REFERRING, /* likewise, and there may be references in it */
    RW_KEYFRAME,  /* before it */
};

typedef struct {
    size_t at;
    size_t size;
    uint8_t source;
} RwPlace;

/* The latest write of a variable. */
typedef struct {
    uint64_t n;
    uint64_t site;
    RwPlace value;
    size_t at_next; /* where it is in the keyframe that was written last */
    size_t size_next;
    uint32_t name;
} RwWrite;

typedef struct {
    uint64_t number; /* of the event that opened the frame here */
    uint64_t site;   /* of that event */
    uint64_t last;   /* site of its latest event */
    uint64_t caller; /* the line it was called from, where `caller_known`; else among the arguments */
    RwInteger handle;
    RwWrite *writes; /* in the order of first writes */
    size_t write_count;
    size_t write_room;
    RwPlace arguments; /* a call's payload after the handle, where `has_arguments` */
    uint64_t batch;    /* of the frames that were set aside with it */
    uint32_t function;
    uint8_t has_arguments; /* not yet taken apart */
    uint8_t caller_known;
} RwFrame;

typedef struct {
    RwFrame *frames; /* beyond `depth` are frames that left, whose memory is used again */
    size_t depth;
    size_t room;
    PyObject *suspended; /* a dict: handle to the address of an RwFrame of its own */
    uint64_t batches;
    uint8_t raised; /* an exception was seen: its identity, and at which event first */
    RwInteger identity;
    uint64_t raised_at;
    RwGrowing records; /* of the open chunk */
    PyObject *keyframe; /* bytes */
} RwState;

/* All of these return 0, or -1 with an exception set. */

int rw_state_init(RwState *state);
void rw_state_free(RwState *state);

const uint8_t *rw_bytes(const RwState *state, RwPlace place);

/* Open a frame on top, which has nothing yet. */
RwFrame *rw_push(RwState *state);

/* Take frames off the top for good, down to that depth. */
static inline void
rw_cut(RwState *state, size_t depth)
{
    state->depth = depth;
}

/* Keep the frames from that depth on which can be resumed, and take all of them off. */
int rw_set_aside(RwState *state, size_t depth);

/* Suspend the frame of a handle and what lies above it, if it is on the stack. */
int rw_suspend(RwState *state, RwInteger handle);

/* Put the frame of a handle on top, wherever it was; NULL with no exception set: not known. */
RwFrame *rw_bring_back(RwState *state, RwInteger handle);

/* Take a frame's arguments apart, so that they are among its writes. */
int rw_settle(RwState *state, const RwTable *table, RwFrame *frame);

/* Find a variable's latest write, or make room for its first; NULL with an exception set. */
RwWrite *rw_find_write(RwFrame *frame, uint32_t name, uint32_t *hint);

/* The same: it is tried first where it was among the writes the last time, which `hint` says. */
static inline RwWrite *
rw_write(RwFrame *frame, uint32_t name, uint32_t *hint)
{
    if (*hint < frame->write_count && frame->writes[*hint].name == name) {
        return &frame->writes[*hint];
    }
    return rw_find_write(frame, name, hint);
}

/* Forget a variable. */
void rw_forget(RwFrame *frame, uint32_t name);

/* The state as a keyframe, as bytes; NULL with an exception set. With `moves` values are found in
 * it from then on: it is the one that stands before the next chunk. */
PyObject *rw_keyframe(RwState *state, const RwTable *table, int moves);

/* Take over the state that a keyframe tells. */
int rw_restore(RwState *state, RwTable *table, PyObject *keyframe);

#endif
