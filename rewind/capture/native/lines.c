/* The line of a call; see lines.h.
 *
 * Looking a line up in a code object's table takes as long as the rest of a `call` event. An
 * instruction's address tells it as long as its code object lives; when that goes, so does what is
 * known of it, as its memory may become another's.
 */
#include "lines.h"

RwLine rw_lines[RW_LINES];

static Py_ssize_t mark = -1; /* where a code object says that we know of it */

/* Called by the interpreter as it frees a code object that has the mark. */
static void
forget(void *code)
{
    for (size_t at = 0; at < RW_LINES; at++) {
        if (rw_lines[at].code == code) {
            rw_lines[at] = (RwLine){0};
        }
    }
}

void
rw_lines_forget(void)
{
    memset(rw_lines, 0, sizeof rw_lines);
}

int
rw_lines_ready(void)
{
    if (mark < 0) {
        mark = _PyEval_RequestCodeExtraIndex(forget);
    }
    /* Without one nothing is remembered, and all is well. */
    return 0;
}

static int
will_tell(PyCodeObject *code)
{
    void *known = NULL;
    if (mark < 0) {
        return 0;
    }
    if (_PyCode_GetExtra((PyObject *)code, mark, &known) == 0 && known == code) {
        return 1;
    }
    if (_PyCode_SetExtra((PyObject *)code, mark, code) < 0) {
        PyErr_Clear();
        return 0;
    }
    return 1;
}

static int
same_text(PyObject *left, PyObject *right)
{
    return left == right || PyUnicode_Compare(left, right) == 0;
}

int
rw_line_anew(RwActivation *frame, const RwCode *entry)
{
    PyCodeObject *code = rw_code_of(frame);
    int line = same_text(code->co_qualname, entry->qualname) ? rw_line_of(frame) : -1;
    if (rw_says_own_line(frame)) {
        return line < 0 ? -1 : frame->frame_obj->f_lineno;
    }
    if (will_tell(code)) {
        const void *instruction = rw_instruction(frame);
        size_t at = ((uintptr_t)instruction / sizeof(_Py_CODEUNIT)) & (RW_LINES - 1);
        rw_lines[at] = (RwLine){instruction, entry, code, line};
    }
    return line;
}

int
rw_line_of_offset(PyCodeObject *code, int offset)
{
    const void *instruction = (const char *)_PyCode_CODE(code) + offset;
    size_t at = ((uintptr_t)instruction / sizeof(_Py_CODEUNIT)) & (RW_LINES - 1);
    /* Not the place of the same instruction as a call. */
    RwLine *known = &rw_lines[at ^ RW_LINES / 2];
    if (known->instruction == instruction && known->entry == NULL) {
        return known->line;
    }
    int line = PyCode_Addr2Line(code, offset);
    if (will_tell(code)) {
        *known = (RwLine){instruction, NULL, code, line};
    }
    return line;
}

/* Of open frames */

/* Frames to look through for a caller, unrecorded ones among them: of what is called, and of what is
 * said below libraries. */
enum { NEAR = 6, FAR = 200 };

int
rw_line_in(RwActivation *caller, const RwEntry *entry)
{
    if (entry == NULL) {
        return 0;
    }
    for (int looked = 0; caller != NULL && looked < NEAR; looked++) {
        int line = rw_line_at(caller, entry->code);
        if (line >= 0) {
            return line;
        }
        caller = rw_caller(caller);
    }
    return 0;
}

/* Whether the frame runs code of that module. */
static int
is_of(RwActivation *frame, PyObject *module)
{
    static PyObject *key;
    if (key == NULL && (key = PyUnicode_InternFromString("__name__")) == NULL) {
        PyErr_Clear();
        return 0;
    }
    if (!PyDict_CheckExact(frame->f_globals)) {
        return 0;
    }
    PyObject *name = PyDict_GetItemWithError(frame->f_globals, key);
    PyErr_Clear();
    return name != NULL && PyUnicode_CheckExact(name) && PyUnicode_Compare(name, module) == 0;
}

int
rw_line_below(RwActivation *running, const RwEntry *entry)
{
    if (entry == NULL) {
        return 0;
    }
    for (int looked = 0; running != NULL && looked < FAR; looked++) {
        int line = rw_line_at(running, entry->code);
        if (line >= 0 && is_of(running, entry->code->module)) {
            return line;
        }
        running = rw_caller(running);
    }
    return 0;
}
