/* A thread's recorder: puts events of the thread's strands into the thread's stream.
 *
 * As rewind/capture/recorder.py. Used by its thread only. Nothing in here runs Python code, so
 * nothing can come between the parts of a record.
 */
#ifndef RW_RECORDER_H
#define RW_RECORDER_H

#include <Python.h>

#include "clock.h"
#include "echoes.h"
#include "expansion.h"
#include "strands.h"
#include "stream.h"

enum {
    RW_COST_SAMPLE = 0x7F, /* one event in this many (plus one) is timed */
    RW_TIME_ROOM = 9,
    RW_MARK_ROOM = 2, /* by which a record grows that holds echoes */
};

typedef struct RwEngine RwEngine;

typedef struct {
    PyObject_HEAD
    RwEngine *engine; /* owned */
    RwStream stream;
    RwStrand *base;     /* owned: the thread's own strand */
    RwStrand *strand;   /* owned: the one that runs now, as far as known */
    RwSession *current; /* owned: the one the stream is at; NULL: none */
    RwSession *open;    /* the same; where there is none, what is no strand's session */
    uint64_t limit;     /* events a session may have */
    uint64_t fuel;      /* events of the open session that may go the short way until one is due
                           whose cost is taken, or that is beyond the limit */
    uint64_t fuelled;   /* the fuel when it was last counted: what is gone since is not in `events` */
    uint64_t events;
    uint64_t dropped;
    uint64_t unsaid; /* those of sessions that were over before there was room to say so */
    uint64_t cost_ns; /* time spent in probes, extrapolated from a sample */
    RwTable tasks;     /* strands of asyncio tasks on this thread, by the task's address */
    RwTable greenlets; /* strands of greenlets but the main one, likewise */
    RwStrand *oldest;  /* both in the order in which they were met; owned */
    RwStrand *newest;
    uintptr_t greenlet; /* the one that ran at the last look, as strands have it */
    RwStrand *idle;     /* owned: stands for a greenlet that has no frame open; nothing goes onto it */
    RwBuffer scratch; /* for payloads that are not written in place */
    RwEchoes *echoes; /* owned: what the payload in `scratch` may be told by */
    RwExpansion whole; /* a payload whose echoes had to be expanded */
    uint8_t *before;  /* the mapping of the segment that the payload in `scratch` echoes, where that
                         is no more the stream's */
    size_t before_size;
    int64_t retry_ns;
    char scratch_taken;
    char closed;
    char ends; /* a last word is written, which is not to be lost where the spool is full */
    char owes; /* it has a segment beyond the spool's bound, and is to wait for room */
} RwRecorder;

extern PyTypeObject RwRecorder_Type;

/* The one that has written the last record with a time, of all threads; NULL where it is not known.
 * Only compared: it may be gone. Guarded by the interpreter's lock. */
extern RwRecorder *rw_latest;

RwRecorder *rw_recorder_new(RwEngine *engine, uint64_t number);
void rw_recorder_close(RwRecorder *recorder);
void rw_set_strand(RwRecorder *recorder, RwStrand *strand);
/* Return the time of an event with that value (NULL: none) which nothing but the simplest steps part
 * from the event before it: that one's, as looking at the clock takes as long as all else. As
 * `Recorder.time_soon` in rewind/capture/recorder.py. */
int64_t rw_time_soon(const RwRecorder *recorder, PyObject *value);

/* Record an event of the strand at `now` whose payload is at hand. */
void rw_emit(RwRecorder *recorder, RwStrand *strand, const uint8_t *prefix, size_t prefix_size,
             const uint8_t *payload, size_t size, int64_t now);
/* Record something about the strand's stack that is no event. */
void rw_control(RwRecorder *recorder, RwStrand *strand, int control, uint64_t number);
/* Put a record that is no event and tells by its key which session it is about. */
void rw_tell(RwRecorder *recorder, RwSession *session, const uint8_t *record, size_t size);
/* Make the session current in the stream; a new one is announced. 0 if there is no room. */
int rw_switch(RwRecorder *recorder, RwSession *session);
/* Write down how much of the session was dropped and withheld since the last time. */
void rw_settle_session(RwRecorder *recorder, RwSession *session);
/* The same of a session that is over, and begin its last words: `ends` is set, for the caller to take
 * back. */
void rw_settle_last(RwRecorder *recorder, RwSession *session);
/* Write a record whose second element is the time since the stream's last one; 0: no room. */
int rw_timed(RwRecorder *recorder, RwSession *session, const uint8_t *prefix, size_t prefix_size,
             const uint8_t *payload, size_t size, int64_t now);

/* A payload on its way; `rw_payload_done` must follow, or what ends in it. Probes may nest, so one that
 * finds the recorder's own buffer taken gets one of its own. */
typedef struct {
    RwRecorder *recorder;
    RwBuffer *buffer;
    RwBuffer own;
} RwPayload;

/* Let go of the segment before, which the payload in `scratch` has echoed. */
void rw_drop_segment_before(RwRecorder *recorder);

RW_HOT void
rw_payload_begin(RwPayload *payload, RwRecorder *recorder)
{
    payload->recorder = recorder;
    if (RW_UNLIKELY(recorder->scratch_taken)) {
        payload->own = (RwBuffer)RW_BUFFER_EMPTY;
        payload->buffer = &payload->own;
        return;
    }
    recorder->scratch_taken = 1;
    rw_buffer_clear(&recorder->scratch);
    payload->buffer = &recorder->scratch;
}

RW_HOT void
rw_payload_done(RwPayload *payload)
{
    if (RW_UNLIKELY(payload->buffer == &payload->own)) {
        rw_buffer_free(&payload->own);
    }
    else {
        payload->recorder->scratch_taken = 0;
        rw_echoes_end_payload(payload->recorder->echoes);
        if (RW_UNLIKELY(payload->recorder->before != NULL)) {
            rw_drop_segment_before(payload->recorder);
        }
    }
}

/* Events in place: between their beginning and their end nothing but bytes moves. */

RW_HOT uint8_t *
rw_write_unsigned(uint8_t *at, uint64_t number)
{
    if (number < 0x80) {
        *at = (uint8_t)number;
        return at + 1;
    }
    if (number <= 0xFF) {
        at[0] = 0xCC;
        at[1] = (uint8_t)number;
        return at + 2;
    }
    if (number <= 0xFFFF) {
        at[0] = 0xCD;
        rw_store_16(at + 1, (uint16_t)number);
        return at + 3;
    }
    if (number <= 0xFFFFFFFF) {
        at[0] = 0xCE;
        rw_store_32(at + 1, (uint32_t)number);
        return at + 5;
    }
    at[0] = 0xCF;
    rw_store_64(at + 1, number);
    return at + 9;
}

/* Write how much time has passed: none where a nested event was written with a later one. */
RW_HOT uint8_t *
rw_write_time(uint8_t *at, int64_t passed)
{
    if (RW_UNLIKELY((uint64_t)passed > INT64_MAX)) {
        *at = 0;
        return at + 1;
    }
    return rw_write_unsigned(at, (uint64_t)passed);
}

/* Let the record's header have three bytes, which says that it holds echoes; returns its end. */
RW_HOT uint8_t *
rw_mark_echoing(uint8_t *start, uint8_t *end)
{
    if (start[0] == 0xDC) {
        return end;
    }
    rw_shift(start + 3, start + 1, (size_t)(end - start) - 1);
    start[2] = start[0] & 0x0F;
    start[0] = 0xDC;
    start[1] = 0;
    return end + RW_MARK_ROOM;
}

/* Begin the record of an open site's event; a payload of at most `most` bytes may follow. NULL
 * where it has no room, or is due for more than to be written, or the stream is not at its
 * session: then `rw_emit` is the way. */
RW_HOT uint8_t *
rw_begin_in_place(RwRecorder *recorder, RwSession *session, const RwSite *site, size_t most,
                  int64_t now)
{
    RwStream *stream = &recorder->stream;
    if (RW_UNLIKELY(recorder->open != session || recorder->fuel == 0
                    || rw_stream_room(stream)
                           < RW_PREFIX_ROOM + RW_MARK_ROOM + RW_TIME_ROOM + most)) {
        return NULL;
    }
    uint8_t *at = stream->map + stream->end;
    int64_t passed = now - stream->last_ns;
    memcpy(at, site->prefix, RW_PREFIX_ROOM);
    return rw_write_time(at + site->prefix_size, passed);
}

/* Publish what lies before `end`. */
RW_HOT void
rw_end_in_place(RwRecorder *recorder, const uint8_t *end, int64_t now)
{
    rw_stream_publish(&recorder->stream, end);
    recorder->stream.last_ns = now;
    recorder->fuel--;
    rw_latest = recorder;
}

/* Count what went the short way, so that `events` is true; who calls it counts its own and gives
 * new fuel, or records nothing. */
RW_HOT void
rw_count_fuel(RwRecorder *recorder)
{
    uint64_t gone = recorder->fuelled - recorder->fuel;
    recorder->fuelled = recorder->fuel = 0;
    recorder->events += gone;
    if (gone) {
        recorder->open->events += gone;
    }
}

/* Count one event of the open session more, and give fuel for those that follow. */
void rw_count_event(RwRecorder *recorder, RwSession *session, int64_t began);

#endif
