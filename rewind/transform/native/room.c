/* A source may be nested three times as deep as a tree that is made from it: the parser and the
 * compiler count three levels as one, the way from a tree of objects to theirs does not. Whoever
 * compiles a tree needs as much room as Python itself has for the source.
 *
 * The room is this thread's alone, and only as much of it as its stack has: the limit that the
 * program can see, and those of its other threads, stay as they are.
 */
#include "room.h"

/* Known of these interpreters: where they count, and that a call between functions in Python takes
 * nothing of the stack. */
#if defined(__linux__) && !defined(PYPY_VERSION) && !defined(Py_GIL_DISABLED) && \
    PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030E0000
#define COUNTS_ARE_KNOWN
#endif

#ifdef COUNTS_ARE_KNOWN
#include <pthread.h>

/* A level takes 200 bytes in the compiler's deepest recursion, measured on Python 3.11. */
enum { BYTES_A_LEVEL = 512, TIMES_DEEPER = 3, CALLS_A_LEVEL = 6 };

#if PY_VERSION_HEX < 0x030C0000
#define LIMIT(thread) ((thread)->recursion_limit)
#elif PY_VERSION_HEX < 0x030D0000
#define LIMIT(thread) C_RECURSION_LIMIT
#else
#define LIMIT(thread) Py_C_RECURSION_LIMIT
#endif

static Py_ssize_t
free_stack(void)
{
    pthread_attr_t facts;
    void *lowest = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &facts) != 0) {
        return 0;
    }
    int failed = pthread_attr_getstack(&facts, &lowest, &size);
    pthread_attr_destroy(&facts);
    Py_ssize_t left = (char *)__builtin_frame_address(0) - (char *)lowest;
    /* On a stack that somebody else has switched to there is nothing to go by. */
    return failed || left < 0 || (size_t)left > size ? 0 : left;
}

/* How many levels more the thread can go than it may. */
static int
levels_left(PyThreadState *thread, int wanted)
{
    if (_PyInterpreterState_GetEvalFrameFunc(thread->interp) != _PyEval_EvalFrameDefault) {
        return 0;
    }
    Py_ssize_t left = free_stack() / BYTES_A_LEVEL - LIMIT(thread);
    return (int)Py_MAX(0, Py_MIN(left, wanted));
}

PyObject *
with_room(PyObject *Py_UNUSED(module), PyObject *work)
{
    PyThreadState *thread = PyThreadState_Get();
    int deeper = TIMES_DEEPER * LIMIT(thread);
#if PY_VERSION_HEX < 0x030C0000
    int levels = levels_left(thread, deeper * CALLS_A_LEVEL);
    thread->recursion_remaining += levels;
    PyObject *result = PyObject_CallNoArgs(work);
    thread->recursion_remaining -= levels;
#else
    int levels = levels_left(thread, deeper), calls = levels * CALLS_A_LEVEL;
    thread->c_recursion_remaining += levels;
    thread->py_recursion_remaining += calls;
    PyObject *result = PyObject_CallNoArgs(work);
    thread->py_recursion_remaining -= calls;
    thread->c_recursion_remaining -= levels;
#endif
    return result;
}

#else

PyObject *
with_room(PyObject *Py_UNUSED(module), PyObject *work)
{
    return PyObject_CallNoArgs(work);
}

#endif
