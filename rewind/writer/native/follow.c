/* The writer's hot loop: events, one after the other, of one session.
 *
 * An event that is wrong changes nothing: what it says is read before anything is done about it.
 */
#include "event.h"
#include "references.h"

#include <string.h>

enum { MARK = 0xDC }; /* what a record that may hold echoes begins with */

#define LATEST ((uint64_t)INT64_MAX)

static const char no_array[] = "an event is no array";
static const char no_head[] = "an event has no site or no time";
static const char *const why_not_expanded[] = {
    [RW_NOT_WHOLE] = "an echo stands for what is no msgpack",
    [RW_ASTRAY] = "an echo stands for no node before it",
    [RW_TOO_LARGE] = "its echoes stand for too much",
    [RW_TOO_DEEP] = "its echoes echo each other without end",
};

/* Read a number of up to 32 bits, all of which is there; returns its bytes, or 0 for another. */
static inline size_t
read_small(const uint8_t *at, uint64_t *number)
{
    if (at[0] < 0x80) {
        *number = at[0];
        return 1;
    }
    size_t width = at[0] == 0xCC ? 1 : at[0] == 0xCD ? 2 : at[0] == 0xCE ? 4 : 0;
    *number = rw_number_at(at + 1, width);
    return width == 0 ? 0 : 1 + width;
}

/* Read the most usual event: a short array of small numbers and short values, with nothing nested
 * in it. Returns 0 for any other. */
static inline int
read_usual(RwEvent *event, const uint8_t *record, size_t left)
{
    enum { LONGEST_HEAD = 1 + 5 + 5 };
    unsigned values = record[0] - 0x92U;
    if (left < LONGEST_HEAD || values >= 14) {
        return 0;
    }
    size_t site = read_small(record + 1, &event->number);
    size_t time = site == 0 ? 0 : read_small(record + 1 + site, &event->passed);
    if (time == 0) {
        return 0;
    }
    size_t used = 1 + site + time;
    event->record = record;
    event->head = 1 + site;
    event->payload = record + used;
    for (; values > 0; values--) {
        uint64_t inner;
        size_t size = used == left ? 0 : rw_element(record + used, left - used, &inner);
        if (size == 0 || inner > 0) {
            return 0;
        }
        used += size;
    }
    event->size = used;
    event->payload_size = used - (size_t)(event->payload - record);
    return 1;
}

/* Find the end of the record that begins there, and its site. Stops at what is no event. */
static enum RwOutcome
read_site(RwEvent *event, const uint8_t *record, size_t left, const char **why)
{
    uint64_t count;
    event->record = record;
    switch (rw_skip(record, left, 0, &event->size)) {
    case RW_CUT:
        return RW_STOPPED;
    case RW_BROKEN:
        *why = RW_NO_MSGPACK;
        return RW_WRONG;
    default:
        break;
    }
    size_t header = rw_array_header(record, event->size, &count);
    if (header == 0) {
        *why = no_array;
        return RW_WRONG;
    }
    size_t site = rw_unsigned(record + header, event->size - header, &event->number);
    event->head = header + site;
    return site == 0 ? RW_STOPPED : RW_TAKEN;
}

/* Read its time, behind which the payload begins. */
static enum RwOutcome
read_time(RwEvent *event, const char **why)
{
    size_t left = event->size - event->head;
    size_t time = rw_unsigned(event->record + event->head, left, &event->passed);
    if (time == 0) {
        *why = no_head;
        return RW_WRONG;
    }
    event->payload = event->record + event->head + time;
    event->payload_size = left - time;
    return RW_TAKEN;
}

/* Where an event's payload lies behind the chunk's records, among which it does not count yet, and
 * how many of the event's last bytes are there as they were, but for echoes. */
typedef struct {
    RwPlace payload;
    size_t same;
} RwWritten;

/* Write what is before an event's payload, with a time of its own. */
static int
put_head(RwGrowing *out, const RwEvent *event, uint64_t since, uint64_t before, int unmarked)
{
    enum { MARK_SIZE = 3 };
    size_t head = event->head;
    const uint8_t *record = event->record;
    if (since < before && rw_put_clock(out, since) < 0) {
        return -1;
    }
    if (unmarked && record[1] == 0 && record[2] < 16) {
        if (rw_put_array(out, record[2]) < 0) {
            return -1;
        }
        record += MARK_SIZE;
        head -= MARK_SIZE;
    }
    int status = rw_put(out, record, head);
    return status < 0 ? -1 : rw_put_unsigned(out, since < before ? 0 : since - before);
}

/* Note what was taken in up to this place of the segment; what comes lies from there on. */
static int
note_run(RwFollower *self, size_t place, size_t here)
{
    size_t at = self->run_at, begun = self->run_here;
    self->run_at = place;
    self->run_here = here;
    return rw_nodes_stretch(&self->nodes, at, begun, place - at);
}

/* Write the event with a time of its own, or without its mark. */
static int
rewrite_event(RwFollower *self, const RwEvent *event, uint64_t since, int unmarked,
              RwWritten *written)
{
    RwGrowing *out = &self->state.records;
    size_t begun = out->used;
    int status = put_head(out, event, since, self->end_ns, unmarked);
    written->payload = (RwPlace){out->used, event->payload_size, RW_RECORDS};
    written->same = event->payload_size;
    status = status < 0 ? -1 : rw_put(out, event->payload, event->payload_size);
    out->used = begun;
    return status;
}

/* Whether the event stays the bytes that it is: its time counts from the session's event before. */
static inline int
is_timed(const RwFollower *self, const RwEvent *event, uint64_t since)
{
    return since >= self->end_ns && since - self->end_ns == event->passed;
}

/* Write the event, in which are no echoes. */
static inline int
write_event(RwFollower *self, const RwEvent *event, size_t left, uint64_t since,
            RwWritten *written)
{
    enum { SHORT = 16 }; /* bytes that are copied without a call, whatever is behind the event */
    RwGrowing *out = &self->state.records;
    if (!is_timed(self, event, since)) {
        return rewrite_event(self, event, since, 0, written);
    }
    if (rw_room(out, event->size + SHORT) < 0) {
        return -1;
    }
    if (event->size <= SHORT && left >= SHORT) {
        memcpy(out->data + out->used, event->record, SHORT);
    }
    else {
        memcpy(out->data + out->used, event->record, event->size);
    }
    size_t head = (size_t)(event->payload - event->record);
    written->payload = (RwPlace){out->used + head, event->payload_size, RW_RECORDS};
    written->same = event->size;
    return 0;
}

/* Write the event, in which may be echoes: they become references. It begins there in the segment. */
static enum RwOutcome
write_echoing(RwFollower *self, RwEvent *event, const RwPiece *piece, size_t place,
              uint64_t since, RwWritten *written, const char **why)
{
    RwGrowing *out = &self->state.records;
    size_t begun = out->used, head = (size_t)(event->payload - event->record);
    if (place > (size_t)piece->segment.len) {
        *why = why_not_expanded[RW_ASTRAY];
        return RW_WRONG;
    }
    int timed = is_timed(self, event, since), status = note_run(self, place, begun);
    status = status < 0 ? -1
             : timed    ? rw_put(out, event->record, head)
                        : put_head(out, event, since, self->end_ns, 0);
    RwReferring referring = {.records = out, .nodes = &self->nodes, .referred = &self->referred,
                             .segment = piece->segment.buf};
    size_t here = out->used;
    enum RwExpansionOutcome outcome =
        status < 0 ? RW_NO_MEMORY
                   : rw_refer(&referring, event->payload, event->payload_size, place);
    size_t size = out->used - here;
    out->used = begun;
    if (outcome == RW_NO_MEMORY) {
        return RW_FAILED;
    }
    if (outcome != RW_EXPANDED) {
        *why = why_not_expanded[outcome];
        return RW_WRONG;
    }
    if (referring.echoes == 0) {
        return rewrite_event(self, event, since, 1, written) < 0 ? RW_FAILED : RW_TAKEN;
    }
    written->payload = (RwPlace){here, size, RW_REFERRING};
    written->same = referring.is_written ? 0 : timed ? event->size : event->payload_size;
    event->payload = out->data + here;
    event->payload_size = size;
    return RW_TAKEN;
}

/* Note that the run ends before an event, of which only the last bytes are the same. */
static int
end_run(RwFollower *self, size_t place, size_t place_after, size_t here_after, size_t same)
{
    int status = note_run(self, place, here_after - same);
    self->run_at = place_after - same;
    return status < 0 ? -1 : note_run(self, place_after, here_after);
}

static int
see(RwFollower *self, const RwSite *site)
{
    if (self->seen_count == self->seen_room) {
        size_t room = self->seen_room * 2 + 64;
        uint32_t *seen = PyMem_Realloc(self->seen, room * sizeof *seen);
        if (seen == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        self->seen = seen;
        self->seen_room = room;
    }
    self->seen[self->seen_count++] = (uint32_t)(site - self->table->sites);
    return 0;
}

/* What is told is written one by one: to read a structure again right after it was put together of
 * smaller parts makes the processor wait, for as long as all else here takes. */
static inline enum RwOutcome
write_variable(RwFrame *frame, RwSite *site, const RwEvent *event, const RwPlace *payload,
               uint64_t n)
{
    RwWrite *write = rw_write(frame, site->name, &site->place);
    if (write == NULL) {
        return RW_FAILED;
    }
    write->n = n;
    write->site = frame->last = event->number;
    write->value.at = payload->at;
    write->value.source = payload->source;
    write->value.size = payload->size;
    return RW_TAKEN;
}

/* Let the frames be what they are after the event. */
static inline enum RwOutcome
fold(RwFollower *self, RwSite *site, const RwEvent *event, const RwPlace *payload, const char **why)
{
    RwState *state = &self->state;
    if (site->step == RW_WRITE) {
        RwFrame *top = state->depth == 0 ? NULL : &state->frames[state->depth - 1];
        return top == NULL || top->function != site->function
                   ? RW_TAKEN
                   : write_variable(top, site, event, payload, self->events + 1);
    }
    return rw_fold(self, site, event, payload, why);
}

/* Take one event in, if it is one, its site is known, and the chunk has room. */
static enum RwOutcome
take_event(RwFollower *self, RwPiece *piece, size_t at, uint64_t *clock, size_t *size,
           const char **why)
{
    RwEvent event;
    const uint8_t *record = (const uint8_t *)piece->data.buf + at;
    size_t left = (size_t)piece->data.len - at;
    int usual = read_usual(&event, record, left);
    enum RwOutcome outcome = usual ? RW_TAKEN : read_site(&event, record, left, why);
    if (outcome != RW_TAKEN) {
        return outcome;
    }
    RwSite *site = rw_site(self->table, event.number);
    if (site == NULL) {
        return RW_STOPPED;
    }
    if (self->events >= self->boundary) {
        return RW_FULL;
    }
    outcome = usual ? RW_TAKEN : read_time(&event, why);
    if (outcome != RW_TAKEN) {
        return outcome;
    }
    uint64_t now = event.passed > LATEST - *clock ? LATEST : *clock + event.passed;
    uint64_t since = (int64_t)now <= self->origin ? 0 : now - (uint64_t)self->origin;
    int in_segment = piece->segment.buf != NULL;
    size_t place = piece->offset + at;
    RwWritten written;
    *size = event.size;
    if (in_segment && record[0] == MARK) {
        outcome = write_echoing(self, &event, piece, place, since, &written, why);
    }
    else if (write_event(self, &event, left, since, &written) < 0) {
        outcome = RW_FAILED;
    }
    if (outcome != RW_TAKEN) {
        return outcome;
    }
    if (see(self, site) < 0) {
        return RW_FAILED;
    }
    outcome = fold(self, site, &event, &written.payload, why);
    if (outcome != RW_TAKEN) {
        self->seen_count--;
        return outcome;
    }
    size_t end = written.payload.at + written.payload.size;
    self->state.records.used = end;
    if (written.same != event.size && in_segment &&
        end_run(self, place, place + event.size, end, written.same) < 0) {
        return RW_FAILED;
    }
    self->start_ns = self->started ? self->start_ns : since;
    self->started = 1;
    self->end_ns = since;
    self->events++;
    *clock = now;
    return RW_TAKEN;
}

enum RwOutcome
rw_take_events(RwFollower *self, RwPiece *piece, size_t *at, uint64_t *clock, const char **why)
{
    size_t size;
    enum RwOutcome outcome = RW_TAKEN;
    rw_nodes_of(&self->nodes, piece->segment.obj);
    self->run_at = piece->offset + *at;
    self->run_here = self->state.records.used;
    while (outcome == RW_TAKEN && *at < (size_t)piece->data.len) {
        outcome = take_event(self, piece, *at, clock, &size, why);
        *at += outcome == RW_TAKEN ? size : 0;
    }
    if (piece->segment.buf != NULL &&
        note_run(self, piece->offset + *at, self->state.records.used) < 0) {
        outcome = RW_FAILED;
    }
    if (outcome == RW_WRONG) {
        rw_nodes_clear(&self->nodes); /* Some may be of the event that is not taken. */
    }
    return outcome;
}
