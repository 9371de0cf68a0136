/* The producing side of a thread's stream (rewind/spool/stream.py, docs/format.md part 1).
 *
 * Never waits and never raises: a record that finds no room is the recorder's to count. What is
 * published lies in a shared file mapping and survives any death of the process.
 */
#ifndef RW_STREAM_H
#define RW_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What must hold is looked at where the suites run under the sanitizers, and nowhere else. */
#ifdef RW_CHECKED
#include <assert.h>
#define RW_CHECK(condition) assert(condition)
#else
#define RW_CHECK(condition) ((void)0)
#endif

enum {
    RW_HEADER_SIZE = 128,
    RW_PUBLISHED_AT = 8,
    RW_STATE_AT = 16,
};

/* A recording's folder as one process sees it. */
typedef struct {
    char *path; /* owned */
    uint64_t pid;
    uint64_t start_ticks;
    uint64_t segment_size;
    uint64_t max_bytes;
    int blocks;          /* who finds no room may have one segment more, and is then to wait */
    int gave_up;         /* but not now: nobody has made room for too long */
    uint64_t room;       /* bytes that may be taken without a look at what waits, */
    int64_t room_until;  /* as long as it is not later than this */
} RwFolder;

typedef struct {
    uint8_t *map; /* the current segment; NULL if there is none, and then the rest is 0 */
    char *path;   /* of its file; owned */
    size_t end;
    size_t ready; /* up to here its pages are in memory */
    size_t size;
    int64_t last_ns; /* clock of the last record with a time */
    int64_t made_ns; /* when a segment was made last, */
    size_t made;     /* and its size; 0 before the first */
    uint64_t number;
    uint64_t thread;
    uint64_t sequence;
} RwStream;

/* Return how many bytes may be written at once; there may be room for more. */
static inline size_t
rw_stream_room(const RwStream *stream)
{
    return stream->ready - stream->end;
}

/* Make so many bytes ready to be written; 0 if they do not fit into the segment. */
int rw_stream_reserve(RwStream *stream, size_t size);

/* Publish what was written between `end` and `upto`. */
static inline void
rw_stream_publish(RwStream *stream, const uint8_t *upto)
{
    stream->end = (size_t)(upto - stream->map);
    RW_CHECK(stream->end <= stream->ready);
    /* One aligned store: a reader in another process sees the old or the new value. */
    __atomic_store_n((uint64_t *)(stream->map + RW_PUBLISHED_AT), stream->end, __ATOMIC_RELEASE);
}

/* Publish a record; 0 if it does not fit. */
static inline int
rw_stream_append(RwStream *stream, const uint8_t *record, size_t size)
{
    if (!rw_stream_reserve(stream, size)) {
        return 0;
    }
    memcpy(stream->map + stream->end, record, size);
    rw_stream_publish(stream, stream->map + stream->end + size);
    return 1;
}

/* How a segment may be made: where the spool has room, also where it has none, and that as small as
 * can be, for one record. */
typedef enum { RW_WITHIN, RW_BEYOND, RW_ALONE } RwReach;

/* Close the segment and open the next with room for `least` bytes; 0 if none can be had. */
int rw_stream_advance(RwStream *stream, RwFolder *folder, size_t least, RwReach reach);
/* Close the current segment: the stream is whole. */
void rw_stream_close(RwStream *stream);
/* Close the current segment, but leave it mapped: whoever calls unmaps those `size` bytes. */
uint8_t *rw_stream_hand_over(RwStream *stream, size_t *size);
/* Let go of the mapping and say nothing: after a fork it is the parent's. */
void rw_stream_forget(RwStream *stream);

#endif
