/* Sessions begin and end on a recorder's strands; see sessions.h. */
#define PY_SSIZE_T_CLEAN
#include "sessions.h"

#include <sys/random.h>

#include "tasks.h"

enum {
    USUAL_ANNOUNCEMENT = 512, /* bytes */
    AS_SAMPLED = -1,          /* chance decides whether a session is recorded */
};

/* What is told of a session besides what every recorder knows of it. */
typedef struct {
    PyObject *trigger; /* owner of text; NULL: module and function, joined */
    PyObject *module;
    PyObject *function;
    const char *kind; /* NULL: in `told_kind` */
    PyObject *told_kind;
} Facts;

static int
put_name(RwBuffer *out, const char *name)
{
    return rw_put_utf8(out, name, strlen(name));
}

/* The same of a literal of less than 32 characters, whose size the compiler knows. */
#define PUT_LITERAL(out, name) put_short(out, name, sizeof(name) - 1)

RW_HOT int
put_short(RwBuffer *out, const char *name, size_t size)
{
    if (rw_reserve(out, 1 + size) < 0) {
        return -1;
    }
    out->data[out->used] = (unsigned char)(0xA0 + size);
    memcpy(out->data + out->used + 1, name, size);
    out->used += 1 + size;
    return 0;
}

/* Return the object of `threading` for a thread: a new reference; NULL if there is none, or with an
 * error set. Not `current_thread()`: that makes one for a thread that has none. */
static PyObject *
thread_of(const RwEngine *engine, uintptr_t ident)
{
    PyObject *key = PyLong_FromVoidPtr((void *)ident);
    if (key == NULL) {
        return NULL;
    }
    PyObject *thread = Py_XNewRef(PyDict_GetItemWithError(engine->active_threads, key));
    Py_DECREF(key);
    return thread;
}

/* Return the name of a thread's object: a new reference; NULL likewise. */
static PyObject *
name_of(PyObject *thread)
{
    static PyObject *attribute;
    if (attribute == NULL && (attribute = PyUnicode_InternFromString("_name")) == NULL) {
        return NULL;
    }
    return PyObject_GenericGetAttr(thread, attribute);
}

static int
put_thread_name(const RwRecorder *recorder, RwBuffer *out, unsigned long ident)
{
    PyObject *name = NULL, *thread = NULL;
    if (recorder->greenlet != 0) {
        /* Where gevent or eventlet have replaced threads by greenlets, they go by that address. */
        thread = thread_of(recorder->engine, recorder->greenlet);
    }
    if (thread == NULL && !PyErr_Occurred()) {
        thread = thread_of(recorder->engine, ident);
    }
    if (thread != NULL) {
        name = name_of(thread);
        Py_DECREF(thread);
    }
    if (name == NULL && PyErr_Occurred()) {
        return -1;
    }
    int status;
    if (name != NULL && PyUnicode_CheckExact(name)) {
        status = rw_put_text(out, name);
    }
    else {
        status = put_name(out, "");
    }
    Py_XDECREF(name);
    return status;
}

/* Write two names as one, a dot between them. */
static int
put_dotted(RwBuffer *out, PyObject *module, PyObject *function)
{
    Py_ssize_t lengths[] = {PyUnicode_GET_LENGTH(module), PyUnicode_GET_LENGTH(function)};
    size_t sizes[] = {rw_utf8_size(module, lengths[0]), rw_utf8_size(function, lengths[1])};
    return rw_put_text_header(out, sizes[0] + 1 + sizes[1])
           | rw_put_characters(out, module, lengths[0], sizes[0]) | rw_put_byte(out, '.')
           | rw_put_characters(out, function, lengths[1], sizes[1]);
}

static int
put_told(RwBuffer *out, const Facts *facts)
{
    int status = PUT_LITERAL(out, "kind");
    status |= facts->kind != NULL ? put_name(out, facts->kind) : rw_put_text(out, facts->told_kind);
    status |= PUT_LITERAL(out, "trigger");
    status |= facts->trigger != NULL
                  ? rw_put_text(out, facts->trigger)
                  : put_dotted(out, facts->module, facts->function);
    status |= PUT_LITERAL(out, "module") | rw_put_text(out, facts->module);
    status |= PUT_LITERAL(out, "function") | rw_put_text(out, facts->function);
    return status | PUT_LITERAL(out, "task") | rw_put_nil(out);
}

static int
put_known(RwRecorder *recorder, RwBuffer *out, RwSession *session, RwSession *parent)
{
    unsigned long ident = PyThread_get_thread_ident();
    int status = PUT_LITERAL(out, "id") | put_name(out, session->id) | PUT_LITERAL(out, "parent");
    status |= parent == NULL ? rw_put_nil(out) : put_name(out, parent->id);
    status |= PUT_LITERAL(out, "monotonic_ns") | rw_put_signed(out, rw_now());
    status |= PUT_LITERAL(out, "wall_ns") | rw_put_signed(out, rw_wall_clock());
    status |= PUT_LITERAL(out, "thread") | rw_put_unsigned(out, ident);
    status |= PUT_LITERAL(out, "thread_name");
    return status < 0 ? -1 : put_thread_name(recorder, out, ident);
}

/* Write the record that says that the session begins. */
static int
announce(RwRecorder *recorder, RwSession *session, const Facts *facts, RwSession *parent)
{
    RwBuffer *out = &session->announcement;
    /* As much as most take, at once: what grows is moved, past the allocator's quick ways. */
    int status = rw_reserve(out, USUAL_ANNOUNCEMENT);
    status |= rw_put_array_header(out, 3) | rw_put_signed(out, RW_SESSION);
    status |= rw_put_unsigned(out, session->key) | rw_put_map_header(out, 11);
    if ((status | put_told(out, facts)) < 0 || put_known(recorder, out, session, parent) < 0) {
        rw_buffer_free(out);
        return -1;
    }
    return 0;
}

static int
sampled(const RwEngine *engine)
{
    if (engine->sampling_rate >= 1) {
        return 1;
    }
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random) {
        random = (uint32_t)rw_clock_of(CLOCK_MONOTONIC);
    }
    return random < engine->sampling_rate * 4294967296.0;
}

/* `recorded` says whether one without a parent is; see AS_SAMPLED. */
static int
begin(RwRecorder *recorder, RwStrand *strand, const Facts *facts, RwSession *parent, int recorded)
{
    RwEngine *engine = recorder->engine;
    if (parent != NULL) {
        recorded = parent->recorded;
    }
    else if (recorded == AS_SAMPLED) {
        recorded = sampled(engine);
    }
    RwSession *session = rw_session_new(++engine->keys, recorded);
    if (session == NULL) {
        return -1;
    }
    if (parent != NULL) {
        memcpy(session->trace, parent->trace, sizeof session->trace);
    }
    rw_strand_set_session(strand, session);
    int status = 0;
    if (recorded && !recorder->closed) {
        status = announce(recorder, session, facts, parent);
        if (status == 0) {
            rw_switch(recorder, session);
        }
    }
    Py_DECREF(session);
    return status;
}

static const char *
kind_of(const RwStrand *strand, const RwCode *code, const RwEngine *engine)
{
    if (PyUnicode_CompareWithASCIIString(code->qualname, "<module>") == 0) {
        return "import";
    }
    if (strand->task) {
        return "task";
    }
    if (strand->greenlet) {
        return "greenlet";
    }
    return PyThread_get_thread_ident() == engine->main_thread ? "call" : "thread";
}

int
rw_begin_session(RwRecorder *recorder, RwStrand *strand, RwCode *code)
{
    Facts facts = {
        .module = code->module,
        .function = code->qualname,
        .kind = kind_of(strand, code, recorder->engine),
    };
    RwSession *parent = rw_creator(recorder, strand);
    int status = begin(recorder, strand, &facts, parent, AS_SAMPLED);
    Py_XDECREF(parent);
    return status;
}

void
rw_end_session(RwRecorder *recorder, RwSession *session, const uint8_t *error, size_t size)
{
    static const uint8_t prefix[] = {0x95, (uint8_t)RW_FINISH};
    if (!session->recorded || recorder->closed) {
        return;
    }
    rw_settle_last(recorder, session);
    RwPayload payload;
    rw_payload_begin(&payload, recorder);
    RwBuffer *out = payload.buffer;
    int status = rw_put_unsigned(out, session->key);
    status |= put_name(out, error == NULL ? "completed" : "error");
    status |= error == NULL ? rw_put_nil(out) : rw_put_raw(out, error, size);
    if (status == 0) {
        rw_timed(recorder, session, prefix, sizeof prefix, out->data, out->used, rw_now());
    }
    else {
        /* No memory for a few bytes: the writer calls the session unfinished. */
        PyErr_Clear();
    }
    rw_payload_done(&payload);
    recorder->ends = 0;
}

void
rw_finish_session(RwRecorder *recorder, RwStrand *strand, const uint8_t *error, size_t size)
{
    RwSession *session = strand->session;
    strand->session = NULL;
    if (session != NULL) {
        rw_end_session(recorder, session, error, size);
        Py_DECREF(session);
    }
}

static PyObject *
text_in(PyObject *facts, const char *name)
{
    PyObject *found = PyDict_GetItemString(facts, name);
    if (found == NULL || !PyUnicode_Check(found)) {
        PyErr_Format(PyExc_TypeError, "a session's %s is text", name);
        return NULL;
    }
    return found;
}

int
rw_begin_told(RwRecorder *recorder, RwStrand *strand, PyObject *facts, RwSession *parent,
              PyObject *recorded)
{
    Facts told = {
        .told_kind = text_in(facts, "kind"),
        .trigger = text_in(facts, "trigger"),
        .module = text_in(facts, "module"),
        .function = text_in(facts, "function"),
    };
    if (PyErr_Occurred()) {
        return -1;
    }
    int chosen = recorded == Py_None ? AS_SAMPLED : recorded == Py_True;
    return begin(recorder, strand, &told, parent, chosen);
}

PyObject *
rw_recorder_begin(PyObject *self, PyObject *arguments)
{
    PyObject *strand, *facts;
    if (!PyArg_ParseTuple(arguments, "O!O!", &RwStrand_Type, &strand, &PyDict_Type, &facts)
        || rw_begin_told((RwRecorder *)self, (RwStrand *)strand, facts, NULL, Py_None) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
rw_recorder_end(PyObject *self, PyObject *arguments)
{
    PyObject *session;
    const char *error = NULL;
    Py_ssize_t size = 0;
    if (!PyArg_ParseTuple(arguments, "O!z#", &RwSession_Type, &session, &error, &size)) {
        return NULL;
    }
    rw_end_session((RwRecorder *)self, (RwSession *)session, (const uint8_t *)error, (size_t)size);
    Py_RETURN_NONE;
}

PyObject *
rw_recorder_tell(PyObject *self, PyObject *arguments)
{
    PyObject *session;
    const char *record;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(arguments, "O!y#", &RwSession_Type, &session, &record, &size)) {
        return NULL;
    }
    rw_tell((RwRecorder *)self, (RwSession *)session, (const uint8_t *)record, (size_t)size);
    Py_RETURN_NONE;
}

PyObject *
rw_recorder_finish(PyObject *self, PyObject *arguments)
{
    PyObject *strand;
    const char *error = NULL;
    Py_ssize_t size = 0;
    if (!PyArg_ParseTuple(arguments, "O!z#", &RwStrand_Type, &strand, &error, &size)) {
        return NULL;
    }
    rw_finish_session((RwRecorder *)self, (RwStrand *)strand, (const uint8_t *)error,
                      (size_t)size);
    Py_RETURN_NONE;
}
