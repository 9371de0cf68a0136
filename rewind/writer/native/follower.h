/* What follows a session: `rewind.writer._following.Follower`, the twin of
 * `rewind.writer.python_follower`.
 */
#ifndef RW_FOLLOWER_H
#define RW_FOLLOWER_H

#include "frames.h"
#include "nodes.h"

typedef struct {
    PyObject_HEAD
    RwTable *table;
    RwState state;
    RwNodes nodes;     /* of the segment, in the open chunk */
    size_t run_at;     /* from here on the segment was taken in as it is, but for echoes, */
    size_t run_here;   /* and lies here among the chunk's records */
    uint64_t referred; /* bytes that the chunk's references stand for */
    uint32_t *seen; /* indexes of the sites of the chunk's events, in order */
    size_t seen_count;
    size_t seen_room;
    long long origin; /* the clock at the session's start */
    unsigned long long events;
    unsigned long long boundary;
    unsigned long long start_ns; /* where `started` */
    unsigned long long end_ns;
    char started; /* the chunk has an event */
} RwFollower;

extern PyTypeObject RwFollower_Type;

/* Say which time, since the session's start, the next record counts from. */
int rw_put_clock(RwGrowing *records, uint64_t ns);

#endif
