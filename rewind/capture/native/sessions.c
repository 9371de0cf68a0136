/* Sessions begin and end on a recorder's strands; see sessions.h. */
#define PY_SSIZE_T_CLEAN
#include "sessions.h"

#include <sys/random.h>

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

static int
put_thread_name(RwEngine *engine, RwBuffer *out, unsigned long ident)
{
    /* Not `current_thread()`: that makes an object for a thread that has none. */
    PyObject *name = NULL, *key = PyLong_FromUnsignedLong(ident);
    if (key == NULL) {
        return -1;
    }
    PyObject *thread = Py_XNewRef(PyDict_GetItemWithError(engine->active_threads, key));
    Py_DECREF(key);
    if (thread != NULL) {
        PyObject *attribute = PyUnicode_FromString("_name");
        if (attribute != NULL) {
            name = PyObject_GenericGetAttr(thread, attribute);
            Py_DECREF(attribute);
        }
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
    int status = put_name(out, "kind");
    status |= facts->kind != NULL ? put_name(out, facts->kind) : rw_put_text(out, facts->told_kind);
    status |= put_name(out, "trigger");
    status |= facts->trigger != NULL
                  ? rw_put_text(out, facts->trigger)
                  : put_dotted(out, facts->module, facts->function);
    status |= put_name(out, "module") | rw_put_text(out, facts->module);
    status |= put_name(out, "function") | rw_put_text(out, facts->function);
    return status | put_name(out, "task") | rw_put_nil(out);
}

static int
put_known(RwRecorder *recorder, RwBuffer *out, RwSession *session, RwSession *parent)
{
    unsigned long ident = PyThread_get_thread_ident();
    int status = put_name(out, "id") | put_name(out, session->id) | put_name(out, "parent");
    status |= parent == NULL ? rw_put_nil(out) : put_name(out, parent->id);
    status |= put_name(out, "monotonic_ns") | rw_put_signed(out, rw_now());
    status |= put_name(out, "wall_ns") | rw_put_signed(out, rw_wall_clock());
    status |= put_name(out, "thread") | rw_put_unsigned(out, ident);
    status |= put_name(out, "thread_name");
    return status < 0 ? -1 : put_thread_name(recorder->engine, out, ident);
}

/* Write the record that says that the session begins. */
static int
announce(RwRecorder *recorder, RwSession *session, const Facts *facts, RwSession *parent)
{
    RwBuffer *out = &session->announcement;
    int status = rw_put_array_header(out, 3) | rw_put_signed(out, RW_SESSION);
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

static int
begin(RwRecorder *recorder, RwStrand *strand, const Facts *facts, RwSession *parent)
{
    RwEngine *engine = recorder->engine;
    int recorded = parent == NULL ? sampled(engine) : parent->recorded;
    RwSession *session = rw_session_new(++engine->keys, recorded);
    if (session == NULL) {
        return -1;
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
    return begin(recorder, strand, &facts, strand->parent);
}

void
rw_finish_session(RwRecorder *recorder, RwStrand *strand, const uint8_t *error, size_t size)
{
    static const uint8_t prefix[] = {0x95, (uint8_t)RW_FINISH};
    RwSession *session = strand->session;
    strand->session = NULL;
    if (session == NULL || !session->recorded || recorder->closed) {
        Py_XDECREF(session);
        return;
    }
    rw_settle_session(recorder, session);
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
    Py_DECREF(session);
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

PyObject *
rw_recorder_begin(PyObject *self, PyObject *arguments)
{
    PyObject *strand, *facts, *parent;
    if (!PyArg_ParseTuple(arguments, "O!O!O", &RwStrand_Type, &strand, &PyDict_Type, &facts,
                          &parent)) {
        return NULL;
    }
    if (parent != Py_None && !Py_IS_TYPE(parent, &RwSession_Type)) {
        PyErr_SetString(PyExc_TypeError, "a session's parent is a session of this core");
        return NULL;
    }
    Facts told = {
        .told_kind = text_in(facts, "kind"),
        .trigger = text_in(facts, "trigger"),
        .module = text_in(facts, "module"),
        .function = text_in(facts, "function"),
    };
    if (PyErr_Occurred()) {
        return NULL;
    }
    RwSession *above = parent == Py_None ? NULL : (RwSession *)parent;
    if (begin((RwRecorder *)self, (RwStrand *)strand, &told, above) < 0) {
        return NULL;
    }
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
