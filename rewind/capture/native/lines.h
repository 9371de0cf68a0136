/* The line of a call, remembered by the instruction that makes it; and which one a frame calls from. */
#ifndef RW_LINES_H
#define RW_LINES_H

#include "interpreter.h"
#include "strands.h"

enum { RW_LINES = 1024 }; /* places; a power of two */

typedef struct {
    const void *instruction;
    const RwCode *entry; /* the function that the caller was held to be */
    PyCodeObject *code;  /* what the instruction belongs to */
    int line;            /* -1: the instruction is in another function */
} RwLine;

extern RwLine rw_lines[RW_LINES];

int rw_lines_ready(void);
/* Forget all: the functions of a recording that is over go. */
void rw_lines_forget(void);
/* Find the line out and remember it; -1: the frame runs another function than `entry`. */
int rw_line_anew(RwActivation *frame, const RwCode *entry);

/* Return the line of the instruction at that offset, as `PyCode_Addr2Line` would; remembers it. */
int rw_line_of_offset(PyCodeObject *code, int offset);

/* Return what is known of the instruction that the frame is at; NULL if nothing is. */
static inline const RwLine *
rw_known_line(RwActivation *frame, const RwCode *entry)
{
    const void *instruction = rw_instruction(frame);
    const RwLine *known =
        &rw_lines[((uintptr_t)instruction / sizeof(_Py_CODEUNIT)) & (RW_LINES - 1)];
    int holds = known->instruction == instruction && known->entry == entry;
    return __builtin_expect(holds && !rw_says_own_line(frame), 1) ? known : NULL;
}

/* Return the line that the frame is at, -1 if it runs another function than `entry`. */
static inline int
rw_line_at(RwActivation *frame, const RwCode *entry)
{
    const RwLine *known = rw_known_line(frame, entry);
    return known != NULL ? known->line : rw_line_anew(frame, entry);
}

/* The line at which the frame of `entry` calls what `caller` called; 0 if it does not. */
int rw_line_in(RwActivation *caller, const RwEntry *entry);
/* The line that the frame of `entry` is at while `running` runs, however deep that is; 0 if it has not
 * led there. */
int rw_line_below(RwActivation *running, const RwEntry *entry);

#endif
