/* The running interpreter's frames, as each version keeps them: no frame object is made.
 *
 * A generator's interpreter frame lies in the generator, so its address names it while it lives.
 */
#ifndef RW_INTERPRETER_H
#define RW_INTERPRETER_H

#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE
#endif
#include <Python.h>

#if PY_VERSION_HEX < 0x030B0000 || PY_VERSION_HEX >= 0x030E0000
#error "the native core knows the frames of CPython 3.11, 3.12 and 3.13"
#endif

#include <internal/pycore_frame.h>

typedef struct _PyInterpreterFrame RwActivation;

/* Some lie between Python's own frames and stand for calls from C: no one may see them. */
static inline RwActivation *
rw_complete(RwActivation *frame)
{
    while (frame != NULL && _PyFrame_IsIncomplete(frame)) {
        frame = frame->previous;
    }
    return frame;
}

static inline RwActivation *
rw_innermost(PyThreadState *state)
{
#if PY_VERSION_HEX >= 0x030D0000
    return state->current_frame;
#else
    return state->cframe->current_frame;
#endif
}

/* Return the frame whose code has called the probe. */
static inline RwActivation *
rw_running(void)
{
    return rw_complete(rw_innermost(PyThreadState_Get()));
}

static inline RwActivation *
rw_caller(RwActivation *frame)
{
    return rw_complete(frame->previous);
}

static inline PyCodeObject *
rw_code_of(RwActivation *frame)
{
#if PY_VERSION_HEX >= 0x030D0000
    return (PyCodeObject *)frame->f_executable;
#else
    return frame->f_code;
#endif
}

/* Return the instruction that the frame is at. */
static inline const void *
rw_instruction(RwActivation *frame)
{
#if PY_VERSION_HEX >= 0x030D0000
    return frame->instr_ptr;
#else
    return frame->prev_instr;
#endif
}

/* Return the line that the frame is at as its `f_lineno` says; 0 where it has none. */
static inline int
rw_line_of(RwActivation *frame)
{
    int at = _PyInterpreterFrame_LASTI(frame) * (int)sizeof(_Py_CODEUNIT);
    int line = PyCode_Addr2Line(rw_code_of(frame), at);
    return line > 0 ? line : 0;
}

/* Return whether a trace function is at work on the frame, which then may say any line. */
static inline int
rw_says_own_line(RwActivation *frame)
{
    return frame->frame_obj != NULL && frame->frame_obj->f_lineno != 0;
}

#endif
