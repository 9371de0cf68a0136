/* Probes at which frames begin (rewind/capture/frame_probes.py). */
#include "hot.h"
#include "resumable.h"
#include "sessions.h"

/* A frame that begins: what goes into its `call`. */
typedef struct {
    RwStrand *strand;
    RwFrame *frame; /* NULL for a plain one */
    RwArguments values;
    Py_ssize_t count;
    int line;
} RwCall;

/* Bytes that the arguments behind one, and the line, take at most. */
RW_HOT size_t
room_behind(Py_ssize_t count, Py_ssize_t place)
{
    return (size_t)(count - place) * RW_ALONE_ROOM;
}

/* Write the call in place; 0 where the long way must be taken. */
RW_HOT int
emit_call_in_place(const RwProbe *probe, const RwCall *call)
{
    const RwCode *code = probe->site->open;
    if (code == NULL || code->keeps_secrets) {
        return 0;
    }
    size_t most = (size_t)(call->count + 2) * RW_ALONE_ROOM;
    uint8_t *at = rw_begin_in_place(probe->recorder, call->strand->session, probe->site, most,
                                    probe->now);
    if (RW_UNLIKELY(at == NULL)) {
        return 0;
    }
    if (call->frame != NULL) {
        at = rw_write_unsigned(at, call->frame->handle);
    }
    int echoing = 0;
    for (Py_ssize_t place = 0; place < call->count; place++) {
        at = rw_write_in_place(probe->recorder, probe->site, at, call->values[place],
                               room_behind(call->count, place), &echoing);
        if (at == NULL) {
            return 0;
        }
    }
    at = rw_write_unsigned(at, (uint64_t)call->line);
    rw_end_any_in_place(probe->recorder, probe->site, at, echoing, probe->now);
    return 1;
}

static int
put_call(const RwProbe *probe, const RwCall *call, RwBuffer *out)
{
    if (call->frame != NULL && rw_put_unsigned(out, call->frame->handle) < 0) {
        return -1;
    }
    const char *secret = probe->site->code->secret;
    for (Py_ssize_t place = 0; place < call->count; place++) {
        if (rw_append_value(probe->recorder, call->strand, out, call->values[place], secret[place])
            < 0) {
            return -1;
        }
    }
    return rw_put_unsigned(out, (uint64_t)call->line);
}

static int
emit_any_call(const RwProbe *probe, const RwCall *call)
{
    RwSession *session = call->strand->session;
    if (session == NULL || !session->recorded) {
        return 0;
    }
    if (call->count != probe->site->code->parameters) {
        PyErr_SetString(PyExc_ValueError, "a call has another number of arguments than its site");
        return -1;
    }
    RwPayload payload;
    rw_payload_begin(&payload, probe->recorder);
    int status = put_call(probe, call, payload.buffer);
    return rw_payload_end(probe, call->strand, &payload, status);
}

RW_HOT int
called(const RwProbe *probe, RwCall *call, RwActivation *caller)
{
    RwCode *code = probe->site->code;
    if (RW_UNLIKELY(call->strand->session == NULL)
        && rw_begin_session(probe->recorder, call->strand, code) < 0) {
        return -1;
    }
    call->line = rw_line_in(caller, rw_top(call->strand));
    if (RW_LIKELY(call->count == code->parameters) && emit_call_in_place(probe, call)) {
        return 0;
    }
    return emit_any_call(probe, call);
}

/* Put a frame on the stack that an exception may take off without a probe. */
static int
push_unseen(RwStrand *strand, RwCode *code, RwActivation *activation)
{
    RwFrame *frame = rw_frame_new(code, 0, (uintptr_t)activation);
    if (frame == NULL) {
        return -1;
    }
    frame->runs = rw_code_of(activation);
    int status = rw_push(strand, code, frame);
    rw_frame_release(frame);
    return status;
}

static int
enter_plain(const RwProbe *probe, RwCall *call)
{
    RwActivation *activation = rw_running();
    RwActivation *caller = rw_caller(activation);
    RwEntry *top = rw_top(call->strand);
    if (top == NULL || top->frame != NULL) {
        call->strand = rw_arrive(probe->recorder, caller, 0);
    }
    if (call->strand == NULL || called(probe, call, caller) < 0) {
        return -1;
    }
    RwCode *code = probe->site->code;
    if (code->leaves_unseen) {
        return push_unseen(call->strand, code, activation);
    }
    return rw_push(call->strand, code, NULL);
}

static RW_COLD PyObject *
call_at_length(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count < 1)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (RW_LIKELY(rw_begin_probe(&probe, self, arguments[0])) && rw_know_function(&probe) == 0) {
        RwCall call = {probe.recorder->strand, NULL, arguments + 1, count - 1, 0};
        status = enter_plain(&probe, &call);
    }
    return rw_end_probe(&probe, status, Py_None);
}

/* Write a call's arguments; 0 where there is more to do for one. */
RW_HOT int
hot_call(RwHot *hot, RwArguments values, Py_ssize_t count, int line)
{
    uint8_t *at = hot->at;
    for (Py_ssize_t place = 0; place < count; place++) {
        uint8_t *end = rw_write_scalar(at, values[place]);
        at = RW_LIKELY(end != NULL)
                 ? end
                 : rw_hot_other(hot, at, values[place], room_behind(count, place));
        if (RW_UNLIKELY(at == NULL)) {
            return 0;
        }
    }
    hot->at = rw_write_unsigned(at, (uint64_t)line);
    return rw_hot_end(hot);
}

/* Go on with a call that could be written but for its arguments. */
static RW_COLD int
go_on(RwHot hot, PyObject *self, RwArguments arguments, Py_ssize_t count, int line)
{
    RwProbe probe = {
        .engine = (RwEngine *)self,
        .recorder = hot.recorder,
        .site = hot.site,
        .number = rw_site_number(arguments[0]),
        .now = hot.now,
    };
    RwCall call = {hot.strand, NULL, arguments + 1, count - 1, line};
    int status = emit_any_call(&probe, &call);
    if (status == 0) {
        status = rw_push(hot.strand, hot.site->code, NULL);
    }
    return status < 0 ? rw_fault(probe.engine, probe.number) : 0;
}

/* A plain function begins. */
static PyObject *
probe_call(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count < 1)) {
        Py_RETURN_NONE;
    }
    RwHot hot = rw_hot_locate(self, rw_site_number(arguments[0]));
    if (RW_LIKELY(hot.recorder != NULL && rw_hot_time(&hot, 0))) {
        RwCode *code = hot.site->open;
        RwStrand *strand = hot.strand;
        if (RW_LIKELY(code != NULL && !code->keeps_secrets && !code->leaves_unseen
                      && code->parameters == count - 1
                      && strand->depth + 1 < strand->room)) {
            int line = rw_hot_line(&hot);
            if (RW_LIKELY(line >= 0)) {
                rw_hot_begin(&hot, (size_t)count * RW_ALONE_ROOM);
            }
            if (RW_LIKELY(hot.at != NULL)) {
                if (RW_LIKELY(hot_call(&hot, arguments + 1, count - 1, line))) {
                    strand->stack[strand->depth++] = (RwEntry){code, NULL};
                    Py_RETURN_NONE;
                }
                if (go_on(hot, self, arguments, count, line) < 0) {
                    return NULL;
                }
                Py_RETURN_NONE;
            }
        }
    }
    return call_at_length(self, arguments, count);
}

/* Record the call of a frame that needs an RwFrame and put it on the stack. */
static int
enter_known(const RwProbe *probe, RwCall *call, RwActivation *caller, RwFrame *frame)
{
    if (called(probe, call, caller) < 0) {
        return -1;
    }
    return rw_push(call->strand, frame->code, frame);
}

static int
enter_kept(const RwProbe *probe, RwCall *call)
{
    RwActivation *caller = rw_caller(rw_running());
    call->strand = rw_arrive(probe->recorder, caller, 0);
    if (call->strand == NULL) {
        return -1;
    }
    RwFrame *frame = rw_frame_new(probe->site->code, 0, 0);
    if (frame == NULL) {
        return -1;
    }
    int status = enter_known(probe, call, caller, frame);
    rw_frame_release(frame);
    return status;
}

static int
enter_resumable(const RwProbe *probe, RwCall *call)
{
    RwActivation *activation = rw_running();
    RwActivation *caller = rw_caller(activation);
    call->strand = rw_arrive(probe->recorder, caller, 1);
    if (call->strand == NULL) {
        return -1;
    }
    call->frame = rw_make_resumable(probe->engine, call->strand, probe->site->code, activation);
    return call->frame == NULL ? -1 : enter_known(probe, call, caller, call->frame);
}

/* A plain function begins whose `return` is not its last act. */
static PyObject *
probe_call_kept(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count < 1)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (rw_begin_probe(&probe, self, arguments[0]) && rw_know_function(&probe) == 0) {
        RwCall call = {NULL, NULL, arguments + 1, count - 1, 0};
        status = enter_kept(&probe, &call);
    }
    return rw_end_probe(&probe, status, Py_None);
}

/* The body of a generator or coroutine begins. */
static PyObject *
probe_call_resumable(PyObject *self, RwArguments arguments, Py_ssize_t count)
{
    if (RW_UNLIKELY(count < 1)) {
        Py_RETURN_NONE;
    }
    RwProbe probe;
    int status = -1;
    if (rw_begin_probe(&probe, self, arguments[0]) && rw_know_function(&probe) == 0) {
        RwCall call = {NULL, NULL, arguments + 1, count - 1, 0};
        status = enter_resumable(&probe, &call);
    }
    return rw_end_probe(&probe, status, Py_None);
}

PyMethodDef rw_call_probes[] = {
    RW_PROBE("call", probe_call, "A plain function begins."),
    RW_PROBE("call_kept", probe_call_kept, "The same, if its `return` comes early."),
    RW_PROBE("call_resumable", probe_call_resumable, "A generator's body begins."),
    {0},
};
