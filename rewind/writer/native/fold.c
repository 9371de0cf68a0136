/* What an event does to the session's frames; see event.h. */
#include "event.h"
#include "references.h"

static const char no_value[] = "a value is missing";
static const char no_handle[] = "a handle is no integer";

/* The identity of the exception in a payload; unknown for anything else. */
static RwInteger
identity_of(const RwEvent *event, enum RwSource source)
{
    enum { EXCEPTION = 12 }; /* its tag, rewind/model/values.py */
    RwInteger tag = {0}, identity = {0};
    uint64_t count;
    size_t left = event->payload_size;
    const uint8_t *node = source == RW_REFERRING ? rw_referred(event->payload, &left) : NULL;
    const uint8_t *at = node == NULL ? event->payload : node;
    size_t used = rw_array_header(at, left, &count);
    size_t first = used == 0 ? 0 : rw_integer(at + used, left - used, &tag);
    if (first == 0 || count < 2 || tag.negative || tag.bits != EXCEPTION) {
        return identity;
    }
    used += first;
    return rw_integer(at + used, left - used, &identity) == 0 ? (RwInteger){0} : identity;
}

static void
note(RwState *state, RwInteger identity, uint64_t n)
{
    int same = identity.known ? rw_same_integer(state->identity, identity) : !state->identity.known;
    if (!state->raised || !same) {
        state->raised = 1;
        state->identity = identity;
        state->raised_at = n;
    }
}

/* What a resumption says beside its handle: the line that it came from. */
static enum RwOutcome
line_of(const RwEvent *event, size_t used, uint64_t *line, const char **why)
{
    size_t size;
    if (used == event->payload_size) {
        *why = no_value;
        return RW_WRONG;
    }
    switch (rw_skip(event->payload + used, event->payload_size - used, 0, &size)) {
    case RW_WHOLE:
        break;
    case RW_CUT:
        *why = no_value;
        return RW_WRONG;
    default:
        *why = RW_NO_MSGPACK;
        return RW_WRONG;
    }
    used += size;
    if (rw_unsigned(event->payload + used, event->payload_size - used, line) == 0) {
        *line = 0;
    }
    return RW_TAKEN;
}

static RwFrame *
open_frame(RwFollower *self, const RwSite *site, const RwEvent *event, RwInteger handle)
{
    RwFrame *frame = rw_push(&self->state);
    if (frame != NULL) {
        frame->number = self->events + 1;
        frame->site = frame->last = event->number;
        frame->handle = handle;
        frame->function = site->function;
    }
    return frame;
}

static enum RwOutcome
resume(RwFollower *self, const RwSite *site, const RwEvent *event, RwInteger handle, uint64_t line)
{
    RwState *state = &self->state;
    RwFrame *frame = rw_bring_back(state, handle);
    if (frame == NULL) {
        frame = PyErr_Occurred() ? NULL : open_frame(self, site, event, handle);
        if (frame == NULL) {
            return RW_FAILED;
        }
        frame->caller = line;
        frame->caller_known = 1;
        return RW_TAKEN;
    }
    if (line == 0 && rw_settle(state, self->table, frame) < 0) {
        return RW_FAILED;
    }
    frame->caller = line == 0 ? frame->caller : line;
    frame->caller_known = 1;
    if (frame->function == site->function) {
        frame->last = event->number;
    }
    return RW_TAKEN;
}

/* The arguments come after so many bytes of the payload. */
static enum RwOutcome
call(RwFollower *self, const RwSite *site, const RwEvent *event, RwInteger handle,
     const RwPlace *payload, size_t before)
{
    RwFrame *frame = open_frame(self, site, event, handle);
    if (frame == NULL) {
        return RW_FAILED;
    }
    frame->arguments.at = payload->at + before;
    frame->arguments.source = payload->source;
    frame->arguments.size = payload->size - before;
    frame->has_arguments = 1;
    return RW_TAKEN;
}

/* An event that brings a frame. `payload` is where it lies among the records. */
static enum RwOutcome
bring_frame(RwFollower *self, const RwSite *site, const RwEvent *event, const RwPlace *payload,
            const char **why)
{
    RwInteger handle = {0};
    if (site->step == RW_CALL) {
        return call(self, site, event, handle, payload, 0);
    }
    size_t used = rw_integer(event->payload, event->payload_size, &handle);
    if (used == 0) {
        *why = event->payload_size == 0 ? no_value : no_handle;
        return RW_WRONG;
    }
    if (site->step == RW_CALL_RESUMABLE) {
        return call(self, site, event, handle, payload, used);
    }
    uint64_t line;
    enum RwOutcome outcome = line_of(event, used, &line, why);
    return outcome == RW_TAKEN ? resume(self, site, event, handle, line) : outcome;
}

/* An event of the frame on top. */
static enum RwOutcome
change_frame(RwFollower *self, RwSite *site, const RwEvent *event, const RwPlace *payload,
             const char **why)
{
    RwState *state = &self->state;
    RwFrame *top = &state->frames[state->depth - 1];
    uint64_t n = self->events + 1;
    int status = 0;
    switch (site->step) {
    case RW_DELETE:
        if (event->payload_size == 0) {
            status = rw_settle(state, self->table, top);
            if (status == 0) {
                rw_forget(top, site->name);
            }
        }
        break;
    case RW_LEAVE:
        rw_cut(state, state->depth - 1);
        break;
    case RW_SUSPEND:
        top->last = event->number;
        status = rw_set_aside(state, state->depth - 1);
        return status < 0 ? RW_FAILED : RW_TAKEN;
    case RW_NOTE:
    case RW_FAIL:
        if (event->payload_size == 0) {
            *why = no_value;
            return RW_WRONG;
        }
        note(state, identity_of(event, payload->source), n);
        rw_cut(state, state->depth - (site->step == RW_FAIL));
        break;
    default:
        break;
    }
    top->last = event->number;
    return status < 0 ? RW_FAILED : RW_TAKEN;
}

enum RwOutcome
rw_fold(RwFollower *self, RwSite *site, const RwEvent *event, const RwPlace *payload,
        const char **why)
{
    const RwState *state = &self->state;
    if (site->step >= RW_CALL) {
        return bring_frame(self, site, event, payload, why);
    }
    if (state->depth > 0 && state->frames[state->depth - 1].function == site->function) {
        return change_frame(self, site, event, payload, why);
    }
    return RW_TAKEN;
}
