/* Puts records into the thread's stream; see recorder.h. */
#include "recorder.h"

#include <sys/mman.h>

#include "engine.h"
#include "in_place.h"

RwRecorder *rw_latest;

enum {
    RETRY_NS = 20000000, /* how long to leave a full spool alone before asking again, at least, */
    RETRY_TIMES = 32,    /* and so many times as long as asking took: it looks at every segment, */
    LONGEST_RETRY_NS = 1000000000, /* and at most */
    LONGEST_CONTROL = 64,
};

/* Control records, as rewind.model.events numbers them. */

static size_t
control_record(uint8_t *record, int control, uint64_t number)
{
    record[0] = 0x92;
    record[1] = (uint8_t)control;
    return (size_t)(rw_write_unsigned(record + 2, number) - record);
}

/* Return how long a spool is left alone that had no room, given how long it took to ask. */
static int64_t
rest_after(int64_t asking_ns)
{
    int64_t rest = asking_ns * RETRY_TIMES;
    rest = rest < RETRY_NS ? RETRY_NS : rest;
    return rest < LONGEST_RETRY_NS ? rest : LONGEST_RETRY_NS;
}

/* Take one segment more than there is room for: before its thread's next event it is to wait. A probe
 * asks for its recorder then, where nothing is in the middle of anything (native_engine.py). */
static int
advance_beyond(RwRecorder *recorder, size_t least)
{
    RwEngine *engine = recorder->engine;
    if (recorder->ends) {
        return rw_stream_advance(&recorder->stream, &engine->folder, least, RW_ALONE);
    }
    if (!rw_stream_advance(&recorder->stream, &engine->folder, least, RW_BEYOND)) {
        return 0;
    }
    recorder->owes = 1;
    rw_forget_recorders(engine);
    return 1;
}

static int
advance(RwRecorder *recorder, size_t least)
{
    int64_t now = rw_now();
    RwFolder *folder = &recorder->engine->folder;
    int blocks = folder->blocks && !folder->gave_up && !recorder->owes;
    int goes_beyond = recorder->ends || blocks;
    if (now < recorder->retry_ns && !goes_beyond) {
        return 0;
    }
    /* Whoever reads the new segment must know which session it begins in. */
    uint8_t again[LONGEST_CONTROL];
    size_t size = 0;
    if (recorder->current != NULL) {
        size = control_record(again, RW_SWITCH, recorder->current->key);
    }
    if (recorder->echoes->written > 0 && recorder->before == NULL) {
        recorder->before = rw_stream_hand_over(&recorder->stream, &recorder->before_size);
    }
    rw_echoes_begin_segment(recorder->echoes);
    int64_t asked_at = rw_clock_of(CLOCK_MONOTONIC);
    least += size;
    if (rw_stream_advance(&recorder->stream, folder, least, RW_WITHIN)
        || (goes_beyond && advance_beyond(recorder, least))) {
        rw_stream_append(&recorder->stream, again, size);
        return 1;
    }
    recorder->retry_ns = now + rest_after(rw_clock_of(CLOCK_MONOTONIC) - asked_at);
    return 0;
}

static int
put(RwRecorder *recorder, const uint8_t *record, size_t size)
{
    return rw_stream_append(&recorder->stream, record, size)
           || (advance(recorder, size) && rw_stream_append(&recorder->stream, record, size));
}

int
rw_switch(RwRecorder *recorder, RwSession *session)
{
    uint8_t record[LONGEST_CONTROL];
    int stored;
    if (session->announcement.used > 0) {
        stored = put(recorder, session->announcement.data, session->announcement.used);
    }
    else {
        stored = put(recorder, record, control_record(record, RW_SWITCH, session->key));
    }
    if (!stored) {
        return 0;
    }
    rw_buffer_free(&session->announcement);
    rw_count_fuel(recorder);
    RwSession *before = recorder->current;
    recorder->current = recorder->open = (RwSession *)Py_NewRef(session);
    Py_XDECREF(before);
    return 1;
}

static size_t
dropped_record(uint8_t *record, RwSession *session, const char *reason)
{
    size_t length = strlen(reason);
    record[0] = 0x94;
    record[1] = (uint8_t)RW_DROPPED;
    uint8_t *end = rw_write_unsigned(record + 2, session->key);
    end = rw_write_unsigned(end, session->dropped);
    *end++ = (uint8_t)(0xA0 + length);
    memcpy(end, reason, length);
    return (size_t)(end + length - record);
}

static int
put_timed(RwStream *stream, const uint8_t *prefix, size_t prefix_size, int64_t passed,
          const uint8_t *payload, size_t size)
{
    uint8_t time[RW_TIME_ROOM];
    size_t time_size = (size_t)(rw_write_time(time, passed) - time);
    if (!rw_stream_reserve(stream, prefix_size + time_size + size)) {
        return 0;
    }
    uint8_t *at = stream->map + stream->end;
    memcpy(at, prefix, prefix_size);
    memcpy(at + prefix_size, time, time_size);
    if (size > 0) {
        memcpy(at + prefix_size + time_size, payload, size);
    }
    rw_stream_publish(stream, at + prefix_size + time_size + size);
    return 1;
}

void
rw_drop_segment_before(RwRecorder *recorder)
{
    munmap(recorder->before, recorder->before_size);
    recorder->before = NULL;
}

/* Put a record whose payload holds echoes; a header of three bytes says so. */
static int
put_echoing(RwStream *stream, const uint8_t *prefix, size_t prefix_size, int64_t passed,
            const uint8_t *payload, size_t size)
{
    uint8_t marked[RW_PREFIX_ROOM + RW_MARK_ROOM];
    if (RW_UNLIKELY(prefix_size > RW_PREFIX_ROOM)) {
        return 0; /* None is: so the compiler knows that all of it fits. */
    }
    memcpy(marked, prefix, prefix_size);
    size_t marked_size = (size_t)(rw_mark_echoing(marked, marked + prefix_size) - marked);
    return put_timed(stream, marked, marked_size, passed, payload, size);
}

/* Put in place of the payload's echoes what they stand for, as it goes into another segment. */
static int
make_whole(RwRecorder *recorder, const uint8_t **payload, size_t *size)
{
    const RwStream *stream = &recorder->stream;
    const uint8_t *map = recorder->before != NULL ? recorder->before : stream->map;
    size_t end = recorder->before != NULL ? recorder->before_size : stream->end;
    recorder->whole.used = 0;
    if (rw_expand(&recorder->whole, *payload, *size, map, end) != RW_EXPANDED) {
        return 0;
    }
    *payload = recorder->whole.data;
    *size = recorder->whole.used;
    return 1;
}

static int
in_new_segment(RwRecorder *recorder, RwSession *session, const uint8_t *prefix,
               size_t prefix_size, const uint8_t *payload, size_t size)
{
    uint8_t lost[LONGEST_CONTROL];
    size_t lost_size = dropped_record(lost, session, "spool");
    if (!advance(recorder, prefix_size + size + lost_size + RW_TIME_ROOM)) {
        return 0;
    }
    if (session->dropped) {
        rw_stream_append(&recorder->stream, lost, lost_size);
        session->dropped = 0;
    }
    /* The segment begins now, and so does its time. */
    return put_timed(&recorder->stream, prefix, prefix_size, 0, payload, size);
}

int
rw_timed(RwRecorder *recorder, RwSession *session, const uint8_t *prefix, size_t prefix_size,
         const uint8_t *payload, size_t size, int64_t now)
{
    if (session != recorder->current && !rw_switch(recorder, session)) {
        return 0;
    }
    RwStream *stream = &recorder->stream;
    RwEchoes *echoes = recorder->echoes;
    int is_scratch = payload != NULL && payload == recorder->scratch.data;
    int echoing = is_scratch && echoes->written > 0;
    if (RW_UNLIKELY(echoing && recorder->before != NULL)) {
        echoing = 0;
        if (!make_whole(recorder, &payload, &size)) {
            return 0;
        }
    }
    int64_t passed = now - stream->last_ns;
    if (echoing ? put_echoing(stream, prefix, prefix_size, passed, payload, size)
                : put_timed(stream, prefix, prefix_size, passed, payload, size)) {
        stream->last_ns = now;
        rw_latest = recorder;
        if (is_scratch && recorder->before == NULL) {
            rw_echoes_settle(echoes, stream->end - size);
        }
        return 1;
    }
    if (echoing && !make_whole(recorder, &payload, &size)) {
        return 0;
    }
    if (!in_new_segment(recorder, session, prefix, prefix_size, payload, size)) {
        return 0;
    }
    rw_latest = recorder;
    return 1;
}

/* Write an event of the open session where nothing but that is due; 0 where there is more to do. */
RW_HOT int
emit_in_place(RwRecorder *recorder, const uint8_t *prefix, size_t prefix_size,
              const uint8_t *payload, size_t size, int64_t now)
{
    RwStream *stream = &recorder->stream;
    if (recorder->fuel == 0 || recorder->before != NULL
        || rw_stream_room(stream) < RW_PREFIX_ROOM + RW_MARK_ROOM + RW_TIME_ROOM + size) {
        return 0;
    }
    int is_scratch = payload != NULL && payload == recorder->scratch.data;
    uint8_t *start = stream->map + stream->end;
    memcpy(start, prefix, RW_PREFIX_ROOM);
    uint8_t *at = start + prefix_size;
    if (is_scratch && recorder->echoes->written > 0) {
        at = rw_mark_echoing(start, at);
    }
    at = rw_write_time(at, now - stream->last_ns);
    if (size > 0) {
        memcpy(at, payload, size);
    }
    rw_end_in_place(recorder, at + size, now);
    if (is_scratch) {
        rw_echoes_settle(recorder->echoes, stream->end - size);
    }
    return 1;
}

void
rw_emit(RwRecorder *recorder, RwStrand *strand, const uint8_t *prefix, size_t prefix_size,
        const uint8_t *payload, size_t size, int64_t now)
{
    RwSession *session = strand->session;
    /* What follows an event that is not recorded has a time of its own. */
    rw_latest = NULL;
    if (session == NULL || !session->recorded || recorder->closed || prefix_size == 0) {
        return;
    }
    if (RW_LIKELY(recorder->open == session)
        && RW_LIKELY(emit_in_place(recorder, prefix, prefix_size, payload, size, now))) {
        return;
    }
    rw_count_fuel(recorder);
    if (session->events < recorder->limit
        && rw_timed(recorder, session, prefix, prefix_size, payload, size, now)) {
        rw_count_event(recorder, session, now);
    }
    else {
        session->events++;
        session->dropped++;
        recorder->dropped++;
    }
}

int64_t
rw_time_soon(const RwRecorder *recorder, PyObject *value)
{
    uint64_t number = recorder->events + (recorder->fuelled - recorder->fuel) + 1;
    uint8_t room[RW_SCALAR_ROOM];
    int tells = value == NULL || rw_write_scalar(room, value) != NULL;
    /* One whose cost is taken needs the time at which its probe began. */
    if (recorder == rw_latest && (number & RW_COST_SAMPLE) != 0 && tells) {
        return recorder->stream.last_ns;
    }
    return rw_now();
}

void
rw_count_event(RwRecorder *recorder, RwSession *session, int64_t began)
{
    session->events++;
    if ((++recorder->events & RW_COST_SAMPLE) == 0) {
        recorder->cost_ns += (uint64_t)(rw_now() - began) * (RW_COST_SAMPLE + 1);
    }
    uint64_t until_due = RW_COST_SAMPLE - (recorder->events & RW_COST_SAMPLE);
    uint64_t until_limit = recorder->limit - session->events;
    recorder->fuel = until_due < until_limit ? until_due : until_limit;
    recorder->fuelled = recorder->fuel;
}

void
rw_control(RwRecorder *recorder, RwStrand *strand, int control, uint64_t number)
{
    RwSession *session = strand->session;
    if (session == NULL || !session->recorded || recorder->closed) {
        return;
    }
    if (session == recorder->current || rw_switch(recorder, session)) {
        uint8_t record[LONGEST_CONTROL];
        put(recorder, record, control_record(record, control, number));
    }
}

void
rw_tell(RwRecorder *recorder, RwSession *session, const uint8_t *record, size_t size)
{
    if (!session->recorded || recorder->closed) {
        return;
    }
    if (session->announcement.used == 0 || rw_switch(recorder, session)) {
        put(recorder, record, size);
    }
}

void
rw_settle_session(RwRecorder *recorder, RwSession *session)
{
    uint8_t record[LONGEST_CONTROL];
    if (session->dropped) {
        rw_count_fuel(recorder);
        const char *reason = session->events > recorder->limit ? "limit" : "spool";
        if (put(recorder, record, dropped_record(record, session, reason))) {
            session->dropped = 0;
        }
    }
    if (session->redacted) {
        record[0] = 0x93;
        record[1] = (uint8_t)RW_REDACTED_COUNT;
        uint8_t *end = rw_write_unsigned(record + 2, session->key);
        end = rw_write_unsigned(end, session->redacted);
        if (put(recorder, record, (size_t)(end - record))) {
            session->redacted = 0;
        }
    }
}

void
rw_settle_last(RwRecorder *recorder, RwSession *session)
{
    /* One that nobody can be told of leaves no trace but a number. */
    recorder->ends = session->announcement.used == 0 || rw_switch(recorder, session);
    rw_settle_session(recorder, session);
    recorder->unsaid += session->dropped;
    session->dropped = 0;
}
