/* Call stacks: one strand of execution for each thread and each asyncio task and greenlet on it.
 *
 * As in rewind/capture/strands.py: plain functions nest, so their code on the stack is enough; a
 * frame that can leave and come back, or that keeps its return value until its last `finally` has
 * run, has an RwFrame. A session and a strand are Python objects, as tasks and the agent hold them.
 */
#ifndef RW_STRANDS_H
#define RW_STRANDS_H

#include <Python.h>

#include "buffer.h"
#include "exceptions.h"
#include "registry.h"

typedef struct {
    PyObject_HEAD
    uint64_t key;
    uint64_t events;
    uint64_t dropped;  /* events not recorded, since that was last written down */
    uint64_t redacted; /* values withheld, since that was last written down */
    RwBuffer announcement; /* says that it begins; empty once that is written */
    char id[33];
    char recorded; /* 0 where sampling passed it over */
    char trace[56]; /* what requests that it leads to are to say; empty: nothing */
} RwSession;

typedef struct RwStrand RwStrand;
typedef struct RwOpened RwOpened;

/* A value on its way into an attribute or item. */
typedef struct {
    size_t depth; /* of the frame, where that is a plain one */
    size_t site;
    PyObject *value; /* owned */
} RwStore;

typedef struct {
    RwStore *items;
    size_t count;
    size_t room;
} RwStores;

/* An open frame that needs more than its code to be known by. */
typedef struct {
    RwCode *code;
    uint64_t handle;    /* number of a resumable frame in the process; 0 for a plain one */
    uintptr_t address;  /* of the interpreter's frame; nothing is kept alive */
    const void *runs;   /* the interpreter's code of a frame that may leave unseen, else NULL: its
                           address may be the next frame's as soon as it has left */
    uintptr_t task;     /* address of the asyncio task whose outermost recorded frame this is */
    RwStrand *strand;   /* on whose stack it is, if on one; cleared when the strand goes */
    RwStores stores;    /* what its statement keeps: goes out and comes back with the frame */
    size_t pending_site;
    PyObject *pending; /* owned: the value of a `return` that is not yet through */
    RwSession *session; /* owned: goes on when this frame does, with nothing recorded around it */
    unsigned references;
} RwFrame;

typedef struct {
    uintptr_t error;
    RwWhereabouts place;
} RwExit;

/* So deep may what a `finally` or an `except` calls be left by exceptions of its own. */
enum { RW_EXITS = 8 };

typedef struct {
    RwCode *code;
    RwFrame *frame; /* owned; NULL for a plain one */
} RwEntry;

struct RwStrand {
    PyObject_HEAD
    RwEntry *stack; /* open frames, outermost first; below them lies one that is no function's */
    size_t depth;
    size_t room; /* of the stack and what lies below it */
    RwSession *session; /* owned */
    RwSession *parent;  /* owned: the session that started this strand */
    RwOpened *opened;   /* owned: what was begun by name on it last, and is on; or NULL */
    uintptr_t task;     /* address of the asyncio task whose strand it is, 0: of none */
    uintptr_t greenlet; /* address of the greenlet that it runs in, 0: the thread's main one */
    RwStrand *newer;    /* the one that was met next, as the recorder keeps them */
    RwStrand *older;
    RwStores stores; /* what the statements of plain frames keep */
    /* Depth, address and line of the exception that was last seen passing, and the site. */
    size_t noticed_depth;
    uintptr_t noticed;
    long noticed_line;
    size_t noticed_at;
    /* The exceptions by which frames were last left, and where they stood then. */
    RwExit exits[RW_EXITS];
    size_t exit; /* the place of the next */
    /* The exception that was last handled, and its traceback then. */
    uintptr_t settled;
    uintptr_t settled_traceback;
    size_t unwinding; /* depth of a frame with a pending return left by an exception; 0: none */
    char held;        /* the session goes on when the stack is empty */
};

extern PyTypeObject RwSession_Type;
extern PyTypeObject RwStrand_Type;

RwSession *rw_session_new(uint64_t key, int recorded);
/* Draw no more of the random numbers that are at hand: another process has them too. */
void rw_forget_random(void);
RwStrand *rw_strand_new(RwSession *parent);
void rw_strand_set_session(RwStrand *strand, RwSession *session);

RwFrame *rw_frame_new(RwCode *code, uint64_t handle, uintptr_t address);
void rw_frame_release(RwFrame *frame);

int rw_stack_grow(RwStrand *strand);

/* Put a frame on top; `frame` may be NULL, else the stack gets a reference of its own. */
RW_HOT int
rw_push(RwStrand *strand, RwCode *code, RwFrame *frame)
{
    if (RW_UNLIKELY(strand->depth + 1 >= strand->room) && rw_stack_grow(strand) < 0) {
        return -1;
    }
    strand->stack[strand->depth++] = (RwEntry){code, frame};
    if (frame != NULL) {
        frame->references++;
        frame->strand = strand;
    }
    return 0;
}

RW_HOT RwEntry *
rw_top(const RwStrand *strand)
{
    return strand->depth == 0 ? NULL : &strand->stack[strand->depth - 1];
}

/* Whether the exception is news to the running frame; see `Strand.notices`. */
int rw_notices(RwStrand *strand, size_t site, uintptr_t error, long line);
/* It passes no more, unless as it stands. */
void rw_is_handled(RwStrand *strand, uintptr_t error, uintptr_t traceback);
/* The running frame is left by the exception, which stands at `place`. */
void rw_exits(RwStrand *strand, uintptr_t error, RwWhereabouts place);
/* Find where the exception stood when it left frames; return how many those are. None where it was
 * handled and is raised anew, which has given it another traceback. */
size_t rw_left_by(const RwStrand *strand, uintptr_t error, uintptr_t traceback,
                  RwWhereabouts places[RW_EXITS]);

/* Keep a value for the running frame, of which there is one, until its site's probe takes it. */
int rw_hold_store(RwStrand *strand, size_t site, PyObject *value);
/* Take what the running frame kept last for the site: a new reference, NULL if nothing. */
PyObject *rw_take_store(RwStrand *strand, size_t site);
/* Forget what frames from this depth on have kept. Runs finalizers of the program's. */
void rw_drop_stores(RwStrand *strand, size_t depth);

#endif
