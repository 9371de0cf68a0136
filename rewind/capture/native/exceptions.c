/* What is known of the exception that passes a probe, read without running its code. */
#include "exceptions.h"
#include "lines.h"

static PyTracebackObject *
traceback_of(PyObject *error)
{
    if (error == NULL || !PyExceptionInstance_Check(error)) {
        return NULL;
    }
    PyObject *traceback = ((PyBaseExceptionObject *)error)->traceback;
    return traceback == NULL || !PyTraceBack_Check(traceback) ? NULL
                                                              : (PyTracebackObject *)traceback;
}

static int
line_of(const PyTracebackObject *traceback)
{
    int line = traceback->tb_lineno;
    if (line == -1) {
        /* Not settled yet: some interpreters leave it to the first who asks. */
        PyCodeObject *code = PyFrame_GetCode(traceback->tb_frame);
        line = rw_line_of_offset(code, traceback->tb_lasti);
        Py_DECREF(code);
    }
    return line < 0 ? 0 : line;
}

int
rw_exception_line(PyObject *error)
{
    const PyTracebackObject *traceback = traceback_of(error);
    return traceback == NULL ? 0 : line_of(traceback);
}

static RwWhereabouts
whereabouts_of(const PyTracebackObject *traceback)
{
    PyCodeObject *code = PyFrame_GetCode(traceback->tb_frame);
    /* The frame keeps it. */
    Py_DECREF(code);
    return (RwWhereabouts){(uintptr_t)traceback, (uintptr_t)code, traceback->tb_lasti};
}

RwWhereabouts
rw_exception_whereabouts(PyObject *error)
{
    const PyTracebackObject *traceback = traceback_of(error);
    return traceback == NULL ? (RwWhereabouts){0, 0, 0} : whereabouts_of(traceback);
}

static int
has_nowhere(const RwWhereabouts *places, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        if (places[at].traceback == 0) {
            return 1;
        }
    }
    return 0;
}

static int
is_among(const PyTracebackObject *traceback, const RwWhereabouts *places, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        if (places[at].traceback == (uintptr_t)traceback) {
            RwWhereabouts here = whereabouts_of(traceback);
            if (places[at].code == here.code && places[at].instruction == here.instruction) {
                return 1;
            }
        }
    }
    return 0;
}

int
rw_exception_came_by(PyObject *error, const RwWhereabouts *places, size_t count)
{
    const PyTracebackObject *traceback = traceback_of(error);
    /* A group that `except*` has made leaves its frame without an entry of that. */
    if (traceback != NULL && has_nowhere(places, count)) {
        return 1;
    }
    while (traceback != NULL && count > 0) {
        traceback = traceback->tb_next;
        if (traceback != NULL && is_among(traceback, places, count)) {
            return 1;
        }
    }
    return 0;
}

static int
write_frame(RwBuffer *buffer, const PyTracebackObject *traceback)
{
    PyCodeObject *code = PyFrame_GetCode(traceback->tb_frame);
    int outcome = -1;
    if (rw_put_array_header(buffer, 3) == 0 && rw_put_text(buffer, code->co_filename) == 0
        && rw_put_signed(buffer, line_of(traceback)) == 0
        && rw_put_text(buffer, code->co_qualname) == 0) {
        outcome = 0;
    }
    Py_DECREF(code);
    return outcome;
}

int
rw_write_trace(RwBuffer *buffer, PyObject *error, Py_ssize_t depth)
{
    size_t start = buffer->used;
    Py_ssize_t length = 0;
    const PyTracebackObject *traceback = traceback_of(error), *one;
    for (one = traceback; one != NULL; one = one->tb_next) {
        length++;
    }
    for (; length > depth; length--) {
        traceback = traceback->tb_next;
    }
    if (rw_put_array_header(buffer, (size_t)length) < 0) {
        return -1;
    }
    for (; traceback != NULL; traceback = traceback->tb_next) {
        if (write_frame(buffer, traceback) < 0) {
            buffer->used = start;
            return -1;
        }
    }
    return 0;
}

int
rw_write_passage(RwBuffer *buffer, PyObject *error, int through, Py_ssize_t depth)
{
    size_t start = buffer->used;
    if (rw_put_signed(buffer, rw_exception_line(error)) < 0 || rw_put_bool(buffer, through) < 0
        || (through ? rw_put_nil(buffer) : rw_write_trace(buffer, error, depth)) < 0) {
        buffer->used = start;
        return -1;
    }
    return 0;
}
