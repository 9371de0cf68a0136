/* The writer's hot loop: events, one after the other, of one session.
 *
 * An event that is wrong changes nothing: what it says is read before anything is done about it.
 */
#include "event.h"

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

/* Put in place of the echoes what they stand for. */
static enum RwOutcome
expand(RwEvent *event, RwPiece *piece, const char **why)
{
    size_t place = piece->offset + (size_t)(event->record - (const uint8_t *)piece->data.buf);
    enum RwExpansionOutcome outcome = RW_ASTRAY;
    piece->whole.used = 0;
    if (place <= (size_t)piece->segment.len) {
        outcome = rw_expand(&piece->whole, event->payload, event->payload_size,
                            piece->segment.buf, place);
    }
    if (outcome == RW_NO_MEMORY) {
        PyErr_NoMemory();
        return RW_FAILED;
    }
    if (outcome != RW_EXPANDED) {
        *why = why_not_expanded[outcome];
        return RW_WRONG;
    }
    event->payload = piece->whole.data;
    event->payload_size = piece->whole.used;
    return RW_TAKEN;
}

/* Write the event with a time of its own and what its echoes stand for; see `write_event`. */
static Py_ssize_t
rewrite_event(RwGrowing *out, const RwEvent *event, uint64_t since, uint64_t before, int marked)
{
    size_t begun = out->used, head = event->head;
    const uint8_t *record = event->record;
    int status = 0;
    if (since < before) {
        status = rw_put_clock(out, since);
        before = since;
    }
    if (marked && record[1] == 0 && record[2] < 16) {
        status = status < 0 ? -1 : rw_put_array(out, record[2]);
        record += 3;
        head -= 3;
    }
    status = status < 0 ? -1 : rw_put(out, record, head);
    status = status < 0 ? -1 : rw_put_unsigned(out, since - before);
    size_t payload = out->used;
    status = status < 0 ? -1 : rw_put(out, event->payload, event->payload_size);
    out->used = begun;
    return status < 0 ? -1 : (Py_ssize_t)payload;
}

/* Write the event behind the chunk's records, but do not count it among them yet; returns where its
 * payload is, or -1 with an exception set. It stays the bytes that it is where they hold no echoes
 * and its time counts from the session's event before it. */
static Py_ssize_t
write_event(RwFollower *self, const RwEvent *event, size_t left, uint64_t since, int marked)
{
    enum { SHORT = 16 }; /* bytes that are copied without a call, whatever is behind the event */
    RwGrowing *out = &self->state.records;
    if (marked || since < self->end_ns || since - self->end_ns != event->passed) {
        return rewrite_event(out, event, since, self->end_ns, marked);
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
    return (Py_ssize_t)out->used + (event->payload - event->record);
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
    if (site == NULL || self->events == self->boundary) {
        return RW_STOPPED;
    }
    int marked = record[0] == MARK && piece->segment.buf != NULL;
    outcome = usual ? RW_TAKEN : read_time(&event, why);
    outcome = outcome == RW_TAKEN && marked ? expand(&event, piece, why) : outcome;
    if (outcome != RW_TAKEN) {
        return outcome;
    }
    uint64_t now = event.passed > LATEST - *clock ? LATEST : *clock + event.passed;
    uint64_t since = (int64_t)now <= self->origin ? 0 : now - (uint64_t)self->origin;
    Py_ssize_t place = write_event(self, &event, left, since, marked);
    if (place < 0 || see(self, site) < 0) {
        return RW_FAILED;
    }
    RwPlace payload = {(size_t)place, event.payload_size, RW_RECORDS};
    outcome = rw_fold(self, site, &event, payload, why);
    if (outcome != RW_TAKEN) {
        self->seen_count--;
        return outcome;
    }
    self->state.records.used = payload.at + payload.size;
    self->start_ns = self->started ? self->start_ns : since;
    self->started = 1;
    self->end_ns = since;
    self->events++;
    *clock = now;
    *size = event.size;
    return RW_TAKEN;
}

PyObject *
rw_follow(RwFollower *self, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 3 || !Py_IS_TYPE(arguments[0], &RwPiece_Type)) {
        PyErr_SetString(PyExc_TypeError, "a piece, a place in it, and the clock");
        return NULL;
    }
    RwPiece *piece = (RwPiece *)arguments[0];
    size_t at = PyLong_AsSize_t(arguments[1]), size;
    long long begun_at = PyErr_Occurred() ? -1 : PyLong_AsLongLong(arguments[2]);
    if (PyErr_Occurred()) {
        return NULL;
    }
    uint64_t clock = begun_at < 0 ? 0 : (uint64_t)begun_at;
    unsigned long long before = self->events;
    const char *why = NULL;
    enum RwOutcome outcome = RW_TAKEN;
    while (outcome == RW_TAKEN && at < (size_t)piece->data.len) {
        outcome = take_event(self, piece, at, &clock, &size, &why);
        at += outcome == RW_TAKEN ? size : 0;
    }
    return outcome == RW_FAILED ? NULL
                             : Py_BuildValue("nKKz", (Py_ssize_t)at, (unsigned long long)clock,
                                             self->events - before, why);
}
